"""Servers under which scenarios run."""
