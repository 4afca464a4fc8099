"""A user's own Exim configuration, made private: accounts, folders, ports and the smart host replaced, no more.

Text in, text out. Lines that are not replaced stay as they are, macros and conditions included; a file that is named by
``.include`` is not looked into. What is taken out is left as a comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from attrs import define, field

from harness.mtas.exim.programs import EximPrograms
from harness.mtas.form import Replaced

__all__ = ["replaced"]

_BEGIN: Final = re.compile(r"begin\s+(\w+)\s*$")
_DRIVER: Final = re.compile(r"(\w+)\s*:\s*$")
_OPTION: Final = re.compile(r"(?:hide\s+)?(?P<name>[a-z]\w*)\s*(?:=\s*(?P<value>.*))?$", re.DOTALL)
_DNS_ONLY: Final = frozenset(  # options of the driver dnslookup that manualroute does not know
    {
        "check_secondary_mx",
        "check_srv",
        "fail_defer_domains",
        "ipv4_only",
        "ipv4_prefer",
        "mx_domains",
        "mx_fail_domains",
        "qualify_single",
        "rewrite_headers",
        "search_parents",
        "srv_fail_domains",
        "widen_domains",
    }
)
_ROUTE: Final = _DNS_ONLY | {"host_find_failed", "ignore_target_hosts", "route_data", "route_list", "self"}
_OUT: Final = (
    "allow_localhost",
    "hosts",
    "hosts_override",
    "hosts_require_dane",
    "hosts_try_dane",
    "interface",
    "port",
)
_FILES: Final = ("tls_certificate", "tls_privatekey")
_TRUSTED: Final = "tls_verify_certificates"
_VERIFIES: Final = ("tls_verify_hosts", "tls_try_verify_hosts")
_LOCAL: Final = ("appendfile", "lmtp", "pipe")
_THE_ONLY_WAY: Final = "this server is the only way out"
_NOT_KEPT: Final = "nothing is delivered here"


@define
class _Statement:
    """One logical line: the lines of the file, and what they say, continued lines joined."""

    lines: list[str]
    said: str
    section: str = "main"
    driver: str = ""

    @property
    def option(self) -> tuple[str, str]:
        """Name and value; a flag has no value. Two empty texts for anything else."""
        found = _OPTION.match(self.said)
        return (found["name"], (found["value"] or "").strip()) if found else ("", "")


@define
class _Made:
    """The new text on its way."""

    lines: list[str] = field(factory=list)
    found: list[Replaced] = field(factory=list)

    def out(self, statement: _Statement, new: str = "", why: str = "") -> None:
        """Leave a statement as a comment."""
        self.lines += [f"# {line}" for line in statement.lines]
        name, value = statement.option
        place = [statement.section, statement.driver] if statement.driver else []
        self.found.append(Replaced(": ".join([*place, name]), value or name, new, why))

    def put(self, values: Mapping[str, str]) -> None:
        self.lines += [f"{name} = {value}".rstrip() for name, value in values.items()]


def replaced(
    text: str,
    *,
    target: tuple[str, int],
    source: str,
    own: Mapping[str, str],
    programs: EximPrograms,
    files: Mapping[str, Path] | None = None,
    trusted: Path | None = None,
) -> tuple[str, list[Replaced]]:
    """The text for a private instance, and everything that is not as it was.

    ``target`` is where all mail goes, a name or an address with a port; ``source`` the address to connect from, empty
    for any. ``own`` are the main options of the instance (``exim_config.own_options``). ``files`` maps paths of
    certificates and keys to copies that the instance's account can read; ``trusted`` is a file with the authority of
    the emulator's certificate, which transports verify it by.
    """
    statements = list(_statements(text))
    drivers = {(each.section, each.driver): each.option[1] for each in statements if each.option[0] == "driver"}
    made, copies = _Made(), {str(name): str(path) for name, path in (files or {}).items()}
    verifying = {each.driver for each in statements if each.option[0] in (_TRUSTED, *_VERIFIES)} if trusted else set()
    in_main = True
    for each in statements:
        if in_main and each.section != "main":
            made.put(own)
            in_main = False
        roots = str(trusted) if each.driver in verifying else ""
        driver = drivers.get((each.section, each.driver), "")
        _one(made, each, driver, (target, source, own, programs, roots), copies)
    if in_main:
        made.put(own)
    return "\n".join(made.lines) + "\n", made.found


_Given = tuple[tuple[str, int], str, Mapping[str, str], EximPrograms, str]


def _one(made: _Made, each: _Statement, driver: str, given: _Given, copies: Mapping[str, str]) -> None:
    target, source, own, programs, roots = given
    name, value = each.option
    if each.section == "main" and name in own:
        made.out(each, own[name], "private")
    elif name in _FILES and value in copies:
        made.out(each, copies[value], "a copy that it can read")
        made.put({name: copies[value]})
    elif each.section == "routers" and driver in ("manualroute", "dnslookup") and name:
        _router(made, each, target)
    elif each.section == "transports" and name and driver == "smtp":
        _smtp(made, each, source, roots)
    elif each.section == "transports" and name and driver in _LOCAL:
        _local(made, each, programs.user)
    else:
        made.lines += each.lines


def _router(made: _Made, each: _Statement, target: tuple[str, int]) -> None:
    name, value = each.option
    route = f"* {target[0].replace(':', '::')}::{target[1]} byname"
    if name == "driver":
        if value == "manualroute":
            made.lines += each.lines
        else:
            made.out(each, "manualroute", "nothing is asked of DNS")
            made.put({"driver": "manualroute"})
        made.put({"route_list": route, "self": "send"})
    elif name.removeprefix("no_") in _ROUTE:
        new = {"route_list": route, "route_data": f"route_list = {route}", "self": "send"}.get(name, "")
        made.out(each, new, _THE_ONLY_WAY)
    else:
        made.lines += each.lines


def _smtp(made: _Made, each: _Statement, source: str, roots: str) -> None:
    name, _ = each.option
    new = {"allow_localhost": "true", "hosts_try_dane": ""} | (
        {"interface": source.replace(":", "::")} if source else {}
    )
    new |= {_TRUSTED: roots} if roots else {}
    if name == "driver":
        made.lines += each.lines
        made.put(new)
        if source:
            place = f"transports: {each.driver}: interface"
            made.found.append(Replaced(place, "", source, "the address of the test"))
    elif name == _TRUSTED and roots:
        made.out(each, roots, "the authority of the emulator's certificate")
    elif name.removeprefix("no_") in _OUT:
        made.found = [one for one in made.found if one.old or one.name != f"transports: {each.driver}: {name}"]
        made.out(each, new.get(name, ""), _THE_ONLY_WAY)
    else:
        made.lines += each.lines


def _local(made: _Made, each: _Statement, user: str) -> None:
    if each.option[0] != "driver":
        made.lines += [f"# {line}" for line in each.lines]
        return
    made.out(each, "appendfile to /dev/null", _NOT_KEPT)
    made.put({"driver": "appendfile", "file": "/dev/null", "user": user})


def _statements(text: str) -> Iterator[_Statement]:
    section, driver, held = "main", "", _Statement([], "")
    for line in text.splitlines():
        held.lines.append(line)
        bare = line.strip()
        if held.said and bare.startswith("#"):  # a comment within a continued line
            continue
        if bare.endswith("\\") and not bare.startswith("#"):
            held.said += bare[:-1]
            continue
        held.said += bare
        begin, name = _BEGIN.match(held.said), _DRIVER.match(held.said)
        if begin:
            section, driver = begin[1], ""
        elif name and section in ("routers", "transports", "authenticators"):
            driver = name[1]
        yield _Statement(held.lines, "" if begin or name else held.said, section, driver)
        held = _Statement([], "")
    if held.lines:
        yield _Statement(held.lines, held.said, section, driver)
