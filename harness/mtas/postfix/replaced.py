"""Which settings of a user's Postfix are replaced in its private instance, and where the rest sends mail."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from harness.mtas.postfix.form_files import route, seconds
from harness.mtas.postfix.reading import Reading
from harness.relay_check.values import Configuration, Replaced, Route

__all__ = ["configuration_of", "overrides", "shown"]

_SERVER_NAME: Final = "mail.protection.outlook.com"  # of the emulator's certificate
_AUTHORITIES: Final = ("verify", "secure")
_PINNED: Final = ("fingerprint", "dane", "dane-only")
_EMPTY: Final = {  # what would leave the test, or is not ours to use
    "alias_database": "only local(8) uses it",
    "alias_maps": "only local(8) uses it",
    "content_filter": "mail would leave the test through it",
    "local_recipient_maps": "nobody but the check hands it mail",
    "lmtp_bind_address": "",
    "multi_instance_directories": "",
    "multi_instance_enable": "",
    "multi_instance_name": "",
    "multi_instance_wrapper": "",
    "non_smtpd_milters": "mail would leave the test through it",
    "smtpd_milters": "mail would leave the test through it",
    "smtp_bind_address6": "",
    "smtp_fallback_relay": "the emulator is the only way out",
    "smtpd_proxy_filter": "mail would leave the test through it",
    "transport_maps": "",
    "sender_dependent_relayhost_maps": "",
}
_SETTINGS: Final = {"multi_instance_enable": "no"}


def configuration_of(reading: Reading, sender: str, recipients: Iterable[str]) -> Configuration:
    """Where its mail would go, and when again."""
    values = reading.values
    first = [seconds(values.get(name, "")) for name in ("minimal_backoff_time", "queue_run_delay")]
    life = seconds(values.get("maximal_queue_lifetime", ""), "d")
    held = [f"defer_transports = {values['defer_transports']}"] if _holds(values.get("defer_transports", "")) else []
    certificate = values.get("smtp_tls_chain_files", "").split(",")[0].strip() or values.get("smtp_tls_cert_file", "")
    return Configuration(
        tuple(_routes(reading, sender, recipients)),
        max(each for each in (*first, 0.0) if each is not None),
        seconds(values.get("maximal_backoff_time", "")),
        life,
        tuple(held),
        certificate,
        dict(reading.given),
    )


def _holds(transports: str) -> bool:
    return bool({"smtp", "relay"} & set(re.split(r"[,\s]+", transports)))


def _routes(reading: Reading, sender: str, recipients: Iterable[str]) -> list[Route]:
    """In Postfix's order (ADDRESS_REWRITING_README): transport_maps, the sender's relayhost, relayhost."""
    found: dict[str, Route] = {}
    by_sender = _said(reading, "sender_dependent_relayhost_maps", [sender, f"@{sender.partition('@')[2]}"])
    general = by_sender or route("relayhost", reading.values.get("relayhost", ""))
    for recipient in recipients:
        domain = recipient.partition("@")[2]
        parents = [domain[at:] for at in range(len(domain)) if domain[at] == "."]
        named = _said(reading, "transport_maps", [recipient, domain, *parents, "*"])
        one = named or general
        if one is not None:
            found[one.value] = one
    return list(found.values())


def _said(reading: Reading, setting: str, keys: list[str]) -> Route | None:
    tables = reading.values.get(setting, "")
    said = reading.lookup(tables, keys) if tables else None
    return route(f"{setting} ({tables})", said) if said else None


def overrides(
    reading: Reading, folder: Path, source: str, target: tuple[str, int], ca_pem: bytes, routes: tuple[Route, ...]
) -> dict[str, str]:
    """The settings of the private instance that are not the user's."""
    nexthop = f"[{target[0]}]:{target[1]}"
    found = {
        **dict.fromkeys(_EMPTY, ""),
        **_SETTINGS,
        **{name: value for name, value in reading.programs.values.items() if name != "mail_version"},
        "queue_directory": str(folder / "queue"),
        "data_directory": str(folder / "data"),
        "import_environment": "MAIL_CONFIG MAIL_LOGTAG TZ LANG=C HARNESS_CHILD_OF LD_LIBRARY_PATH",
        "export_environment": "TZ MAIL_CONFIG LANG HARNESS_CHILD_OF LD_LIBRARY_PATH",
        "maillog_file": "/dev/stdout",
        "maillog_file_prefixes": "/var, /dev/stdout",
        "enable_long_queue_ids": "yes",
        "hash_queue_names": "corrupt",
        "inet_protocols": "ipv4",
        "inet_interfaces": "127.0.0.1",
        "smtp_bind_address": source,  # of loopback: the kernel lets nothing out from there
        "smtp_dns_support_level": "disabled",
        "smtp_host_lookup": "native",
        "smtp_tls_loglevel": "1",
        "relayhost": nexthop,
        **_private_caches(reading),
        **_transports(reading),
        **_tls(reading, folder, nexthop, ca_pem, routes),
    }
    if found["multi_instance_enable"] == "no":
        del found["multi_instance_name"], found["multi_instance_wrapper"]
    return found


def _private_caches(reading: Reading) -> dict[str, str]:
    names = ("smtp_tls_session_cache_database", "smtpd_tls_session_cache_database", "address_verify_map")
    return {name: "" for name in names if reading.values.get(name)}


def _transports(reading: Reading) -> dict[str, str]:
    """``default_transport = smtp:[host]``: the transport stays, the host does not."""
    found = {}
    for name in ("default_transport", "relay_transport"):
        transport, colon, rest = reading.values.get(name, "").partition(":")
        if colon and rest and transport not in ("error", "retry", "discard", "local", "virtual"):
            found[name] = transport
    return found


def _tls(reading: Reading, folder: Path, nexthop: str, ca_pem: bytes, routes: tuple[Route, ...]) -> dict[str, str]:
    """The policy for the real smart host is that for the emulator, which is verified by its own authority."""
    tables, policy = reading.values.get("smtp_tls_policy_maps", ""), None
    if tables and routes:
        place = f"[{routes[0].host}]" if routes[0].brackets else routes[0].host
        policy = reading.lookup(tables, [f"{place}:{routes[0].port}", place])
    found: dict[str, str] = {}
    level = policy.split()[0] if policy else reading.values.get("smtp_tls_security_level", "")
    if level in _PINNED:
        policy = None if policy is None else "encrypt"
        found |= {} if policy else {"smtp_tls_security_level": "encrypt"}
    if level in _AUTHORITIES:
        found |= _verifying(reading, folder, ca_pem)
    if policy:
        found["smtp_tls_policy_maps"] = f"inline:{{ {{ {nexthop} = {policy} }} }}"
    return found


def _verifying(reading: Reading, folder: Path, ca_pem: bytes) -> dict[str, str]:
    roots = folder / "etc" / "roots.pem"
    roots.write_bytes(ca_pem)
    found = {"smtp_tls_CAfile": str(roots)}
    for name in ("smtp_tls_verify_cert_match", "smtp_tls_secure_cert_match"):
        words = re.split(r"[,\s:]+", reading.values.get(name, ""))
        if {"hostname", "nexthop", "dot-nexthop"} & set(words):
            found[name] = _SERVER_NAME
    return found


def shown(reading: Reading, made: dict[str, str]) -> list[Replaced]:
    """Those of the user's own that are replaced, and the few that everybody should know of."""
    always = ("relayhost", "smtp_bind_address")
    found = []
    for name, new in made.items():
        old = reading.given.get(name, "")
        if old != new and (old or name in always):
            found.append(Replaced(name, old, new, _EMPTY.get(name, "")))
    return found
