"""ConvertTo-Html: a table, as Windows PowerShell writes it."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import Any, Final

from exoshell.powershell import properties
from exoshell.powershell.conversions import flat_items, items_of, text_of, written_text
from exoshell.powershell.errors import Unsupported
from exoshell.powershell.host import Command, Invocation, Parameter
from exoshell.powershell.library.calculated import columns_for
from exoshell.powershell.library.surroundings import INPUT, PROPERTY, made, objects_of

__all__ = ["commands"]

_DOCTYPE: Final = (
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN"  "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">'
)


def _to_html(invocation: Invocation) -> Iterator[str]:
    if text_of(invocation.get("As", "Table")).casefold() != "table":
        raise Unsupported("ConvertTo-Html -As List", invocation.position)
    whole = not invocation.get("Fragment")
    if whole:
        title = f"<title>{text_of(invocation.get('Title', 'HTML TABLE'))}</title>"
        yield from (_DOCTYPE, '<html xmlns="http://www.w3.org/1999/xhtml">', "<head>")
        yield from (text_of(each) for each in invocation.get("Head") or [title])
        if invocation.given("CssUri"):
            yield f'<link rel="stylesheet" type="text/css" href="{text_of(invocation.get("CssUri"))}" />'
        yield "</head><body>"
        yield from (text_of(each) for each in invocation.get("Body") or ())
    yield from (text_of(each) for each in invocation.get("PreContent") or ())
    yield from _table(invocation, flat_items(objects_of(invocation)))
    yield from (text_of(each) for each in invocation.get("PostContent") or ())
    if whole:
        yield "</body></html>"


def _table(invocation: Invocation, found: list[Any]) -> Iterator[str]:
    yield "<table>"
    if found:
        wanted = items_of(invocation.get("Property")) or properties.names(found[0])
        columns = columns_for(invocation, found, wanted)
        yield f"<colgroup>{'<col/>' * len(columns)}</colgroup>"
        yield f"<tr>{''.join(f'<th>{_text(each.name)}</th>' for each in columns)}</tr>"
        for row in found:
            yield f"<tr>{''.join(f'<td>{_text(each.read(row))}</td>' for each in columns)}</tr>"
    yield "</table>"


def _text(value: Any) -> str:
    return html.escape(written_text(value)).replace("&#x27;", "&#39;")


def commands() -> tuple[Command, ...]:
    """The family."""
    texts = tuple(Parameter(name, "strings") for name in ("Head", "Body", "PreContent", "PostContent"))
    return (
        made("ConvertTo-Html", _to_html, (PROPERTY, *texts, Parameter("Title"), Parameter("CssUri"),
             Parameter("As"), Parameter("Fragment", "switch"), INPUT), "A page with a table.", family="data"),
    )  # fmt: skip
