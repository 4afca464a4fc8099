"""Format-List, Format-Table, Out-*, Write-*."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from exoshell.powershell import properties
from exoshell.powershell.commands import Command, Invocation, Param
from exoshell.powershell.conversions import flat_items, items_of, text_of, written_text
from exoshell.powershell.errors import PsError
from exoshell.powershell.formatting import Formatted, columns_of, list_lines, shown_lines, table_lines
from exoshell.powershell.library.choosing import columns_for
from exoshell.powershell.library.host import INPUT, PROPERTY, ShellHost, made, objects_of
from exoshell.powershell.values import HashTable, PsObject

__all__ = ["commands"]


def _list(around: ShellHost, invocation: Invocation) -> Iterator[Any]:
    found = list(flat_items(objects_of(invocation)))
    wanted = items_of(invocation.get("Property"))
    if found:
        columns = columns_for(invocation, found, wanted) if wanted else None
        yield Formatted(list_lines(found, columns, around.width()))


def _table(around: ShellHost, invocation: Invocation) -> Iterator[Any]:
    found = list(flat_items(objects_of(invocation)))
    if not found:
        return
    wanted = items_of(invocation.get("Property"))
    view = found[0].view.columns if isinstance(found[0], PsObject) else ()
    names = view or properties.names(found[0])[:10]
    columns = columns_for(invocation, found, wanted) if wanted else columns_of(names)
    group = invocation.get("GroupBy")
    runs: dict[str, list[Any]] = {}
    for each in found:
        runs.setdefault(text_of(properties.get(each, text_of(group))) if group else "", []).append(each)
    for key, run in runs.items():
        head = ["", f"   {text_of(group)}: {key}"] if group else []
        yield Formatted(head + table_lines(
            run, columns, around.width(), wrap=bool(invocation.get("Wrap")),
            auto_size=bool(invocation.get("AutoSize")), header=not invocation.get("HideTableHeaders"),
        ))  # fmt: skip


def _out_string(around: ShellHost, invocation: Invocation) -> Iterator[Any]:
    lines = shown_lines(objects_of(invocation), invocation.get("Width") or around.width())
    if invocation.get("Stream"):
        yield from lines
    else:
        yield "".join(f"{line}\n" for line in lines)


def _out_host(around: ShellHost, invocation: Invocation) -> None:
    for line in shown_lines(objects_of(invocation), around.width()):
        invocation.streams.host(line)


def _write_host(invocation: Invocation) -> None:
    """Its arguments on one line; each object of a pipeline on its own."""
    separator = text_of(invocation.get("Separator", " "))
    newline = not invocation.get("NoNewline")
    lines = [invocation.get("Object")] if invocation.given("Object") or not invocation.has_input else invocation.input
    for each in lines:
        invocation.streams.host(separator.join(_host_texts(each)), newline=newline)


def _host_texts(value: Any) -> list[str]:
    if isinstance(value, HashTable):
        return ["System.Collections.DictionaryEntry"] * len(value)
    if isinstance(value, list):
        return [text for each in value for text in (_host_texts(each) if each is not None else [""])]
    return [] if value is None else [written_text(value)]


def _messages(invocation: Invocation, name: str = "Message") -> list[str]:
    given = [invocation.get(name)] if invocation.given(name) else invocation.input
    return [text_of(each) for each in given]


def _warning(invocation: Invocation) -> None:
    for each in _messages(invocation):
        invocation.streams.warning(each)


def _write_error(invocation: Invocation) -> None:
    record, thrown = (getattr(invocation.get(name), "inner", None) for name in ("ErrorRecord", "Exception"))
    if isinstance(record, PsError):
        invocation.streams.error(record)
        return
    for message in [thrown.message] if isinstance(thrown, PsError) else _messages(invocation):
        error = PsError(
            message,
            error_id=text_of(invocation.get("ErrorId")) or "Microsoft.PowerShell.Commands.WriteErrorException",
            category=text_of(invocation.get("Category")) or "NotSpecified",
            target=invocation.get("TargetObject"),
            terminating=False,
        )
        if isinstance(thrown, PsError):
            error.catches, error.exception = thrown.catches, thrown.exception
        invocation.streams.error(error)


def _preferred(invocation: Invocation, name: str) -> bool:
    return text_of(invocation.context.scopes.get(f"{name}Preference")).casefold() in ("continue", "inquire")


def _verbose(invocation: Invocation) -> None:
    for each in _messages(invocation):
        invocation.streams.verbose(each)


def _debug(invocation: Invocation) -> None:
    for each in _messages(invocation) if _preferred(invocation, "Debug") else ():
        invocation.streams.host(f"DEBUG: {each}")


def _information(invocation: Invocation) -> None:
    for each in _messages(invocation, "MessageData") if invocation.information else ():
        invocation.streams.host(each)


def _output(invocation: Invocation) -> list[Any]:
    if not invocation.given("InputObject"):
        return invocation.input
    given = invocation.get("InputObject")
    return [given] if invocation.get("NoEnumerate") else list(given)


def commands(around: ShellHost) -> tuple[Command, ...]:
    """The family."""
    family = "output"
    message = Param("Message", "object", position=0, aliases=("Msg",), from_pipeline="value", nullable=True)
    thing = Param("Object", "objects", position=0, from_pipeline="value", remaining=True, nullable=True)
    colours = tuple(Param(name) for name in ("ForegroundColor", "BackgroundColor"))
    ignored = tuple(
        Param(name, "object", nullable=True)
        for name in ("Activity", "Status", "Id", "PercentComplete", "SecondsRemaining", "ParentId", "SourceId")
    )
    return (
        made("Format-List", partial(_list, around), (PROPERTY, Param("Force", "switch"), INPUT),
             "Each property on a line.", aliases=("fl",), family=family,
             examples=("Get-InboundConnector | Format-List Name, SenderIPAddresses",)),
        made("Format-Table", partial(_table, around), (PROPERTY, Param("AutoSize", "switch"),
             Param("Wrap", "switch"), Param("HideTableHeaders", "switch"), Param("GroupBy", "object"),
             Param("Force", "switch"), INPUT), "A table.", aliases=("ft",), family=family,
             examples=("Get-InboundConnector | Format-Table Name, Enabled -AutoSize",)),
        made("Out-String", partial(_out_string, around), (Param("Width", "int"), Param("Stream", "switch"),
             INPUT), "As one text.", family=family),
        made("Out-Host", partial(_out_host, around), (Param("Paging", "switch"), INPUT), "On the screen.",
             aliases=("oh",), family=family),
        made("Out-Null", lambda _: None, (INPUT,), "Nowhere.", family=family),
        made("Write-Host", _write_host, (thing, Param("NoNewline", "switch"), Param("Separator", "object"),
             *colours), "A text on the screen.", family=family),
        made("Write-Output", _output,
             (Param("InputObject", "objects", position=0, from_pipeline="value", remaining=True, nullable=True),
              Param("NoEnumerate", "switch")), "Down the pipeline.", aliases=("echo", "write"), family=family),
        made("Write-Warning", _warning, (message,), "A warning.", family=family),
        made("Write-Error", _write_error, (message, Param("ErrorId"), Param("Category"),
             Param("ErrorRecord", "object"), Param("Exception", "object"), Param("RecommendedAction"),
             Param("TargetObject", "object")), "An error that does not end the script.", family=family),
        made("Write-Verbose", _verbose, (message,), "Shown with -Verbose.", family=family),
        made("Write-Debug", _debug, (message,), "Shown if $DebugPreference is Continue.", family=family),
        made("Write-Information", _information, (Param("MessageData", "object", position=0, from_pipeline="value"),
             Param("Tags", "strings")), "Shown if $InformationPreference is Continue.", family=family),
        made("Write-Progress", lambda _: None, (*ignored, Param("Completed", "switch"),
             Param("CurrentOperation")), "Does nothing.", family=family),
    )  # fmt: skip
