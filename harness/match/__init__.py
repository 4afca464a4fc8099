"""Matchers: expected against actual, a mismatch is a value."""
