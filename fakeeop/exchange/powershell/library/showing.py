"""Format-List, Format-Table, Out-*, Write-*."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from fakeeop.exchange.powershell.conversions import items_of
from fakeeop.exchange.powershell.errors import PsError
from fakeeop.exchange.powershell.formatting import Formatted, columns_of, list_lines, shown_lines, table_lines
from fakeeop.exchange.powershell.host import Command, Invocation, Parameter
from fakeeop.exchange.powershell.library.calculated import columns_for
from fakeeop.exchange.powershell.library.objects import flattened, property_names, property_of, to_text
from fakeeop.exchange.powershell.library.surroundings import INPUT, PROPERTY, Surroundings, made, objects_of
from fakeeop.exchange.powershell.values import PsObject

__all__ = ["commands"]


def _list(around: Surroundings, invocation: Invocation) -> Iterator[Any]:
    found = list(flattened(objects_of(invocation)))
    wanted = items_of(invocation.get("Property"))
    if found:
        columns = columns_for(invocation, found, wanted) if wanted else None
        yield Formatted(list_lines(found, columns, around.width()))


def _table(around: Surroundings, invocation: Invocation) -> Iterator[Any]:
    found = list(flattened(objects_of(invocation)))
    if not found:
        return
    wanted = items_of(invocation.get("Property"))
    view = found[0].view.columns if isinstance(found[0], PsObject) else ()
    names = view or property_names(found[0])[:10]
    columns = columns_for(invocation, found, wanted) if wanted else columns_of(names)
    group = invocation.get("GroupBy")
    runs: dict[str, list[Any]] = {}
    for each in found:
        runs.setdefault(to_text(property_of(each, to_text(group))) if group else "", []).append(each)
    for key, run in runs.items():
        head = ["", f"   {to_text(group)}: {key}"] if group else []
        yield Formatted(head + table_lines(
            run, columns, around.width(), wrap=bool(invocation.get("Wrap")),
            auto_size=bool(invocation.get("AutoSize")), header=not invocation.get("HideTableHeaders"),
        ))  # fmt: skip


def _out_string(around: Surroundings, invocation: Invocation) -> Iterator[Any]:
    lines = shown_lines(objects_of(invocation), invocation.get("Width") or around.width())
    if invocation.get("Stream"):
        yield from lines
    else:
        yield "".join(f"{line}\n" for line in lines)


def _out_host(around: Surroundings, invocation: Invocation) -> None:
    for line in shown_lines(objects_of(invocation), around.width()):
        invocation.streams.host(line)


def _write_host(invocation: Invocation) -> None:
    separator = to_text(invocation.get("Separator", " "))
    text = separator.join(to_text(each) for each in items_of(invocation.get("Object")) or invocation.input)
    invocation.streams.host(text, newline=not invocation.get("NoNewline"))


def _write_error(invocation: Invocation) -> None:
    error = PsError(
        to_text(invocation.get("Message", "")),
        error_id=to_text(invocation.get("ErrorId")) or "Microsoft.PowerShell.Commands.WriteErrorException",
        category=to_text(invocation.get("Category")) or "NotSpecified",
        terminating=False,
    )
    invocation.streams.error(error)


def _preferred(invocation: Invocation, name: str) -> bool:
    scopes = getattr(invocation.session, "scopes", None)
    return scopes is not None and to_text(scopes.get(f"{name}Preference")).casefold() in ("continue", "inquire")


def _verbose(invocation: Invocation) -> None:
    invocation.streams.verbose(to_text(invocation.get("Message")))


def _debug(invocation: Invocation) -> None:
    if _preferred(invocation, "Debug"):
        invocation.streams.host(f"DEBUG: {to_text(invocation.get('Message'))}")


def _information(invocation: Invocation) -> None:
    if _preferred(invocation, "Information"):
        invocation.streams.host(to_text(invocation.get("MessageData")))


def commands(around: Surroundings) -> tuple[Command, ...]:
    """The family."""
    family = "output"
    message = Parameter("Message", "object", position=0, aliases=("Msg",), from_pipeline="value", nullable=True)
    thing = Parameter("Object", "objects", position=0, from_pipeline="value", remaining=True, nullable=True)
    colours = tuple(Parameter(name) for name in ("ForegroundColor", "BackgroundColor"))
    ignored = tuple(
        Parameter(name, "object", nullable=True) for name in ("Activity", "Status", "Id", "PercentComplete")
    )
    return (
        made("Format-List", partial(_list, around), (PROPERTY, Parameter("Force", "switch"), INPUT),
             "Each property on a line.", aliases=("fl",), family=family,
             examples=("Get-InboundConnector | Format-List Name, SenderIPAddresses",)),
        made("Format-Table", partial(_table, around), (PROPERTY, Parameter("AutoSize", "switch"),
             Parameter("Wrap", "switch"), Parameter("HideTableHeaders", "switch"), Parameter("GroupBy", "object"),
             Parameter("Force", "switch"), INPUT), "A table.", aliases=("ft",), family=family,
             examples=("Get-InboundConnector | Format-Table Name, Enabled -AutoSize",)),
        made("Out-String", partial(_out_string, around), (Parameter("Width", "int"), Parameter("Stream", "switch"),
             INPUT), "As one text.", family=family),
        made("Out-Host", partial(_out_host, around), (Parameter("Paging", "switch"), INPUT), "On the screen.",
             aliases=("oh",), family=family),
        made("Out-Null", lambda _: None, (INPUT,), "Nowhere.", family=family),
        made("Write-Host", _write_host, (thing, Parameter("NoNewline", "switch"), Parameter("Separator", "object"),
             *colours), "A text on the screen.", family=family),
        made("Write-Output", lambda invocation: items_of(invocation.get("InputObject")) or invocation.input,
             (Parameter("InputObject", "objects", position=0, from_pipeline="value", remaining=True, nullable=True),
              Parameter("NoEnumerate", "switch")), "Down the pipeline.", aliases=("echo", "write"), family=family),
        made("Write-Warning", lambda invocation: invocation.streams.warning(to_text(invocation.get("Message"))),
             (message,), "A warning.", family=family),
        made("Write-Error", _write_error, (message, Parameter("ErrorId"), Parameter("Category"),
             Parameter("TargetObject", "object")), "An error that does not end the script.", family=family),
        made("Write-Verbose", _verbose, (message,), "Shown with -Verbose.", family=family),
        made("Write-Debug", _debug, (message,), "Shown if $DebugPreference is Continue.", family=family),
        made("Write-Information", _information, (Parameter("MessageData", "object", position=0, from_pipeline="value"),
             Parameter("Tags", "strings")), "Shown if $InformationPreference is Continue.", family=family),
        made("Write-Progress", lambda _: None, (*ignored, Parameter("Completed", "switch"),
             Parameter("CurrentOperation")), "Does nothing.", family=family),
    )  # fmt: skip
