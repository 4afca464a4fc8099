"""Dates, help, modules, credentials, New-Object, variables, and the rest of what scripts begin with."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from exoshell.powershell.binding import Argument
from exoshell.powershell.commands import Command, Invocation, Param, Registry
from exoshell.powershell.conversions import cast, is_list_type, items_of, listed, number_of, text_of
from exoshell.powershell.errors import ParameterError, PsError, Unsupported
from exoshell.powershell.functions import call_function
from exoshell.powershell.library.choosing import names_like
from exoshell.powershell.library.host import ShellHost, made, objects_of
from exoshell.powershell.moments import format_date, unix_format
from exoshell.powershell.objects import guid, ps_credential, secure_string
from exoshell.powershell.values import FormatView, HashTable, PsObject

__all__ = ["commands", "help_lines", "syntax_of", "variable_commands"]


def syntax_of(command: Command) -> str:
    """``Name [-Parameter <kind>] …``."""
    return " ".join([command.name, *map(_syntax, command.parameters)])


def _syntax(parameter: Param) -> str:
    name = f"-{parameter.name}"
    if parameter.kind == "switch":
        return f"[{name}]"
    name = f"[{name}]" if parameter.position is not None else name
    values = " | ".join(parameter.values)
    text = f"{name} {{{values}}}" if values else f"{name} <{parameter.kind}>"
    return text if parameter.mandatory else f"[{text}]"


def help_lines(command: Command) -> Iterator[str]:
    """Name, synopsis, syntax, parameters, examples."""
    yield from ("", "NAME", f"    {command.name}", "", "SYNOPSIS", f"    {command.about}", "")
    if command.lab:
        yield from ("    The service has no such cmdlet.", "")
    if command.aliases:
        yield from ("ALIASES", f"    {', '.join(command.aliases)}", "")
    yield from ("SYNTAX", f"    {syntax_of(command)}", "")
    told = [each for each in command.parameters if each.about]
    if told:
        yield "PARAMETERS"
        yield from (f"    -{each.name}: {each.about}" for each in told)
        yield ""
    if command.examples:
        yield "EXAMPLES"
        yield from (f"    PS> {each}" for each in command.examples)
        yield ""


_MODULE = "ExchangeOnlineManagement"
_MAX_SLEEP = 3600.0  # seconds
_PARTS = ("Year", "Month", "Day", "Hour", "Minute", "Second", "Millisecond")


def _get_date(around: ShellHost, invocation: Invocation) -> Iterator[Any]:
    given = [invocation.get("Date")] if invocation.given("Date") else [None]
    if not invocation.given("Date") and invocation.has_input:
        given = [cast(each, "datetime", invocation.position) for each in invocation.input]
    changes = {name.casefold(): invocation.get(name) for name in _PARTS if invocation.given(name)}
    if "millisecond" in changes:
        changes["microsecond"] = changes.pop("millisecond") * 1000
    for each in given:
        try:
            yield _dated(invocation, (each or around.now()).replace(**changes))
        except (ValueError, OverflowError) as why:
            raise PsError(f"Get-Date: {why}", error_id="FormatException", category="InvalidArgument") from why


def _dated(invocation: Invocation, moment: datetime) -> Any:
    if invocation.get("AsUTC"):
        moment = moment.astimezone(UTC)
    if invocation.given("Format"):
        return format_date(moment, text_of(invocation.get("Format")))
    if invocation.given("UFormat"):
        return unix_format(moment, text_of(invocation.get("UFormat")))
    return moment


def _new_span(around: ShellHost, invocation: Invocation) -> Iterator[timedelta]:
    if invocation.given("Start") or invocation.given("End"):
        now = around.now()
        start, end = (invocation.get(name) or now for name in ("Start", "End"))
        yield end - start.replace(tzinfo=start.tzinfo or end.tzinfo)
        return
    parts = {name.casefold(): number_of(invocation.get(name)) for name in ("Days", "Hours", "Minutes", "Seconds")
             if invocation.given(name)}  # fmt: skip
    try:
        yield timedelta(**parts)
    except OverflowError as why:
        raise ParameterError(
            "New-TimeSpan: TimeSpan overflowed because the duration is too long.", error_id="OverflowException"
        ) from why


def _sleep(around: ShellHost, invocation: Invocation) -> None:
    seconds = float(invocation.get("Seconds") or 0) + float(invocation.get("Milliseconds") or 0) / 1000
    if not 0 <= seconds <= _MAX_SLEEP:
        raise ParameterError(f"Start-Sleep: {seconds:g} seconds; here it is 0 to {_MAX_SLEEP:g}")
    around.pause(seconds)


def _new_object(registry: Registry, invocation: Invocation) -> Iterator[Any]:
    name = text_of(invocation.get("TypeName"))
    arguments = items_of(invocation.get("ArgumentList"))
    if len(arguments) == 1 and isinstance(arguments[0], list):
        arguments = arguments[0]
    given = invocation.get("Property")
    if name.casefold().rpartition(".")[2] in ("psobject", "pscustomobject", "object"):
        yield PsObject(HashTable(given or {}))
        return
    if is_list_type(name):
        yield listed(name, arguments, invocation.position)
        return
    new = registry.type(name)
    if new is None:
        raise Unsupported(f"the type [{name}]", invocation.position)
    found = new(arguments)
    for key, value in (given or {}).items():
        found.properties[key] = value
    yield found


def _ask(around: ShellHost, command: str, question: str, *, secret: bool = False) -> str:
    if around.ask is None:
        raise PsError(
            f"{command}: nobody is there to answer. Fix: run it in the shell, or put the value in the script",
            error_id="NonInteractive", category="InvalidOperation",
        )  # fmt: skip
    return around.ask(question, secret)


def _read_host(around: ShellHost, invocation: Invocation) -> Iterator[Any]:
    prompt = text_of(invocation.get("Prompt", ""))
    secret = bool(invocation.get("AsSecureString"))
    answer = _ask(around, "Read-Host", f"{prompt}: " if prompt else "", secret=secret)
    yield secure_string(answer) if secret else answer


def _credential(around: ShellHost, registry: Registry, invocation: Invocation) -> Iterator[Any]:
    user = text_of(invocation.get("UserName", invocation.get("Credential"))) or _ask(around, "Get-Credential", "User: ")
    password = _ask(around, "Get-Credential", f"Password for user {user}: ", secret=True)
    yield ps_credential(registry, [user, secure_string(password)])


def _to_secure(invocation: Invocation) -> Iterator[Any]:
    if not invocation.get("AsPlainText"):
        raise PsError("ConvertTo-SecureString: only with -AsPlainText -Force here")
    yield secure_string(text_of(invocation.get("String", next(iter(invocation.input), ""))))


def _strict_mode(invocation: Invocation) -> None:
    wanted = text_of(invocation.get("Version", "")).casefold()
    if invocation.get("Off"):
        invocation.context.strict = 0.0
    elif wanted == "latest":
        invocation.context.strict = 3.0
    else:
        invocation.context.strict = float(number_of(wanted, invocation.position))


def _nothing(what: str, invocation: Invocation) -> None:
    invocation.streams.verbose(f"{invocation.command.name}: {what}")


def _modules(invocation: Invocation) -> Iterator[Any]:
    """The one that is always loaded, if it is meant."""
    names = [text_of(each) for each in items_of(invocation.get("Name"))]
    if not names or names_like([_MODULE], names):
        row = {"ModuleType": "Script", "Version": "3.0.0", "Name": _MODULE}
        yield PsObject.of(row, "System.Management.Automation.PSModuleInfo")


def _module(invocation: Invocation) -> None:
    """Import-, Install- and Update-Module: others than that one are not to be had."""
    for each in items_of(invocation.get("Name")):
        name = text_of(each)
        if name.casefold() == _MODULE.casefold() or name.casefold().startswith("microsoft.powershell."):
            _nothing("does nothing: every cmdlet is there", invocation)
            continue
        error = PsError(
            f"The specified module '{name}' was not loaded because no valid module file was found in any module"
            " directory.",
            error_id=f"Modules_ModuleNotFound,{invocation.command.name}", category="ResourceUnavailable", target=name,
            terminating=False,
        )  # fmt: skip
        invocation.streams.error(error)


def _get_command(registry: Registry, invocation: Invocation) -> Iterator[Any]:
    wanted = [text_of(each) for each in items_of(invocation.get("Name"))] or ["*"]
    found = [each for each in registry if names_like([each.name], wanted)]
    for name in wanted:
        alias = registry.command(name)
        if alias is not None and alias not in found:
            found.append(alias)
    if not found:
        raise PsError(f"The term '{wanted[0]}' is not recognized as a name of a cmdlet.",
                      error_id="CommandNotFoundException", category="ObjectNotFound", terminating=False)  # fmt: skip
    for each in found:
        row = {"CommandType": "Cmdlet", "Name": each.name, "Family": each.family, "Synopsis": each.about}
        yield PsObject.of(row, "System.Management.Automation.CmdletInfo", FormatView(("Name", "Family", "Synopsis")))


def _get_help(registry: Registry, invocation: Invocation) -> Iterator[str]:
    name = text_of(invocation.get("Name", "")) or "Get-Help"
    command = registry.command(name)
    if command is None:
        raise PsError(f"Get-Help could not find {name}. Get-Command lists what there is", error_id="HelpNotFound",
                      category="ResourceUnavailable")  # fmt: skip
    yield from help_lines(command)


def commands(registry: Registry, around: ShellHost) -> tuple[Command, ...]:
    """The family."""
    family = "system"
    anything = (Param("Name", "objects", position=0, remaining=True), *(Param(each, "object", nullable=True)
                for each in ("Scope", "Repository", "RequiredVersion", "MinimumVersion", "ExecutionPolicy", "Version")),
                *(Param(each, "switch") for each in ("Force", "AllowClobber", "ListAvailable",
                "DisableNameChecking", "AllowPrerelease", "SkipPublisherCheck", "AcceptLicense")))  # fmt: skip
    return (
        made("Get-Date", partial(_get_date, around), (Param("Date", "datetime", position=0, from_pipeline="value"),
             Param("Format"), Param("UFormat"), Param("AsUTC", "switch"),
             *(Param(name, "int") for name in _PARTS)), "The time, or a date; -Format takes .NET's formats.",
             family=family, examples=("Get-Date -Format g",)),
        made("New-TimeSpan", partial(_new_span, around), (Param("Start", "datetime", position=0),
             Param("End", "datetime", position=1), *(Param(name, "float") for name in ("Days", "Hours",
             "Minutes", "Seconds"))), "A span of time.", family=family),
        made("Start-Sleep", partial(_sleep, around), (Param("Seconds", "float", position=0),
             Param("Milliseconds", "int", aliases=("m",))), "Waits, an hour at most.", aliases=("sleep",),
             family=family),
        made("New-Guid", lambda _: [guid(str(uuid.uuid4()))], (), "A new GUID.",
             family=family),
        made("New-Object", partial(_new_object, registry), (Param("TypeName", mandatory=True, position=0),
             Param("ArgumentList", "objects", position=1, aliases=("Args",)), Param("Property", "hashtable")),
             "An object of .NET; which types there are says docs/powershell.md.", family=family,
             examples=("New-Object Net.Mail.SmtpClient('contoso-com.mail.protection.outlook.com', 25)",)),
        made("Set-StrictMode", _strict_mode, (Param("Version", "object"), Param("Off", "switch")),
             "From 1.0: a variable that was never set is an error; from 2.0: a property that is not there.",
             family=family, examples=("Set-StrictMode -Version Latest",)),
        made("Read-Host", partial(_read_host, around), (Param("Prompt", "object", position=0),
             Param("AsSecureString", "switch"), Param("MaskInput", "switch")), "Asks; in the shell only.",
             family=family),
        made("Get-Credential", partial(_credential, around, registry), (Param("Credential", "object", position=0),
             Param("UserName"), Param("Message")), "Asks for a password; in the shell only.", family=family),
        made("ConvertTo-SecureString", _to_secure, (Param("String", position=0, from_pipeline="value"),
             Param("AsPlainText", "switch"), Param("Force", "switch")), "A SecureString.", family=family),
        made("Get-Command", partial(_get_command, registry), (Param("Name", "strings", position=0),),
             "What commands there are.", aliases=("gcm",), family=family, examples=("Get-Command *-InboundConnector",)),
        made("Get-Help", partial(_get_help, registry), (Param("Name", position=0), *(Param(each, "switch")
             for each in ("Full", "Detailed", "Examples", "Online"))), "What a command does.", aliases=("help", "man"),
             family=family, examples=("Get-Help New-InboundConnector",)),
        *(made(name, _module, anything, "Does nothing: every cmdlet is there; another module is an error.",
               aliases=aliases, family=family)
          for name, aliases in (("Import-Module", ("ipmo",)), ("Install-Module", ()), ("Update-Module", ()))),
        made("Set-ExecutionPolicy", partial(_nothing, "does nothing"), anything, "Does nothing.", family=family),
        made("Get-Module", _modules, anything, "The one module that is always loaded.", aliases=("gmo",),
             family=family),
    )  # fmt: skip


def _name(invocation: Invocation, name: Any) -> str:
    """With its scope in front. Raises Unsupported."""
    scope = text_of(invocation.get("Scope", "")).casefold()
    if scope not in ("", "local", "script", "global"):
        raise Unsupported(f"-Scope {scope}", invocation.position)
    plain = text_of(name)
    if any(mark in plain for mark in "*?["):
        raise Unsupported("variables by wildcards", invocation.position)
    return f"{scope}:{plain}" if scope in ("script", "global") else plain


def _set(invocation: Invocation) -> None:
    value = invocation.get("Value")
    if not invocation.given("Value") and invocation.has_input:
        value = invocation.input[0] if len(invocation.input) == 1 else invocation.input
    for each in items_of(invocation.get("Name")):
        if not invocation.context.scopes.put(_name(invocation, each), value):
            raise PsError(
                f"Cannot overwrite variable {text_of(each)} because it is read-only or constant.",
                error_id="VariableNotWritable", category="WriteError",
            )  # fmt: skip


def _get(invocation: Invocation) -> Iterator[Any]:
    scopes = invocation.context.scopes
    for each in items_of(invocation.get("Name")):
        name = _name(invocation, each)
        if not scopes.known(name):
            invocation.streams.error(_missing(text_of(each)))
        elif invocation.get("ValueOnly"):
            yield scopes.get(name)
        else:
            row = {"Name": text_of(each), "Value": scopes.get(name)}
            yield PsObject.of(row, "System.Management.Automation.PSVariable", FormatView(("Name", "Value")))


def _remove(invocation: Invocation) -> None:
    for each in items_of(invocation.get("Name")):
        if not invocation.context.scopes.remove(_name(invocation, each)):
            invocation.streams.error(_missing(text_of(each)))


def _missing(name: str) -> PsError:
    return PsError(
        f"Cannot find a variable with the name '{name}'.", error_id="VariableNotFound", category="ObjectNotFound",
        target=name, terminating=False,
    )  # fmt: skip


def _invoke(invocation: Invocation) -> list[Any]:
    given = [Argument("", each, invocation.position) for each in items_of(invocation.get("ArgumentList"))]
    items = objects_of(invocation) if invocation.has_input else None
    found = call_function(invocation.context, "", invocation.get("ScriptBlock"), given, invocation.position, items)
    return list(found)


def variable_commands() -> tuple[Command, ...]:
    """The family."""
    family = "system"
    names = Param("Name", "strings", mandatory=True, position=0)
    scope, force = Param("Scope", "object"), Param("Force", "switch")
    return (
        made("Set-Variable", _set, (names, Param("Value", "object", position=1, nullable=True,
             from_pipeline="value"), scope, force), "Gives a variable a value.", aliases=("sv", "set"), family=family),
        made("Get-Variable", _get, (names, Param("ValueOnly", "switch"), scope), "A variable as an object.",
             aliases=("gv",), family=family),
        made("Remove-Variable", _remove, (names, scope, force), "Takes a variable away.", aliases=("rv",),
             family=family),
        made("Invoke-Command", _invoke, (Param("ScriptBlock", "scriptblock", mandatory=True, position=0),
             Param("ArgumentList", "objects", aliases=("Args",)),
             Param("InputObject", "object", from_pipeline="value")),
             "Runs a script block, on this machine.", aliases=("icm",), family=family),
    )  # fmt: skip
