"""Values that the whole harness shares: scenarios and their cases, observations, mismatches, grades, results."""
