"""Certificates in sentences: the server's own, and the one that we send."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fakeeop.doctor.findings import Order
from fakeeop.doctor.line import Handshake
from fakeeop.model import CertificateFacts

__all__ = ["Judge", "certificate_tree", "own_certificate", "server_certificate"]

Judge = Callable[[tuple[bytes, ...]], CertificateFacts]
_LAB = "fakeeop lab"


def certificate_tree(facts: CertificateFacts) -> dict[str, Any]:
    """JSON-ready."""
    return {
        "names": list(facts.names),
        "subject": facts.subject,
        "issuer": facts.issuer,
        "not-after": facts.not_after.isoformat().replace("+00:00", "Z"),
        "key": facts.key,
        "problems": [problem.value for problem in facts.problems],
        "presented": list(facts.chain),
    }


def server_certificate(made: Handshake, judge: Judge, host: str) -> tuple[list[str], CertificateFacts | None]:
    """Sentences about the server's certificate, and its facts; none if it cannot be read."""
    if not made.chain_der:
        return ["the server sent no certificate"], None
    try:
        facts = judge(made.chain_der)
    except ValueError as why:
        return [f"the server's certificate cannot be read: {why}"], None
    says = [
        f"server certificate: {', '.join(facts.names) or facts.subject}; issued by {facts.issuer}; "
        f"until {facts.not_after:%Y-%m-%d}; {facts.key}"
    ]
    if _LAB in facts.issuer:
        says.append("the certificate is of a fakeeop lab: this is the emulator")
    says += [f"a client that verifies would refuse it: {words}" for words in facts.detail]
    if not _covers(facts.names, host):
        says.append(f"it does not name {host}: a client that verifies names would refuse it")
    return says, facts


def own_certificate(order: Order, made: Handshake, facts: CertificateFacts | None) -> tuple[bool, list[str]]:
    """Was ours sent, and sentences. ``facts`` is what the roots here say of it; None without one."""
    if not made.requested:
        words = "the server did not ask for a client certificate, so no client would send one"
        hint = "something in between ends TLS (a proxy, a mail gateway), or this is not the MX of Exchange Online"
        return False, [words, hint] if order.chain_pem else [words]
    if facts is None:
        hint = "a connector with TlsSenderCertificateName cannot fit; --cert FILE shows one"
        return False, ["the server asked for a client certificate; none was sent", hint]
    says = [
        f"sent: {', '.join(facts.names) or facts.subject}; issued by {facts.issuer}; until {facts.not_after:%Y-%m-%d}; "
        f"{len(facts.chain)} in the chain",
        "the handshake says nothing of whether it is good enough: that shows at RCPT",
    ]
    return True, says + [f"judged by the roots here: {words}" for words in facts.detail]


def _covers(names: tuple[str, ...], host: str) -> bool:
    """By DNS name; an address is not looked for (the lab's certificate names it elsewhere)."""
    if not any(letter.isalpha() for letter in host) or ":" in host or host.lower() == "localhost":
        return True
    wanted = host.lower().rstrip(".")
    parent = wanted.partition(".")[2]
    return any(name.lower() in (wanted, f"*.{parent}") for name in names)
