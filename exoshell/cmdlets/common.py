"""What the families of cmdlets share: the tenant they work on, parameters from the tables, errors, lists, identities.

No source quotes the service's own error texts, apart from that of an object that is not there (facts §1.3 E19). The
others are the tenant file's (assumption); the error id begins with the code of the rule and is stable.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from attrs import define, field

from exoshell.backends.base import Backend
from exoshell.cmdlets.overlaps import Overlaps
from exoshell.powershell.commands import Command, Invocation, Param
from exoshell.powershell.commands import Kind as PsKind
from exoshell.powershell.errors import PsError
from exoshell.powershell.values import PsObject
from fakeeop.config.editor.changes import Change, NoSuchElement, Tree, guid_of, listed
from fakeeop.config.loader import forest_from_tree
from fakeeop.config.parameters.kinds import KeyTable, ValueKind
from fakeeop.errors import ConfigError, FakeEopError
from fakeeop.model.behaviour import Behaviour

__all__ = [
    "ANY_IDENTITY",
    "IDENTITY",
    "NAMED_BY",
    "RESULT_SIZE",
    "Tenancy",
    "command",
    "edited_list",
    "element_patch",
    "identities",
    "limited",
    "not_found",
    "nothing_given",
    "parameters_of",
    "patch_of",
]

Run = Callable[["Tenancy", Invocation], Iterable[Any] | None]
_KINDS: dict[ValueKind, PsKind] = {
    ValueKind.BOOLEAN: "bool",
    ValueKind.CHOICE: "enum",
    ValueKind.DOMAIN_PATTERNS: "multivalued",
    ValueKind.DOMAINS: "multivalued",
    ValueKind.IP_RANGES: "multivalued",
    ValueKind.TEXTS: "multivalued",
    ValueKind.MAILBOXES: "multivalued",
}
_SMTP = re.compile(r"(?:smtp:)?(.*?)(?:;\d+)?\Z", re.IGNORECASE | re.DOTALL)
_CONNECTOR_SOURCES = ("Default", "HybridWizard", "Migrated", "AdminUI")

# What catch blocks may name: the class itself, that of every error of a remote session, and its base.
_NOT_FOUND = (
    "Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException",
    "System.Management.Automation.RemoteException",
    "System.Management.Automation.RuntimeException",
)
_CONFIGURATION = "Microsoft.Exchange.Management.SystemConfigurationTasks"
_TASKS = {"recipients": "Microsoft.Exchange.Management.RecipientTasks"}

NAMED_BY = ("Identity", "Name", "Guid")
IDENTITY = Param("Identity", "object", mandatory=True, position=0, from_pipeline="value", about="Name or Guid.")
ANY_IDENTITY = Param(
    "Identity", "object", position=0, from_pipeline="value", nullable=True, about="Name or Guid; all without it."
)
RESULT_SIZE = Param("ResultSize", "object", about="The maximum number of results (1000), or unlimited.")


@define
class Tenancy:
    """What every cmdlet of one session works on."""

    backend: Backend
    _overlaps: Overlaps = field(factory=Overlaps)
    _behaved: tuple[dict[str, Any], Behaviour] | None = None

    @property
    def organization(self) -> str:
        """The tenant's name."""
        return self.backend.organization

    def behaviour(self) -> Behaviour:
        """The knobs in force."""
        whole = self.backend.whole()
        chosen: dict[str, Any] = {key: whole[key] for key in ("Behaviour", "AsOf") if key in whole}
        if self._behaved is None or self._behaved[0] != chosen:
            self._behaved = chosen, forest_from_tree({"Tenants": [], **chosen}).behaviour
        return self._behaved[1]

    def elements(self, kind: str) -> list[Any]:
        """The elements of one list of the tenant."""
        return listed(self.backend.tenant().get(kind))

    def change(self, invocation: Invocation, *changes: Change) -> None:
        """Make them; warn of what they brought about (E15). Raises PsError."""
        before = self.backend.whole()
        self.backend.change(*changes)
        for each in self._overlaps.brought_about(before, self.backend.whole(), self.organization):
            invocation.streams.warning(f"{each.code}: {', '.join(each.where[1:])}: {each.message}")


def command(
    tenancy: Tenancy,
    name: str,
    run: Run,
    parameters: tuple[Param, ...] = (),
    *,
    about: str,
    family: str,
    examples: tuple[str, ...] = (),
    changes: bool = False,
    lab: bool = False,
    aliases: tuple[str, ...] = (),
) -> Command:
    """A cmdlet; what goes wrong in ``run`` becomes an error record, one that does not end the script by itself."""
    return Command(
        name, partial(_guarded, tenancy, run), parameters, about, examples, aliases, family, changes, lab
    )  # fmt: skip


def _guarded(tenancy: Tenancy, run: Run, invocation: Invocation) -> Iterator[Any]:
    if invocation.has_input and not invocation.input:
        return  # nothing came down the pipeline: as in PowerShell, nothing is done, least of all to everything
    try:
        yield from run(tenancy, invocation) or ()
    except NoSuchElement as why:
        invocation.streams.error(not_found(tenancy, invocation, why.name))
    except ConfigError as why:
        invocation.streams.error(_refused(invocation, why))
    except PsError as why:
        if why.terminating:
            raise
        invocation.streams.error(why)
    except FakeEopError as why:
        name = invocation.command.name
        invocation.streams.error(
            PsError(str(why), error_id=f"Server,{name}", category="ResourceUnavailable", terminating=False)
        )


def _refused(invocation: Invocation, why: ConfigError) -> PsError:
    lines = []
    for problem in why.problems:
        where = f"{problem.where[-1]}: " if problem.where else ""
        fix = f". Fix: {problem.fix}" if problem.fix else ""
        lines.append(f"{problem.code}: {where}{problem.message}{fix}")
    error_id = f"{why.problems[0].code},{invocation.command.name}"
    return PsError("\n".join(lines), error_id=error_id, category="InvalidArgument", terminating=False)


def not_found(tenancy: Tenancy, invocation: Invocation, name: str) -> PsError:
    """E19, in the service's words.

    Class, category and the form of the id are those of captures of other cmdlets (assumption for ours): behind our code
    stands what they have behind server, request and time, whose last word is the class that carries the cmdlet out.
    """
    text = f"The operation couldn't be performed because object '{name}' couldn't be found on '{tenancy.organization}'."
    command = invocation.command
    task = f"{_TASKS.get(command.family, _CONFIGURATION)}.{command.name.replace('-', '')}"
    error_id = f"E19 [FailureCategory=Cmdlet-{_NOT_FOUND[0].rpartition('.')[2]}],{task}"
    error = PsError(text, error_id=error_id, category="NotSpecified", target=name, terminating=False)
    error.catches = _NOT_FOUND
    return error


def parameters_of(
    table: KeyTable, *, without: tuple[str, ...] = (), mandatory: tuple[str, ...] = ()
) -> tuple[Param, ...]:
    """The parameters that the rows of a table stand for."""
    found = []
    for row in table.parameters:
        if row.name in (*without, "Confirm", "WhatIf"):
            continue
        kind: PsKind = "object" if row.kind is ValueKind.IGNORED else _KINDS.get(row.kind, "string")
        values = row.values
        if row.name == "ConnectorSource":
            kind, values = "enum", _CONNECTOR_SOURCES
        found.append(
            Param(
                row.name,
                kind,
                mandatory=row.name in mandatory,
                values=values,
                nullable=kind != "bool",
                about=row.description,
            )
        )
    return tuple(found)


def patch_of(invocation: Invocation, table: KeyTable, old: Mapping[str, Any]) -> dict[str, Any]:
    """The keys that were given, lists edited; None for what becomes empty."""
    patch: dict[str, Any] = {}
    for row in table.parameters:
        if not invocation.given(row.name):
            continue
        value = invocation.get(row.name)
        if _KINDS.get(row.kind) == "multivalued":
            patch[row.name] = edited_list(old.get(row.name), value) or None
        else:
            patch[row.name] = None if value is None or value == "" else value
    return patch


def element_patch(tenancy: Tenancy, invocation: Invocation, kind: str, table: KeyTable, old: Mapping[str, Any]) -> Tree:
    """``patch_of`` for one element of a list: a new name leaves it its Guid, as in the directory."""
    patch = patch_of(invocation, table, old)
    if patch.get("Name", old["Name"]) != old["Name"]:
        patch["Guid"] = guid_of(tenancy.organization, kind, old)
    return patch


def nothing_given(invocation: Invocation) -> None:
    """Says so."""
    invocation.streams.warning("nothing was given to change, so nothing was changed")


def edited_list(old: Any, value: Any) -> list[str]:
    """A plain list overwrites, ``@{Add=…; Remove=…}`` edits in place (row C157).

    Entries are compared as addresses and address spaces are, so ``contoso.com`` removes ``smtp:contoso.com;1``. What is
    there already is not added again, and what is not there is not missed (assumption).
    """
    if not isinstance(value, Mapping):
        return _texts(value)
    held = _texts(old)
    actions = {str(key).casefold(): each for key, each in value.items()}
    strange = [str(key) for key in value if str(key).casefold() not in ("add", "remove")]
    if strange:
        raise PsError(
            f"a list is edited by Add and Remove, not by {', '.join(strange)}",
            error_id="InvalidListAction",
            terminating=False,
        )
    gone = {_compared(each) for each in _texts(actions.get("remove"))}
    kept = [each for each in held if _compared(each) not in gone]
    known = {_compared(each) for each in kept}
    return kept + [each for each in dict.fromkeys(_texts(actions.get("add"))) if _compared(each) not in known]


def _texts(value: Any) -> list[str]:
    if value is None:
        return []
    if isinstance(value, str):
        return [part for part in re.split(r"[,\s]+", value.strip().strip("{}")) if part]
    if isinstance(value, list | tuple):
        return [str(each) for each in value if each is not None]
    return [str(value)]


def _compared(entry: str) -> str:
    match = _SMTP.match(entry.strip())
    return (match[1] if match else entry).strip().casefold()


def _identity_of(value: Any, named_by: tuple[str, ...] = NAMED_BY) -> str:
    """What an argument names: text, or the object that a Get- cmdlet gave. Raises PsError for any other object."""
    if not isinstance(value, PsObject):
        return str(value)
    for name in named_by:
        held = value.properties.get(name)
        if held:
            return str(held)
    raise PsError(
        "the object has no Identity, Name or Guid: give one that a Get- cmdlet gave, or a name",
        error_id="InputObjectNotBound",
        category="InvalidArgument",
        terminating=False,
    )


def identities(invocation: Invocation, name: str = "Identity", of: tuple[str, ...] = NAMED_BY) -> list[str]:
    """Every object that is meant: the argument, or what came down the pipeline; none for ``$null`` and empty texts.

    ``of``: the properties of an object that name it, the first that is there counts.

    Raises PsError where one has to be given: a variable that nobody set must not be taken for "nothing to do".
    """
    value = invocation.get(name) if invocation.given(name) else invocation.input
    meant = [each for each in (value if isinstance(value, list) else [value]) if each is not None and each != ""]
    parameter = invocation.command.parameter(name)
    if not meant and parameter is not None and parameter.mandatory:
        raise PsError(
            f"Cannot bind argument to parameter '{name}' because it is null.",
            error_id=f"ParameterArgumentValidationErrorNullNotAllowed,{invocation.command.name}",
            category="InvalidData",
        )
    return [_identity_of(each, of) for each in meant]


def limited(invocation: Invocation, found: list[Any], usual: int = 1000) -> list[Any]:
    """At most ``-ResultSize`` of them, with a warning for those that are left out."""
    asked = invocation.get("ResultSize", usual)
    if str(asked).casefold() == "unlimited":
        return found
    size = int(str(asked)) if str(asked).isdecimal() else 0
    if size < 1:
        raise PsError(
            f"ResultSize is a number from 1, or unlimited, not {asked}",
            error_id=f"ResultSize,{invocation.command.name}",
            category="InvalidArgument",
        )
    if len(found) > size:
        invocation.streams.warning(f"There are more results than {size}: -ResultSize unlimited gives all.")
    return found[:size]
