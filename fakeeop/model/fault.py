"""One fault as a value: where it fires, for whom, how often, and what it does."""

from __future__ import annotations

from attrs import frozen

from fakeeop.model.limits import IpNetwork

__all__ = ["ACTIONS", "HANDSHAKE_ACTIONS", "PER", "STAGES", "Fault"]

STAGES = ("connect", "banner", "ehlo", "starttls", "handshake", "mail", "rcpt", "data", "end-of-data", "after-250")
PER = ("all", "address", "recipient", "session")
ACTIONS = {
    "drop": "close the connection instead of replying; with reply, after that reply",
    "reset": "the same, with a TCP reset",
    "stall": "say nothing more, and keep the connection open",
    "close": "do the command, reply, then close the connection",
    "lose-reply": "do the command, and close the connection without the reply",
}
HANDSHAKE_ACTIONS = {
    "tls-alert": "answer the ClientHello with a fatal alert (handshake_failure)",
    "wrong-certificate": "show a server certificate of another name",
    "expired-certificate": "show a server certificate that has expired",
    "old-tls": "speak TLS 1.1 and older only",
}


@frozen
class Fault:
    """``at`` is one of ``STAGES``. Conditions that are not given always hold; doing nothing is not allowed.

    Matching: ``addresses``, ``tenant`` (name), ``recipient`` and ``sender`` (shell patterns, any case), ``tls``.
    Counting, each match of one key of ``per``: ``nth`` (from 1), ``first`` n, ``every`` n; then ``probability``.
    Ending: ``until_seconds`` after the faults were set, ``until_count`` times it fired, ``until_flag`` was set.
    Doing: ``reply`` (code, status, text with ``{ip}``, ``{recipient}``, ``{sender}``, ``{domain}``) or the ``row`` of
    the reply table with this key, with the service's ``suffix``;
    ``delay`` in seconds before the reply; ``drip`` seconds between its octets; ``do`` of ``ACTIONS``; ``hide`` of EHLO.
    """

    at: str
    addresses: tuple[IpNetwork, ...] = ()
    tenant: str | None = None
    recipient: str | None = None
    sender: str | None = None
    tls: bool | None = None
    per: str = "all"
    nth: tuple[int, ...] = ()
    first: int | None = None
    every: int | None = None
    probability: float | None = None
    until_seconds: float | None = None
    until_count: int | None = None
    until_flag: str | None = None
    reply: str = ""
    row: str = ""
    suffix: bool = True
    delay: float = 0.0
    drip: float = 0.0
    do: str = ""
    hide: tuple[str, ...] = ()
    name: str = ""

    @property
    def label(self) -> str:
        """For people: its name, else what it does."""
        if self.name:
            return self.name
        done = [self.reply, self.row, self.do, f"delay {self.delay:g} s" if self.delay else ""]
        done += [f"drip {self.drip:g} s" if self.drip else "", f"hide {', '.join(self.hide)}" if self.hide else ""]
        return f"at {self.at}: {', '.join(filter(None, done))}"
