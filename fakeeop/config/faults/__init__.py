"""``Faults:`` of a tenant file: read, written and described."""
