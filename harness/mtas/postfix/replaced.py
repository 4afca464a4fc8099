"""Which settings and services of a user's Postfix are replaced in its private instance, and where it sends mail."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from harness.mtas.base import seconds
from harness.mtas.form import Configuration, NextHop, Replaced
from harness.mtas.postfix.config import MASTER_CF
from harness.mtas.postfix.files import OPTION, MasterService, services
from harness.mtas.postfix.reading import PostfixReading

__all__ = ["configuration_of", "master_cf", "overrides", "route", "shown"]

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
_CLIENTS: Final = ("smtp",)  # commands that connect to other servers by SMTP, and are kept as they are
_KEPT: Final = ("error", "retry", "discard")  # commands that send nothing anywhere
_DECIDE: Final = ("bounce", "defer", "trace", "error", "retry", "discard", "cleanup", "qmgr", "rewrite")
_OWN: Final = ("bounce", "defer", "trace", "smtp", "relay")  # services whose absence from a user's master.cf counts
_LOCAL: Final = ("local", "virtual", "lmtp")
_STAYS: Final = "-o syslog_name=postfix/kept-here"  # the log tells what a local delivery would have kept
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


def configuration_of(reading: PostfixReading, sender: str, recipients: Iterable[str]) -> Configuration:
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
        _demanded(reading),
        _silenced(reading),
        dict(reading.given),
    )


def _demanded(reading: PostfixReading) -> str:
    """The level that main.cf sets for all hosts, if it is one that sends nothing in clear text."""
    level = reading.values.get("smtp_tls_security_level", "")
    demands = level in ("encrypt", *_AUTHORITIES, "fingerprint", "dane-only")
    return f"smtp_tls_security_level = {level}" if demands else ""


def _silenced(reading: PostfixReading) -> tuple[str, ...]:
    """Services of master.cf without which a sender does not hear of a refusal."""
    theirs = {each.name: each for each in services(reading.master, "master.cf") if each.kind == "unix"}
    if not theirs:
        return ()
    found = []
    for name in ("bounce", "defer"):
        if name not in theirs:
            found.append(f"master.cf has no service '{name} unix'")
        elif theirs[name].command != "bounce":
            found.append(f"master.cf: {name} unix … {theirs[name].command}")
    return tuple(found)


def _holds(transports: str) -> bool:
    return bool({"smtp", "relay"} & set(re.split(r"[,\s]+", transports)))


def _routes(reading: PostfixReading, sender: str, recipients: Iterable[str]) -> list[NextHop]:
    """In Postfix's order (ADDRESS_REWRITING_README): transport_maps, the sender's relayhost, relayhost."""
    found: dict[str, NextHop] = {}
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


def _said(reading: PostfixReading, setting: str, keys: list[str]) -> NextHop | None:
    tables = reading.values.get(setting, "")
    said = reading.lookup(tables, keys) if tables else None
    return route(f"{setting} ({tables})", said) if said else None


def overrides(
    reading: PostfixReading,
    folder: Path,
    source: str,
    target: tuple[str, int],
    ca_pem: bytes,
    routes: tuple[NextHop, ...],
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


def _private_caches(reading: PostfixReading) -> dict[str, str]:
    names = ("smtp_tls_session_cache_database", "smtpd_tls_session_cache_database", "address_verify_map")
    return {name: "" for name in names if reading.values.get(name)}


def _transports(reading: PostfixReading) -> dict[str, str]:
    """``default_transport = smtp:[host]``: the transport stays, the host does not."""
    found = {}
    for name in ("default_transport", "relay_transport"):
        transport, colon, rest = reading.values.get(name, "").partition(":")
        if colon and rest and transport not in ("error", "retry", "discard", "local", "virtual"):
            found[name] = transport
    return found


def _tls(
    reading: PostfixReading, folder: Path, nexthop: str, ca_pem: bytes, routes: tuple[NextHop, ...]
) -> dict[str, str]:
    """The policy for the real smart host is that for the emulator, which is verified by its own authority."""
    tables, policy = reading.values.get("smtp_tls_policy_maps", ""), None
    if tables and routes:
        place = f"[{routes[0].host}]" if routes[0].brackets else routes[0].host
        policy = reading.lookup(tables, [f"{place}:{routes[0].port}", place])
    found: dict[str, str] = {}
    level = policy.split()[0] if policy else reading.values.get("smtp_tls_security_level", "")
    verifies = level in _AUTHORITIES or any(each in reading.master for each in _AUTHORITIES)  # an -o of a client
    if level in _PINNED:
        policy = None if policy is None else "encrypt"
        found |= {} if policy else {"smtp_tls_security_level": "encrypt"}
    if verifies:
        found |= _verifying(reading, folder, ca_pem)
    if policy:
        policy = re.sub(r"(\bmatch=)\S+", rf"\g<1>{_SERVER_NAME}", re.sub(r"\btafile=\S+", "", policy))
        found["smtp_tls_policy_maps"] = f"inline:{{ {{ {nexthop} = {policy} }} }}"
    return found


def _verifying(reading: PostfixReading, folder: Path, ca_pem: bytes) -> dict[str, str]:
    roots = folder / "etc" / "roots.pem"
    roots.write_bytes(ca_pem)
    found = {"smtp_tls_CAfile": str(roots)}
    for name in ("smtp_tls_verify_cert_match", "smtp_tls_secure_cert_match"):
        words = re.split(r"[,\s:]+", reading.values.get(name, ""))
        if {"hostname", "nexthop", "dot-nexthop"} & set(words):
            found[name] = _SERVER_NAME
    return found


def shown(reading: PostfixReading, made: dict[str, str]) -> list[Replaced]:
    """Those of the user's own that are replaced, and the few that everybody should know of."""
    always = ("relayhost", "smtp_bind_address")
    found = []
    for name, new in made.items():
        old = reading.given.get(name, "")
        if old != new and (old or name in always):
            found.append(Replaced(name, old, new, _EMPTY.get(name, "")))
    return found


def master_cf(
    text: str, ours: Mapping[str, str], where: str = "master.cf", used: str = ""
) -> tuple[str, list[Replaced]]:
    """The private instance's: the user's SMTP clients, and the services that decide whether a sender hears of a
    refusal, with their options; our own for all else. A service of these that a user's file lacks is lacking here too.

    ``ours``: settings that an ``-o`` may not change; ``used``: text that names the services in use. Raises
    ConfigurationError.
    """
    base = {each.key: each for each in services(MASTER_CF, "ours")}
    theirs = services(text, where)
    if theirs:
        base = {key: each for key, each in base.items() if key[0] not in _OWN or _has(theirs, key)}
    replaced: list[Replaced] = []
    unused: list[str] = []
    for each in theirs:
        if each.kind in ("inet", "fifo", "pass"):
            continue  # nobody but the check hands it mail
        if each.command in (*_CLIENTS, *_KEPT) or each.name in _DECIDE:
            base[each.key] = _client(each, ours, replaced)
        elif each.key not in base or each.command in ("pipe", *_LOCAL, "spawn"):
            base[each.key] = _discarding(each.name)
            if each.command in ("pipe", "spawn") and not re.search(rf"\b{re.escape(each.name)}\b", used):
                unused.append(each.name)
            elif each.command in ("pipe", "spawn"):
                old = f"{each.command} {each.arguments}".strip()
                replaced.append(Replaced(f"master.cf: {each.name}", old[:80], "discard", "it would leave the test"))
    for name in _LOCAL:
        base[name, "unix"] = _discarding(name, _STAYS)
    if unused:
        replaced.append(Replaced(f"master.cf: {', '.join(unused)}", "pipe", "discard", "main.cf does not use them"))
    base["submit", "unix"] = MasterService("submit", "unix", ("n", "-", "n", "-", "-"), "smtpd", _SUBMIT)
    return "".join(each.line() for each in base.values()), replaced


def _has(theirs: list[MasterService], key: tuple[str, str]) -> bool:
    return any(each.key == key for each in theirs)


def _discarding(name: str, options: str = "") -> MasterService:
    return MasterService(name, "unix", ("-", "-", "n", "-", "-"), "discard", options)


def _client(service: MasterService, ours: Mapping[str, str], replaced: list[Replaced]) -> MasterService:
    arguments = service.arguments
    for found in list(OPTION.finditer(service.arguments)):
        name, _, value = (found["braced"] or found["plain"] or "").partition("=")
        if name.strip() in ours:
            arguments = arguments.replace(found[0], "")
            why = "one for the whole instance"
            replaced.append(Replaced(f"master.cf: {service.name} -o {name.strip()}", value.strip(), "", why))
    private, unprivileged, _, wakeup, processes = service.fields
    return MasterService(
        service.name, service.kind, (private, unprivileged, "n", wakeup, processes), service.command, arguments
    )


def route(where: str, value: str) -> NextHop | None:
    """``[host]:port``, ``host``, ``transport:[host]:port``; None for what names no host."""
    text = value.strip().split(",")[0].strip()
    named = re.fullmatch(r"(?P<transport>[\w.-]*):(?P<rest>.*)", text)
    if named and not re.fullmatch(r"[\w.-]+:(?:\d+|smtps?|submissions?)", text):
        text = named["rest"]
    found = re.fullmatch(r"\[(?P<host>[^\]]+)\](?::(?P<port>\w+))?|(?P<bare>[^:\[\]\s]+)(?::(?P<number>\w+))?", text)
    if found is None:
        return None
    host, port = found["host"] or found["bare"], found["port"] or found["number"] or "25"
    return NextHop(where, value, host, port, brackets=found["host"] is not None)
