"""The client ``opensmtpd``: a private instance that relays to the target; outcome, stage and reply from its log."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Final

from harness.clients.base import Available, Missing, Plan
from harness.errors import DeadlineExceeded, HarnessError
from harness.mtas.base import Instance, Mail
from harness.mtas.instance import left
from harness.mtas.opensmtpd.instance import EVERYONE_TRUSTED, OpensmtpdInstance
from harness.mtas.opensmtpd.programs import opensmtpd_programs
from harness.mtas.view import observed
from harness.scenario.result import Observation

__all__ = ["OpensmtpdDriver"]

_INSTALL: Final = "bash ci/install-clients.sh  # its package replaces other mail programs, so it is unpacked"
_PROTOCOLS: Final = {"none": "smtp+notls", "starttls": "smtp", "required": "smtp+tls"}


class OpensmtpdDriver:
    """OpenSMTPD 6.8, as root. It presents no client certificate: with ``pki`` its handshakes fail (``EVP lib``)."""

    name = "opensmtpd"
    needs = frozenset({"root"})
    capabilities = frozenset(
        {
            "dsn-notify",
            "dsn-return",
            "helo-name",
            "mta",
            "null-sender",
            "partial-delivery",
            "raw-message",
            "source-address",
            "starttls",
            "verify-server",
        }
    )
    observes = frozenset({"outcome", "stage", "reply", "tls", "delivery-status", "transcript"})

    def probe(self) -> Available | Missing:
        """``smtpd -h``."""
        found = opensmtpd_programs()
        return Missing(found, _INSTALL) if isinstance(found, str) else Available(found.version)

    def mta(self, instance: Instance, trust: Path | None = None) -> OpensmtpdInstance:
        """A private instance, not started yet. It verifies servers by the authorities of ``trust``."""
        found = opensmtpd_programs()
        if isinstance(found, str):
            raise HarnessError(f"opensmtpd {found}")
        if trust is not None and not EVERYONE_TRUSTED.exists():
            raise HarnessError(f"opensmtpd verifies by {EVERYONE_TRUSTED} alone, and this host has none")
        return OpensmtpdInstance(instance, found, trust=trust)

    def run(self, plan: Plan) -> Observation:
        """Start one, hand it the message, see what comes of it, stop it. Its bounces are thrown away."""
        until = time.monotonic() + plan.timeout
        named = plan.trust is not None and bool(plan.server_name) and plan.tls != "none"
        host = plan.server_name if named else plan.host
        names = {plan.server_name: plan.host} if named else {}
        instance = Instance("opensmtpd", plan.source, (host, plan.port), _config(plan, host), names=names)
        mta = self.mta(instance, plan.trust if plan.tls != "none" else None)
        try:
            mta.start(plan.timeout)
            queue_id = mta.submit(Mail(plan.mail_from, plan.recipients, plan.message), left(until))
            wanted = len({str(each["address"]).lower() for each in plan.recipients})
            if not mta.wait(lambda: len(mta.statuses(queue_id)) >= wanted, left(until)):
                raise DeadlineExceeded("OpenSMTPD to try every recipient", plan.timeout, "\n".join(mta.log()[-6:]))
            return observed(mta, queue_id, wanted)
        finally:
            mta.stop()


def _config(plan: Plan, host: str) -> dict[str, Any]:
    """The settings for one transaction; reports come from the daemon's own socket."""
    verifies = plan.trust is not None and plan.tls != "none"
    relay = {"host": f"{_PROTOCOLS['required' if verifies else plan.tls]}://{host}:{plan.port}", "helo": plan.helo}
    if plan.tls == "required" and not verifies:
        relay["tls"] = "no-verify"
    return {"relay": relay, "match": "match from socket for any reject"}
