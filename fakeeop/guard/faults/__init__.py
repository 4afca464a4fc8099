"""Faults on demand: a pure engine that says, for each thing that happens in a session, what is to go wrong.

The same faults, the same seed and the same events give the same firings, whatever the time of day.
"""
