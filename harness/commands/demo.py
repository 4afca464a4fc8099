"""``harness demo``: the sample tenant, what is accepted and what is refused, one refusal explained."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from attrs import frozen
from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.commands.common import console, scenario_root
from harness.engine.lab import Lab, RunSettings
from harness.engine.runner import run_cases
from harness.model.result import CaseResult, Grade
from harness.model.scenario import ScenarioCase
from harness.scenario.expand import expand
from harness.scenario.loader import load_scenario
from harness.scenario.roots import command_again
from harness.steps.run import ScenarioRun

HELP = "Start the emulator with a sample tenant, send to it in ways that work and that do not, explain one refusal."
EXAMPLES = """\
  harness demo"""
_TENANT = "tutorial/both-connectors-side-by-side"  # its world is what most of the others have
_CLIENTS = ("raw", "smtplib")  # those that are always there, so that the demonstration is the same everywhere
_ANSWER = 49  # characters of a reply that are shown


@frozen
class Shown:
    """One scenario of the demonstration; ``variants`` names those to show, empty shows all."""

    scenario: str
    variants: tuple[str, ...] = ()


SHOWN = (
    Shown("tutorial/non-tls-relay-accepted"),
    Shown("tutorial/non-tls-wrong-address-denied"),
    Shown("tutorial/non-tls-wrong-sender-denied"),
    Shown("tutorial/tls-relay-accepted"),
    Shown("tutorial/tls-any-sender-accepted"),
    Shown("tutorial/tls-wrong-certificate-denied"),
    Shown("tutorial/tls-unverified-domain-denied"),
    Shown("direct-send/stranger-to-own-recipient"),
    Shown("direct-send/unknown-recipient-authoritative-refused"),
    Shown("reject-direct-send/own-sender-denied"),
    Shown("partner/require-tls-clear-text-denied", ("451-at-rcpt",)),
    Shown("partner/restrict-to-addresses-denied"),
)
EXPLAINED = "tutorial/non-tls-wrong-address-denied"


def demo(root: Path, console: Console) -> int:
    """Run it and print it; 0 if everything is as the scenarios expect, 1 if not, 3 for an error of the harness."""
    console.print("[bold]fakeeop[/]: an offline Exchange Online Protection. Unofficial, not affiliated with Microsoft.")
    console.print()
    for line in _tenant_lines(root):
        console.print(Text(line), soft_wrap=True)
    console.print()
    with Lab(RunSettings(explain=True)) as lab:
        results = list(run_cases(map(ScenarioRun, _cases(root)), lab))
    console.print(_table(results, console.width))
    console.print()
    _print_refusal(console, results)
    _print_end(console, results, root)
    grades = {result.grade for result in results}
    return 3 if Grade.ERROR in grades else 1 if Grade.FAIL in grades else 0


def last_answer(transcript: Iterable[str]) -> str:
    """The reply that mattered to the client: the last refusal, else the reply to the message; without its suffix."""
    replies = [line[3:] for line in transcript if line.startswith("S: ") and line[6:7] == " "]
    refusals = [reply for reply in replies if reply[0] in "45"]
    taken = [reply for reply in replies if reply.startswith("250 2.6.0")]
    text = (refusals or taken or ["no reply"])[-1]
    if text.startswith("250 2.6.0"):
        return "250 2.6.0 … Queued mail for delivery"
    text = text.partition(" [")[0].partition(". ")[0]
    return text if len(text) <= _ANSWER else text[: _ANSWER - 1].rstrip() + "…"


def _tenant_lines(root: Path) -> list[str]:
    """The sample tenant in a few lines, from the scenario that has all of it."""
    path = root / f"{_TENANT}.yaml"
    if not path.exists():
        return []
    tenant = load_scenario(path, root).world.get("tenant") or {}
    lines = [f"The tenant {tenant.get('Name')} owns {', '.join(map(str, tenant.get('AcceptedDomains', ())))}."]
    lines.append("Its inbound connectors let in, to be relayed anywhere:")
    for connector in tenant.get("InboundConnectors", ()):
        by = connector.get("TlsSenderCertificateName")
        how = f"a TLS client certificate for {by}" if by else ", ".join(connector.get("SenderIPAddresses", ()))
        lines.append(f"  {connector.get('Name'):<18} {how}")
    return lines


def _cases(root: Path) -> list[ScenarioCase]:
    found = []
    for shown in SHOWN:
        path = root / f"{shown.scenario}.yaml"
        if path.exists():
            cases = expand(load_scenario(path, root))
            wanted = [case for case in cases if not shown.variants or case.variant in shown.variants]
            found += [case for case in wanted if case.client in _CLIENTS]
    return found


def _table(results: list[CaseResult], width: int) -> Table:
    """One row a scenario and variant: what the clients were told, and whether that is as it should be."""
    answer_width = min(_ANSWER, max(28, width - 50))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("what is sent", overflow="fold", max_width=64)
    table.add_column("what the server says", no_wrap=True, overflow="ellipsis", max_width=answer_width)
    table.add_column("clients")
    rows: dict[tuple[str, str | None], list[CaseResult]] = {}
    for result in results:
        rows.setdefault((result.case_id.partition("::")[0], result.variant), []).append(result)
    many = Counter(scenario for scenario, _ in rows)
    seen = ""
    for (scenario, variant), group in rows.items():
        name = Text(group[0].title)
        if many[scenario] > 1:
            if scenario != seen:
                table.add_row(name)
            name = Text(f"  {variant}", "dim")
        seen = scenario
        answer = last_answer(group[0].transcript)
        style = "green" if answer.startswith("2") else "yellow"
        table.add_row(name, Text(answer, style), _mark(group))
    return table


def _mark(group: list[CaseResult]) -> Text:
    """Whether every client was told so; else which was not."""
    bad = [result for result in group if result.grade is not Grade.PASS]
    if bad:
        return Text("✗ " + ", ".join(f"{result.client}: {result.grade.value}" for result in bad), "bold red")
    return Text("✓ both" if len(group) == 2 else f"✓ {len(group)}", "green")


def _print_refusal(console: Console, results: list[CaseResult]) -> None:
    explained = next((each for each in results if each.case_id.startswith(EXPLAINED + "::")), None)
    if explained is None:
        return
    console.print(Text(f"Why? “{explained.title}”:", "bold"))
    console.print()
    for line in explained.explanation.rstrip().splitlines():
        style = "green" if "✓" in line else "red" if "✗" in line else "default"
        if line.lstrip().startswith("connector '"):
            style = "bold yellow"
        console.print(Text(f"  {line}", style), soft_wrap=True)
    console.print()


def _print_end(console: Console, results: list[CaseResult], root: Path) -> None:
    good = sum(result.grade is Grade.PASS for result in results)
    seconds = sum(result.duration for result in results)
    bad = [result for result in results if result.grade in (Grade.FAIL, Grade.ERROR)]
    for result in bad:
        console.print(Text(result.text or result.reason, "red"), soft_wrap=True)
    style = "green" if not bad else "bold red"
    console.print(
        Text(
            f"{good} of {len(results)} cases are as they should be, client and server agreeing ({seconds:.1f} s).",
            style,
        )
    )
    console.print()
    console.print("Next:", style="bold")
    for command, about in (
        ("harness run", "every scenario"),
        (command_again("explain", EXPLAINED, root=root), "this refusal again"),
        ("fakeeop serve", "the same server for your own relay, on 127.0.0.1:2525"),
    ):
        console.print(Text.assemble(f"  {command:<56}  ", (about, "dim")), soft_wrap=True)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Only where the scenarios are."""
    parser.add_argument("--root", type=Path, metavar="DIR", help="folder of the scenarios (default: those shipped)")


def run(arguments: argparse.Namespace) -> int:
    """Run it."""

    return demo(scenario_root(arguments.root, shipped=True), console())
