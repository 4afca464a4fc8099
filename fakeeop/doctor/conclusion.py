"""What the findings of a walk say together: a refusal, and what was seen before it."""

from __future__ import annotations

from fakeeop.doctor.findings import Findings, Result, WalkStep
from fakeeop.doctor.meaning import row_of

__all__ = ["conclusion"]

_NO_CONNECTOR = ("relay-access-denied", "multiple-recipient-domains", "partner-restriction", "direct-send-rejected")


def conclusion(found: Findings) -> str | None:
    """Why the server most likely refused; None if the steps before say nothing about it."""
    refused = next((step for step in found.steps if step.result is Result.REFUSED), None)
    if refused is None:
        return None
    row = row_of(refused.reply, "rcpt" if refused.name.startswith("rcpt") else refused.name)
    if row is None or row.key not in _NO_CONNECTOR:
        return None
    return _by_certificate(next((step for step in found.steps if step.name == "certificate"), None), found)


def _by_certificate(step: WalkStep | None, found: Findings) -> str | None:
    if not found.order.tls:
        return "refused without TLS: a connector by certificate cannot fit, and none fits by this address"
    if step is None or (step.result is Result.SKIPPED and not step.says and not found.order.chain_pem):
        return "refused without TLS: a connector by certificate cannot fit, and none fits by this address"
    if not found.order.chain_pem:
        return "refused without a certificate: no connector fits by this address; --cert FILE tries one by certificate"
    if not step.facts.get("sent"):
        return "refused, most likely because the certificate could not be sent: the server did not ask for one"
    trouble = [each.partition(": ")[2] for each in step.says if each.startswith("judged by the roots here: ")]
    if trouble:
        return f"refused, most likely because of the certificate: {trouble[0]}"
    return "refused though the certificate is in order here: no connector names it, or its domain is not accepted"
