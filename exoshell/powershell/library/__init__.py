"""The general commands, one family a file."""
