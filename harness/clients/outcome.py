"""What a transaction came to, judged the same way for every client that sees the replies."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import define, field

from harness.clients.wire import reply_code
from harness.model.result import Observation

__all__ = ["ClientDialogue", "refusal_outcome"]


def refusal_outcome(reply: str) -> str:
    """``deferred`` for 4xx, ``rejected`` for anything else that refuses."""
    return "deferred" if reply_code(reply) // 100 == 4 else "rejected"


def recipient_outcome(reply: str) -> str:
    """``accepted``, ``deferred`` or ``rejected``: what a reply to RCPT says of its recipient."""
    return "accepted" if reply_code(reply) // 100 == 2 else refusal_outcome(reply)


@define
class ClientDialogue:
    """The notes of one transaction while it runs; ``observation`` closes them.

    ``recipients`` maps each forward-path to the reply it got. The reply that decides: of several refused recipients a
    transient one decides (a relay would try again), else the first; when mail was taken it is the final reply, even
    if some recipients were refused.
    """

    replies: list[str] = field(factory=list)
    recipients: dict[str, str] = field(factory=dict)
    capabilities: tuple[str, ...] = ()
    tls: dict[str, object] | None = None
    closed_by: str | None = None
    transcript: list[str] = field(factory=list)
    outcome: str | None = None
    stage: str | None = None
    reply: str | None = None

    def end(self, outcome: str, stage: str, reply: str | None = None) -> None:
        """Note the outcome; the first one stays."""
        if self.outcome is None:
            self.outcome, self.stage, self.reply = outcome, stage, reply

    def refused(self, stage: str, reply: str) -> None:
        """The server refused everything at ``stage``."""
        self.end(refusal_outcome(reply), stage, reply)

    def no_recipient(self) -> bool:
        """True, and the outcome noted, when every recipient was refused."""
        if any(reply_code(reply) // 100 == 2 for reply in self.recipients.values()):
            return False
        refusals = list(self.recipients.values())
        transient = [reply for reply in refusals if reply_code(reply) // 100 == 4]
        self.refused("rcpt", (transient or refusals or ["no recipient was named"])[0])
        return True

    def final(self, reply: str) -> None:
        """The reply to the end of data."""
        if reply_code(reply) // 100 != 2:
            self.refused("message", reply)
            return
        all_taken = all(reply_code(each) // 100 == 2 for each in self.recipients.values())
        self.end("accepted" if all_taken else "partially-accepted", "message", reply)

    def observation(self, command: str = "", exit_code: int | None = None) -> Observation:
        """The finished view."""
        return Observation(
            outcome=self.outcome,
            stage=self.stage,
            reply=self.reply,
            replies=tuple(self.replies),
            recipients={
                address: {"reply": reply, "outcome": recipient_outcome(reply)}
                for address, reply in self.recipients.items()
            },
            capabilities=self.capabilities,
            tls=dict(self.tls) if self.tls is not None else None,
            closed_by=self.closed_by,
            exit=exit_code,
            transcript=tuple(self.transcript),
            command=command,
        )


def capabilities_of(ehlo_reply: str) -> tuple[str, ...]:
    """The extension lines of an EHLO reply, keyword in upper case, in order: ``SIZE 157286400``, ``PIPELINING``."""
    lines = [line[4:].strip() for line in ehlo_reply.split("\n")[1:]]
    return tuple(" ".join([word.upper(), *rest]) for word, *rest in (line.split() for line in lines if line))


def mail_parameters(mail_from: Mapping[str, object], offered: tuple[str, ...]) -> list[str]:
    """What the scenario gives to MAIL: ``SIZE``, ``BODY``, ``SMTPUTF8``; ``RET`` and ``ENVID`` where DSN is offered."""
    found = [f"{word.upper()}={mail_from[word]}" for word in ("size", "body") if mail_from.get(word) is not None]
    found += ["SMTPUTF8"] if mail_from.get("smtputf8") else []
    if "DSN" in offered:  # RFC 3461 section 4: not without the extension
        found += [f"RET={mail_from['ret']}"] if mail_from.get("ret") else []
        found += [f"ENVID={xtext(str(mail_from['envid']))}"] if mail_from.get("envid") else []
    return found


def rcpt_parameters(recipient: Mapping[str, object], offered: tuple[str, ...]) -> list[str]:
    """``NOTIFY`` and ``ORCPT`` of RFC 3461, when the server offers DSN."""
    if "DSN" not in offered:
        return []
    found = []
    notify = recipient.get("notify")
    if notify:
        found.append("NOTIFY=" + (",".join(map(str, notify)) if isinstance(notify, list | tuple) else str(notify)))
    if recipient.get("orcpt"):
        kind, _, address = str(recipient["orcpt"]).partition(";")
        found.append(f"ORCPT={kind};{xtext(address)}")
    return found


def xtext(text: str) -> str:
    """RFC 3461 section 4: ``job+42`` is ``job+2B42``. What is not ASCII stays: RFC 6533 lets it, under SMTPUTF8."""
    return "".join(
        one if ("!" <= one <= "~" and one not in "+=") or one > "\x7f" else f"+{ord(one):02X}" for one in text
    )
