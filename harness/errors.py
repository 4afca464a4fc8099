"""Every error the harness raises on purpose. A mismatch is never one of them: that is a value.

HarnessError
├── WrongUsage         wrong arguments of a command
├── CannotRun          a case turns out, while it runs, to be one that cannot be run here
├── ScenarioError      a scenario file is wrong: carries every Problem found in it
├── DriverError        a client program could not do its work
├── TargetError        the target could not be started or reached
└── DeadlineExceeded   something did not happen in time
"""

from __future__ import annotations

from fakeeop.errors import Problem

__all__ = ["CannotRun", "DeadlineExceeded", "DriverError", "HarnessError", "ScenarioError", "TargetError", "WrongUsage"]


class HarnessError(Exception):
    """The harness could not do its work; grades a case ``error``."""


class WrongUsage(HarnessError):
    """Wrong arguments of a command; one message, exit code 4."""


class CannotRun(HarnessError):
    """A case turns out, while it runs, to be one that cannot be run here; grades it ``unsupported``."""


class ScenarioError(HarnessError):
    """A scenario file is wrong; ``problems`` holds every error of it, in line order."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


class DriverError(HarnessError):
    """A client program crashed or could not be run; ``output`` is what it said."""

    def __init__(self, command: str, why: str, output: str = "") -> None:
        self.command = command
        self.output = output
        super().__init__(f"{command}: {why}" + (f"\n{output}" if output else ""))


class TargetError(HarnessError):
    """The target could not be started or reached."""


class DeadlineExceeded(HarnessError):
    """``waiting_for`` did not happen within ``seconds``; ``last`` is the last state seen."""

    def __init__(self, waiting_for: str, seconds: float, last: str) -> None:
        self.waiting_for = waiting_for
        self.last = last
        super().__init__(f"waited {seconds:g} s for {waiting_for}; last seen: {last}")
