"""The configuration of a private Postfix: a minimal base, the scenario's own main.cf settings merged over it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from harness.errors import HarnessError
from harness.mtas.base import Instance

__all__ = ["MASTER_CF", "at_least", "main_cf", "settings"]

_OURS: Final = frozenset(  # what keeps an instance private, and lets us watch it
    {
        "command_directory",
        "compatibility_level",
        "daemon_directory",
        "data_directory",
        "enable_long_queue_ids",
        "hash_queue_names",
        "import_environment",
        "mail_owner",
        "maillog_file",
        "maillog_file_prefixes",
        "meta_directory",
        "multi_instance_directories",
        "queue_directory",
        "setgid_group",
        "shlib_directory",
        "smtp_bind_address",
    }
)

# Submission is a socket of the private queue folder: no port is taken, nobody else can reach it.
MASTER_CF: Final = """\
submit unix n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


def settings(instance: Instance, folder: Path, built_in: Mapping[str, str]) -> dict[str, str]:
    """Every setting of main.cf. ``built_in`` are the values of ``PostfixPrograms``, its version among them.

    Times are Postfix's defaults: a deferred message is tried again in minutes, or when it is told to.
    Raises HarnessError for a setting that the harness needs for itself.
    """
    ours = sorted(_OURS & instance.config.keys())
    if ours:
        raise HarnessError(f"main.cf of {instance.name}: {', '.join(ours)} is the harness's own to set")
    wrong = sorted(name for name, value in instance.config.items() if not isinstance(value, str))
    if wrong:
        raise HarnessError(
            f"main.cf of {instance.name}: {', '.join(wrong)}: a setting is text, main.cf has no sections"
        )
    host, port = instance.target
    found = {
        "compatibility_level": "3.6" if at_least(built_in["mail_version"], (3, 6)) else "2",
        "queue_directory": str(folder / "queue"),
        "data_directory": str(folder / "data"),
        **{name: value for name, value in built_in.items() if name != "mail_version"},
        "import_environment": "MAIL_CONFIG MAIL_LOGTAG TZ LANG=C HARNESS_CHILD_OF LD_LIBRARY_PATH",
        "maillog_file": "/dev/stdout",
        "enable_long_queue_ids": "yes",  # an id is never used twice
        "hash_queue_names": "corrupt",  # deferred messages lie in one folder, which can be watched
        "myhostname": f"{instance.name}.example",
        "mydestination": "",
        "mynetworks": "127.0.0.0/8",
        "inet_protocols": "ipv4",
        "alias_maps": "",
        "local_recipient_maps": "",
        "message_size_limit": "0",
        "mailbox_size_limit": "0",
        "relayhost": f"[{host}]:{port}",
        "smtp_dns_support_level": "disabled",
        "smtp_host_lookup": "native",
        "smtp_tls_loglevel": "1",
        **({"smtp_bind_address": instance.source} if instance.source else {}),
        **instance.config,
    }
    key = instance.keys().get(found.get("smtp_tls_cert_file", ""))
    if key is not None:
        found.setdefault("smtp_tls_key_file", str(key))
    return found


def main_cf(values: Mapping[str, str]) -> str:
    """The file; a value of several lines is continued as main.cf wants it."""
    return "".join(f"{name} = {_continued(text)}".rstrip() + "\n" for name, text in values.items())


def _continued(text: str) -> str:
    return "\n    ".join(line.strip() for line in text.strip().split("\n"))


def at_least(version: str, wanted: tuple[int, int]) -> bool:
    """Is a version this one or a later one?"""
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())
    return numbers >= wanted
