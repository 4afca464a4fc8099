"""The client ``exim``: a private instance that relays to the target; outcome, stage and reply from its log."""

from __future__ import annotations

import time
from typing import Any, Final

from harness.clients.base import Available, Missing, Plan
from harness.errors import DeadlineExceeded, HarnessError
from harness.mtas.base import Instance, Mail
from harness.mtas.exim.instance import EximInstance
from harness.mtas.exim.programs import exim_programs
from harness.mtas.instance import left
from harness.mtas.view import observed
from harness.scenario.result import Observation

__all__ = ["EximDriver"]

_INSTALL: Final = "bash ci/install-clients.sh  # its package replaces other mail programs, so it is unpacked"


class EximDriver:
    """Exim 4, as root: it changes to its own user."""

    name = "exim"
    needs = frozenset({"root"})
    capabilities = frozenset(
        {
            "bdat",
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
        """``exim -bV``, with an empty configuration."""
        found = exim_programs()
        return Missing(found, _INSTALL) if isinstance(found, str) else Available(found.version)

    def mta(self, instance: Instance) -> EximInstance:
        """A private instance, not started yet."""
        found = exim_programs()
        if isinstance(found, str):
            raise HarnessError(f"exim {found}")
        return EximInstance(instance, found)

    def run(self, plan: Plan) -> Observation:
        """Start one, hand it the message, see what comes of it, stop it. Its bounces are thrown away."""
        until = time.monotonic() + plan.timeout
        keys = {} if plan.credential is None else {str(plan.credential.certificate): plan.credential.key}
        named = plan.trust is not None and bool(plan.server_name) and plan.tls != "none"
        host = plan.server_name if named else plan.host
        names = {plan.server_name: plan.host} if named else {}
        instance = Instance("exim", plan.source, (host, plan.port), _config(plan), lambda: keys, names)
        mta = self.mta(instance)
        try:
            mta.start(plan.timeout)
            queue_id = mta.submit(Mail(plan.mail_from, plan.recipients, plan.message), left(until))
            wanted = len({str(each["address"]).lower() for each in plan.recipients})
            if not mta.wait(lambda: len(mta.statuses(queue_id)) >= wanted, left(until)):
                raise DeadlineExceeded("Exim to try every recipient", plan.timeout, "\n".join(mta.log()[-6:]))
            return observed(mta, queue_id, wanted)
        finally:
            mta.stop()


def _config(plan: Plan) -> dict[str, Any]:
    """The settings for one transaction."""
    out: dict[str, str] = {"helo_data": plan.helo}
    if plan.tls == "none":
        out["hosts_avoid_tls"] = "*"
    if plan.tls == "required" or plan.trust is not None:
        out["hosts_require_tls"] = "*"
    if plan.credential is not None:
        out["tls_certificate"] = str(plan.credential.certificate)
    if plan.server_name and plan.tls != "none":
        out["tls_sni"] = plan.server_name
    if plan.trust is not None:
        out |= {"tls_verify_certificates": str(plan.trust), "tls_verify_hosts": "*", "tls_verify_cert_hostnames": "*"}
    if plan.tls_version is not None:
        out["tls_require_ciphers"] = f"NORMAL:-VERS-ALL:+VERS-{plan.tls_version.replace('TLSv', 'TLS')}"
    found: dict[str, Any] = {"transports": {"remote_smtp": out}}
    if plan.mail_from["address"] not in ("", "<>"):
        found["routers"] = {"reports": {"driver": "redirect", "senders": ":", "data": ":blackhole:"}}
    return found
