"""A user's main.cf and master.cf read as Postfix reads them. Text in, values out; nothing is started."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from attrs import frozen

from harness.mtas.postfix.config import MASTER_CF
from harness.relay_check.values import Replaced, Route

__all__ = ["Service", "logical_lines", "main_without", "master_cf", "route", "seconds", "services"]

_UNITS: Final = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_CLIENTS: Final = ("smtp",)  # commands that connect to other servers by SMTP, and are kept as they are
_KEPT: Final = ("error", "retry", "discard")
_OPTION: Final = re.compile(r"(?:^|\s)-o\s+(?:\{\s*(?P<braced>[^}]*?)\s*\}|(?P<plain>\S+))")


@frozen
class Service:
    """One entry of master.cf."""

    name: str
    kind: str
    fields: tuple[str, ...]  # private, unpriv, chroot, wakeup, maxproc
    command: str
    arguments: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """Later entries of the same name and kind replace earlier ones."""
        return self.name, self.kind

    @property
    def options(self) -> dict[str, str]:
        """The ``-o`` settings."""
        found = {}
        for each in _OPTION.finditer(self.arguments):
            name, _, value = (each["braced"] or each["plain"] or "").partition("=")
            found[name.strip()] = value.strip()
        return found

    def line(self) -> str:
        """As master.cf has it."""
        return " ".join([self.name, self.kind, *self.fields, self.command, self.arguments]).rstrip() + "\n"


def logical_lines(text: str) -> list[str]:
    """Comments and empty lines left out, continued lines joined (postconf(5))."""
    found: list[str] = []
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if line[0].isspace() and found:
            found[-1] += "\n" + line
        else:
            found.append(line)
    return found


def main_without(text: str, names: Iterable[str]) -> str:
    """main.cf without these settings, all else as it is. Of a setting that stands there twice, the last is in force."""
    lines = {line.partition("=")[0].strip(): line for line in logical_lines(text)}
    return "".join(f"{line}\n" for name, line in lines.items() if name not in set(names))


def services(text: str) -> list[Service]:
    """The entries of a master.cf. Raises ValueError with the line that is none."""
    found: dict[tuple[str, str], Service] = {}
    for line in logical_lines(text):
        words = " ".join(line.split()).split(" ", 8)
        if len(words) < 8:
            raise ValueError(f"master.cf: {line.strip()!r} has {len(words)} fields of 8")
        made = Service(words[0], words[1], tuple(words[2:7]), words[7], words[8] if len(words) > 8 else "")
        found[made.key] = made
    return list(found.values())


def master_cf(text: str, ours: Mapping[str, str]) -> tuple[str, list[Replaced]]:
    """The private instance's: his SMTP clients with their options, our own for all else. ``ours``: settings that an
    ``-o`` may not change. Raises ValueError.
    """
    base = {each.key: each for each in services(MASTER_CF)}
    replaced: list[Replaced] = []
    for his in services(text):
        if his.command in _CLIENTS and his.kind == "unix":
            base[his.key] = _client(his, ours, replaced)
        elif his.kind in ("inet", "fifo", "pass") or his.command in (*_KEPT, "smtp"):
            continue  # nobody but the check hands it mail
        elif his.key not in base or his.command in ("pipe", "local", "virtual", "lmtp", "spawn"):
            base[his.key] = Service(his.name, his.kind, ("-", "-", "n", "-", "-"), "discard")
            if his.command not in ("local", "virtual", "lmtp"):
                old = f"{his.command} {his.arguments}".strip()
                replaced.append(Replaced(f"master.cf: {his.name}", old[:80], "discard", "it would leave the test"))
    for name in ("local", "virtual", "lmtp"):
        base[name, "unix"] = Service(name, "unix", ("-", "-", "n", "-", "-"), "discard")
    base["submit", "unix"] = Service("submit", "unix", ("n", "-", "n", "-", "-"), "smtpd", _SUBMIT)
    return "".join(each.line() for each in base.values()), replaced


_SUBMIT: Final = " ".join(
    f"-o {each}"
    for each in (
        "mynetworks=127.0.0.0/8",
        "smtpd_client_restrictions=",
        "smtpd_helo_required=no",
        "smtpd_helo_restrictions=",
        "smtpd_sender_restrictions=",
        "smtpd_relay_restrictions=permit_mynetworks,reject",
        "smtpd_recipient_restrictions=permit_mynetworks,reject",
        "smtpd_data_restrictions=",
        "smtpd_end_of_data_restrictions=",
        "smtpd_etrn_restrictions=",
        "smtpd_reject_unlisted_recipient=no",
        "smtpd_reject_unlisted_sender=no",
        "smtpd_tls_security_level=none",
        "smtpd_sasl_auth_enable=no",
        "smtpd_proxy_filter=",
        "smtpd_milters=",
        "smtpd_delay_reject=yes",
        "smtpd_upstream_proxy_protocol=",
        "smtpd_discard_ehlo_keywords=",
        "smtpd_recipient_limit=1000",
    )
)


def _client(his: Service, ours: Mapping[str, str], replaced: list[Replaced]) -> Service:
    arguments = his.arguments
    for found in list(_OPTION.finditer(his.arguments)):
        name, _, value = (found["braced"] or found["plain"] or "").partition("=")
        if name.strip() in ours:
            arguments = arguments.replace(found[0], "")
            why = "one for the whole instance"
            replaced.append(Replaced(f"master.cf: {his.name} -o {name.strip()}", value.strip(), "", why))
    private, unprivileged, _, wakeup, processes = his.fields
    return Service(his.name, his.kind, (private, unprivileged, "n", wakeup, processes), his.command, arguments)


def route(where: str, value: str) -> Route | None:
    """``[host]:port``, ``host``, ``transport:[host]:port``; None for what names no host."""
    text = value.strip().split(",")[0].strip()
    named = re.fullmatch(r"(?P<transport>[\w.-]*):(?P<rest>.*)", text)
    if named and not re.fullmatch(r"[\w.-]+:(?:\d+|smtps?|submissions?)", text):
        text = named["rest"]
    found = re.fullmatch(r"\[(?P<host>[^\]]+)\](?::(?P<port>\w+))?|(?P<bare>[^:\[\]\s]+)(?::(?P<number>\w+))?", text)
    if found is None:
        return None
    host, port = found["host"] or found["bare"], found["port"] or found["number"] or "25"
    return Route(where, value, host, port, brackets=found["host"] is not None)


def seconds(text: str, default_unit: str = "s") -> float | None:
    """A time of main.cf (``5d``, ``300``); None for what is none."""
    found = re.fullmatch(r"\s*(\d+)\s*([smhdw]?)\s*", text)
    return None if found is None else int(found[1]) * _UNITS[found[2] or default_unit]
