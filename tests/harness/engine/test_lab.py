from __future__ import annotations

from pathlib import Path

import pytest

from harness.engine.lab import Lab, RunSettings, host_capabilities, worker_number
from harness.errors import TargetError
from harness.scenario.expand import expand
from harness.scenario.loader import load_scenario


@pytest.fixture
def case(write_scenarios, scenario_maker):
    text, relayed, _ = scenario_maker
    root = write_scenarios({"x/one": text(f"steps:\n  - submit: {relayed}\n")})
    return expand(load_scenario(root / "x/one.yaml", root))[0]


@pytest.mark.parametrize(
    ("environment", "number"), [({}, 0), ({"PYTEST_XDIST_WORKER": "gw0"}, 1), ({"PYTEST_XDIST_WORKER": "gw12"}, 13)]
)
def test_worker_number(environment, number):
    assert worker_number(environment) == number


def test_every_case_leases_its_own_addresses(case):
    lab = Lab(worker=2)
    lab._capabilities = frozenset({"loopback-aliases"})
    leases = [lab.case(case).sources for _ in range(257)]
    assert leases[0] == {"relay": "127.66.0.1", "stranger": "127.66.0.2"}
    assert leases[255] == {"relay": "127.66.255.1", "stranger": "127.66.255.2"}
    assert leases[256] == leases[0]
    lab.close()


def test_without_aliases_every_host_speaks_from_one_address(case):
    lab = Lab()
    lab._capabilities = frozenset()
    assert lab.case(case).sources == {"relay": "127.0.0.1", "stranger": "127.0.0.1"}
    lab.close()


def test_deadlines_are_stretched(case):
    lab = Lab(RunSettings(timeout_factor=3))
    assert lab.case(case).seconds == 30
    lab.close()


def test_names_of_a_scenario(case):
    lab = Lab()
    leased = lab.case(case)
    assert leased.lookup("host", "relay") == "203.0.113.25"
    assert leased.lookup("run", "id") == leased.run_id
    assert leased.run_id != lab.case(case).run_id
    leased.address = ("127.0.0.1", 2525)
    assert (leased.lookup("target", "host"), leased.lookup("target", "port")) == ("127.0.0.1", 2525)
    with pytest.raises(KeyError):
        leased.lookup("variant", "x")
    lab.close()


def test_a_folder_is_made_when_it_is_used_and_kept_when_it_is_to_be(case, tmp_path):
    lab = Lab(RunSettings(out=tmp_path / "out"))
    unused = lab.case(case)
    assert unused.close(keep=False) is None
    assert not (tmp_path / "out").exists()
    used = lab.case(case)
    (used.folder / "file").write_text("x")
    assert used.folder == tmp_path / "out/cases/x/one/raw"
    assert used.close(keep=True) == used.folder
    assert (used.folder / "file").exists()
    again = lab.case(case)
    assert again.folder.is_dir()
    again.close(keep=False)
    assert not again.folder.exists()
    lab.close()


def test_the_lab_leaves_nothing_behind(case):
    lab = Lab()
    folder: Path = lab.folder
    (lab.case(case).folder / "x").write_text("x")
    lab.close()
    assert not folder.exists()


def test_unknown_targets():
    with pytest.raises(TargetError, match="unknown target 'nowhere'; use --target embedded, spawn"):
        _ = Lab(RunSettings(target="nowhere")).target


def test_what_this_host_can_do_is_probed():
    assert host_capabilities() <= {"loopback-aliases", "root"}
