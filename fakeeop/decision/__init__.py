"""Attribution and verdict, with the trace that says why. Pure."""
