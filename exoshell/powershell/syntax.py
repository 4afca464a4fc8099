"""A script as a tree: the maintained grammar's (tree-sitter-powershell), without its chains of single children.

What the grammar does not read is given to it in another form (``scanning``, ``words``). What Windows PowerShell does
not run is refused before a script begins: tokens of PowerShell 7, variables in texts that are cut short by a colon,
typographic quotes, ``#Requires``.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from attrs import field, frozen

from exoshell.powershell.errors import PsError, Unsupported
from exoshell.powershell.scanning import mended, passed_over
from exoshell.powershell.values import Position
from exoshell.powershell.words import expanded_words, merged, original, quoted_lists, wrapped_calls
from fakeeop.errors import MissingExtra

if TYPE_CHECKING:
    from tree_sitter import Parser

__all__ = ["Node", "Source", "incomplete", "parse", "refused", "refused_octets"]

_VERSION: Final = (5, 1)
_REQUIRES: Final = re.compile(r"^[ \t]*#requires[ \t]+-(\w+)(?:[ \t:]+([^\r\n]*))?", re.I | re.M)
_MODULES: Final = ("exchangeonlinemanagement", "microsoft.powershell.")
_NAME: Final = re.compile(r"""(?:ModuleName\s*=\s*)?['"]?([A-Za-z][\w.]*)['"]?""")
_KEYS: Final = re.compile(r"""(?:ModuleVersion|RequiredVersion|MaximumVersion|Guid)\s*=\s*['"][^'"]*['"]""", re.I)
_CURLY: Final = re.compile("[\u2018\u2019\u201a\u201b\u201c\u201d\u201e]")
_DOUBLE: Final = ("\u201c", "\u201d", "\u201e")


def refused_octets(octets: bytes, source: Source) -> None:
    """Typographic quotes outside of texts and comments, or such as end a text. Raises Unsupported."""
    if not _CURLY.search(source.text):
        return
    at = 0
    while at < len(octets):
        behind = passed_over(octets, at)
        text = octets[at : behind if behind is not None else at + 3].decode("utf-8", "replace")
        mark = next((each for each in _CURLY.finditer(text) if behind is None or _ends(text[0], each[0])), None)
        if mark is not None and (behind is not None or mark.start() == 0):
            place = source.position(at + len(text[: mark.start()].encode()))
            raise Unsupported("a typographic quote as a quote (write ' or \")", place)
        at = behind if behind is not None else at + 1


def _ends(begins: str, mark: str) -> bool:
    """Does this quote end a text that begins so? In here-strings and comments it does not."""
    return (begins == '"' and mark in _DOUBLE) or (begins == "'" and mark not in _DOUBLE)


def refused(tree: Node) -> None:
    """Raises PsError."""
    _required(tree.source)
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        for each in node.children:
            if each.kind in ("&&", "||"):
                raise PsError(
                    f"The token '{each.kind}' is not a valid statement separator in this version.",
                    error_id="InvalidEndOfLine", category="ParserError", position=each.position,
                )  # fmt: skip
            if each.kind == "variable" and node.kind.startswith("expandable_"):
                _whole(each)
        waiting += node.children


def _whole(variable: Node) -> None:
    octets = variable.source.text.encode()
    if octets[variable.end : variable.end + 1] == b":" and not variable.word.startswith("${"):
        raise PsError(
            "Variable reference is not valid. ':' was not followed by a valid variable name character. Consider using"
            " ${} to delimit the name.",
            error_id="InvalidVariableReferenceWithDrive", category="ParserError", position=variable.position,
        )  # fmt: skip


def _required(source: Source) -> None:
    """``#Requires -Version 5.1``; nobody asks here who is an administrator. Raises PsError, Unsupported."""
    for found in _REQUIRES.finditer(source.text):
        name, value = found[1].lower(), (found[2] or "").strip()
        place = source.position(len(source.text[: found.start()].encode()))
        if name == "version":
            wanted = tuple(int(each) for each in re.findall(r"\d+", value)[:2])
            problem = f"PowerShell {value}, and this is {'.'.join(map(str, _VERSION))}" if wanted > _VERSION else ""
        elif name == "modules":
            names = _NAME.findall(_KEYS.sub("", value).replace("ModuleName", " "))
            missing = [each for each in names if not each.lower().startswith(_MODULES)]
            problem = f"the modules {', '.join(missing)}, which are not here" if missing else ""
        elif name == "psedition":
            problem = "PowerShell Core" if value.lower() != "desktop" else ""
        elif name == "runasadministrator":
            problem = ""
        else:
            raise Unsupported(f"#Requires -{found[1]}", place)
        if problem:
            raise PsError(
                f"The script cannot be run because it contained a \"#requires\" statement for {problem}.",
                error_id="ScriptRequires", category="ResourceUnavailable", position=place,
            )  # fmt: skip


_COMMENT = re.compile(rb"<#.*?#>|#[^\n]*", re.DOTALL)
_SKIPPED = ("comment", "empty_statement", "command_argument_sep")
_STARTS = (b"{", b"(", b"[")
_ENDS = (b"}", b")", b"]")


@frozen
class Source:
    """The text of a script, and where each octet of it stands."""

    text: str
    path: str = ""
    _lines: list[int] = field(init=False, repr=False)
    _octets: bytes = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        octets = self.text.encode()
        object.__setattr__(self, "_octets", octets)
        starts = [0, *(match.end() for match in re.finditer(rb"\n", octets))]
        object.__setattr__(self, "_lines", starts)

    def position(self, octet: int) -> Position:
        """Line and column, counted in characters from 1, with the text of the line."""
        line = bisect.bisect_right(self._lines, octet) - 1
        start = self._lines[line]
        end = self._octets.find(b"\n", start)
        text = self._octets[start : end if end >= 0 else None].decode("utf-8", "replace").rstrip("\r")
        column = len(self._octets[start:octet].decode("utf-8", "replace")) + 1
        return Position(line + 1, column, text, self.path)


@frozen(eq=False)
class Node:
    """One construct. ``word`` is its text; ``named`` is False for punctuation and operators; ``raw`` is where it begins
    in what the grammar was given.
    """

    kind: str
    word: str
    start: int
    end: int
    source: Source = field(repr=False)
    children: tuple[Node, ...] = ()
    named: bool = True
    raw: int = 0

    @property
    def position(self) -> Position:
        """Where it begins."""
        return self.source.position(self.start)

    def of(self, *kinds: str) -> Iterator[Node]:
        """The children of these kinds."""
        return (each for each in self.children if each.kind in kinds)

    def first(self, *kinds: str) -> Node | None:
        """The first child of these kinds."""
        return next(self.of(*kinds), None)

    @property
    def parts(self) -> tuple[Node, ...]:
        """The named children."""
        return tuple(each for each in self.children if each.named)


def parse(text: str, path: str = "") -> Node:
    """The whole script. Raises PsError where it cannot be read, StoreError without the grammar."""
    source = Source(text, path)
    octets = text.encode("utf-8", "replace")
    refused_octets(octets, source)
    octets, inserted = _prepared(octets)
    octets = mended(octets)
    if not _COMMENT.sub(b"", octets).strip():
        octets = b"@()"  # the grammar takes no empty script
    tree = _parser().parse(octets)
    wrong = _wrong(tree.root_node)
    if wrong is not None:
        raise _error(wrong, source, inserted)
    made = _node(tree.root_node, octets, source, inserted)
    refused(made)
    return made


def _prepared(octets: bytes) -> tuple[bytes, list[int]]:
    """With what the grammar needs, and where that was inserted."""
    octets, inserted = wrapped_calls(octets)
    for step in (expanded_words, quoted_lists):
        octets, more = step(octets)
        inserted = merged(inserted, more)
    return octets, inserted


def incomplete(text: str) -> bool:
    """Would more lines make it whole? For a prompt."""
    octets = text.encode()
    if _wrong(_parser().parse(mended(_prepared(octets)[0])).root_node) is None:
        return octets.rstrip().endswith(b"`")
    return _open(octets) or octets.rstrip().endswith((b"`", b"|", b","))


def _open(octets: bytes) -> bool:
    """Is a brace, a text or a comment not yet closed?"""
    depth = at = 0
    while at < len(octets):
        behind = passed_over(octets + b"\n", at)
        if behind is not None:
            if behind > len(octets) and octets[at : at + 1] == b'"':
                return True
            at = behind
            continue
        if octets[at : at + 1] == b"'" or octets[at : at + 2] in (b"@'", b'@"', b"<#"):
            return True
        octet = octets[at : at + 1]
        depth += (octet in _STARTS) - (octet in _ENDS)
        at += 1
    return depth > 0


@lru_cache(maxsize=1)
def _parser() -> Parser:
    try:
        import tree_sitter  # noqa: PLC0415  optional, and only for scripts
        import tree_sitter_powershell  # noqa: PLC0415  as above
    except ImportError as why:
        raise MissingExtra("exo", str(why.name), "exo") from why
    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))


def _node(given: Any, octets: bytes, source: Source, inserted: list[int]) -> Node:
    """Chains of expressions with one child are that child."""
    while True:
        children = [each for each in given.children if each.type not in _SKIPPED]
        if (
            len(children) == 1
            and children[0].is_named
            and given.type.endswith(("_expression", "pipeline_chain", "unary_operator"))
        ):
            given = children[0]
            continue
        break
    made = () if not given.is_named else tuple(_node(each, octets, source, inserted) for each in children)
    word = octets[given.start_byte : given.end_byte].decode("utf-8", "replace")
    start, end = original(inserted, given.start_byte), original(inserted, given.end_byte)
    kind = given.type.replace("_argument_expression", "_expression")  # between the parentheses of a method
    return Node(kind, word, start, end, source, made, given.is_named, given.start_byte)


def _wrong(node: Any) -> Any:
    """The first thing that could not be read; blanks that are missing between arguments do not count (see above)."""
    if not node.has_error or node.type == "command_argument_sep":
        return None
    if node.type == "ERROR" or node.is_missing:
        return node
    for each in node.children:
        if each.is_missing:
            return each
        found = _wrong(each)
        if found is not None:
            return found
    return None


def _error(node: Any, source: Source, inserted: list[int]) -> PsError:
    start, end = original(inserted, node.start_byte), original(inserted, node.end_byte)
    position = source.position(start)
    if node.is_missing:
        message = f"Missing '{node.type}' in the script."
        return PsError(message, error_id="MissingToken", category="ParserError", position=position)
    token = source.text.encode()[start:end].decode("utf-8", "replace").split("\n")[0].strip()
    message = f"Unexpected token '{token[:40]}' in expression or statement."
    return PsError(message, error_id="UnexpectedToken", category="ParserError", position=position)
