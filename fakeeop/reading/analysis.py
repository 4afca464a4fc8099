"""Did this message go through the connector? The verdict on a header, and the lines that it rests on.

The signs are those of facts wire §4.3; each statement carries its evidence. What the header cannot tell is said so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, Literal

from attrs import frozen

from fakeeop.model import Forest, InboundConnector
from fakeeop.model.addresses import IpAddress, canonical_domain, parse_ip
from fakeeop.reading.antispam import AntispamReport, report_of
from fakeeop.reading.hops import ReceivedHop

__all__ = ["HeaderVerdict", "Path", "Statement", "fitting", "verdict_of"]

Path = Literal["relay", "hybrid", "direct-send", "direct", "submission", "report", "other"]

_ORGANIZATION: Final = "X-MS-Exchange-Organization-"
_CROSS: Final = "X-MS-Exchange-CrossTenant-"
_DIRECTION: Final = f"{_ORGANIZATION}MessageDirectionality"
_ENTITY: Final = f"{_CROSS}FromEntityHeader"
_CONNECTED: Final = f"{_CROSS}OriginalAttributedTenantConnectingIp"
_PROMOTED: Final = "X-CrossPremisesHeadersPromoted"
_DIRECT_SEND: Final = f"{_ORGANIZATION}IsAnonymousDirectSend"
_OWN_SENDER: Final = f"{_ORGANIZATION}InternalOrgSender"
_REPORT: Final = "X-MS-Exchange-Message-Is-Ndr"
_PROXIED: Final = "X-ClientProxiedBy"
_SIGNS: Final = (
    *(_DIRECTION, _ENTITY, _CONNECTED, _PROMOTED, _DIRECT_SEND, _OWN_SENDER, "X-EOPTenantAttributedMessage", _PROXIED),
    _REPORT,
)
_AS_WHOM: Final = (f"{_ORGANIZATION}AuthAs", f"{_CROSS}AuthAs")
_RENAMED: Final = "X-MS-Exchange-Authentication-Results"
_ANTISPAM: Final = "X-Forefront-Antispam-Report"

_MX: Final = re.compile(r"\.mail\.protection\.outlook\.com\b", re.I)
_MAPI: Final = re.compile(r"\bmapi\b", re.I)
_TLS: Final = re.compile(r"version=([\w.-]{1,40}),\s{0,9}cipher=([\w-]{1,80})\)", re.I)
_CLIENT: Final = re.compile(r"(\S{1,255})\s*\(\[?([0-9a-fA-F:.]{2,45})\]?\)")
_CONNECTING: Final = re.compile(
    r"TenantId=([0-9a-fA-F-]{1,40});\s{0,9}Ip=\[([^\]]{0,45})\];\s{0,9}Helo=\[(\[[^\]]{0,253}\]|[^\]]{0,255})\]"
)
_RULES: Final = re.compile(r"SFS:(?:\(\d+\))+")


@frozen
class Statement:
    """One thing that the header says. ``evidence``: the fields that it rests on, as ``Name: value``."""

    subject: str
    text: str
    evidence: tuple[str, ...] = ()


@frozen
class HeaderVerdict:
    """``path``: how it came in. ``address`` and ``helo`` are the client's; ``tls`` None: no TLS; ``tenant``: its id.

    ``through_connector`` None: the header cannot tell. ``tls`` is None too where no hop says who took the message.
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
    """Fields by name, without case; evidence as lines."""

    def __init__(self, fields: Sequence[tuple[str, str]]) -> None:
        self._fields = fields

    def has(self, name: str) -> bool:
        """True if there is such a field, even an empty one."""
        return any(field.lower() == name.lower() for field, _ in self._fields)

    def get(self, *names: str) -> str:
        """The first value of the first name that is there."""
        for name in names:
            for field, value in self._fields:
                if field.lower() == name.lower():
                    return value
        return ""

    def yes(self, name: str) -> bool:
        """True if the field says ``True``; what a copy has glued to it is passed over (sample 09)."""
        return self.get(name).split()[:1] == ["True"]

    def lines(self, *names: str) -> tuple[str, ...]:
        """``Name: value`` of those that are there; the numbers of spam rules (SFS) are left out."""
        wanted = {name.lower() for name in names}
        found = ((name, _RULES.sub("SFS:…", value)) for name, value in self._fields if name.lower() in wanted)
        return tuple(f"{name}: {value}".strip() for name, value in found)


def verdict_of(fields: Sequence[tuple[str, str]], hops: Sequence[ReceivedHop]) -> HeaderVerdict:
    """The verdict; statements in the order in which a reader asks."""
    header = _Header(fields)
    connecting = _CONNECTING.search(header.get(_CONNECTED))
    submitted = next((each for each in hops if _MAPI.search(each.protocol)), None)
    front = _front(hops, connecting[2] if connecting else "", submitted)
    path, through = _path(header, front, submitted is not None, connecting is not None)
    report = report_of(header.get(_ANTISPAM, f"{_ANTISPAM}-Untrusted"))
    client = _CLIENT.match(front.sender) if front is not None else None
    address = (client[2] if client else "") or (connecting[2] if connecting else "") or _seen_address(report)
    helo = (client[1] if client else "") or (connecting[3] if connecting else "") or report.get("H")
    tls = _TLS.search(front.protocol) if front is not None else None
    mailbox = (f"Received: {submitted.raw}",) if submitted is not None and path == "submission" else ()
    statements = [Statement("path", _HOW[path, through], header.lines(*_SIGNS) + mailbox)]
    if front is not None:
        statements.append(_from_where(front, address, helo, tls))
    tenant = (connecting[1] if connecting else "") or header.get(f"{_CROSS}Id")
    if tenant:
        evidence = header.lines(_CONNECTED if connecting else f"{_CROSS}Id")
        statements.append(Statement("tenant", f"attributed to the tenant {tenant}", evidence))
    as_whom = header.get(*_AS_WHOM)
    if as_whom:
        words = "as mail from inside the organization" if as_whom == "Internal" else "as mail from outside"
        statements.append(Statement("treated", f"{words} (AuthAs {as_whom})", header.lines(*_AS_WHOM)))
    out = report.get("DIR") == "OUT" or header.has(_RENAMED)
    if out:
        text = "it left Microsoft 365 again, for a recipient outside"
        statements.append(Statement("relayed", text, header.lines(_ANTISPAM, _RENAMED)))
    if connecting is not None and header.get(_DIRECTION) == "Incoming":
        text = "the recipient's tenant took it as mail from outside; the marks of the connector are of the sender's"
        statements.append(Statement("arrived", text, header.lines(_DIRECTION, f"{_CROSS}Id")))
    return HeaderVerdict(
        path,
        through,
        tuple(statements),
        address=address,
        helo=helo,
        tls=f"{tls[1].replace('_', '.')} {tls[2]}" if tls else None,
        tenant=tenant,
        relayed_out=out,
        internal=as_whom == "Internal",
    )


def _front(hops: Sequence[ReceivedHop], connected: str, submitted: ReceivedHop | None) -> ReceivedHop | None:
    """The hop at which the service took it: of several the one of that address, else the newest.

    The marks of the organization are of the tenant that took it last; a mail can pass through two tenants.
    """
    transport = [each for each in hops if "Frontend Transport" in each.via]
    fronts = [each for each in transport if _MX.search(each.by)]
    for each in fronts:
        client = _CLIENT.match(each.sender)
        if connected and client is not None and client[2] == connected:
            return each
    if fronts:
        return fronts[-1]
    return transport[0] if transport and submitted is not None else None


def _seen_address(report: AntispamReport) -> str:
    """That of the antispam report; 255.255.255.255 stands for none (wire §4.3)."""
    found = report.get("CIP")
    return "" if found == "255.255.255.255" else found


def _path(header: _Header, front: ReceivedHop | None, submitted: bool, connecting: bool) -> tuple[Path, bool | None]:
    direction, entity = header.get(_DIRECTION), header.get(_ENTITY)
    if header.has(_REPORT):
        return "report", False
    if submitted or entity == "Hosted":
        return "submission", False
    if header.get(_PROMOTED):
        return "hybrid", True
    if direction == "Originating" or connecting or entity == "HybridOnPrem":
        return "relay", True
    if header.yes(_DIRECT_SEND):
        return "direct-send", False
    if direction == "Incoming" or entity == "Internet" or header.get("X-EOPTenantAttributedMessage"):
        return "direct", False
    return ("relay", None) if front is not None else ("other", None)


_HOW: Final[dict[tuple[Path, bool | None], str]] = {
    ("relay", True): "it went through an inbound connector of type OnPremises, as mail of the sender's tenant",
    ("relay", None): "it went through Exchange Online Protection; whether a connector took it cannot be seen here",
    ("hybrid", True): "it went through an OnPremises connector with CloudServicesMailEnabled (hybrid): its "
    "cross-premises headers were promoted",
    ("direct-send", False): "no connector took it: Direct Send, anonymous mail in the name of the recipient's own "
    "organization",
    ("direct", False): "no OnPremises connector took it: it came in as anonymous mail to the recipient's tenant "
    "(Direct Send, or mail from the internet; a Partner connector leaves no mark)",
    ("submission", False): "a mailbox sent it (client submission or a mail program): no connector is looked at",
    ("report", False): "the service wrote it: a delivery report (NDR), which went through no connector; "
    "'fakeeop read-ndr' reads it",
    ("other", None): "there is no sign of Exchange Online Protection in this header",
}


def _from_where(front: ReceivedHop, address: str, helo: str, tls: re.Match[str] | None) -> Statement:
    by = front.by.split(" ")[0]
    layer = f"over {tls[1].replace('_', '.')} ({tls[2]})" if tls else "in clear text, without TLS"
    text = f"{by} took it from {address or 'an unknown address'}{f' ({helo})' if helo else ''} {layer}"
    return Statement("accepted", text, (f"Received: {front.raw}",))


def fitting(verdict: HeaderVerdict, forest: Forest) -> list[Statement]:
    """Connectors that list the client's address, or whose certificate name fits its HELO; and whose tenant it is.

    The certificate is not in a header: the name of EHLO is a hint and no proof.
    """
    found = [
        f"it is {tenant.name} of the tenant file"
        for tenant in forest.tenants
        if verdict.tenant and tenant.tenant_id.lower() == verdict.tenant.lower()
    ]
    statements = [Statement("tenant", text) for text in found]
    ip, name = _ip(verdict.address), _domain(verdict.helo)
    fits = [
        f"'{connector.name}' of {tenant.name} ({connector.connector_type.value}) {text}"
        f"{_doubt(connector, verdict, forest)}"
        for tenant in forest.tenants
        for connector in tenant.inbound_connectors
        for text in _fits(connector, verdict, ip, name)
    ]
    if not fits:
        fits = [f"none lists {verdict.address or 'the address'} or has a name that fits {verdict.helo or 'the client'}"]
    return statements + [Statement("connectors", text) for text in fits]


def _fits(connector: InboundConnector, verdict: HeaderVerdict, ip: IpAddress | None, name: str) -> Iterator[str]:
    if ip is not None and any(span.covers(ip) for span in connector.sender_ip_addresses):
        yield f"lists the address {verdict.address}"
    pattern = connector.tls_sender_certificate_name
    if verdict.tls and name and pattern is not None and pattern.covers(name):
        yield (
            f"has the name that the client said in EHLO ({verdict.helo}); "
            "which certificate it showed is not in the header"
        )


def _doubt(connector: InboundConnector, verdict: HeaderVerdict, forest: Forest) -> str:
    """RequireTls counts for Partner connectors, for the others by a knob (facts connectors T4)."""
    if not connector.enabled:
        return ", but it is not enabled"
    demands = connector.is_partner or forest.behaviour.on_premises_require_tls == "enforced"
    return ", but it requires TLS" if demands and connector.require_tls and verdict.tls is None else ""


def _ip(text: str) -> IpAddress | None:
    try:
        return parse_ip(text)
    except ValueError:  # [EXTERNAL-IP], or nothing
        return None


def _domain(text: str) -> str:
    try:
        return canonical_domain(text)
    except ValueError:  # an address literal, or nothing
        return ""
