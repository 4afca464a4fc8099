"""Exim: routers and transports, macros and conditions, and each setting behind a known failure."""

from __future__ import annotations

import pytest

from harness.mtas.lint import ConfigurationError

GOOD = """\
disable_ipv6 = true
qualify_domain = contoso.com

begin acl
acl_check_rcpt:
  accept hosts = +relay_from_hosts

begin routers
smarthost:
  driver = manualroute
  route_list = * contoso-com.mail.protection.outlook.com byname
  transport = remote

begin transports
remote:
  driver = smtp
  hosts_require_tls = *

begin retry
*  *  F,2h,15m; G,16h,1h,1.5; F,4d,6h
"""
CASES = {
    "no router": ("driver = manualroute", "driver = dnslookup", "no-smart-host", 0),
    "port in the route": ("outlook.com byname", "outlook.com::587 byname", "wrong-port", 11),
    "port of the transport": ("hosts_require_tls = *", "hosts_require_tls = *\n  port = 587", "wrong-port", 18),
    "address": ("contoso-com.mail.protection.outlook.com byname", "52.101.68.3", "smart-host-address", 11),
    "submission": ("contoso-com.mail.protection.outlook.com", "smtp.office365.com::587", "submission-endpoint", 11),
    "no such transport": ("transport = remote", "transport = remotes", "no-transport", 9),
    "no TLS": ("hosts_require_tls = *", "hosts_avoid_tls = *", "tls-off", 17),
    "TLS may": ("hosts_require_tls = *", "multi_domain", "tls-optional", 0),
    "falls back": ("hosts_require_tls = *", "multi_domain", "clear-text-after-failure", 0),
    "smtps": ("driver = smtp", "driver = smtp\n  protocol = smtps", "implicit-tls", 17),
    "sign in": ("driver = smtp", "driver = smtp\n  hosts_require_auth = *", "sign-in-at-mx", 17),
    "IPv6": ("disable_ipv6 = true", "", "ipv6", 0),
    "short life": ("F,2h,15m; G,16h,1h,1.5; F,4d,6h", "F,1h,15m", "short-life", 20),
    "no retry rule": ("*  *  F,2h,15m; G,16h,1h,1.5; F,4d,6h", "", "short-life", 0),
    "origin": ("qualify_domain = contoso.com", "qualify_domain = mail.example", "foreign-origin", 2),
    "certificate not here": ("driver = smtp", "driver = smtp\n  tls_certificate = /no", "certificate-not-here", 17),
}


def test_a_good_configuration_by_address_is_left_alone(linter):
    linter.expect(by_address=True, by_certificate=False, domains=("contoso.com",))
    assert linter.of(GOOD, "exim4.conf") == {}


@pytest.mark.parametrize("case", CASES)
def test_one_change_is_one_finding_with_its_line(linter, case):
    old, new, rule, line = CASES[case]
    assert old in GOOD
    linter.expect(by_address=True, by_certificate=False, domains=("contoso.com",))
    assert linter.of(GOOD.replace(old, new), "exim4.conf")[rule][1] == line


def test_the_certificate_of_the_server_is_not_the_clients(linter):
    linter.expect(by_certificate=True, by_address=False)
    found = linter.of("tls_certificate = /etc/exim.pem\n" + GOOD, "exim4.conf")
    assert found["server-not-client"] == ("error", 1)


def test_macros_conditions_continuations_and_includes(linter):
    (linter.folder / "more.conf").write_text("disable_ipv6 = yes\n")
    text = (
        f"TARGET = contoso-com.mail\nTLS = 1\n.include {linter.folder}/more.conf\n.include_if_exists /no/such\n"
        "begin routers\nsmarthost:\n  driver = manualroute\n"
        "  route_list = * \\\n    TARGET.protection.outlook.com\n  transport = remote\n"
        "begin transports\nremote:\n  driver = smtp\n"
        ".ifdef TLS\n  hosts_require_tls = *\n.else\n  hosts_avoid_tls = *\n.endif\n"
        "begin retry\n* * F,4d,15m\n"
    )
    linter.expect(by_address=True, by_certificate=False)
    assert linter.of(text, "exim4.conf") == {}
    assert "tls-off" in linter.of(text.replace("TLS = 1\n", ""), "exim4.conf")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("begin transports\nx:\n  ???\n", ":3: no 'option = value'"),
        (".include /no/such\n", "/no/such: cannot be read"),
        ("a = b \\", "goes on after the end"),
    ],
)
def test_a_configuration_that_is_none(linter, text, words):
    with pytest.raises(ConfigurationError, match=words):
        linter.findings(text, "exim4.conf")


SIGNS_IN = (
    GOOD.replace("contoso-com.mail.protection.outlook.com", "smtp.office365.com::587").replace(
        "hosts_require_tls = *", "hosts_require_tls = *\n  hosts_require_auth = *"
    )
    + "begin authenticators\nlogin:\n  driver = plaintext\n  public_name = LOGIN\n  client_send = : a : secret\n"
)


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("disable_ipv6 = true\n", "", {}),
        ("hosts_require_tls = *", "multi_domain", {"password-in-clear": ("error", 0)}),
        ("hosts_require_tls = *", "hosts_require_tls = *.example", {"password-in-clear": ("error", 17)}),
        ("hosts_require_tls = *", "hosts_avoid_tls = *", {"sign-in-without-tls": ("error", 17)}),
        ("  hosts_require_auth = *\n", "", {"submission-endpoint": ("error", 11), "password-ends": None}),
        ("public_name = LOGIN", "public_name = XOAUTH2", {"password-ends": None}),
        (": a : secret", "<; ${if !eq{$tls_out_cipher}{}{a}fail}", {}),
    ],
)
def test_what_matters_for_signing_in(linter, old, new, found):
    assert old in SIGNS_IN
    linter.expect(by_address=True, by_certificate=True, domains=("contoso.com",))
    wanted = {"password-ends": ("note", 0), **found}
    seen = {
        rule: place if rule in found else (place[0], 0)
        for rule, place in linter.of(SIGNS_IN.replace(old, new), "exim4.conf").items()
    }
    assert seen == {rule: place for rule, place in wanted.items() if place is not None}


@pytest.mark.parametrize(
    "host", ["${env{SMARTHOST}}", "${lookup{$domain}lsearch{/etc/hosts}}", "DEBCONFsmarthostDEBCONF"]
)
def test_a_host_that_is_expanded_is_not_known(linter, host):
    found = linter.of(GOOD.replace("contoso-com.mail.protection.outlook.com byname", host), "exim4.conf")
    assert found == {"cannot-be-read": ("note", 11)}


def test_an_include_is_below_root(linter):
    (linter.folder / "etc").mkdir()
    (linter.folder / "etc/more.conf").write_text("disable_ipv6 = true\n")
    text = GOOD.replace("disable_ipv6 = true", ".include /etc/more.conf")
    linter.expect(by_address=True, by_certificate=False, root=linter.folder)
    assert linter.of(text, "exim4.conf") == {}


def test_one_domain_only_is_direct_send(linter):
    text = GOOD.replace("  transport = remote\n", "  domains = contoso.com\n  transport = remote\n", 1)
    assert linter.of(text, "exim4.conf") == {"part-of-the-mail": ("note", 12)}
