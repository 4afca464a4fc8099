"""A run on a terminal: the table, the failures, the counts, the warnings, the files. Colour only where it is wanted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from attrs import evolve
from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.model.result import CaseResult, Grade, RunResult
from harness.reporters.summary import LETTERS, Cell, Matrix, MatrixRow, counted, folder_of, matrix, warnings
from harness.scenario.roots import command_again

__all__ = ["STYLES", "case_line", "print_run", "table_of"]

STYLES = {
    Grade.PASS: "green",
    Grade.DEVIATION: "yellow",
    Grade.FAIL: "bold red",
    Grade.KNOWN_GAP: "magenta",
    Grade.UNSUPPORTED: "dim",
    Grade.SKIP: "dim",
    Grade.ERROR: "bold red",
}
_FEW = 40  # rows that are shown one by one


def case_line(result: CaseResult) -> Text:
    """One case on one line."""
    line = Text(f"{result.grade.value:<12}", STYLES[result.grade])
    line.append(result.case_id, "default")
    line.append(f"  {result.duration * 1000:.0f} ms", "dim")
    if result.reason:
        line.append(f"  {result.reason.splitlines()[0]}", "dim")
    return line


def print_run(
    console: Console, run: RunResult, *, every: bool = False, wire: bool = False, files: Sequence[str] = ()
) -> None:
    """Everything after the last case. ``wire``: the dialogue of what did not hold."""
    shown = _able(matrix(run.cases))
    short = len(shown.clients) > _full(console.width)
    for part in _parts(shown, console.width) if short else (shown,):
        console.print(table_of(part, every=every or len(shown.rows) <= _FEW, short=short))
        console.print()
    if short:
        console.print(_legend(run), soft_wrap=True)
        console.print()
    for result in sorted(run.cases, key=lambda each: each.case_id):
        if result.grade in (Grade.FAIL, Grade.ERROR) or (result.grade is Grade.DEVIATION and result.mismatches):
            _print_failure(console, result, explain=every, wire=wire)
    console.print(_counts(run))
    for warning in warnings(run):
        console.print(Text.assemble(("  ! ", "yellow"), warning), soft_wrap=True)
    if files:
        names = ", ".join(files)
        written = Text.assemble(("  written: ", "dim"), (_short(run.out), "default"), (f"/{{{names}}}", "dim"))
        console.print(written, soft_wrap=True)


_CLIENTS_IN_FULL = 5  # more of them, and names are folded, grades letters
_NARROW = 7  # columns: room for a grade and a number
_WORD = 11  # columns: the longest grade
_GAP = 2  # columns between columns
_NAME = 28  # columns that the name of a scenario has at least; it is folded


def _full(width: int) -> int:
    """How many clients have room for names and whole words."""
    return max(min(_CLIENTS_IN_FULL, (width - _NAME) // (_WORD + _GAP)), 1)


def _able(shown: Matrix) -> Matrix:
    """Without the clients that could do nothing here; the warnings say why they could not."""
    able = {client for row in shown.rows for client, cell in row.cells.items() if cell.worst is not Grade.UNSUPPORTED}
    return evolve(shown, clients=tuple(client for client in shown.clients if client in able)) if able else shown


def _parts(shown: Matrix, width: int) -> Iterator[Matrix]:
    """As many tables as it takes, so that every result has its place in ``width`` columns."""
    clients = shown.clients
    room = max((width - _NAME) // (_NARROW + _GAP), 1)
    for start in range(0, len(clients), room):
        yield evolve(shown, clients=clients[start : start + room])


def _legend(run: RunResult) -> Text:
    """The letters that occur."""
    counts = run.counts()
    line = Text("  ")
    for grade, letter in LETTERS.items():
        if counts[grade]:
            line.append(f"{letter} ", STYLES[grade]).append(f"{grade.value}  ", "dim")
    return line


def table_of(shown: Matrix, *, every: bool, short: bool) -> Table:
    """Scenarios by clients; without ``every``, a folder in which all is well is one row. ``short``: letters."""
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="bold")
    table.add_column("scenario", overflow="fold", min_width=_NAME if short else None)
    for client in shown.clients:
        least = _NARROW if short else max(len(client), _WORD)
        table.add_column(client, overflow="fold", min_width=least, max_width=_NARROW if short else None)
    if not short:
        table.add_column("", style="dim", overflow="ellipsis", no_wrap=True)
    for folder, rows in _folders(shown):
        if every or any(row.worst not in (Grade.PASS, Grade.UNSUPPORTED) for row in rows):
            _add_rows(table, shown, folder, rows, every=every, short=short)
        else:
            _add_sum(table, shown, folder or ".", rows, short=short)
    return table


def _folders(shown: Matrix) -> Iterator[tuple[str, list[MatrixRow]]]:
    folders: dict[str, list[MatrixRow]] = {}
    for row in shown.rows:
        folders.setdefault(folder_of(row.scenario_id), []).append(row)
    yield from folders.items()


def _add_rows(table: Table, shown: Matrix, folder: str, rows: list[MatrixRow], *, every: bool, short: bool) -> None:
    quiet = [] if every else [row for row in rows if row.worst in (Grade.PASS, Grade.UNSUPPORTED)]
    for row in rows:
        if row not in quiet:
            cells = [_cell(row.cells.get(client), short=short) for client in shown.clients]
            table.add_row(Text(row.scenario_id), *cells, *([] if short else [Text(row.title)]))
    if quiet:
        _add_sum(table, shown, f"{folder or '.'} (the rest)", quiet, short=short)


def _add_sum(table: Table, shown: Matrix, name: str, rows: list[MatrixRow], *, short: bool) -> None:
    cells = [_sum_cell([row.cells[each] for row in rows if each in row.cells], short=short) for each in shown.clients]
    table.add_row(Text(name), *cells, *([] if short else [counted(len(rows), "scenario")]))


def _cell(cell: Cell | None, *, short: bool) -> Text:
    if cell is None:
        return Text("")
    many = len(cell.results)
    number = "" if many == 1 else f" {cell.count}" if cell.count == many else f" {cell.count}/{many}"
    word = LETTERS[cell.worst] if short else cell.worst.value
    return Text(f"{word}{number}", STYLES[cell.worst])


def _sum_cell(cells: list[Cell], *, short: bool) -> Text:
    if not cells:
        return Text("")
    return _cell(Cell(tuple(result for cell in cells for result in cell.results)), short=short)


def _print_failure(console: Console, result: CaseResult, *, explain: bool, wire: bool) -> None:
    title = Text.assemble((f"{result.grade.value.upper()}  ", STYLES[result.grade]), (result.title, "bold"))
    console.print(title)
    text = "\n".join(filter(None, (result.text, result.reason if result.grade is Grade.ERROR else "")))
    console.print(Text(text or result.reason), soft_wrap=True)
    if wire and result.transcript:
        console.print(Text("     wire:"))
        console.print(Text("\n".join(f"       {line}" for line in result.transcript), "dim"), soft_wrap=True)
    if result.explanation and not explain:
        why = command_again("explain", result.case_id, result.scenario_path)
        console.print(Text(f"     why: {why}"), soft_wrap=True)
    elif result.explanation:
        console.print(Text("     why the last recipient was refused:", "dim"))
        console.print(
            Text("\n".join(f"       {line}" for line in result.explanation.splitlines()), "dim"), soft_wrap=True
        )
    console.print()


def _counts(run: RunResult) -> Text:
    counts = run.counts()
    line = Text("")
    for grade in LETTERS:
        if counts[grade]:
            line.append(", " if line else "", "default")
            line.append(f"{counts[grade]} {grade.value}", STYLES[grade])
    line.append(f"  in {run.duration:.1f} s" if line else "nothing ran", "dim")
    return line


def _short(path: str) -> str:
    here = Path.cwd()
    there = Path(path)
    return str(there.relative_to(here)) if there.is_relative_to(here) else path
