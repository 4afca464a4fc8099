from __future__ import annotations

import re
from ipaddress import ip_address, ip_network

from fakeeop.message.boxes import Boxes, outbound_host

HUB = "SI2PR04MB4172.apcprd04.prod.outlook.com"
PROXY = "SG2PR04CA0185.apcprd04.prod.outlook.com"
PEPF = Boxes("SG2PEPF000B66CE.mail.protection.outlook.com", "SG2PEPF000B66CE.apcprd03.prod.outlook.com", PROXY, HUB)


def test_addresses_are_like_those_of_real_boxes():
    assert re.fullmatch(r"10\.167\.24\d\.\d+", PEPF.front_address)
    assert re.fullmatch(r"2603:1096:[0-9a-f]+:[0-9a-f]+:cafe::[0-9a-f]+", PEPF.front_inner_address)
    network = PEPF.front_inner_address.partition(":cafe")[0]
    assert Boxes.address(PROXY).startswith(f"{network}::")
    assert ip_address(Boxes.address(HUB)) in ip_network("2603:1096::/32")
    assert ip_address(Boxes.address("X.namprd05.prod.outlook.com")) in ip_network("2603:10b6::/32")
    old = Boxes("SN1NAM02FT012.mail.protection.outlook.com", "SN1NAM02FT012.eop-nam02.prod", PROXY, HUB)
    assert old.front_address.startswith("10.13.")


def test_the_store_is_another_box_of_the_hub_s_forest():
    assert PEPF.store == "PH7PR04MB6428.apcprd04.prod.outlook.com"
    assert Boxes("f", "s", "p", "own.name.example").store == "own.name.example"


def test_what_a_remote_mx_sees():
    name, site, address = outbound_host(HUB)
    assert re.fullmatch(r"APC12-SI\d-obe\.outbound\.protection\.outlook\.com", name)
    assert re.fullmatch(r"mail-si\dapc12on2\d{3}\.outbound\.protection\.outlook\.com", site)
    assert ip_address(address) in ip_network("40.107.0.0/16")
    assert outbound_host("plain")[0].startswith("NAM12-")
