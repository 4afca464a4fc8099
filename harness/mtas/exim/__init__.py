"""Exim: everything that the harness knows of it."""
