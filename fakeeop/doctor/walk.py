"""The walk: connect, banner, EHLO, STARTTLS, certificate, MAIL, RCPT; then RSET and QUIT. There is no DATA in it."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import Any, NoReturn

from fakeeop.doctor.certificates import Judge, certificate_tree, own_certificate, server_certificate
from fakeeop.doctor.conclusion import conclusion
from fakeeop.doctor.findings import Findings, Order, Outcome, Result, WalkStep
from fakeeop.doctor.line import Handshake, NotSmtp, ServerClosed, Silent, TlsTrouble, WalkConnection, client_context
from fakeeop.doctor.meaning import KINDS, kind_of, meaning
from fakeeop.doctor.troubles import IMPLICIT_TLS, connect_trouble, not_smtp, silence
from fakeeop.pki import crypto

__all__ = ["walk"]

_ALL = ("connect", "banner", "ehlo", "starttls", "certificate", "ehlo-tls", "mail", "rcpt-internal", "rcpt-external",
        "rset", "quit")  # fmt: skip
_CUT = "the server closed the connection"


def walk(order: Order, judge: Judge, on_step: Callable[[WalkStep], None] = lambda _: None) -> Findings:
    """Walk as far as the server lets us. ``judge`` looks at certificates; ``on_step`` is told each step as it is done.

    Raises ValueError if the client certificate and its key cannot be used. Network trouble is a finding, no exception.
    """
    return _Walk(order, judge, on_step).done()


class _End(Exception):
    """No further."""


class _Walk:
    def __init__(self, order: Order, judge: Judge, on_step: Callable[[WalkStep], None]) -> None:
        self.order = order
        self.judge = judge
        self.on_step = on_step
        self.found = Findings(order)
        self.context = _context(order)
        self.line: WalkConnection | None = None
        self.extensions: list[str] = []
        self.banner = ""
        self.began = time.perf_counter()

    def done(self) -> Findings:
        try:
            self._connect()
            self._greet()
            self._secure()
            self._envelope()
            self._leave()
        except _End:
            pass
        finally:
            if self.line is not None:
                self.line.close()
        for name in _ALL[len(self.found.steps) :]:
            self._note(name, Result.SKIPPED, timed=False)
        self.found.conclusion = conclusion(self.found)
        return self.found

    # ---- the steps

    def _connect(self) -> None:
        order = self.order
        bind = (order.source, 0) if order.source else None
        try:
            sock = socket.create_connection((order.host, order.port), order.timeout, bind)
            self.line = WalkConnection(sock, order.timeout)
            theirs, ours = sock.getpeername(), sock.getsockname()
        except OSError as why:
            if self.line is not None or isinstance(why, ConnectionResetError):
                self._fail("connect", Outcome.BROKEN_OFF, ("connected, and reset at once",))
            says = connect_trouble(why, order.host, order.port, order.source, order.timeout)
            self._fail("connect", Outcome.UNREACHABLE, says)
        self.found.address = str(theirs[0])
        self._note("connect", Result.GOOD, says=(f"{theirs[0]}, from {ours[0]}",), from_address=str(ours[0]))

    def _greet(self) -> None:
        try:
            self.banner = self._line.reply()
        except Silent:
            if self._speaks_tls():
                self._fail("banner", Outcome.NOT_SMTP, IMPLICIT_TLS)
            self._fail("banner", Outcome.UNREACHABLE, silence(self.order.timeout, "banner"))
        except ServerClosed:
            if self._speaks_tls():
                self._fail("banner", Outcome.NOT_SMTP, IMPLICIT_TLS)
            says = (f"{_CUT} without a word", "it may block this address, be full, or wait for a PROXY header")
            self._fail("banner", Outcome.BROKEN_OFF, says)
        except NotSmtp as why:
            self._fail("banner", Outcome.NOT_SMTP, not_smtp(why.octets))
        if not self.banner.startswith("220"):
            self._refused("banner", self.banner, "connect")
            raise _End
        self.found.kind = kind_of(self.banner, (), self.order.port)
        self._note("banner", Result.GOOD, self.banner, (KINDS[self.found.kind],))
        self._ehlo("ehlo")

    def _ehlo(self, name: str) -> None:
        reply = self._ask(name, f"EHLO {self.order.helo}")
        if not reply.startswith("250"):
            self._refused(name, reply, "ehlo")
            raise _End
        offered = [line[4:] for line in reply.split("\n")[1:]]
        self.extensions += offered
        before, self.found.kind = self.found.kind, kind_of(self.banner, self.extensions, self.order.port)
        says = [f"offers {', '.join(offered) or 'no extension'}"]
        if self.found.kind != before:
            says.append(KINDS[self.found.kind])
        self._note(name, Result.GOOD, reply, tuple(says), extensions=offered)

    def _secure(self) -> None:
        if not self.order.tls:
            for name in ("starttls", "certificate", "ehlo-tls"):
                self._note(name, Result.SKIPPED, timed=False)
            return
        if not any(each.upper() == "STARTTLS" for each in self.extensions):
            self._no_starttls()
            return
        reply = self._ask("starttls", "STARTTLS")
        if not reply.startswith("220"):
            self._refused("starttls", reply, "starttls")
            raise _End
        try:
            made = self._line.handshake(self.context, self._server_name())
        except (TlsTrouble, Silent) as why:
            words = str(why) or f"no answer within {self.order.timeout:g} s"
            hint = "TLS 1.2 or later is offered from here; a box in between may have taken STARTTLS and not the rest"
            self._fail("starttls", Outcome.TLS_FAILED, (f"the handshake failed: {words}", hint), reply)
        says, facts = server_certificate(made, self.judge, self.order.host)
        tree: dict[str, Any] = {
            "tls": {"version": made.version, "cipher": made.cipher, "asks-for-certificate": made.requested}
        }
        if facts is not None:
            tree["tls"]["server-certificate"] = certificate_tree(facts)
        self._note("starttls", Result.GOOD, reply, (f"{made.version}, {made.cipher}", *says), **tree)
        self._certificate(made)
        self._ehlo("ehlo-tls")

    def _no_starttls(self) -> None:
        says = ("STARTTLS is not offered: the server has none, or a box in between took it out of the reply",)
        if self.order.chain_pem:
            self._fail("starttls", Outcome.NO_TLS, says)
        self._note("starttls", Result.NOTED, says=says, timed=False)
        self._note("certificate", Result.SKIPPED, timed=False)
        self._note("ehlo-tls", Result.SKIPPED, timed=False)

    def _certificate(self, made: Handshake) -> None:
        facts = None
        if self.order.chain_pem:
            facts = self.judge(_chain_der(self.order.chain_pem))
        sent, says = own_certificate(self.order, made, facts)
        doubtful = facts is not None and (bool(facts.problems) or not sent)
        result = Result.NOTED if doubtful else Result.GOOD if sent else Result.SKIPPED
        tree: dict[str, Any] = {} if facts is None else {"client-certificate": certificate_tree(facts)}
        self._note("certificate", result, says=tuple(says), timed=False, sent=sent, **tree)

    def _envelope(self) -> None:
        order = self.order
        if order.mail_from is None:
            self._note("mail", Result.SKIPPED, says=("--from ADDRESS asks for more",), timed=False)
            accepted = False
        else:
            addresses = (order.mail_from, order.to_internal or "", order.to_external or "")
            utf8 = "" if all(map(str.isascii, addresses)) else " SMTPUTF8"
            reply = self._ask("mail", f"MAIL FROM:<{order.mail_from}>{utf8}")
            accepted = self._answered("mail", reply, "mail")
        for name, recipient in (("rcpt-internal", order.to_internal), ("rcpt-external", order.to_external)):
            if recipient is None or not accepted:
                self._note(name, Result.SKIPPED, timed=False)
                continue
            reply = self._ask(name, f"RCPT TO:<{recipient}>")
            self._answered(name, reply, "rcpt", recipient=recipient)

    def _answered(self, name: str, reply: str, stage: str, **facts: Any) -> bool:
        if not reply.startswith("2"):
            self._refused(name, reply, stage, **facts)
            if reply.startswith("421"):
                raise _End
            return False
        says: tuple[str, ...] = ()
        if name == "rcpt-external" and self.found.kind == "mx":
            says = ("relay is granted: an OnPremises connector fits this connection and this sender",)
        elif name == "rcpt-internal":
            says = ("accepted so far; a few refusals are given at the end of a message only",)
        self._note(name, Result.GOOD, reply, says, **facts)
        return True

    def _leave(self) -> None:
        self._note("rset", Result.GOOD, self._ask("rset", "RSET"))
        self._note("quit", Result.GOOD, self._ask("quit", "QUIT"))

    # ---- how

    @property
    def _line(self) -> WalkConnection:
        assert self.line is not None  # noqa: S101  connected
        return self.line

    def _server_name(self) -> str | None:
        host = self.order.host
        return host if any(letter.isalpha() for letter in host) and ":" not in host else None

    def _ask(self, name: str, command: str) -> str:
        """Say it; trouble ends the walk at this step."""
        try:
            return self._line.say(command)
        except Silent:
            self._fail(name, Outcome.UNREACHABLE, silence(self.order.timeout, name))
        except ServerClosed as why:
            self._fail(name, Outcome.BROKEN_OFF, (_CUT, *([why.partial] if why.partial else [])))
        except NotSmtp as why:
            self._fail(name, Outcome.NOT_SMTP, not_smtp(why.octets))

    def _refused(self, name: str, reply: str, stage: str, **facts: Any) -> None:
        self.found.outcome = Outcome.REFUSED
        self._note(name, Result.REFUSED, reply, meaning(reply, stage), **facts)

    def _fail(self, name: str, outcome: Outcome, says: tuple[str, ...], reply: str = "") -> NoReturn:
        self.found.outcome = outcome
        self._note(name, Result.FAILED, reply, says)
        raise _End

    def _note(
        self,
        name: str,
        result: Result,
        reply: str = "",
        says: tuple[str, ...] = (),
        *,
        timed: bool = True,
        **facts: Any,
    ) -> None:
        now = time.perf_counter()
        tree = {key.replace("_", "-"): value for key, value in facts.items()}
        step = WalkStep(name, result, now - self.began if timed else 0.0, reply, says, tree)
        self.began = now
        self.found.steps.append(step)
        self.on_step(step)

    def _speaks_tls(self) -> bool:
        """Another connection, in place of this one: does a handshake work at once?"""
        order = self.order
        self._line.close()
        bind = (order.source, 0) if order.source else None
        try:
            with socket.create_connection((order.host, order.port), order.timeout, bind) as sock:
                WalkConnection(sock, order.timeout).handshake(client_context(), self._server_name())
        except (OSError, TlsTrouble, Silent):
            return False
        return True


def _context(order: Order) -> crypto.SSL.Context:
    if not order.chain_pem:
        return client_context()
    key = crypto.load_pem_private_key(order.key_pem, None)
    if not isinstance(key, crypto.rsa.RSAPrivateKey | crypto.ec.EllipticCurvePrivateKey):
        raise ValueError("the key is neither RSA nor EC")
    return client_context(crypto.x509.load_pem_x509_certificates(order.chain_pem), key)


def _chain_der(pem: bytes) -> tuple[bytes, ...]:
    return tuple(each.public_bytes(crypto.Encoding.DER) for each in crypto.x509.load_pem_x509_certificates(pem))
