"""Real lines of public places (``corpus/README.md``): the right cause, or none; never another one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from attrs import frozen

from fakeeop.cli.main import main
from fakeeop.smtp.replies.every import EVERY

CORPUS = Path(__file__).with_name("corpus")
UNKNOWN = "unknown"
TEXTS = {row.key: row.text.lower() for row in EVERY}


@frozen
class RealLine:
    source: str
    text: str
    rows: frozenset[str]
    words: str | None = None
    never: str | None = None

    @property
    def right(self) -> frozenset[str]:
        """The rows that are right."""
        with_words = {key for key, text in TEXTS.items() if self.words and self.words.lower() in text}
        return self.rows - {UNKNOWN} | with_words

    @property
    def may_be_unknown(self) -> bool:
        return UNKNOWN in self.rows


def real_lines() -> list[RealLine]:
    found = []
    for path in sorted(CORPUS.glob("*.yaml")):
        for place in yaml.safe_load(path.read_text(encoding="utf-8")):
            for each in place["lines"]:
                rows = each["row"] if isinstance(each["row"], list) else [each["row"]]
                found.append(
                    RealLine(place["source"], each["line"], frozenset(rows), each.get("words"), each.get("never"))
                )
    return found


LINES = real_lines()


def judged(line: RealLine, answer: dict[str, str | None]) -> str:
    """``right``, ``unknown`` or ``wrong``."""
    if line.never and line.never in (answer["cause"] or ""):
        return "wrong"
    if answer["row"] is None:
        return "right" if line.may_be_unknown else "unknown"
    return "right" if answer["row"] in line.right else "wrong"


@pytest.fixture
def answered(capsys, tmp_path):
    """What ``fakeeop read-ndr`` says to each line."""
    file = tmp_path / "line.txt"
    verdicts = []
    for line in LINES:
        file.write_text(line.text + "\n", encoding="utf-8")
        main(["read-ndr", "--json", str(file)])
        found = json.loads(capsys.readouterr().out)["findings"]
        answer = found[0] if found else {"row": None, "cause": None}
        verdicts.append((judged(line, answer), line, answer))
    return verdicts


def table(verdicts) -> str:
    """right, unknown and wrong, for lines with a row and without; then each that is not right."""
    heads = ("right", "unknown", "wrong")
    rows = [
        (name, [sum(verdict == head for verdict, line, _ in verdicts if line.may_be_unknown is free) for head in heads])
        for name, free in (("a row expected", False), ("no row expected", True))
    ]
    lines = [f"{'':16}{''.join(f'{head:>9}' for head in heads)}"]
    lines += [f"{name:16}{''.join(f'{count:9}' for count in counts)}" for name, counts in rows]
    for verdict, line, answer in verdicts:
        if verdict != "right":
            expected = "/".join(sorted(line.rows))
            lines.append(f"{verdict}: {answer['row'] or answer['cause']}, not {expected}: {line.text[:160]!r}")
    return "\n".join(lines)


def test_real_lines_get_their_own_cause_or_none(answered):
    expected = [verdict for verdict, line, _ in answered if not line.may_be_unknown]
    wrong = [verdict for verdict, _, _ in answered if verdict == "wrong"]
    assert expected.count("right") >= 0.98 * len(expected), table(answered)
    assert not wrong, table(answered)


def test_the_corpus_is_what_its_readme_says():
    keys = {*TEXTS, UNKNOWN}
    assert [line.text for line in LINES if not line.rows <= keys] == []
    assert len(LINES) >= 300
    assert sum(line.rows == {UNKNOWN} and not line.words for line in LINES) >= 50
    assert all(line.source.startswith(("https://", "http://")) for line in LINES)
