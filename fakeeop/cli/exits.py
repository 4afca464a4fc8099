"""The exit codes, and the one error that is about the command line itself."""

from __future__ import annotations

from fakeeop.system.output import INTERRUPTED

__all__ = ["ENVIRONMENT", "FINE", "INPUT", "INTERRUPTED", "NO", "TEXT", "USAGE", "UsageError"]

FINE = 0
NO = 1
USAGE = 2
INPUT = 3
ENVIRONMENT = 4

TEXT = """\
exit codes:
  0  fine
  1  the answer is no: check found errors, explain or doctor a refusal, diff a difference
  2  the command line is wrong
  3  an input file is wrong
  4  the environment is: port in use, no permission, a missing program, no such server
  130 interrupted; 141 nobody read the output to its end"""


class UsageError(Exception):
    """Arguments that are well-formed each, and wrong together."""
