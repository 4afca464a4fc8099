"""Each reply that is ours is met by a scenario: all of them run with the raw client, and what the server said is read.

``tests/fakeeop/test_every_reply.py`` checks each row alone; here nothing is arranged but the scenarios themselves.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from fakeeop.smtp.replies.rows import ROWS, ReplyRow


@pytest.fixture(scope="module")
def said(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Every reply of the server, lines joined by newline."""
    out = tmp_path_factory.mktemp("run")
    command = [sys.executable, "-m", "harness", "run", str(repository / "scenarios"), "--client", "raw", "--keep"]
    done = subprocess.run([*command, "--out", str(out)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    replies: set[str] = set()
    for transcript in out.glob("cases/**/transcript.txt"):
        lines: list[str] = []
        for line in re.findall(r"^.*?S: (.*)$", transcript.read_text(encoding="utf-8"), re.M):
            lines.append(line)
            if line[3:4] != "-":
                replies.add("\n".join(lines))
                lines = []
    return replies


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.key)
def test_a_scenario_meets_the_row(row: ReplyRow, said: set[str]):
    words = _pattern(row)
    assert any(words.fullmatch(reply) for reply in said), f"no scenario meets {row.code} {row.status} {row.text}"


def _pattern(row: ReplyRow) -> re.Pattern[str]:
    lines = row.text.replace("{starttls}", "STARTTLS\n").split("\n")
    status = f"{row.status} " if row.status else ""
    patterns = [
        f"{row.code}[- ]" + (status if number == len(lines) - 1 else "") + re.sub(r"\\{\w+\\}", ".*", re.escape(line))
        for number, line in enumerate(lines)
    ]
    return re.compile("\n".join(patterns) + r" \[\S+ \S+Z [0-9A-F]{16}\]" * row.suffix)
