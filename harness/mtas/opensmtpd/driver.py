"""The client ``opensmtpd``: a private instance that relays to the target; outcome, stage and reply from its log."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from harness.clients.base import Plan
from harness.errors import HarnessError
from harness.mtas.base import Instance
from harness.mtas.driver import DaemonDriver, needed, verified_name
from harness.mtas.opensmtpd.instance import EVERYONE_TRUSTED, OpensmtpdInstance
from harness.mtas.opensmtpd.programs import OpensmtpdPrograms, opensmtpd_programs

__all__ = ["OpensmtpdDriver"]

_PROTOCOLS: Final = {"none": "smtp+notls", "starttls": "smtp", "required": "smtp+tls"}


class OpensmtpdDriver(DaemonDriver[OpensmtpdPrograms]):
    """OpenSMTPD 6.8, as root. It presents no client certificate: with ``pki`` its handshakes fail (``EVP lib``)."""

    name = "opensmtpd"
    title = "OpenSMTPD"
    capabilities = DaemonDriver.capabilities | {"helo-name", "verify-server"}

    def look(self) -> OpensmtpdPrograms | str:
        """``smtpd -h``."""
        return opensmtpd_programs()

    def mta(self, instance: Instance, trust: Path | None = None) -> OpensmtpdInstance:
        """A private instance, not started yet. It verifies servers by the authorities of ``trust``."""
        found = needed(self.name, self.look())
        if trust is not None and not EVERYONE_TRUSTED.exists():
            raise HarnessError(f"opensmtpd verifies by {EVERYONE_TRUSTED} alone, and this host has none")
        return OpensmtpdInstance(instance, found, trust=trust)

    def planned(self, plan: Plan) -> OpensmtpdInstance:
        """With settings for one transaction."""
        host, names = verified_name(plan)
        instance = Instance(self.name, plan.source, (host, plan.port), _config(plan, host), names=names)
        return self.mta(instance, plan.trust if plan.tls != "none" else None)


def _config(plan: Plan, host: str) -> dict[str, Any]:
    """The settings for one transaction; reports come from the daemon's own socket."""
    verifies = plan.trust is not None and plan.tls != "none"
    relay = {"host": f"{_PROTOCOLS['required' if verifies else plan.tls]}://{host}:{plan.port}", "helo": plan.helo}
    if plan.tls == "required" and not verifies:
        relay["tls"] = "no-verify"
    return {"relay": relay, "match": "match from socket for any reject"}
