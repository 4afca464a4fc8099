"""The boxes that a message passes inside the service, and the addresses they have (facts wire §1.1, §4.1)."""

from __future__ import annotations

import re

from attrs import frozen

from fakeeop.message.numbers import mark_of

__all__ = ["Boxes", "host_of", "outbound_host"]

_HUB = re.compile(r"[A-Z]{2}\d([A-Z]{1,3}\d{2,3})MB\d+\Z")
_NETWORKS = {"nam": "2603:10b6", "eur": "2603:10a6"}  # as in samples 01 to 07; of the others the Asian one
_FRONT_FT, _FRONT_PEPF = "10.13", "10.167"


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
