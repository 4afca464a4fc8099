"""sendmail: the macro file and what m4 makes of it."""

from __future__ import annotations

import pytest

MC = """\
OSTYPE(`linux')dnl
define(`SMART_HOST', `esmtp:[contoso-com.mail.protection.outlook.com]')dnl
MASQUERADE_AS(`contoso.com')dnl
MAILER(`smtp')dnl
"""
CF = """\
DS[contoso-com.mail.protection.outlook.com]
DMcontoso.com
O Timeout.queuereturn=5d
Mrelay,	P=[IPC], F=mDFMuXa8k, S=EnvFromSMTP, A=TCP $h
"""
MC_CASES = {
    "no host": ("define(`SMART_HOST'", "dnl define(`SMART_HOST'", "no-smart-host", 0),
    "brackets": ("[contoso-com.mail.protection.outlook.com]", "contoso-com.mail.protection.outlook.com", "smart-host-brackets", 2),  # noqa: E501  a row is a line
    "address": ("contoso-com.mail.protection.outlook.com", "52.101.68.3", "smart-host-address", 2),
    "port": ("MAILER(", "define(`ESMTP_MAILER_ARGS', `TCP $h 587')\nMAILER(", "wrong-port", 4),
    "origin": ("contoso.com')dnl\nM", "mail.example')dnl\nM", "foreign-origin", 3),
    "short life": ("MAILER(", "define(`confTO_QUEUERETURN', `1h')\nMAILER(", "short-life", 4),
    "IPv6": ("MAILER(", "CLIENT_OPTIONS(`Family=inet6')\nMAILER(", "ipv6", 4),
    "certificate not here": ("MAILER(", "define(`confCLIENT_CERT', `/no')\nMAILER(", "certificate-not-here", 4),
}  # fmt: skip
CF_CASES = {
    "no host": ("DS[contoso-com.mail.protection.outlook.com]", "DS", "no-smart-host", 1),
    "port": ("A=TCP $h", "A=TCP $h 587", "wrong-port", 4),
    "short life": ("=5d", "=30m", "short-life", 3),
    "certificate not here": ("DMcontoso.com", "DMcontoso.com\nO ClientCertFile=/no", "certificate-not-here", 3),
}


@pytest.mark.parametrize(("text", "name"), [(MC, "sendmail.mc"), (CF, "sendmail.cf")])
def test_a_good_configuration_by_address_is_left_alone_but_for_clear_text(linter, text, name):
    linter.expect(by_address=True, by_certificate=False, domains=("contoso.com",))
    assert linter.of(text, name) == {"tls-optional": ("note", 0)}


@pytest.mark.parametrize(("case", "table", "text", "name"), [
    *((case, MC_CASES, MC, "sendmail.mc") for case in MC_CASES),
    *((case, CF_CASES, CF, "sendmail.cf") for case in CF_CASES),
])  # fmt: skip
def test_one_change_is_one_finding_with_its_line(linter, case, table, text, name):
    old, new, rule, line = table[case]
    assert old in text
    linter.expect(by_address=True, by_certificate=False, domains=("contoso.com",))
    assert linter.of(text.replace(old, new), name)[rule][1] == line


def test_the_certificate_of_the_server_is_not_the_clients(linter):
    linter.expect(by_certificate=True, by_address=False)
    found = linter.of(MC + "define(`confSERVER_CERT', `/etc/mail/cert.pem')dnl\n", "sendmail.mc")
    assert found["server-not-client"] == ("error", 5)


SIGNS_IN = MC.replace("esmtp:[contoso-com.mail.protection.outlook.com]", "[smtp.office365.com]").replace(
    "MAILER(",
    "define(`RELAY_MAILER_ARGS', `TCP $h 587')dnl\nFEATURE(`authinfo',`hash /etc/mail/authinfo.db')dnl\nMAILER(",
)


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("", "", {"password-in-clear": ("error", 0), "password-ends": ("note", 5)}),
        ("MASQ", "define(`confAUTH_OPTIONS', `A p')dnl\nMASQ", {"password-ends": ("note", 6)}),
        ("FEATURE(", "dnl FEATURE(", {"submission-endpoint": ("error", 2)}),
        ("RELAY_", "ESMTP_", {"password-in-clear": 0, "password-ends": 0, "wrong-port": ("note", 0)}),
        ("[smtp.office365.com]", "smtp.office365.com:587", {"password-in-clear": 0, "password-ends": 0, "smart-host-brackets": ("warning", 2)}),  # noqa: E501
        ("FEATURE(", "FEATURE(`access_db')dnl\nFEATURE(", {"cannot-be-read": ("note", 5), "password-ends": 0}),
    ],
)  # fmt: skip
def test_what_matters_for_signing_in(linter, old, new, found):
    linter.expect(by_address=True, by_certificate=True, domains=("contoso.com",))
    seen = linter.of(SIGNS_IN.replace(old, new) if old else SIGNS_IN, "sendmail.mc")
    assert seen == {rule: place or seen[rule] for rule, place in found.items()}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("TLS_Srv:contoso-com.mail.protection.outlook.com ENCR:128", {}),
        ("TLS_Srv:outlook.com VERIFY", {}),
        ("TLS_Srv:example.net ENCR:128", {"tls-optional": ("note", 0)}),
        ("Try_TLS:contoso-com.mail.protection.outlook.com NO", {"tls-off": ("warning", 1)}),
        ('AuthInfo:contoso-com.mail.protection.outlook.com "U:a"', {"sign-in-at-mx": 0, "tls-optional": ("note", 0)}),
    ],
)
def test_the_access_map_below_root(linter, line, found):
    (linter.folder / "etc/mail").mkdir(parents=True)
    (linter.folder / "etc/mail/access").write_text(line + "\n")
    linter.expect(by_address=True, by_certificate=False, domains=("contoso.com",), root=linter.folder)
    seen = linter.of(MC.replace("MASQ", "FEATURE(`access_db', `hash -o /etc/mail/access')dnl\nMASQ"), "sendmail.mc")
    assert seen == {rule: place or seen[rule] for rule, place in found.items()}
