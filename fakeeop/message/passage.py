"""One message on its way through the service: all that the header fields tell, as one value."""

from __future__ import annotations

from enum import Enum

from attrs import frozen

from fakeeop.message.authentication_results import Results
from fakeeop.message.boxes import Boxes
from fakeeop.message.identity import Identity

__all__ = ["Hop", "Passage", "Seen", "Way"]


class Way(Enum):
    """How a message came in: the columns of facts wire §4.3."""

    RELAY = "relay"  # Originating by a connector of OnPremises type, (a1) and (a2)
    INCOMING = "incoming"  # anonymous, by a Partner connector, or by a connector for the recipient's sake, (b)
    SUBMISSION = "submission"  # by a mailbox that signed in, (c)


@frozen
class Seen:
    """Whom the filters look at: the client, or whom enhanced filtering has skipped to."""

    ip: str
    helo: str
    name: str = ""  # the reverse name, empty if there is none


@frozen
class Hop:
    """A TLS layer in the words of a Received field; empty for clear text."""

    version: str = ""  # TLS1_2
    cipher: str = ""  # TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384


@frozen
class Passage:
    """``organization`` is the tenant's ….onmicrosoft.com, ``sender_domain`` the accepted domain it leaves under.

    ``promotes``: the connector has CloudServicesMailEnabled. ``trusted``: TreatMessagesAsInternal holds.
    ``direct_send``: anonymous, from a domain of the recipient's own tenant. ``skipped`` is set while enhanced filtering
    has skipped ``client``: then ``seen`` is somebody else. ``reverse_path`` is empty for the null one.
    """

    way: Way
    identity: Identity
    boxes: Boxes
    client: Seen
    seen: Seen
    tls: Hop
    reverse_path: str
    tenant_id: str
    organization: str
    sender_domain: str
    results: Results
    promotes: bool = False
    trusted: bool = False
    direct_send: bool = False
    mx_points_to_us: bool = True
    skipped: bool = False
