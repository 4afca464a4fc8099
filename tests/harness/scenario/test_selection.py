from __future__ import annotations

import pytest

from harness.scenario.expand import expand
from harness.scenario.loader import load_scenario
from harness.scenario.selection import Selection, SelectionError, expand_files, level_reaches, relative_patterns

pytestmark = pytest.mark.usefixtures("cases")


@pytest.fixture
def cases(write_scenarios, scenario_maker):
    text, relayed, _ = scenario_maker
    body = f"steps:\n  - submit: {relayed}\n"
    root = write_scenarios(
        {"ip/one": text(body, clients="[raw, smtplib]"), "ip/one-more": text(body, level="should"), "tls/x": text(body)}
    )
    return [
        case
        for name in ("ip/one", "ip/one-more", "tls/x")
        for case in expand(load_scenario(root / f"{name}.yaml", root))
    ]


def selected(cases, **parts):
    selection = Selection(**parts)
    found = [case.id for case in cases if selection.wants(case)]
    for case in cases:
        assert case.id not in found or selection.wants_scenario(case.scenario.id)
    return found


ALL = ["ip/one::raw", "ip/one::smtplib", "ip/one-more::raw", "tls/x::raw"]


@pytest.mark.parametrize(
    ("patterns", "found"),
    [
        ((), ALL),
        (("*",), ALL),
        (("ip/one",), ALL[:2]),
        (("ip/*",), ALL[:3]),
        (("ip",), ALL[:3]),
        (("ip/",), ALL[:3]),
        (("*/x", "ip/one::smtplib"), [ALL[1], ALL[3]]),
        (("*::raw",), [ALL[0], *ALL[2:]]),
        (("ip/on?",), ALL[:2]),
        (("ip/[one]",), []),
        (("nothing",), []),
    ],
)
def test_patterns(cases, patterns, found):
    assert selected(cases, patterns=patterns) == found


def test_filters(cases):
    assert selected(cases, clients=("smtplib",)) == ALL[1:2]
    assert selected(cases, level="must") == [*ALL[:2], ALL[3]]
    assert selected(cases, tags=("relay",)) == ALL
    assert selected(cases, tags=("dsn",)) == []


def test_levels():
    assert [level_reaches(level, "should") for level in ("must", "should", "info")] == [True, True, False]


def test_files_of_selectors(tmp_path):
    (tmp_path / "list").write_text("# some\nip/one\n\n tls/* \n")
    assert expand_files(["x", f"@{tmp_path}/list"]) == ("x", "ip/one", "tls/*")
    with pytest.raises(SelectionError, match="No such file"):
        expand_files(["@/nowhere"])


def test_paths_are_selectors_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    root = tmp_path / "scenarios"
    names = ["scenarios", "scenarios/ip", "scenarios/tls/x.yaml", "scenarios/ip/one.yaml::raw", "ip/one"]
    assert relative_patterns(names, root) == ("*", "ip/*", "tls/x", "ip/one::raw", "ip/one")
