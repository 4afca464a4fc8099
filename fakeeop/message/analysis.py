"""Did this message go through the connector? The verdict on a header, and the lines that it rests on.

The signs are those of facts wire §4.3; each statement carries its evidence. What the header cannot tell is said so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Literal

from attrs import frozen

from fakeeop.message.antispam import report_of
from fakeeop.message.hops import Hop

__all__ = ["Path", "Statement", "Verdict", "verdict_of"]

Path = Literal["relay", "hybrid", "direct", "submission", "other"]

_MX: Final = re.compile(r"\.mail\.protection\.outlook\.com\b", re.I)
_TLS: Final = re.compile(r"version=(\S+?),\s*cipher=(\S+?)\)", re.I)
_CLIENT: Final = re.compile(r"^(\S+)\s*\(\[?([0-9a-fA-F:.]+)\]?\)")
_CONNECTING: Final = re.compile(r"TenantId=([0-9a-fA-F-]+);\s*Ip=\[([^\]]*)\];\s*Helo=\[([^\]]*)\]")


@frozen
class Statement:
    """One thing that the header says. ``evidence``: the fields that it rests on, as ``Name: value``."""

    subject: str
    text: str
    evidence: tuple[str, ...] = ()


@frozen
class Verdict:
    """``path``: how it came in. ``address`` and ``helo`` are the client's; ``tls`` None: no TLS; ``tenant``: its id.

    ``through_connector`` None: the header cannot tell.
    """

    path: Path
    through_connector: bool | None
    statements: tuple[Statement, ...]
    address: str = ""
    helo: str = ""
    tls: str | None = None
    tenant: str = ""
    relayed_out: bool = False
    internal: bool = False


class _Header:
    """Fields by name, without case; evidence in short lines."""

    def __init__(self, fields: Sequence[tuple[str, str]]) -> None:
        self._fields = fields

    def get(self, *names: str) -> str:
        """The first value of the first name that is there."""
        for name in names:
            for field, value in self._fields:
                if field.lower() == name.lower():
                    return value
        return ""

    def lines(self, *names: str) -> tuple[str, ...]:
        """``Name: value`` of those that are there, cut."""
        wanted = {name.lower() for name in names}
        return tuple(f"{name}: {value[:200]}" for name, value in self._fields if name.lower() in wanted)


def verdict_of(fields: Sequence[tuple[str, str]], hops: Sequence[Hop]) -> Verdict:
    """The verdict; statements in the order in which a reader asks."""
    header = _Header(fields)
    front = next((each for each in hops if _MX.search(each.by) and "Frontend Transport" in each.via), None)
    submitted = next((each for each in hops if re.search(r"\bmapi\b", each.protocol, re.I)), None)
    direction = header.get("X-MS-Exchange-Organization-MessageDirectionality")
    connecting = _CONNECTING.search(header.get("X-MS-Exchange-CrossTenant-OriginalAttributedTenantConnectingIp"))
    entity = header.get("X-MS-Exchange-CrossTenant-FromEntityHeader")
    report = report_of(header.get("X-Forefront-Antispam-Report", "X-Forefront-Antispam-Report-Untrusted"))
    if front is None and submitted is not None:
        front = next((each for each in hops if "Frontend Transport" in each.via), None)
    path, through = _path(header, front, submitted is not None, direction, entity, connecting is not None)
    client = _CLIENT.match(front.sender) if front is not None else None
    address = (client[2] if client else "") or (connecting[2] if connecting else "")
    tls = _TLS.search(front.protocol) if front is not None else None
    statements = [_how(path, through, header)]
    if front is not None:
        statements.append(_from_where(front, address, client[1] if client else "", tls))
    tenant = (connecting[1] if connecting else "") or header.get("X-MS-Exchange-CrossTenant-Id")
    if tenant:
        names = ("X-MS-Exchange-CrossTenant-OriginalAttributedTenantConnectingIp", "X-MS-Exchange-CrossTenant-Id")
        statements.append(Statement("tenant", f"attributed to the tenant {tenant}", header.lines(*names)))
    as_whom = header.get("X-MS-Exchange-Organization-AuthAs", "X-MS-Exchange-CrossTenant-AuthAs")
    if as_whom:
        words = "as mail from inside the organization" if as_whom == "Internal" else "as mail from outside"
        names = ("X-MS-Exchange-Organization-AuthAs", "X-MS-Exchange-CrossTenant-AuthAs")
        statements.append(Statement("treated", f"{words} (AuthAs {as_whom})", header.lines(*names)))
    out = report.get("DIR") == "OUT" or bool(header.get("X-MS-Exchange-Authentication-Results"))
    if out:
        names = ("X-Forefront-Antispam-Report", "X-MS-Exchange-Authentication-Results")
        text = "it left Microsoft 365 again, for a recipient outside"
        statements.append(Statement("relayed", text, header.lines(*names)))
    return Verdict(
        path,
        through,
        tuple(statements),
        address=address,
        helo=client[1] if client else "",
        tls=f"{tls[1].replace('_', '.')} {tls[2]}" if tls else None,
        tenant=tenant,
        relayed_out=out,
        internal=as_whom == "Internal",
    )


def _path(
    header: _Header, front: Hop | None, submitted: bool, direction: str, entity: str, connecting: bool
) -> tuple[Path, bool | None]:
    if submitted or entity == "Hosted":
        return "submission", False
    if header.get("X-CrossPremisesHeadersPromoted"):
        return "hybrid", True
    if direction == "Originating" or connecting or entity == "HybridOnPrem":
        return "relay", True
    anonymous = header.get("X-MS-Exchange-Organization-IsAnonymousDirectSend") == "True"
    if direction == "Incoming" or entity == "Internet" or anonymous or header.get("X-EOPTenantAttributedMessage"):
        return "direct", False
    if front is not None:
        return "relay", None
    return "other", None


_SIGNS: Final = (
    "X-MS-Exchange-Organization-MessageDirectionality",
    "X-MS-Exchange-CrossTenant-FromEntityHeader",
    "X-MS-Exchange-CrossTenant-OriginalAttributedTenantConnectingIp",
    "X-CrossPremisesHeadersPromoted",
    "X-MS-Exchange-Organization-IsAnonymousDirectSend",
    "X-EOPTenantAttributedMessage",
)
_HOW: Final[dict[tuple[Path, bool | None], str]] = {
    ("relay", True): "it went through an inbound connector of type OnPremises, as mail of the sender's tenant",
    ("relay", None): "it went through Exchange Online Protection; whether a connector took it cannot be seen here",
    (
        "hybrid",
        True,
    ): "it went through an OnPremises connector with CloudServicesMailEnabled: its headers were promoted",
    ("direct", False): "no OnPremises connector took it: it came in as anonymous mail to the recipient's tenant "
    "(Direct Send, or mail from the internet; a Partner connector leaves no mark)",
    ("submission", False): "a mailbox sent it (client submission or a mail program): no connector is looked at",
    ("other", None): "there is no sign of Exchange Online Protection in this header",
}


def _how(path: Path, through: bool | None, header: _Header) -> Statement:
    return Statement("path", _HOW[path, through], header.lines(*_SIGNS))


def _from_where(front: Hop, address: str, helo: str, tls: re.Match[str] | None) -> Statement:
    by = front.by.split(" ")[0]
    layer = f"over {tls[1].replace('_', '.')} ({tls[2]})" if tls else "in clear text, without TLS"
    text = f"{by} took it from {address or 'an unknown address'}{f' ({helo})' if helo else ''} {layer}"
    return Statement("accepted", text, (f"Received: {front.raw[:200]}",))
