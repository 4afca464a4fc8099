"""The smtpd.conf of a private OpenSMTPD: a minimal base, the scenario's own settings merged over it.

A setting is a line: its name is how the line begins, its value the rest (``bounce warn-interval: 1h``). Beside them:
``relay`` (the options of the action that relays: host, helo, tls …), ``match`` (lines before the base's own), and
``mailname`` (what stands in /etc/mailname).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from harness.errors import HarnessError
from harness.mtas.base import Instance, merged

__all__ = ["HURRIED", "configuration", "settings"]

HURRIED: Final = {  # it would wait some seconds before it connects to a host again, and hold an idle session for ten
    "mta limit conn-delay-route": "0",
    "mta limit conn-delay-relay": "0",
    "mta limit reconn-delay-route": "0",
    "mta limit session-keepalive": "0",
}

_OURS: Final = ("listen on", "action", "queue compression", "queue encryption")
_FLAGS: Final = {"yes": "", "no": None, "": None}  # an option without a value, or none


def settings(instance: Instance) -> dict[str, Any]:
    """Every setting. Raises HarnessError for one that the harness needs for itself."""
    ours = [name for name in instance.config if name.startswith(_OURS)]
    ours += ["relay src"] if "src" in _mapping(instance.config, "relay") else []
    if ours:
        raise HarnessError(f"smtpd.conf of {instance.name}: {', '.join(ours)} is the harness's own to set")
    wrong = [name for name, value in instance.config.items() if name != "relay" and not isinstance(value, str)]
    if wrong:
        raise HarnessError(f"smtpd.conf of {instance.name}: {', '.join(wrong)}: a setting is the rest of a line")
    host, port = instance.target
    place = f"[{host}]" if ":" in host else host
    name = str(instance.config.get("mailname") or f"{instance.name}.example")
    base = {
        "mailname": name,
        **HURRIED,
        "relay": {
            "host": f"smtp://{place}:{port}",
            "helo": name,
            **({"src": instance.source} if instance.source else {}),
        },
        "match": "",
    }
    return merged(base, instance.config)


def configuration(values: Mapping[str, Any], listen: str) -> str:
    """The file. ``listen`` is where it takes mail: address and port, as smtpd.conf has them."""
    lines = [f"{name} {value}" for name, value in values.items() if name not in ("relay", "match", "mailname")]
    options = [_option(name, str(value)) for name, value in _mapping(values, "relay").items()]
    return "\n".join(
        [
            *lines,
            f"listen on {listen} hostname {_quoted(values['mailname'])}",
            " ".join(['action "relay" relay', *(each for each in options if each)]),
            *str(values["match"]).strip().splitlines(),
            'match from any for any action "relay"',
            "",
        ]
    )


def _option(name: str, value: str) -> str:
    if value in _FLAGS:
        return "" if _FLAGS[value] is None else name
    return f"{name} {value if name in ('tls', 'pki', 'auth') else _quoted(value)}"


def _quoted(text: str) -> str:
    return text if text.startswith(("<", '"')) else f'"{text}"'


def _mapping(config: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = config.get(name, {})
    if not isinstance(found, Mapping):
        raise HarnessError(f"smtpd.conf: {name}: a mapping of options is needed, found {found!r}")
    return found
