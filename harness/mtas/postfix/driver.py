"""The client ``postfix``: a private instance that relays to the target; outcome, stage and reply from its log."""

from __future__ import annotations

import time
from typing import Final

from harness.clients.base import Available, Missing, Plan
from harness.errors import DeadlineExceeded, HarnessError
from harness.mtas.base import Instance, Mail
from harness.mtas.instance import left
from harness.mtas.postfix.config import at_least
from harness.mtas.postfix.instance import PostfixInstance
from harness.mtas.postfix.programs import postfix_programs
from harness.mtas.view import observed
from harness.scenario.result import Observation

__all__ = ["PostfixDriver"]

_INSTALL: Final = "apt install postfix"
_LEVELS: Final = {"none": "none", "starttls": "may", "required": "encrypt"}


class PostfixDriver:
    """Postfix 3.4 or later, as root: its daemons change to their own users."""

    name = "postfix"
    needs = frozenset({"root"})
    capabilities = frozenset(
        {
            "certificate-chain",
            "dsn-notify",
            "dsn-parameters",
            "dsn-return",
            "helo-name",
            "mta",
            "null-sender",
            "partial-delivery",
            "raw-message",
            "source-address",
            "starttls",
            "starttls-client-certificate",
            "tls-version",
            "verify-server",
        }
    )
    observes = frozenset({"outcome", "stage", "reply", "tls", "delivery-status", "transcript"})

    def probe(self) -> Available | Missing:
        """``postconf -d mail_version``, and the daemon where it says."""
        found = postfix_programs()
        if isinstance(found, str):
            return Missing(found, _INSTALL)
        version = found.values["mail_version"]
        if not at_least(version, (3, 4)):
            return Missing(f"is version {version}: 3.4 is needed, to log to a pipe", _INSTALL)
        return Available(version)

    def mta(self, instance: Instance) -> PostfixInstance:
        """A private instance, not started yet."""
        found = postfix_programs()
        if isinstance(found, str):
            raise HarnessError(f"postfix {found}")
        return PostfixInstance(instance, found)

    def run(self, plan: Plan) -> Observation:
        """Start one, hand it the message, see what comes of it, stop it. Its bounces are thrown away."""
        until = time.monotonic() + plan.timeout
        instance = Instance("postfix", plan.source, (plan.host, plan.port), _config(plan))
        mta = self.mta(instance)
        try:
            mta.start(plan.timeout)
            mail = Mail(plan.mail_from, plan.recipients, plan.message)
            queue_id = mta.submit(mail, left(until))
            wanted = len({str(each["address"]).lower() for each in plan.recipients})
            if not mta.wait(lambda: len(mta.statuses(queue_id)) >= wanted, left(until)):
                raise DeadlineExceeded("Postfix to try every recipient", plan.timeout, "\n".join(mta.log()[-6:]))
            return observed(mta, queue_id, wanted)
        finally:
            mta.stop()


def _config(plan: Plan) -> dict[str, str]:
    """main.cf for one transaction with the plan's settings."""
    found = {"smtp_helo_name": plan.helo, "smtp_tls_security_level": _LEVELS[plan.tls]}
    if plan.mail_from["address"] not in ("", "<>"):
        found["sender_dependent_default_transport_maps"] = "inline:{ { <> = discard: } }"
    if plan.credential is not None:
        found["smtp_tls_cert_file"] = str(plan.credential.certificate)
        found["smtp_tls_key_file"] = str(plan.credential.key)
    if plan.server_name and plan.tls != "none":
        found["smtp_tls_servername"] = plan.server_name
    if plan.trust is not None:
        found |= {"smtp_tls_security_level": "secure", "smtp_tls_CAfile": str(plan.trust)}
        found["smtp_tls_secure_cert_match"] = plan.server_name or plan.host
    if plan.tls_version is not None:
        only = f">={plan.tls_version}, <={plan.tls_version}"
        found |= {"smtp_tls_protocols": only, "smtp_tls_mandatory_protocols": only}
    return found
