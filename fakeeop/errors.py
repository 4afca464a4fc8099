"""Every error fakeeop raises on purpose.

FakeEopError
├── ConfigError            a file a user wrote is wrong: carries every Problem found in it
├── CertificateFileError   a certificate, key or PFX file cannot be used
├── ListenError            a listener cannot be opened (port in use, no such address, no permission)
├── StoreError             the state folder or a store cannot be read or written
├── RemoteError            a running server refuses a request, or does not answer
├── MissingExtra           an optional library is not installed
├── PsError                a script of the administrator's went wrong (exoshell.powershell.errors)
└── SmtpError
    ├── ProtocolViolation  the peer's fault: becomes a reply
    └── SessionMisuse      our adapter's bug: becomes a crash in tests, a logged 451 in service

SessionCrashed, outside the tree, is how that crash is told: ``Emulator.stop`` raises it.
"""

from __future__ import annotations

from attrs import field, frozen

__all__ = [
    "CertificateFileError",
    "ConfigError",
    "FakeEopError",
    "ListenError",
    "MissingExtra",
    "Problem",
    "ProtocolViolation",
    "RemoteError",
    "SessionCrashed",
    "SessionMisuse",
    "SmtpError",
    "StoreError",
    "UnreadableCertificate",
]


class FakeEopError(Exception):
    """The root of the tree; catching it catches no bug of the emulator."""


@frozen
class Problem:
    """One thing that is wrong, or doubtful, in a file a user wrote.

    ``code`` is stable and machine-readable (``E10``, ``unknown-field``, ``W-overlapping-ip``). ``where`` is the path of
    words to the place: ``("tenant contoso", "connector SMTP Relay", "SenderIPAddresses")``. ``line`` counts from 1.
    """

    code: str
    message: str
    fix: str = ""
    where: tuple[str, ...] = ()
    path: str = "<input>"
    line: int | None = None
    severity: str = field(default="error")  # "error" or "warning"
    source: str = ""

    def __str__(self) -> str:
        place = self.path if self.line is None else f"{self.path}:{self.line}"
        words = ": ".join((*self.where, self.message)) if self.where else self.message
        fix = f". Fix: {self.fix}" if self.fix else ""
        return f"{place}: {self.severity} {self.code}: {words}{fix}"


class ConfigError(FakeEopError):
    """A user's file is wrong; ``problems`` holds every error of it, in line order."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


class CertificateFileError(FakeEopError):
    """A certificate, key or PFX file cannot be used; ``path`` names it, the text says why and what to do."""

    def __init__(self, path: str, why: str) -> None:
        self.path = path
        self.why = why
        super().__init__(f"{path}: {why}")


class UnreadableCertificate(FakeEopError):
    """What a peer or a file presents as a certificate cannot be read; ``reason`` is the parser's."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"certificate cannot be read: {reason}")


class ListenError(FakeEopError):
    """A listener cannot be opened; ``address`` is ``HOST:PORT``."""

    def __init__(self, address: str, why: str) -> None:
        self.address = address
        self.why = why
        super().__init__(f"cannot listen on {address}: {why}")


class StoreError(FakeEopError):
    """The state folder or a store cannot be read or written."""


class RemoteError(FakeEopError):
    """A running server refuses a request, or does not answer."""


_EXTRAS = {
    "admin": ("fastapi", "pydantic", "starlette", "uvicorn"),
    "clients": ("aiosmtplib",),
    "completion": ("shtab",),
    "exo": ("prompt_toolkit", "tree_sitter", "tree_sitter_powershell"),
    "harness": ("faker", "jsonschema", "pytest", "rich", "xdist"),
}  # extra → the packages that it brings


class MissingExtra(FakeEopError):
    """An optional library is not installed; the text says what needs it, and which extra brings it."""

    def __init__(self, what: str, module: str, extra: str) -> None:
        self.extra = extra
        super().__init__(f"{what} needs {module}: pip install 'fakeeop[{extra}]' (in a clone: '.[{extra}]')")

    @classmethod
    def of(cls, what: str, why: ImportError) -> MissingExtra | None:
        """For a failed import; None if no extra brings what is missing."""
        top = (why.name or "").partition(".")[0]
        return next((cls(what, top, extra) for extra, modules in _EXTRAS.items() if top in modules), None)


class SmtpError(FakeEopError):
    """The root of the two protocol faults."""


class ProtocolViolation(SmtpError):
    """The peer broke the protocol; ``reply_key`` is the row of ``fakeeop.smtp.replies.rows`` to answer with."""

    def __init__(self, reply_key: str, detail: str = "") -> None:
        self.reply_key = reply_key
        self.detail = detail
        super().__init__(f"{reply_key}: {detail}" if detail else reply_key)


class SessionMisuse(SmtpError):
    """The session core was fed an event that its state does not allow: a bug in the adapter."""


class SessionCrashed(ExceptionGroup[Exception]):
    """Bugs of ours broke sessions of an emulator; ``exceptions`` are what was raised there. Outside the tree."""
