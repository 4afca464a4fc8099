"""Did this message go through the connector? The verdict on a header, and the lines that it rests on.

The signs are those of facts wire §4.3; each statement carries its evidence. What the header cannot tell is said so.
A mail can pass the service several times: a signature service, a gateway or a filter stands between, or it goes to
another tenant. Each passage has its verdict; the fields of the service are those of the last one, which hide the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, Literal

from attrs import evolve, frozen

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
_STRIPPED: Final = "X-MS-Exchange-Transport-CrossTenantHeadersStripped"  # by the front box of a later passage
_RENAMED: Final = "X-MS-Exchange-Authentication-Results"
_ANTISPAM: Final = "X-Forefront-Antispam-Report"

_SERVICE: Final = re.compile(r"\.(?:outlook|office365|exchangelabs)\.com\Z", re.I)
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
    ``hops`` are the numbers of those of this passage. Of several passages, ``passages`` has the verdict on each, the
    oldest first; the rest is then that of the last one that a connector took, else of the last.
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
    hops: tuple[int, ...] = ()
    passages: tuple[HeaderVerdict, ...] = ()


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
    passages = _passages(hops) or [()]
    connected = _connected_passage(header, passages)
    verdicts = [_earlier(header, passage, connected=index == connected) for index, passage in enumerate(passages[:-1])]
    verdicts.append(_last(header, passages, connected == len(passages) - 1))
    if len(verdicts) == 1:
        return verdicts[0]
    main = next((each for each in reversed(verdicts) if each.through_connector), verdicts[-1])
    last = verdicts[-1]
    return evolve(main, relayed_out=last.relayed_out, internal=last.internal, passages=tuple(verdicts))


# ---- passages: runs of hops of the service


def _passages(hops: Sequence[ReceivedHop]) -> list[tuple[ReceivedHop, ...]]:
    """Each run of hops of the service's boxes, the oldest first; a box of the MX begins a new one."""
    found: list[list[ReceivedHop]] = []
    inside = False
    for hop in hops:
        mine = _SERVICE.search(hop.by.partition(" ")[0]) is not None or _is_front(hop)
        if mine and (not inside or _is_front(hop)):
            found.append([])
        if mine:
            found[-1].append(hop)
        inside = mine
    return [tuple(each) for each in found]


def _is_front(hop: ReceivedHop) -> bool:
    """True if the MX took it from a client."""
    return "Frontend Transport" in hop.via and _MX.search(hop.by) is not None


def _front(passage: Sequence[ReceivedHop]) -> ReceivedHop | None:
    """The hop at which the service took it from a client: at the MX, or at the submission endpoint for a mailbox."""
    at_mx = next((each for each in passage if _is_front(each)), None)
    if at_mx is not None or _submitted(passage) is None:
        return at_mx
    return next((each for each in passage if "Frontend Transport" in each.via), None)


def _submitted(passage: Sequence[ReceivedHop]) -> ReceivedHop | None:
    """The hop of a mailbox that sends."""
    return next((each for each in passage if _MAPI.search(each.protocol)), None)


def _connected_passage(header: _Header, passages: Sequence[Sequence[ReceivedHop]]) -> int:
    """Of which passage the field with the address of the client is: by that address, else of the last."""
    connecting = _CONNECTING.search(header.get(_CONNECTED))
    for index in reversed(range(len(passages))):
        front = _front(passages[index])
        client = _CLIENT.match(front.sender) if front is not None else None
        if connecting and client is not None and client[2] == connecting[2]:
            return index
    return len(passages) - 1


def _earlier(header: _Header, passage: Sequence[ReceivedHop], *, connected: bool) -> HeaderVerdict:
    """A passage before the last: by its hops, and by the fields of the service where they are still its own."""
    front, submitted = _front(passage), _submitted(passage)
    path, through = _path_of_hops(front, submitted)
    evidence: tuple[str, ...] = (f"Received: {submitted.raw}", *header.lines(_PROXIED)) if submitted else ()
    if connected:
        path, through, evidence = "relay", True, header.lines(_CONNECTED, _ENTITY)
    address, helo, tls = _client_of(front)
    statements = [Statement("path", _HOW[path, through], evidence)]
    if front is not None:
        statements.append(_from_where(front, address, helo, tls))
    connecting = _CONNECTING.search(header.get(_CONNECTED)) if connected else None
    tenant = connecting[1] if connecting else ""
    if connected:
        statements += _tenant_and_arrival(header, tenant)
    else:
        text = "what the service wrote into the header then is gone, or under other names: a later passage has its own"
        statements.append(Statement("hidden", text, header.lines(_STRIPPED, f"{_ANTISPAM}-Untrusted")))
    return HeaderVerdict(
        path, through, tuple(statements), address, helo, _tls_text(tls), tenant, hops=_numbers(passage)
    )


def _last(header: _Header, passages: Sequence[Sequence[ReceivedHop]], connected: bool) -> HeaderVerdict:
    """The last passage, or the only one: the fields of the service are its own, but those of the sender's tenant."""
    passage, several = passages[-1], len(passages) > 1
    connecting = _CONNECTING.search(header.get(_CONNECTED)) if connected else None
    front, submitted = _front(passage), _submitted(passage)
    foreign: set[str] = set() if connected else {_CONNECTED, _ENTITY}
    if several and submitted is None:
        foreign |= {_PROXIED, _ENTITY} if header.get(_ENTITY) == "Hosted" else {_PROXIED}
    own = tuple(name for name in _SIGNS if name not in foreign)
    path, through = _path(header, own, front, submitted is not None, connecting is not None)
    report = report_of(header.get(_ANTISPAM, *([] if several else [f"{_ANTISPAM}-Untrusted"])))
    address, helo, tls = _client_of(front)
    address = address or (connecting[2] if connecting else "") or _seen_address(report)
    helo = helo or (connecting[3] if connecting else "") or report.get("H")
    mailbox = (f"Received: {submitted.raw}",) if submitted is not None and path == "submission" else ()
    statements = [Statement("path", _HOW[path, through], header.lines(*own) + mailbox)]
    if front is not None:
        statements.append(_from_where(front, address, helo, tls))
    tenant = (connecting[1] if connecting else "") or header.get(f"{_CROSS}Id")
    statements += _tenant_and_arrival(header, tenant, connecting is not None)
    as_whom = header.get(*_AS_WHOM)
    if as_whom:
        words = "as mail from inside the organization" if as_whom == "Internal" else "as mail from outside"
        statements.append(Statement("treated", f"{words} (AuthAs {as_whom})", header.lines(*_AS_WHOM)))
    out = report.get("DIR") == "OUT" or header.has(_RENAMED)
    if out:
        text = "it left Microsoft 365 again, for a recipient outside"
        statements.append(Statement("relayed", text, header.lines(_ANTISPAM, _RENAMED)))
    return HeaderVerdict(
        path,
        through,
        tuple(statements),
        address=address,
        helo=helo,
        tls=_tls_text(tls),
        tenant=tenant,
        relayed_out=out,
        internal=as_whom == "Internal",
        hops=_numbers(passage),
    )


def _client_of(front: ReceivedHop | None) -> tuple[str, str, re.Match[str] | None]:
    """Address and HELO of the client and its TLS layer, as the front hop has them."""
    client = _CLIENT.match(front.sender) if front is not None else None
    tls = _TLS.search(front.protocol) if front is not None else None
    return (client[2], client[1], tls) if client else ("", "", tls)


def _tls_text(tls: re.Match[str] | None) -> str | None:
    return f"{tls[1].replace('_', '.')} {tls[2]}" if tls else None


def _numbers(passage: Sequence[ReceivedHop]) -> tuple[int, ...]:
    return tuple(each.number for each in passage)


def _tenant_and_arrival(header: _Header, tenant: str, connecting: bool = True) -> Iterator[Statement]:
    """Whose mail it was for the service, and who took it after that."""
    if tenant:
        evidence = header.lines(_CONNECTED if connecting else f"{_CROSS}Id")
        yield Statement("tenant", f"attributed to the tenant {tenant}", evidence)
    if connecting and header.get(_DIRECTION) == "Incoming":
        text = "the recipient's tenant took it as mail from outside; the marks of the connector are of the sender's"
        yield Statement("arrived", text, header.lines(_DIRECTION, f"{_CROSS}Id"))


def _path_of_hops(front: ReceivedHop | None, submitted: ReceivedHop | None) -> tuple[Path, bool | None]:
    if submitted is not None:
        return "submission", False
    return ("relay", None) if front is not None else ("other", None)


def _seen_address(report: AntispamReport) -> str:
    """That of the antispam report; 255.255.255.255 stands for none (wire §4.3)."""
    found = report.get("CIP")
    return "" if found == "255.255.255.255" else found


def _path(
    header: _Header, own: Sequence[str], front: ReceivedHop | None, submitted: bool, connecting: bool
) -> tuple[Path, bool | None]:
    """``own``: the fields that are of this passage."""
    direction, entity = header.get(_DIRECTION), header.get(_ENTITY) if _ENTITY in own else ""
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
