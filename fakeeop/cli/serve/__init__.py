"""``fakeeop serve``: the command, and a module for each group of its options."""
