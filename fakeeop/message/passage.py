"""One message on its way through the service: all that the header fields tell, as one value.

The boxes that it passes and their addresses (facts wire §1.1, §4.1), its ids, its moments and their forms (§4.2).
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from enum import Enum

from attrs import frozen

from fakeeop.message.authentication_results import Results
from fakeeop.message.numbers import mark_of, mixed, ticks

__all__ = [
    "Boxes",
    "Identity",
    "Passage",
    "SendingHost",
    "TlsWords",
    "Way",
    "header_date",
    "header_moment",
    "host_of",
    "made_message_id",
    "outbound_host",
]

_HUB = re.compile(r"[A-Z]{2}\d([A-Z]{1,3}\d{2,3})MB\d+\Z")
_NETWORKS = {"nam": "2603:10b6", "eur": "2603:10a6"}  # as in samples 01 to 07; of the others the Asian one
_FRONT_FT, _FRONT_PEPF = "10.13", "10.167"
_MADE = re.compile(rb"250 2\.6\.0 (<[^<>]+>) \[")

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Way(Enum):
    """How a message came in: the columns of facts wire §4.3."""

    RELAY = "relay"  # Originating by a connector of OnPremises type, (a1) and (a2)
    INCOMING = "incoming"  # anonymous, by a Partner connector, or by a connector for the recipient's sake, (b)
    SUBMISSION = "submission"  # by a mailbox that signed in, (c)


@frozen
class SendingHost:
    """Whom the filters look at: the client, or whom enhanced filtering has skipped to."""

    ip: str
    helo: str
    name: str = ""  # the reverse name, empty if there is none


@frozen
class TlsWords:
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
    client: SendingHost
    seen: SendingHost
    tls: TlsWords
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


@frozen
class Boxes:
    """Names of boxes, whole: front end (as it is called outside, and by its forest), proxy, hub, and the mailbox's."""

    front: str  # SG2PEPF000B66CE.mail.protection.outlook.com; at the submission endpoint the box that clients meet
    source: str  # SG2PEPF000B66CE.apcprd03.prod.outlook.com
    proxy: str  # SG2PR04CA0185.apcprd04.prod.outlook.com
    hub: str  # SI2PR04MB4172.apcprd04.prod.outlook.com

    @property
    def store(self) -> str:
        """The box of the mailbox: another one of the hub's forest."""
        short, dot, forest = self.hub.partition(".")
        found = _HUB.match(short)
        return f"PH7{found[1]}MB6428{dot}{forest}" if found else self.hub

    @property
    def front_address(self) -> str:
        """``10.167.240.21``, as the first Received has it."""
        mark = mark_of(self.front)
        network = _FRONT_FT if re.search(r"FT\d", host_of(self.front)) else _FRONT_PEPF
        return f"{network}.{240 + mark % 8}.{mark // 8 % 254 + 1}"

    @property
    def front_inner_address(self) -> str:
        """The front end towards the proxy: the proxy's network, marked ``cafe``."""
        return f"{_network(self.proxy)}:cafe::{mark_of(self.source) % 255 + 1:x}"

    @staticmethod
    def address(name: str) -> str:
        """``2603:10b6:a03:39b::27`` of a proxy, hub or store."""
        return f"{_network(name)}::{mark_of(name) // 7 % 62 + 2:x}"


def host_of(name: str) -> str:
    """The first label: ``SI2PR04MB4172``."""
    return name.partition(".")[0]


def outbound_host(hub: str) -> tuple[str, str, str]:
    """What a remote MX sees of a message that leaves: the name in EHLO, the reverse name and the address.

    Their forms are those of sample 10; the address is out of the documented 40.107.0.0/16 (assumption).
    """
    forest = hub.partition(".")[2].partition(".")[0].lower()
    area = (forest[:3] + "12") if forest[:3].isalpha() else "nam12"
    mark = mark_of(hub)
    name = f"{area.upper()}-{host_of(hub)[:2]}{mark % 9 + 1}-obe.outbound.protection.outlook.com"
    octets = 200 + mark % 50, mark // 64 % 254 + 1
    site = f"mail-{host_of(hub)[:2].lower()}{mark % 9 + 1}{area}on2{octets[1]:03d}.outbound.protection.outlook.com"
    return name, site, f"40.107.{octets[0]}.{octets[1]}"


def _network(name: str) -> str:
    area = name.partition(".")[2][:3].lower()
    mark = mark_of(name)
    return f"{_NETWORKS.get(area, '2603:1096')}:{0x200 + mark % 0x800:x}:{mark // 0x800 % 0x400 + 1:x}"


def header_date(moment: datetime) -> str:
    """``Wed, 1 Nov 2023 10:27:57 +0000``: no leading zero in the day, always UTC (wire §1.2, §4.1)."""
    return f"{_DAYS[moment.weekday()]}, {moment.day} {_MONTHS[moment.month - 1]} {moment.year} {moment:%H:%M:%S} +0000"


def header_moment(moment: datetime) -> str:
    """``01 Nov 2023 10:27:56.8567 (UTC)``: two digits for the day, four decimals (wire §4.2)."""
    clock = f"{moment:%H:%M:%S}.{moment.microsecond // 100:04d}"
    return f"{moment.day:02d} {_MONTHS[moment.month - 1]} {moment.year} {clock} (UTC)"


def made_message_id(reply: bytes) -> str:
    """The Message-ID that a 250 names: the client's, else the one that the service made (wire §2.2)."""
    found = _MADE.match(reply)
    return found[1].decode("ascii", "replace") if found else ""


@frozen
class Identity:
    """One message inside the service: ``seed`` tells it from others, ``arrived`` is when its content was there (UTC).

    The distances between the steps are within those of real mail: 0 to 2 seconds over all hops (wire §4.1, §4.2).
    """

    seed: int
    arrived: datetime

    @property
    def network_message_id(self) -> str:
        """The GUID: its last 12 hex digits are the top 48 bits of the ticks at submission (wire §4.2)."""
        head, tail = mixed(self.seed), mixed(~self.seed) & 0xFFFF
        time = ticks(self.submitted) >> 16
        return f"{head >> 32:08x}-{head >> 16 & 0xFFFF:04x}-4{head >> 4 & 0xFFF:03x}-{tail:04x}-{time:012x}"

    @property
    def submitted(self) -> datetime:
        """ExpirationStartTime: 0.1 to 0.5 s after the arrival."""
        return self.arrived + timedelta(microseconds=93_700 + mixed(self.seed ^ 1) % 400 * 1_000)

    @property
    def filtered(self) -> datetime:
        """When the hub has it."""
        return self.submitted + timedelta(microseconds=100_000)

    @property
    def delivered(self) -> datetime:
        """When the mailbox has it, or when it leaves."""
        return self.arrived + timedelta(microseconds=self._latency // 10)

    @property
    def latency(self) -> str:
        """X-MS-Exchange-Transport-EndToEndLatency: ``00:00:01.8714478``."""
        seconds, rest = divmod(self._latency, 10_000_000)
        return f"00:00:{seconds:02d}.{rest:07d}"

    @property
    def _latency(self) -> int:
        return 12_000_000 + mixed(self.seed ^ 2) % 8_000_000  # ticks
