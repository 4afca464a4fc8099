"""The Received fields of each hop (facts wire §4.1), and what others make of them."""

from __future__ import annotations

import re
from datetime import datetime

from attrs import frozen

from fakeeop.message.fields import Field, Head, written
from fakeeop.message.headers import head_of
from fakeeop.message.numbers import mixed
from fakeeop.message.passage import Boxes, Identity, Passage, TlsWords, header_date, host_of, outbound_host
from fakeeop.model.ports import Content

__all__ = [
    "LOOPS",
    "Trail",
    "front_hop",
    "hub_hops",
    "looping",
    "receiving_hop",
    "store_hop",
    "submission_hops",
    "tls_words",
    "trail",
]

# Each box has its own build (sample 04, April 2025).
_FRONT_BUILD = "15.20.8655.12"
_PROXY_BUILD = "15.20.8655.22"
_HUB_BUILD = "15.20.8655.35"
_MAPI_BUILD = "15.20.8655.035"
_INSIDE = TlsWords("TLS1_2", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384")
_FROM_FRONT = TlsWords("TLS1_3", "TLS_AES_256_GCM_SHA384")
_VERSIONS = {"TLSv1": "TLS1_0", "TLSv1.1": "TLS1_1", "TLSv1.2": "TLS1_2", "TLSv1.3": "TLS1_3"}
_BLOCK = re.compile(r"AES(128|256)\Z")
_WORDS = ("from", "by", "with", "id", "for", "via")
_ADDRESS = re.compile(r"\[?(?:IPv6:)?([0-9A-Fa-f:.]{3,45})\]?(?=[\s)\];]|\Z)", re.I)
LOOPS = 20  # passages through the service; "more than about 20" is all that is known
_FRONT_END = b".mail.protection.outlook.com"


def tls_words(version: str, cipher: str) -> TlsWords:
    """OpenSSL's names in the service's words: ``TLSv1.2``, ``ECDHE-RSA-AES256-GCM-SHA384``."""
    return TlsWords(_VERSIONS.get(version, version.replace("v", "").replace(".", "_")), _cipher(cipher))


def _cipher(name: str) -> str:
    if name.startswith("TLS_"):
        return name
    parts = name.split("-")
    sizes = [index for index, part in enumerate(parts) if _BLOCK.match(part) or part == "CHACHA20"]
    if not sizes:
        return f"TLS_{'_'.join(parts)}"
    at = sizes[0]
    exchange = "_".join(parts[:at]) or "RSA"
    block = _BLOCK.sub(r"AES_\1", parts[at])
    rest = parts[at + 1 :]
    if block.startswith("AES") and not any(mode in rest for mode in ("GCM", "CCM", "CCM8")):
        rest = ["CBC", *rest]
    if parts[at] == "CHACHA20":
        rest = [*rest, "SHA256"]
    return f"TLS_{exchange}_WITH_{'_'.join([block, *rest])}"


def _received(sender: str, by: str, how: str, moment: datetime) -> Field:
    return written("Received", f"from {sender} by {by} with {how}; {header_date(moment)}")


def _server(tls: TlsWords, build: str) -> str:
    layer = f" (version={tls.version}, cipher={tls.cipher})" if tls.version else ""
    return f"Microsoft SMTP Server{layer} id {build}"


def front_hop(passage: Passage) -> Field:
    """The first one: the client and the front end. In clear text the parenthesis is not there (sample 01)."""
    boxes, client = passage.boxes, passage.client
    by = f"{boxes.front} ({boxes.front_address})"
    how = f"{_server(passage.tls, _FRONT_BUILD)} via Frontend Transport"
    return _received(f"{client.helo} ({client.ip})", by, how, passage.identity.arrived)


def hub_hops(passage: Passage) -> tuple[Field, Field]:
    """Hub and proxy, the newer first."""
    boxes, identity = passage.boxes, passage.identity
    proxy = f"{host_of(boxes.proxy)}.outlook.office365.com"
    address = Boxes.address(boxes.proxy)
    return (
        _received(
            f"{boxes.proxy} ({address})",
            f"{boxes.hub} ({Boxes.address(boxes.hub)})",
            _server(_INSIDE, _HUB_BUILD),
            identity.filtered,
        ),
        _received(
            f"{boxes.source} ({boxes.front_inner_address})",
            f"{proxy} ({address})",
            f"{_server(_FROM_FRONT, _PROXY_BUILD)} via Frontend Transport",
            identity.arrived,
        ),
    )


def submission_hops(passage: Passage) -> tuple[Field, Field]:
    """A client submission: from the mailbox's box to a hub, and the mailbox's own (sample 06)."""
    boxes, identity = passage.boxes, passage.identity
    inner = f"fe80::{mixed(passage.identity.seed ^ 3) >> 48:x}:99a4:d7a4:d478"
    return (
        _received(
            f"{boxes.hub} ({Boxes.address(boxes.hub)})",
            f"{boxes.store} ({Boxes.address(boxes.store)})",
            _server(_INSIDE, _HUB_BUILD),
            identity.filtered,
        ),
        _received(
            f"{boxes.hub} ([{inner}])", f"{boxes.hub} ([{inner}%4])", f"mapi id {_MAPI_BUILD}", identity.submitted
        ),
    )


def store_hop(last: str, store: str, identity: Identity) -> Field:
    """Delivery to the mailbox (samples 02, 04, 07)."""
    return _received(f"{last} ({Boxes.address(last)})", store, "HTTPS", identity.delivered)


def receiving_hop(hub: str, identity: Identity, exchanger: str, recipient: str, moment: datetime) -> Field:
    """The field of the MX that a copy goes to; its form is ours (RFC 5321 section 4.4), no real MX is asked."""
    name, site, address = outbound_host(hub)
    mark = f"{mixed(identity.seed ^ 4):016x}"[:12]
    how = f"ESMTPS id {mark} for <{recipient}>"
    return _received(f"{name} ({site} [{address}])", exchanger, how, moment)


@frozen
class Trail:
    """One Received field taken apart, by its words: ``from``, ``by``, ``with``, ``id``, ``for``, ``via``, the date.

    ``address`` is that of ``from``, as the receiver saw it; empty where the field has none.
    """

    sender: str = ""
    address: str = ""
    by: str = ""
    protocol: str = ""
    via: str = ""
    date: str = ""

    @property
    def host(self) -> str:
        """The name in ``from``."""
        return self.sender.partition(" ")[0]


def trail(head: Head) -> tuple[Trail, ...]:
    """The Received fields of a message, the oldest first."""
    return tuple(_taken_apart(field.value) for field in reversed(head.named("Received")))


def _taken_apart(value: str) -> Trail:
    text, _, date = value.rpartition(";")
    if not text:
        text, date = value, ""
    found: dict[str, list[str]] = {}
    into: list[str] = []
    depth = 0
    for word in text.split():
        if not depth and word.lower() in _WORDS:
            into = []
            found.setdefault(word.lower(), into)
        else:
            into.append(word)
        depth = max(0, depth + word.count("(") - word.count(")"))
    told = {word: " ".join(what) for word, what in found.items()}
    sender = told.get("from", "")
    inside = _ADDRESS.search(sender.partition("(")[2]) or _ADDRESS.fullmatch(sender.partition(" ")[0])
    address = inside[1] if inside else ""
    return Trail(sender, address, told.get("by", ""), told.get("with", ""), told.get("via", ""), date.strip())


def looping(content: Content) -> bool:
    """True if more than ``LOOPS`` Received fields are of a front end of the service (assumption: what is counted).

    Such mail goes in circles: 554 5.4.14 Hop count exceeded - possible mail loop ATTR34 (wire §3.1).
    Nearly free for a message that has not been here.
    """
    if head_of(content).count(_FRONT_END) <= LOOPS:
        return False
    hops = trail(Head.of(content))
    return sum(hop.by.partition(" ")[0].lower().endswith(_FRONT_END.decode()) for hop in hops) > LOOPS
