"""Limits and throttling as pure engines: the time is an argument, and what comes back is a name, never a text."""
