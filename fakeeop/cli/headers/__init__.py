"""``fakeeop headers``: the command, and its two kinds of output."""
