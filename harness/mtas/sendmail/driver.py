"""The client ``sendmail``: a private instance that relays to the target; outcome and reply from what it tells."""

from __future__ import annotations

import time
from typing import Any, Final

from harness.clients.base import Available, Missing, Plan
from harness.errors import DeadlineExceeded, HarnessError
from harness.mtas.base import Instance, Mail
from harness.mtas.instance import left
from harness.mtas.sendmail.instance import SendmailInstance
from harness.mtas.sendmail.programs import sendmail_programs
from harness.mtas.view import observed
from harness.scenario.result import Observation

__all__ = ["SendmailDriver"]

_INSTALL: Final = "bash ci/install-clients.sh  # its package replaces other mail programs, so it is unpacked"
_NO_TLS: Final = 'Stry_tls\nR$*\t\t$#error $@ 4.7.0 $: "454 no TLS is wanted"'
_MUST: Final = 'STLS_connection\nRNONE\t\t$#error $@ 4.7.0 $: "454 TLS is required, but was not offered"'
_NO_REPORTS: Final = "Scheck_compat\nRMAILER-DAEMON $| $*\t\t$#discard $: discard"


class SendmailDriver:
    """sendmail 8, as root. It sends the leaf only, and reports no TLS layer."""

    name = "sendmail"
    needs = frozenset({"root"})
    capabilities = frozenset(
        {
            "dsn-notify",
            "dsn-parameters",
            "dsn-return",
            "mta",
            "null-sender",
            "partial-delivery",
            "raw-message",
            "source-address",
            "starttls",
            "starttls-client-certificate",
        }
    )
    observes = frozenset({"outcome", "stage", "reply", "delivery-status", "transcript"})

    def probe(self) -> Available | Missing:
        """The program and its macros."""
        found = sendmail_programs()
        return Missing(found, _INSTALL) if isinstance(found, str) else Available(found.version)

    def mta(self, instance: Instance) -> SendmailInstance:
        """A private instance, not started yet."""
        found = sendmail_programs()
        if isinstance(found, str):
            raise HarnessError(f"sendmail {found}")
        return SendmailInstance(instance, found)

    def run(self, plan: Plan) -> Observation:
        """Start one, hand it the message, see what comes of it, stop it. Its bounces are thrown away."""
        until = time.monotonic() + plan.timeout
        mta = self.mta(Instance("sendmail", plan.source, (plan.host, plan.port), _config(plan)))
        try:
            mta.start(plan.timeout)
            queue_id = mta.submit(Mail(plan.mail_from, plan.recipients, plan.message), left(until))
            wanted = len({str(each["address"]).lower() for each in plan.recipients})
            if not mta.wait(lambda: len(mta.statuses(queue_id)) >= wanted, left(until)):
                raise DeadlineExceeded("sendmail to try every recipient", plan.timeout, "\n".join(mta.log()[-6:]))
            return observed(mta, queue_id, wanted)
        finally:
            mta.stop()


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
