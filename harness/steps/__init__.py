"""A scenario's cases on the engine: each step performed, what was seen matched against what is expected."""
