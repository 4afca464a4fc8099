"""The client ``sendmail``: a private instance that relays to the target; outcome and reply from what it tells."""

from __future__ import annotations

from typing import Any, Final

from harness.clients.base import Plan
from harness.mtas.base import Instance
from harness.mtas.driver import DaemonDriver, needed
from harness.mtas.sendmail.instance import SendmailInstance
from harness.mtas.sendmail.programs import SendmailPrograms, sendmail_programs

__all__ = ["SendmailDriver"]

_NO_TLS: Final = 'Stry_tls\nR$*\t\t$#error $@ 4.7.0 $: "454 no TLS is wanted"'
_MUST: Final = 'STLS_connection\nRNONE\t\t$#error $@ 4.7.0 $: "454 TLS is required, but was not offered"'
_NO_REPORTS: Final = "Scheck_compat\nRMAILER-DAEMON $| $*\t\t$#discard $: discard"


class SendmailDriver(DaemonDriver[SendmailPrograms]):
    """sendmail 8, as root. It sends the leaf only, and reports no TLS layer."""

    name = "sendmail"
    title = "sendmail"
    capabilities = DaemonDriver.capabilities | {"dsn-parameters", "starttls-client-certificate"}
    observes = DaemonDriver.observes - {"tls"}

    def look(self) -> SendmailPrograms | str:
        """The program and its macros."""
        return sendmail_programs()

    def mta(self, instance: Instance) -> SendmailInstance:
        """A private instance, not started yet."""
        return SendmailInstance(instance, needed(self.name, self.look()))

    def planned(self, plan: Plan) -> SendmailInstance:
        """With macros for one transaction."""
        return self.mta(Instance(self.name, plan.source, (plan.host, plan.port), _config(plan)))


def _config(plan: Plan) -> dict[str, Any]:
    """The settings for one transaction."""
    found: dict[str, Any] = {}
    if plan.credential is not None:
        found |= {"confCLIENT_CERT": plan.credential.certificate, "confCLIENT_KEY": plan.credential.key}
    rulesets = {"none": _NO_TLS, "starttls": "", "required": _MUST}[plan.tls]
    if plan.mail_from["address"] not in ("", "<>"):
        rulesets += f"\n{_NO_REPORTS}"
    if rulesets:
        found["RULESETS"] = rulesets.strip("\n")
    return found
