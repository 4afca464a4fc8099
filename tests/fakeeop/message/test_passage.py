from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network

from hypothesis import given
from hypothesis import strategies as st

from fakeeop.message.numbers import ticks
from fakeeop.message.passage import Boxes, Identity, header_date, header_moment, outbound_host

HUB = "SI2PR04MB4172.apcprd04.prod.outlook.com"
PROXY = "SG2PR04CA0185.apcprd04.prod.outlook.com"
PEPF = Boxes("SG2PEPF000B66CE.mail.protection.outlook.com", "SG2PEPF000B66CE.apcprd03.prod.outlook.com", PROXY, HUB)
MOMENTS = st.datetimes(datetime(2013, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC))


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


def test_the_forms_of_times():
    moment = datetime(2023, 11, 1, 10, 27, 56, 856_789, tzinfo=UTC)
    assert header_date(moment) == "Wed, 1 Nov 2023 10:27:56 +0000"
    assert header_moment(moment) == "01 Nov 2023 10:27:56.8567 (UTC)"


@given(st.integers(0, 1 << 64), MOMENTS)
def test_the_network_message_id_ends_with_the_time(seed, arrived):
    one = Identity(seed, arrived)
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", one.network_message_id)
    assert int(one.network_message_id[-12:], 16) == ticks(one.submitted) >> 16
    assert one == Identity(seed, arrived)
    assert one.network_message_id == Identity(seed, arrived).network_message_id


@given(st.integers(0, 1 << 64), MOMENTS)
def test_the_steps_follow_each_other_within_two_seconds(seed, arrived):
    one = Identity(seed, arrived)
    assert arrived < one.submitted < one.filtered < one.delivered <= arrived + timedelta(seconds=2)
    assert timedelta(seconds=0.09) < one.submitted - arrived < timedelta(seconds=0.5)
    seconds = float(one.latency.rpartition(":")[2])
    assert abs((one.delivered - arrived).total_seconds() - seconds) < 0.000_01


def test_other_messages_have_other_ids():
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    assert len({Identity(seed, moment).network_message_id for seed in range(1000)}) == 1000
