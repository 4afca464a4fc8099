"""The client ``postfix``: a private instance that relays to the target; outcome, stage and reply from its log."""

from __future__ import annotations

from typing import Final

from harness.clients.base import Available, Plan, Unavailable
from harness.mtas.base import Instance
from harness.mtas.driver import DaemonDriver, needed
from harness.mtas.postfix.config import at_least
from harness.mtas.postfix.instance import PostfixInstance
from harness.mtas.postfix.programs import PostfixPrograms, postfix_programs

__all__ = ["PostfixDriver"]

_LEVELS: Final = {"none": "none", "starttls": "may", "required": "encrypt"}


class PostfixDriver(DaemonDriver[PostfixPrograms]):
    """Postfix 3.4 or later, as root: its daemons change to their own users."""

    name = "postfix"
    title = "Postfix"
    install = "apt install postfix"
    capabilities = DaemonDriver.capabilities | {
        *("certificate-chain", "dsn-parameters", "helo-name", "starttls-client-certificate", "tls-version"),
        "verify-server",
    }

    def look(self) -> PostfixPrograms | str:
        """``postconf -d``, and the daemon where it says."""
        return postfix_programs()

    def probe(self) -> Available | Unavailable:
        """A version that logs to a pipe?"""
        found = super().probe()
        if isinstance(found, Available) and not at_least(found.version, (3, 4)):
            return Unavailable(f"is version {found.version}: 3.4 is needed, to log to a pipe", self.install)
        return found

    def mta(self, instance: Instance) -> PostfixInstance:
        """A private instance, not started yet."""
        return PostfixInstance(instance, needed(self.name, self.look()))

    def planned(self, plan: Plan) -> PostfixInstance:
        """With main.cf for one transaction."""
        return self.mta(Instance(self.name, plan.source, (plan.host, plan.port), _config(plan)))


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
