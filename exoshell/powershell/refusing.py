"""What Windows PowerShell does not run, found before a script begins: tokens of PowerShell 7, variables in texts that
are cut short by a colon, typographic quotes, ``#Requires``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from exoshell.powershell.errors import PsError, Unsupported
from exoshell.powershell.scanning import passed_over

if TYPE_CHECKING:
    from exoshell.powershell.syntax import Node, Source

__all__ = ["refused", "refused_octets"]

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
