"""``harness check-relay``: a user's own relay, as it is configured, against a suite of what Exchange Online does."""
