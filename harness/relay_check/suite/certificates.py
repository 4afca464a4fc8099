"""Which certificate does it really send?"""

from __future__ import annotations

from harness.model.result import Assertion
from harness.relay_check.diagnose import CHAIN_CAUSES
from harness.relay_check.judges import all_of, arrived_once, certificate_shown, connector_used, never_in_clear
from harness.relay_check.site import BY_CERTIFICATE
from harness.relay_check.values import RelayCase, RelayObservation, SampleMessage, found

__all__ = ["CASES"]


def _chain(seen: RelayObservation) -> list[Assertion]:
    for session in reversed(seen.sessions):
        facts = (session["tls"] or {}).get("peer-certificate")
        if facts is None:
            continue
        names, count = ", ".join(facts["presented"]), len(facts["presented"])
        if "incomplete" in facts["problems"]:
            return [found(False, f"it sent {names}: the certificate of the authority in between is missing",
                          "missing-intermediate")]  # fmt: skip
        if facts["problems"]:
            cause = CHAIN_CAUSES.get(facts["problems"][0], "certificate-untrusted")
            return [found(False, f"the chain is {', '.join(facts['problems'])}: {names}", cause)]
        return [
            found(
                True, f"the chain is complete: {names}" if count > 1 else f"it sent {names} alone, and that is enough"
            )
        ]
    return [found(False, "it sent no client certificate", "no-certificate")]


def _usable(seen: RelayObservation) -> list[Assertion]:
    for session in reversed(seen.sessions):
        facts = (session["tls"] or {}).get("peer-certificate")
        if facts is None:
            continue
        usages = facts["extended-key-usages"]
        if usages is not None and "clientAuth" not in usages:
            text = f"its extended key usage is {', '.join(usages)}, without clientAuth: some clients then send none"
            return [found(False, text, "no-client-auth", level="should")]
        return [found(True, f"valid until {facts['not-after']}, {facts['key']}")]
    return []


def _renewed(seen: RelayObservation) -> list[Assertion]:
    shown = [(session["tls"] or {}).get("peer-certificate") for session in seen.sessions if session["recipients"]]
    dates = [each["not-after"] for each in shown if each is not None]
    if len(dates) < 2:
        return [found(False, "it did not send a certificate with both messages", "no-certificate")]
    new = dates[0] != dates[-1]
    text = "the second message came with the new certificate" if new else "the second came with the old one still"
    return [found(new, text, "certificate-not-renewed")]


CASES = (
    RelayCase(
        id="accepted-by-certificate",
        family="certificates",
        title="A message to the outside is taken, by the certificate of the relay",
        requirement="With the name of its certificate in TlsSenderCertificateName of an OnPremises connector, a "
        "message "
        "of an own sender to an outside recipient is taken, once.",
        source="Microsoft Learn, Configure a connector to send mail using Microsoft 365 SMTP relay",
        judge=all_of(arrived_once, connector_used(BY_CERTIFICATE), certificate_shown, _usable),
        connector="certificate",
        needs=frozenset({"certificate"}),
    ),
    RelayCase(
        id="certificate-chain",
        family="certificates",
        title="It sends the certificates between its own and the root",
        requirement="The relay sends its certificate with every intermediate; without, the service cannot check it.",
        source="support.microsoft.com KB 3212877",
        judge=_chain,
        connector="certificate",
        needs=frozenset({"certificate"}),
    ),
    RelayCase(
        id="certificate-renewed",
        family="certificates",
        title="After a renewal and a reload the new certificate is sent, and taken",
        requirement="The certificate file is replaced by one of the same names and another validity, and the relay is "
        "reloaded: the next message comes with it. The relay's own certificate is set aside for this case.",
        source="Exchange team blog, TLS certificates in Exchange hybrid",
        judge=all_of(arrived_once, _renewed),
        connector="certificate",
        messages=(SampleMessage(), SampleMessage(to=("outside2",))),
        needs=frozenset({"certificate", "swap"}),
        swap=True,
    ),
    RelayCase(
        id="certificate-never-in-clear",
        family="certificates",
        title="Where it is known by its certificate, it sends nothing in clear text",
        requirement="A connector by certificate with RequireTls takes nothing in clear text; the relay knows "
        "that before "
        "it tries.",
        source="Microsoft Learn, Set-InboundConnector (RequireTls)",
        judge=all_of(never_in_clear("must")),
        connector="certificate",
        needs=frozenset({"certificate"}),
    ),
)
