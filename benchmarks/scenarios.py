"""What a scenario case costs: 1,000 in-process smtplib cases in one pytest process, compared with 1,000 empty tests.

    python benchmarks/scenarios.py [--cases 1000] [--json]

Wall and CPU seconds of whole pytest processes (start and imports included), and the CPU of a case beyond pytest's own.
Aims: 1,000 cases in 8 s, 5 ms of CPU a case beyond pytest.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_AIM_SECONDS = 8.0
_AIM_CPU_MS = 5.0
_VARIANTS = 100  # cases of one file

_SCENARIO = """\
schema: fakeeop.scenario/1
title: Benchmark {number}
requirement: A listed address may relay, an unlisted one may not.
level: must
evidence: [{{kind: rfc, ref: "RFC 5321"}}]
tags: [ip, relay]
world:
  hosts: {{relay: 203.0.113.25, stranger: 198.51.100.9}}
  tenant:
    Name: contoso
    AcceptedDomains: [contoso.com]
    InboundConnectors:
      - {{Name: Relay {number}, ConnectorType: OnPremises, SenderIPAddresses: [203.0.113.25]}}
clients: [smtplib]
variants:
{variants}
steps:
  - submit:
      from-host: "{{{{variant.host}}}}"
      mail-from: app@contoso.com
      rcpt-to: [someone@fabrikam.example]
    expect:
      outcome: "{{{{variant.outcome}}}}"
expect:
  sessions:
    - attributed-to: "{{{{variant.attributed}}}}"
  messages: "{{{{variant.messages}}}}"
"""
_KINDS = (
    "{host: relay, outcome: accepted, attributed: {connector: Relay %d, by: ip-address}, "
    "messages: [{rcpt-to: [someone@fabrikam.example], directionality: Originating}]}",
    "{host: stranger, outcome: rejected, attributed: none, messages: []}",
)


def write_scenarios(folder: Path, cases: int) -> None:
    """Half of the cases relay, half are refused; a tenant for each file."""
    folder.mkdir()
    for number in range((cases + _VARIANTS - 1) // _VARIANTS):
        here = range(number * _VARIANTS, min((number + 1) * _VARIANTS, cases))
        variants = "\n".join(f"  v{each}: {_kind(each, number)}" for each in here)
        (folder / f"bench{number}.yaml").write_text(_SCENARIO.format(number=number, variants=variants))


def _kind(case: int, number: int) -> str:
    text = _KINDS[case % 2]
    return text % number if "%d" in text else text


def write_empty_tests(file: Path, cases: int) -> None:
    """The same number of tests that do nothing."""
    body = "import pytest\n\n\n@pytest.mark.parametrize('n', range({}))\ndef test_nothing(n):\n    pass\n"
    file.write_text(body.format(cases))


def measure(arguments: list[str], folder: Path) -> tuple[float, float]:
    """Wall and CPU seconds of one pytest process. Exits if it fails."""
    # no plugin but ours: what else is installed would be measured on both sides, and it can take longer than we do
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    options = ["-q", "-p", "harness.pytest_plugin", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *options, *arguments]
    before = os.times()
    began = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    wall = time.perf_counter() - began
    after = os.times()
    if done.returncode:
        sys.exit(f"pytest failed ({done.returncode}):\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    cpu = after.children_user - before.children_user + after.children_system - before.children_system
    return wall, cpu


def main() -> int:
    """Measure, print; 1 if an aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3, help="the best of so many, interleaved")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pytest.ini").write_text("[pytest]\n")
        write_scenarios(folder / "scenarios", options.cases)
        write_empty_tests(folder / "test_empty.py", options.cases)
        rounds = [(measure(["scenarios"], folder), measure(["test_empty.py"], folder)) for _ in range(options.rounds)]
    wall, cpu = min(each[0][0] for each in rounds), min(each[0][1] for each in rounds)
    empty_wall, empty_cpu = min(each[1][0] for each in rounds), min(each[1][1] for each in rounds)
    per_case = (cpu - empty_cpu) / options.cases * 1000
    good = wall <= _AIM_SECONDS * options.cases / 1000 and per_case <= _AIM_CPU_MS
    if options.json:
        figures = [
            {"name": f"{options.cases:,} cases, one process", "value": wall, "unit": "s"},
            {"name": f"{options.cases:,} cases, CPU", "value": cpu, "unit": "s"},
            {"name": f"{options.cases:,} empty tests, one process", "value": empty_wall, "unit": "s"},
            {"name": f"{options.cases:,} empty tests, CPU", "value": empty_cpu, "unit": "s"},
            {"name": "CPU a case beyond pytest", "value": per_case, "unit": "ms"},
        ]
        print(json.dumps({"figures": figures}, indent=2))
    else:
        print(f"{options.cases} smtplib cases   {wall:6.2f} s wall   {cpu:6.2f} s CPU   (aim {_AIM_SECONDS:g} s)")
        print(f"{options.cases} empty tests     {empty_wall:6.2f} s wall   {empty_cpu:6.2f} s CPU")
        print(f"a case beyond pytest   {per_case:6.2f} ms CPU   (aim {_AIM_CPU_MS:g} ms)")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
