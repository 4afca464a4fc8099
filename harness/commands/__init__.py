"""The commands of ``harness``, one module each: HELP, EXAMPLES, ``add_arguments``, ``run``."""
