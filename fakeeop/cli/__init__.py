"""The ``fakeeop`` command."""
