from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fakeeop.smtp.names import SUBMISSION_HOSTS, HostNames, ReplySuffix, dated_hosts

MOMENT = datetime(2023, 10, 1, 12, 0, 0, 5_000, tzinfo=UTC)
ID = "08DD3FA5DBC8F401"


def suffix(count: int, form: str, names: str = "ft") -> str:
    return ReplySuffix(dated_hosts(HostNames(), names, form), lambda: MOMENT, ID).blocks(count).decode()


def test_generations_of_the_suffix():
    assert suffix(1, "none") == ""
    box = " [SN1NAM02FT012.eop-nam02.prod.protection.outlook.com]"
    assert suffix(1, "box") == suffix(3, "box") == box
    assert suffix(1, "full") == f"{box[:-1]} 2023-10-01T12:00:00.005Z {ID}]"
    assert suffix(1, "full", "pepf").startswith(" [SN1PEPF000252A1.namprd05.prod.outlook.com 2023")


@pytest.mark.parametrize("count", [1, 2, 3])
def test_servers_behind_sign_first(count):
    blocks = suffix(count, "full", "pepf").strip()[1:-1].split("] [")
    assert len(blocks) == count
    assert len({block.split()[2] for block in blocks}) == count
    assert blocks[-1].endswith(ID)
    if count == 3:
        assert "MB" in blocks[0]


def test_a_chosen_box_stays():
    chosen = HostNames("CH3PEPF00000016", "namprd21")
    assert dated_hosts(chosen, "ft", "full") is chosen
    assert dated_hosts(chosen, "ft", "box").box == "CH3PEPF00000016"
    assert dated_hosts(dated_hosts(HostNames(), "ft", "box"), "pepf", "full") == HostNames()
    assert dated_hosts(SUBMISSION_HOSTS, "ft", "box").suffix_name == SUBMISSION_HOSTS.suffix_name
