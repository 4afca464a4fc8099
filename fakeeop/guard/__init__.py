"""Limits, faults and hidden extensions: what stands in the way of a session."""
