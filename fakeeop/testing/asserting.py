"""Expectations about what an emulator saw. Each returns what it found, so that more can be asserted of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from fakeeop.testing.records import Message, Refusal, Session, has_code
from fakeeop.testing.report import EopAssertionError, failure

if TYPE_CHECKING:
    from fakeeop.testing.emulator import EmulatorForTests

__all__ = ["Asserting"]


class Asserting:
    """The ``assert_…`` methods of ``fakeeop.Emulator``.

    ``timeout``: wait so many seconds for it at most. Messages are seen as they arrive,
    refusals when their session ends.
    """

    def assert_accepted(
        self,
        recipient: str | None = None,
        *,
        mail_from: str | None = None,
        tenant: str | None = None,
        connector: str | None = None,
        directionality: str | None = None,
        timeout: float = 0.0,
    ) -> Message:
        """A message was accepted that fits what is given; the last such."""
        __tracebackhide__ = True
        wanted = _given(
            recipient=recipient, mail_from=mail_from, tenant=tenant, connector=connector, directionality=directionality
        )

        def fits(message: Message) -> bool:
            return (
                (recipient is None or recipient.lower() in map(str.lower, message.rcpt_to))
                and _same(mail_from, message.mail_from)
                and _same(tenant, message.tenant)
                and _same(connector, message.connector)
                and _same(directionality, message.directionality)
            )

        eop = _of(self)
        _wait(eop, lambda: any(map(fits, eop.messages)), timeout)
        found = [message for message in eop.messages if fits(message)]
        if not found:
            raise _failed(eop, f"expected an accepted message{wanted}; none of {len(eop.messages)} fits")
        return found[-1]

    def assert_refused(
        self,
        code: str = "",
        *,
        recipient: str | None = None,
        mail_from: str | None = None,
        stage: str | None = None,
        timeout: float = 0.0,
    ) -> Refusal:
        """Something was refused (4xx or 5xx) with this code, status or text (``5.7.64``, ``451``); the last such.

        ``recipient`` and ``mail_from`` are known of refusals at RCPT only.
        """
        __tracebackhide__ = True
        eop = _of(self)
        wanted = _given(recipient=recipient, mail_from=mail_from, stage=stage)

        def found() -> list[Refusal]:
            return [
                each
                for each in _refusals(eop)
                if (not code or has_code(each.reply, code))
                and _same(recipient, each.recipient)
                and _same(mail_from, each.mail_from)
                and _same(stage, each.stage)
            ]

        _wait(eop, lambda: bool(found()), timeout)
        fitting = found()
        if not fitting:
            others = "; ".join(map(str, _refusals(eop)[-3:])) or "nothing was"
            raise _failed(eop, f"expected to be refused{f' with {code}' if code else ''}{wanted}; refused: {others}")
        return fitting[-1]

    def assert_nothing_accepted(self) -> None:
        """No message was accepted."""
        __tracebackhide__ = True
        eop = _of(self)
        if eop.messages:
            raise _failed(eop, f"expected that no message is accepted; there are {len(eop.messages)}")

    def assert_nothing_refused(self) -> None:
        """No reply was a 4xx or 5xx."""
        __tracebackhide__ = True
        eop = _of(self)
        refused = _refusals(eop)
        if refused:
            raise _failed(eop, f"expected that nothing is refused; refused: {'; '.join(map(str, refused[-3:]))}")

    def assert_tls(self, *, certificate: str | None = None, version: str | None = None) -> Session:
        """The last session used TLS; with a client certificate of this name, with this version (``TLSv1.3``)."""
        __tracebackhide__ = True
        eop = _of(self)
        last = eop.sessions[-1] if eop.sessions else None
        tls = last.tls if last else None
        wanted = _given(certificate=certificate, version=version)
        if last is None or tls is None:
            raise _failed(eop, f"expected a session with TLS{wanted}; the last one had none")
        if not _same(version, tls.version):
            raise _failed(eop, f"expected TLS{wanted}; it was {tls.version}")
        if certificate is not None and certificate.lower() not in map(str.lower, tls.certificate_names):
            sent = ", ".join(tls.certificate_names) or "none"
            raise _failed(eop, f"expected a client certificate of {certificate}; the client sent: {sent}")
        return last


def _of(self: object) -> EmulatorForTests:
    return cast("EmulatorForTests", self)  # nothing else has these methods


def _refusals(eop: EmulatorForTests) -> list[Refusal]:
    return [refusal for session in eop.sessions for refusal in session.refusals]


def _failed(eop: EmulatorForTests, headline: str) -> EopAssertionError:
    return failure(headline, eop, eop.messages, eop.sessions)


def _wait(eop: EmulatorForTests, holds: Callable[[], bool], timeout: float) -> None:
    if timeout > 0:
        eop.journal.wait(lambda _: holds(), timeout)


def _same(wanted: str | None, actual: str | None) -> bool:
    return wanted is None or (actual is not None and wanted.lower() == actual.lower())


def _given(**values: str | None) -> str:
    """``, recipient a@b, stage rcpt``, of those that are given."""
    return "".join(f", {name.replace('_', ' ')} {value}" for name, value in values.items() if value is not None)
