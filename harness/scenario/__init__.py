"""Scenario files: loading, linting, expanding."""
