"""Plain, current, international English: words and turns that must not occur in documents, help texts and messages.

``TURNS`` has the patterns with what to write instead; ``ALLOWED`` the few phrases that are right as they stand.
Tables that are generated from the code are checked where they come from, in the string literals of the packages.
"""

from __future__ import annotations

import ast
import contextlib
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakeeop.cli import main as fakeeop_main
from harness import cli as harness_main

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("fakeeop", "exoshell", "harness")

TURNS = {
    r"\b(?<!there )(?<!There )(?:is|are|was|were) no (?!longer|more than)": "is not a …, has no …",
    r"\b(?<!there )(?<!There )(?<!compauth )(?:is|are|was|were) none\b": "is not …, does not exist",
    r"\b(?:is|are) nobody(?:'s| else's)": "belongs to no …",
    r"\bshall\b": "must, should, will",
    r"\b(?:whoso|whosoever|whoever)\b": "every client that …, anybody who …",
    r"\b(?:his|him|he|himself|she|hers|herself)\b": "their, the user's",
    r"\b(?:an?|no) [\w-]+ of (?:ours|yours|theirs)\b": "our own, your own",
    r"\b(?:makes?|made|making) out\b": "explain, find",
    r"\b(?:came|comes|become|becomes|became) of (?!age)": "what happened to …",
    r"\b(?:naught|nought|lest|upon|ere|unto|oft|nigh|amidst|whilst)\b": "the current word",
    r"\b(?:hence|thence|whence|hither|thither|whither|wherein|whereby|whereof|whereupon)\b": "so, from there, in which",
    r"\b(?:thereof|therein|thereby|thereupon|thereafter|heretofore|aforesaid)\b": "of it, in it, then",
    r"\bbeside\b": "next to, in addition to, compared with",
    r"\bput(?:s|ting)? up with\b": "accept, limit",
    r"\bto the letter\b": "exactly",
    r"\bas (?:he|she|it|they) (?:has|have) it\b": "as configured",
    r"\bas ever\b": "as before, or nothing",
    r"\ba good deal\b": "much, many",
    r"\bgoes? by\b(?! hand)": "uses, is based on",
    r"\bsee to it\b|\bbe it\b": "make sure; whether",
    r"\bby and by\b|\bnot a whit\b|\bat all events\b": "later; not at all; in any case",
    r"\bfor want of\b|\bsave for\b|\bbut for\b": "without, except",
    r"\b(?:strikes?|struck)\b": "fires, happens (a fault)",
    r"\bthe other way round\b": "in reverse",
    r"\bthrown away\b|\bthrows? away\b": "discarded",
    r"\bout of doors\b|\bat the door\b": "the field's word",
}  # fmt: skip

# phrase → why it is right
ALLOWED = {
    "applies to, thereby limiting its scope": "quoted from Microsoft's documentation",
}

DOCUMENTS = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "scenarios/*.md", "benchmarks/*.md", "evidence/*.md", "changelog.d/*.md")
    for path in ROOT.glob(pattern)
)
FROM_CODE = re.compile(
    r"<!-- (?:made|table|clients).*?<!-- (?:clients )?end -->"  # tables
    r"|^```.*?^```$",  # what programs print, and code
    re.MULTILINE | re.DOTALL,
)
GENERATED = ("docs/replies.md", "docs/exchange-cmdlets.md")  # whole pages


def turns_in(text: str) -> Iterator[str]:
    """Each turn of the list that the text has, with the words around it and what to write instead."""
    for phrase in ALLOWED:
        text = text.replace(phrase, "")
    text = re.sub(r"\s+", " ", text)
    for pattern, better in TURNS.items():
        for found in re.finditer(pattern, text):
            around = text[max(0, found.start() - 40) : found.end() + 40]
            yield f"…{around}… ({better})"


@pytest.mark.parametrize(("text", "wrong"), [
    ("A PTR is no name.", True),
    ("It is no longer there; there is no PTR.", False),
    ("It tells whoever calls.", True),
    ("The user opens his file.", True),
    ("This is his\nfile.", True),
    ("The history of the user's file.", False),
    ("What became of it", True),
])  # fmt: skip
def test_the_list_finds_what_it_should(text: str, wrong: bool):
    assert bool(list(turns_in(text))) is wrong


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_documents_are_in_plain_english(document: Path):
    if str(document.relative_to(ROOT)) not in GENERATED:
        assert list(turns_in(FROM_CODE.sub("", document.read_text(encoding="utf-8")))) == []


def test_titles_and_requirements_of_scenarios_are_in_plain_english():
    found = []
    for path in sorted((ROOT / "scenarios").rglob("*.yaml")):
        head = re.search(r"^title:.*?(?=^level:)", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
        found += [f"{path.relative_to(ROOT)}: {turn}" for turn in turns_in(head[0] if head else "")]
    assert found == []


def helps(program: str) -> Iterator[tuple[str, str]]:
    """(command, help text) of a program and all its commands, however deep."""
    waiting: list[list[str]] = [[]]
    run = fakeeop_main.main if program == "fakeeop" else harness_main.main
    while waiting:
        words = waiting.pop()
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.suppress(SystemExit):
            run([*words, "--help"])
        text = printed.getvalue()
        yield " ".join([program, *words]), text
        if len(words) < 2:
            commands = re.findall(r"^ {2,4}([a-z][a-z-]+)(?: {2,}|$)", text, flags=re.MULTILINE)
            waiting += [[*words, command] for command in commands if words[-1:] != [command]]


@pytest.mark.parametrize("program", ["fakeeop", "harness"])
def test_help_texts_are_in_plain_english(program: str):
    found = [f"{command}: {turn}" for command, text in helps(program) for turn in turns_in(text)]
    assert found == []


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """Every string literal of a module, docstrings included."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


@pytest.mark.parametrize("package", PACKAGES)
def test_texts_of_the_code_are_in_plain_english(package: str):
    found = [
        f"{path.relative_to(ROOT)}:{line}: {turn}"
        for path in sorted((ROOT / package).rglob("*.py"))
        for line, text in texts(path)
        for turn in turns_in(text)
    ]
    assert found == []
