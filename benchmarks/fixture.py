"""What the fixture ``eop`` costs a test: pytest processes with it, next to the same number of empty tests.

    python benchmarks/fixture.py [--tests 500] [--rounds 3] [--json]

The first test pays for the imports and the hosting thread; the figures are for a test after it: the difference of two
whole processes, the larger by so many tests. "a mail" also makes a connector, sends by smtplib, and asserts.
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

_KINDS = {
    "empty": "def test_it(number): pass\n",
    "eop": "def test_it(number, eop): assert eop.port\n",
    "eop_session": "def test_it(number, eop_session): assert eop_session.port\n",
    "a mail": """\
import smtplib
def test_it(number, eop):
    eop.tenant("contoso").inbound_connector(Name="R", ConnectorType="OnPremises", SenderIPAddresses=["203.0.113.25"])
    eop.clients_come_from("203.0.113.25")
    with smtplib.SMTP(eop.host, eop.port) as client:
        client.sendmail("app@contoso.com", ["x@fabrikam.example"], "Subject: x\\n\\nhi\\n")
    eop.assert_accepted("x@fabrikam.example", connector="R")
""",
}


def write_tests(folder: Path, tests: int) -> None:
    """Two files of each kind: with one test, and with one more than ``tests``."""
    (folder / "pytest.ini").write_text("[pytest]\n")
    for number, body in enumerate(_KINDS.values()):
        for name, count in (("one", 1), ("many", tests + 1)):
            mark = f"import pytest\npytestmark = pytest.mark.parametrize('number', range({count}))\n"
            (folder / f"test_{number}_{name}.py").write_text(mark + body)


def measure(file: str, folder: Path) -> tuple[float, float]:
    """Wall and CPU seconds of one pytest process. Exits if it fails."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "fakeeop.pytest_plugin", "-p", "no:cacheprovider", file]
    before, began = os.times(), time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    wall, after = time.perf_counter() - began, os.times()
    if done.returncode:
        sys.exit(f"pytest failed ({done.returncode}):\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return wall, after.children_user - before.children_user + after.children_system - before.children_system


def main() -> int:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tests", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3, help="the best of so many, interleaved")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    best: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_tests(folder, options.tests)
        for _ in range(options.rounds):
            for number, kind in enumerate(_KINDS):
                for size in ("one", "many"):
                    figures = measure(f"test_{number}_{size}.py", folder)
                    known = best.setdefault(f"{kind} {size}", list(figures))
                    best[f"{kind} {size}"] = [min(pair) for pair in zip(known, figures, strict=True)]
    found = []
    for kind in list(_KINDS)[1:]:
        for index, unit in enumerate(("wall", "CPU")):
            each = best[f"{kind} many"][index] - best[f"{kind} one"][index]
            empty = best["empty many"][index] - best["empty one"][index]
            value = (each - empty) / options.tests * 1000
            found.append({"name": f"{kind}, a test after the first, {unit}", "value": value, "unit": "ms"})
    first = (best["eop one"][0] - best["empty one"][0]) * 1000
    found.append({"name": "eop, the first test, wall", "value": first, "unit": "ms"})
    if options.json:
        print(json.dumps({"figures": found}, indent=2))
    else:
        for figure in found:
            print(f"{figure['name']:<45}{figure['value']:8.2f} {figure['unit']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
