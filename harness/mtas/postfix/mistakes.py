"""What is wrong with main.cf and master.cf themselves: misspelt names, files that are not there, lost bounces."""

from __future__ import annotations

import re
from collections.abc import Set
from pathlib import Path
from typing import Final

from harness.mtas.lint import (
    ERROR,
    WARNING,
    Expected,
    LintFinding,
    PlacedSetting,
    Severity,
    configuration_text,
    unread,
)
from harness.mtas.postfix.files import MainCf, lookup_tables, services

__all__ = ["find_mistakes"]

_KNOWN: Final = (
    *("smtp_tls_cert_file", "smtp_tls_key_file", "smtp_tls_chain_files", "smtp_tls_security_level", "relayhost"),
    *("smtp_tls_CAfile", "smtp_tls_CApath", "smtp_tls_policy_maps", "smtp_bind_address", "smtp_tls_wrappermode"),
    *("smtp_sasl_auth_enable", "smtp_sasl_password_maps", "smtp_sasl_security_options", "transport_maps"),
    *("smtp_tls_mandatory_protocols", "smtp_tls_protocols", "inet_protocols", "maximal_queue_lifetime", "myorigin"),
    *("smtp_sasl_tls_security_options", "smtp_sasl_mechanism_filter", "sender_dependent_relayhost_maps"),
)
_OTHERS: Final = ("smtpd_", "lmtp_", "tlsproxy_", "postscreen_")  # other programs' settings have names like these
_NEIGHBOURS: Final = (  # settings of Postfix (postconf(5)) that are near one of those, and are no mistake
    *("smtp_tls_dcert_file", "smtp_tls_dkey_file", "smtp_tls_eccert_file", "smtp_tls_eckey_file", "relay_domains"),
    *("smtp_sasl_tls_verified_security_options", "smtp_bind_address6", "inet_interfaces", "sender_canonical_maps"),
    *("lmtp_tls_cert_file", "smtpd_tls_cert_file", "relay_transport", "mydestination", "bounce_queue_lifetime"),
    *("sender_dependent_default_transport_maps", "smtp_tls_mandatory_ciphers", "smtp_tls_per_site", "local_transport"),
    *("smtp_sasl_path", "smtp_sasl_type", "smtp_bind_address_enforce", "fallback_transport_maps", "relay_clientcerts"),
    *("virtual_transport", "fallback_transport", "default_transport"),
)


def find_mistakes(config: MainCf, master: Path, expected: Expected) -> list[LintFinding]:
    """All of them; ``master`` need not be there."""
    misspelt = _misspelt(config)
    lost = _discarded(master) if master.exists() else []
    return [*lost, *misspelt, *_hidden_starttls(config), *_files(config, expected, {each.setting for each in misspelt})]


def _hidden_starttls(config: MainCf) -> list[LintFinding]:
    words = config.get("smtp_discard_ehlo_keywords")
    if "starttls" not in words.value.lower():
        return []
    message, fix = "STARTTLS is removed from what the server offers", "take 'starttls' out of it"
    return [LintFinding("starttls-ignored", ERROR, words.path, words.line, words.name, message, fix)]


def _discarded(master: Path) -> list[LintFinding]:
    """The services that tell senders of refusals, if something else stands for them."""
    found = []
    for each in services(configuration_text(master), str(master)):
        if each.name in ("bounce", "defer") and each.kind == "unix" and each.command != "bounce":
            message = f"the service {each.name} is {each.command}: senders hear of no refusal"
            then, fix = "mail that the service refuses is lost in silence", f"{each.name} unix - - n - 0 bounce"
            found.append(LintFinding("bounces-lost", ERROR, str(master), each.at, each.name, message, fix, then))
    return found


_LISTS: Final = (  # a file in place of the value
    *("myorigin", "mydestination", "relay_domains", "mynetworks", "virtual_alias_domains", "virtual_mailbox_domains"),
)


def _files(config: MainCf, expected: Expected, unknown: Set[str]) -> list[LintFinding]:
    """Files that settings name and that are not there, or whose table postmap has not made."""
    found: list[LintFinding] = []
    away: list[tuple[PlacedSetting, str]] = []
    for name in (each for each in config.settings if each not in unknown):
        setting = config.get(name)
        if name in _LISTS:
            plain = [each for each in re.split(r"[,\s]+", setting.value) if each.startswith("/")]
            away += [(setting, each) for each in plain if not expected.present(each)]
        for table in lookup_tables(setting):
            if not table.is_file or not table.rest.startswith("/") or _CACHE.search(name):
                continue
            made, there = table.made(expected), expected.present(table.rest)
            if there and made is False and expected.complete:
                found.append(_not_made(setting, f"{table.kind}:{table.rest}"))
            elif not there and not made:
                away.append((setting, table.rest))
    if away and expected.complete:
        found += [_missing(setting, path) for setting, path in away]
    elif away:
        names = ", ".join(dict.fromkeys(path for _, path in away))
        tells = "give --root DIR, the folder with a copy of its machine (--root / for this one)"
        found.append(unread(away[0][0], names, tells))
    return found


_CACHE: Final = re.compile(r"_database\Z|_cache_maps?\Z|\Aaddress_verify_map\Z|_persistent_")  # Postfix makes them


def _missing(setting: PlacedSetting, path: str) -> LintFinding:
    message = f"{path} is not there"
    then = "Postfix does not start, or defers all mail for now"
    if setting.name == "alias_maps":
        then = "mail for local users is deferred"
    fix = f"make it, or take it out of {setting.name}"
    return LintFinding("file-missing", _severity(setting), setting.path, setting.line, setting.name, message, fix, then)


def _severity(setting: PlacedSetting) -> Severity:
    return WARNING if setting.name == "alias_maps" else ERROR  # it is for local users only


def _not_made(setting: PlacedSetting, table: str) -> LintFinding:
    message, then = f"{table} has not been made of its text", "every look-up fails, mail is deferred"
    fix, severity = f"postmap {table}", _severity(setting)
    if setting.name == "alias_maps":
        then, fix = "mail for local users is deferred", "newaliases"
    return LintFinding("table-not-made", severity, setting.path, setting.line, setting.name, message, fix, then)


def _misspelt(config: MainCf) -> list[LintFinding]:
    """Names that are nearly one of those that matter: Postfix says nothing of them but in postconf's warnings."""
    import difflib  # noqa: PLC0415  start-up time

    found = []
    used = {each for setting in config.settings.values() for each in re.findall(r"\$[{(]?(\w+)", setting.value)}
    for name, setting in config.settings.items():
        if name in _KNOWN or name in _NEIGHBOURS or name in used or name.startswith(_OTHERS):
            continue
        near = difflib.get_close_matches(name, (*_KNOWN, *_NEIGHBOURS), n=1, cutoff=0.92)
        if near and near[0] in _KNOWN and abs(len(near[0]) - len(name)) <= 2:
            there = near[0] in config.settings
            message, then = f"{name} is not a setting of Postfix; {near[0]} is", "it is ignored"
            then += f"; {near[0]} on line {config.settings[near[0]].line} counts" if there else ""
            severity: Severity = WARNING if there else ERROR
            found.append(
                LintFinding("unknown-setting", severity, setting.path, setting.line, name, message, near[0], then)
            )
    return found
