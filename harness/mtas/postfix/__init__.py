"""Postfix: everything that the harness knows of it."""
