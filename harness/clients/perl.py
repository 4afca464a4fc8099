"""The client ``net-smtp``: Perl's Net::SMTP, its own debug output read."""

from __future__ import annotations

import re
from typing import Final

from harness.clients.base import Available, Plan, Unavailable
from harness.clients.process import find_program
from harness.clients.running import PROGRAM_OBSERVES, private_folder, probe_version, run_plan, seen
from harness.clients.scripted import PLAIN_LINES, SOURCES, plan_json, told
from harness.model.result import Observation

__all__ = ["PerlDriver"]

_INSTALL: Final = "apt install perl libio-socket-ssl-perl"
_VERSION: Final = "use Net::SMTP; use IO::Socket::SSL; use JSON::PP; print 'Net::SMTP ', Net::SMTP->VERSION"
_LINES: Final = (
    ("C", re.compile(r"Net::SMTP\S*=GLOB\(0x[0-9a-f]+\)>>> (.*)")),
    ("S", re.compile(r"Net::SMTP\S*=GLOB\(0x[0-9a-f]+\)<<< (.*)")),
    *PLAIN_LINES[2:],
)


class PerlDriver:
    """Net::SMTP as a script uses it; it goes on with the recipients that were taken."""

    name = "net-smtp"
    capabilities = frozenset(
        {
            "certificate-chain",
            "dsn-notify",
            "dsn-parameters",
            "dsn-return",
            "helo-name",
            "null-sender",
            "partial-delivery",
            "raw-message",
            "source-address",
            "starttls",
            "starttls-client-certificate",
            "verify-server",
        }
    )
    observes = PROGRAM_OBSERVES

    def probe(self) -> Available | Unavailable:
        """Perl, with the modules it takes."""
        program = find_program("perl")
        if program is None:
            return Unavailable("is not installed", _INSTALL)
        return probe_version((str(program), "-e", _VERSION), r"Net::SMTP (\d\S*)", _INSTALL)

    def run(self, plan: Plan) -> Observation:
        """One run of the script."""
        with private_folder(plan, "net-smtp") as folder:
            argv = [str(find_program("perl") or "perl"), str(SOURCES / "send.pl")]
            done = run_plan(argv, plan, folder, stdin=plan_json(plan))
        return seen(told(f"{done.stderr}\n{done.stdout}", plan, _LINES), "Net::SMTP", done)
