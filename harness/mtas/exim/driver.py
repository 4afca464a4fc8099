"""The client ``exim``: a private instance that relays to the target; outcome, stage and reply from its log."""

from __future__ import annotations

from typing import Any

from harness.clients.base import Plan
from harness.mtas.base import Instance
from harness.mtas.driver import DaemonDriver, needed, verified_name
from harness.mtas.exim.instance import EximInstance
from harness.mtas.exim.programs import EximPrograms, exim_programs

__all__ = ["EximDriver"]


class EximDriver(DaemonDriver[EximPrograms]):
    """Exim 4, as root: it changes to its own user."""

    name = "exim"
    title = "Exim"
    capabilities = DaemonDriver.capabilities | {
        *("bdat", "certificate-chain", "dsn-parameters", "helo-name", "starttls-client-certificate", "tls-version"),
        "verify-server",
    }

    def look(self) -> EximPrograms | str:
        """``exim -bV``, with an empty configuration."""
        return exim_programs()

    def mta(self, instance: Instance) -> EximInstance:
        """A private instance, not started yet."""
        return EximInstance(instance, needed(self.name, self.look()))

    def planned(self, plan: Plan) -> EximInstance:
        """With settings for one transaction."""
        keys = {} if plan.credential is None else {str(plan.credential.certificate): plan.credential.key}
        host, names = verified_name(plan)
        return self.mta(Instance(self.name, plan.source, (host, plan.port), _config(plan), lambda: keys, names))


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
