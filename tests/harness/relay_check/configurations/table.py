"""The configurations beside this file, and what each must be told: ``python -m`` this module prints the table.

Each file is a whole configuration; ``{folder}`` in it is a folder with certificates. It begins with comments:
``options: …`` for check-relay, and ``expect: good`` or ``expect: CASE GRADE CAUSE TEXT``, where TEXT, a setting mostly,
must stand in what the report says of the case (CAUSE ``-``: none).
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from fakeeop.pki.authority import LabAuthority
from fakeeop.pki.files import write_issued
from harness.cli import main as harness

HERE: Final = Path(__file__).parent
MTAS: Final = ("postfix", "exim", "opensmtpd", "sendmail")
_LINE: Final = re.compile(r"^(?:#|dnl #) (?P<key>options|expect): (?P<text>.*)$", re.M)
_PATIENCE: Final = {True: "60", False: "15"}  # seconds for a case: of the whole suite, of a few cases
_PASSING: Final = ("pass", "unsupported")


@frozen
class Expectation:
    """What the report must say of one case."""

    case: str
    grade: str
    cause: str
    text: str


@frozen
class RelayConfiguration:
    """One file; a good one expects nothing."""

    mta: str
    path: Path
    options: tuple[str, ...]
    expected: tuple[Expectation, ...]

    @property
    def name(self) -> str:
        """As pytest shows it."""
        return f"{self.mta}/{self.path.stem}"


def configurations() -> list[RelayConfiguration]:
    """Every one that is here."""
    found = []
    for mta in MTAS:
        for path in sorted((HERE / mta).iterdir()):
            said = [(each["key"], each["text"]) for each in _LINE.finditer(path.read_text("utf-8"))]
            wanted = [text for key, text in said if key == "expect"]
            options = [word for key, text in said if key == "options" for word in text.split()]
            expected = [Expectation(*text.split(" ", 3)) for text in wanted if text != "good"]
            if wanted:
                found.append(RelayConfiguration(mta, path, tuple(options), tuple(expected)))
    return found


@contextlib.contextmanager
def certificates() -> Iterator[Path]:
    """A folder with the certificates that the files name, which the accounts of MTAs can enter."""
    folder = Path(tempfile.mkdtemp(prefix="relays-"))
    try:
        folder.chmod(0o755)
        authority = LabAuthority.create("somebody's CA")
        name = "mail.contoso.com"
        issued = authority.issue(common_name=name, dns_names=(name,), issuer=authority.issuing)
        write_issued(folder, "relay", issued, pfx=False)
        write_issued(folder, "single", authority.issue(common_name=name, dns_names=(name,)), pfx=False)
        (folder / "leaf.pem").write_bytes(issued.certificate_pem)
        (folder / "ca.pem").write_bytes(authority.certificate_pem)
        yield folder
    finally:
        shutil.rmtree(folder)


def checked(configuration: RelayConfiguration, folder: Path, cases: Sequence[str] = ()) -> Mapping[str, Any]:
    """The report of ``harness check-relay --json`` over one of them; ``cases``: only these."""
    given = _placed(configuration, folder)
    only = [word for case in cases for word in ("--only", case)]
    trust = ("--trust", str(folder / "ca.pem"), "--domain", "contoso.com", "--patience", _PATIENCE[not cases])
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        harness(["check-relay", f"--{configuration.mta}", str(given), *trust, *configuration.options, *only, "--json"])
    report: Mapping[str, Any] = json.loads(out.getvalue())
    return report


def _placed(configuration: RelayConfiguration, folder: Path) -> Path:
    """The file as check-relay takes it, in a folder of its own."""
    place = folder / configuration.mta / configuration.path.stem
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    if configuration.mta == "postfix":
        shutil.copyfile(HERE / "postfix" / "senders", folder / "senders")
        master = configuration.path.with_suffix(".master.cf")
        if master.exists():
            shutil.copyfile(master, place / "master.cf")
    made = place / {"postfix": "main.cf", "sendmail": "sendmail.mc"}.get(configuration.mta, "relay.conf")
    made.write_text(configuration.path.read_text("utf-8").replace("{folder}", str(folder)), "utf-8")
    return place if configuration.mta == "postfix" else made


def wrong(configuration: RelayConfiguration, report: Mapping[str, Any]) -> list[str]:
    """What the report says otherwise than it should."""
    cases = {each["name"]: each for each in report["cases"]}
    if not configuration.expected:
        bad = {name: each for name, each in cases.items() if each["grade"] not in _PASSING}
        return [f"{name}: {each['grade']}: {each['why'] or each['reason']}" for name, each in bad.items()]
    found = []
    for wanted in configuration.expected:
        case = cases[wanted.case]
        said = "\n".join([*case["why"], *case["advice"], case["reason"], *report["notes"]])
        if case["grade"] != wanted.grade or wanted.cause not in ("-", *case["causes"][:2]) or wanted.text not in said:
            found.append(f"{wanted}: {case['grade']} {case['causes']}\n{said}")
    return found


def main(arguments: Sequence[str]) -> int:
    """Print the table: every configuration, every case (``--quick``: those that it breaks, of a good one a few)."""
    parser = argparse.ArgumentParser(description="check-relay over the configurations of its tests")
    parser.add_argument("--quick", action="store_true", help="only the cases that a broken configuration breaks")
    parser.add_argument("--only", default="", metavar="TEXT", help="configurations with this in their names")
    given = parser.parse_args(arguments)
    bad = 0
    print(f"| {'configuration':<40} | {'must be named':<60} | {'':<5} | what is not well |\n|---|---|---|---|")
    with certificates() as folder:
        for each in configurations():
            if given.only not in each.name:
                continue
            cases = [one.case for one in each.expected] or ["accepted"] if given.quick else []
            report = checked(each, folder, cases)
            mistakes = wrong(each, report)
            bad += bool(mistakes)
            names = "; ".join(f"{one.case} {one.grade} ({one.text})" for one in each.expected) or "nothing"
            graded = [one for one in report["cases"] if one["grade"] not in _PASSING]
            seen = ", ".join(f"{one['name']} {one['grade']}" for one in graded)
            print(f"| {each.name:<40} | {names:<60} | {'WRONG' if mistakes else 'right'} | {seen} |", flush=True)
            for line in mistakes:
                print(line, file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
