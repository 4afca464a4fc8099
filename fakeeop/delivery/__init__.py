"""What becomes of an accepted message: copies, where they end, message trace, reports."""
