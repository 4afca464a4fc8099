"""The exit codes, and the one error that is about the command line itself."""

from __future__ import annotations

__all__ = ["ENVIRONMENT", "FINE", "INPUT", "INTERRUPTED", "NO", "TEXT", "USAGE", "UsageError"]

FINE = 0
NO = 1
USAGE = 2
INPUT = 3
ENVIRONMENT = 4
INTERRUPTED = 130  # 128 + SIGINT, as shells count

TEXT = """\
exit codes:
  0  fine
  1  the answer is no: check found errors, explain or doctor a refusal, diff a difference
  2  the command line is wrong
  3  an input file is wrong
  4  the environment is: port in use, no permission, a missing program, no such server"""


class UsageError(Exception):
    """Arguments that are well-formed each, and wrong together."""
