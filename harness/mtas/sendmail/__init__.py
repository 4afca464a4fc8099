"""sendmail: everything that the harness knows of it."""
