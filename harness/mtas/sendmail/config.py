"""The macro file of a private sendmail, in sendmail's own words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from harness.errors import DriverError, HarnessError
from harness.mtas.base import Instance

__all__ = ["HOSTS", "NAME", "UNSAFE", "macro_file", "private"]

NAME: Final = "mta.example"
HOSTS: Final = f"127.0.0.1 {NAME} mta localhost\n"
_OURS: Final = ("confSERVICE_SWITCH_FILE", "confHOSTS_FILE", "QUEUE_DIR", "STATUS_FILE", "confPID_FILE", "ALIAS_FILE")
UNSAFE: Final = "GroupReadableKeyFile,TrustStickyBit"  # the folder is below /tmp, which everybody may write to


def private(folder: Path) -> dict[str, Path]:
    """What lies in the folder of an instance, by the names of sendmail.mc."""
    return {
        "confSERVICE_SWITCH_FILE": folder / "switch",
        "confHOSTS_FILE": folder / "hosts",
        "ALIAS_FILE": folder / "aliases",
        "QUEUE_DIR": folder / "queue",
        "STATUS_FILE": folder / "statistics",
        "confPID_FILE": folder / "pid",
        "HELP_FILE": folder / "help",
    }


def macro_file(instance: Instance, folder: Path) -> str:
    """sendmail.mc. The keys of ``config`` are names of ``define``, or ``RULESETS`` (text for LOCAL_RULESETS) and
    ``FEATURES`` (a list for FEATURE). Raises DriverError for a value that m4 could not hold, HarnessError
    for a setting that keeps the instance private.
    """
    host, port = instance.target
    base: dict[str, Any] = {
        **private(folder),
        "confDOMAIN_NAME": NAME,
        "confDONT_BLAME_SENDMAIL": UNSAFE,
        "SMART_HOST": f"relay:[{host}]",
        "RELAY_MAILER_ARGS": f"TCP $h {port}",
        "confMIN_QUEUE_AGE": "0",
    }
    ours = [name for name in instance.config if name in _OURS]
    if ours:
        raise HarnessError(f"sendmail.mc of {instance.name}: {', '.join(ours)} is the harness's own to set")
    settings = base | {name: value for name, value in instance.config.items() if value not in (None, "")}
    key = instance.keys().get(str(settings.get("confCLIENT_CERT", "")))
    if key is not None:
        settings.setdefault("confCLIENT_KEY", key)
    rulesets, features = settings.pop("RULESETS", ""), settings.pop("FEATURES", ())
    lines = ["divert(0)dnl", *_defined(settings, ("confSERVICE_SWITCH_FILE", "confHOSTS_FILE")), "OSTYPE(`linux')dnl"]
    source = f", Address={instance.source}" if instance.source else ""
    lines += [f"FEATURE(`{name}')dnl" for name in ("nocanonify", "accept_unresolvable_domains", *features)]
    lines.append(f"CLIENT_OPTIONS(`Family=inet{source}')dnl")
    lines += _defined({name: value for name, value in settings.items() if name not in base}, ())
    lines += ["MAILER(`local')dnl", "MAILER(`smtp')dnl"]
    if rulesets:
        lines += ["LOCAL_RULESETS", str(rulesets).rstrip("\n")]
    return "\n".join([*lines, ""])


def _defined(settings: Mapping[str, Any], first: tuple[str, ...]) -> list[str]:
    """``define`` lines; some must stand before OSTYPE, and none harms there."""
    names = [*first, *(name for name in settings if name not in first)]
    found = []
    for name in names:
        value = str(settings[name])
        if "'" in value or "`" in value or "\n" in value:
            raise DriverError("sendmail.mc", f"{name} cannot hold a quote of m4 or a line end: {value!r}")
        found.append(f"define(`{name}', `{value}')dnl")
    return found
