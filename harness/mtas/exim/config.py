"""The configuration of a private Exim: a minimal base, the scenario's own settings merged over it.

Settings are options of the main section, and next to them ``routers`` and ``transports`` (name → options), ``acl``,
``retry``, ``rewrite`` and ``authenticators`` (the text of the section), and ``-q``, the interval of a daemon's queue
runs, which Exim has on its command line.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from harness.errors import HarnessError
from harness.mtas.base import Instance, merged
from harness.mtas.exim.programs import EximPrograms

__all__ = ["QUEUE_RUNS", "configuration", "own_options", "settings"]

QUEUE_RUNS: Final = "-q"
_OURS: Final = frozenset(  # what keeps an instance private, and lets us watch it
    {
        "daemon_smtp_ports",
        "exim_group",
        "exim_path",
        "exim_user",
        "keep_environment",
        "local_interfaces",
        "log_file_path",
        "log_selector",
        "pid_file_path",
        "spool_directory",
    }
)
_TOLD: Final = """\
harness_tls:
  accept
    condition = ${if eq{$acl_arg1}{smtp:ehlo}}
    logwrite = harness: TLS $tls_out_ver $tls_out_cipher $tls_out_certificate_verified
  accept
"""

_SECTIONS: Final = ("acl", "routers", "transports", "retry", "rewrite", "authenticators")  # in the order of the file
_RETRY: Final = "* * F,2h,15m; G,16h,1h,1.5; F,4d,6h"  # the rule of Exim's default configuration
_CERTIFICATE: Final = "tls_certificate"
_KEY: Final = "tls_privatekey"


def own_options(folder: Path, programs: EximPrograms) -> dict[str, str]:
    """The options of the main section that keep any configuration in ``folder``, and its log readable."""
    return {
        "exim_user": programs.user,
        "exim_group": programs.group,
        "exim_path": str(folder / "exim" if programs.unpacked else programs.program),
        "spool_directory": str(folder / "spool"),
        "log_file_path": f"{folder}/log/%slog",
        "log_selector": "+smtp_confirmation +outgoing_port +pipelining +tls_cipher +tls_certificate_verified",
        "pid_file_path": str(folder / "spool" / "exim.pid"),
        "keep_environment": "HARNESS_CHILD_OF",
        "daemon_smtp_ports": "",
        "local_interfaces": "",
    }


def settings(instance: Instance, folder: Path, programs: EximPrograms) -> dict[str, Any]:
    """Every setting, in sections.

    Times are Exim's defaults: a deferred message is tried again when it is told to, or by a daemon with ``-q``.
    Raises HarnessError for an option that the harness needs for itself.
    """
    ours = sorted(_OURS & instance.config.keys())
    if ours:
        raise HarnessError(f"the configuration of {instance.name}: {', '.join(ours)} is the harness's own to set")
    if "interface" in _section(instance.config, "transports").get("remote_smtp", {}):
        raise HarnessError(f"the configuration of {instance.name}: interface is the harness's own to set (from-host)")
    found = merged(_base(instance, folder, programs), instance.config)
    routers = found["routers"]  # those of the scenario come first: the smart host takes everything
    found["routers"] = {name: routers[name] for name in sorted(routers, key=lambda name: name == "smarthost")}
    found["acl"] = _told(programs) + str(instance.config.get("acl", ""))
    keys = instance.keys()
    for options in [found, *found["transports"].values()]:
        key = keys.get(str(options.get(_CERTIFICATE, "")))
        if key is not None:
            options.setdefault(_KEY, str(key))
    return found


def _base(instance: Instance, folder: Path, programs: EximPrograms) -> dict[str, Any]:
    host, port = instance.target
    return {
        **own_options(folder, programs),
        "primary_hostname": f"{instance.name}.example",
        "trusted_users": "root",
        "untrusted_set_sender": "*",
        "acl_smtp_rcpt": "accept",
        "acl_not_smtp": "accept",
        "dsn_advertise_hosts": "*",
        "message_size_limit": "0",
        "tls_advertise_hosts": "",
        "routers": {
            "smarthost": {
                "driver": "manualroute",
                "route_list": f"* {_in_list(host)}::{port} byname",
                "self": "send",
                "transport": "remote_smtp",
            }
        },
        "transports": {
            "remote_smtp": {
                "driver": "smtp",
                "allow_localhost": "yes",
                "hosts_try_dane": "",
                **({"interface": _in_list(instance.source)} if instance.source else {}),
                **({"event_action": "${acl{harness_tls}{$event_name}}"} if _told(programs) else {}),
            }
        },
        "retry": _RETRY,
    }


def _told(programs: EximPrograms) -> str:
    """Exim logs the TLS layer of deliveries only: an event tells of every one, where Exim has events."""
    return _TOLD if "Event" in programs.features else ""


def _in_list(address: str) -> str:
    """In a list that colons separate, those of an address are doubled."""
    return address.replace(":", "::")


def _section(config: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = config.get(name)
    return found if isinstance(found, Mapping) else {}


def configuration(values: Mapping[str, Any]) -> str:
    """The file."""
    lines = [f"{name} = {_continued(text)}" for name, text in values.items() if name not in (*_SECTIONS, QUEUE_RUNS)]
    for section in _SECTIONS:
        content = values.get(section)
        if not content:
            continue
        lines += ["", f"begin {section}"]
        if not isinstance(content, Mapping):
            lines.append(str(content).rstrip("\n"))
            continue
        for name, options in content.items():
            if not isinstance(options, Mapping):
                raise HarnessError(f"{section}.{name}: a mapping of options is needed, found {options!r}")
            lines.append(f"{name}:")
            lines += [f"  {option} = {_continued(text)}" for option, text in _driver_first(options)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _driver_first(options: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Exim wants to know the driver before its options."""
    return sorted(options.items(), key=lambda each: each[0] != "driver")


def _continued(text: Any) -> str:
    """A value of several lines."""
    return " \\\n    ".join(line.strip() for line in str(text).strip().split("\n"))
