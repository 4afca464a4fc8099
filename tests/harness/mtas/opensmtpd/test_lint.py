"""OpenSMTPD: the relay action, its pki, and each setting behind a known failure."""

from __future__ import annotations

import pytest

from harness.mtas.lint import ConfigurationError
from harness.relay_lint.reading import kind_of

GOOD = """\
limit mta inet4
mx = "contoso-com.mail.protection.outlook.com"
listen on lo
action "relay" relay host smtp+tls://$mx:25
match from any for any action "relay"
"""
CASES = {
    "no action": ("relay host smtp+tls://$mx:25", "relay", "no-smart-host", 4),
    "port": (":25", ":587", "wrong-port", 4),
    "address": ("$mx:25", "52.101.68.3:25", "smart-host-address", 4),
    "submission": ("$mx:25", "smtp.office365.com:587", "submission-endpoint", 4),
    "no TLS": ("smtp+tls", "smtp+notls", "tls-off", 4),
    "TLS may": ("smtp+tls", "smtp", "tls-optional", 4),
    "smtps": ("smtp+tls://$mx:25", "smtps://$mx:25", "implicit-tls", 4),
    "sign in": ("$mx:25", "$mx:25 auth <secrets>", "sign-in-at-mx", 4),
    "old TLS": ("$mx:25", '$mx:25 tls protocols "TLSv1.1"', "tls-old", 4),
    "IPv6": ("limit mta inet4", "", "ipv6", 4),
    "short life": ("limit mta inet4", "limit mta inet4\nqueue ttl 1h", "short-life", 2),
    "no pki": ("$mx:25", "$mx:25 pki me", "no-pki", 4),
    "certificate not here": ("$mx:25", '$mx:25 pki me\npki me cert "/no"\npki me key "/no"', "certificate-not-here", 5),
}


def test_a_good_configuration_by_address_is_left_alone(linter):
    linter.expect(by_address=True, by_certificate=False)
    assert linter.of(GOOD, "smtpd.conf") == {}


@pytest.mark.parametrize("case", CASES)
def test_one_change_is_one_finding_with_its_line(linter, case):
    old, new, rule, line = CASES[case]
    assert old in GOOD
    linter.expect(by_address=True, by_certificate=False)
    assert linter.of(GOOD.replace(old, new), "smtpd.conf")[rule][1] == line


def test_the_pki_of_the_listener_is_not_the_clients(linter):
    linter.expect(by_certificate=True, by_address=False)
    found = linter.of(GOOD.replace("listen on lo", "listen on lo tls pki me"), "smtpd.conf")
    assert found["server-not-client"] == ("error", 3)


def test_a_quote_that_does_not_end(linter):
    with pytest.raises(ConfigurationError, match=":1: No closing quotation"):
        linter.findings('action "relay\n', "smtpd.conf")


def test_the_grammar_of_2018_is_not_taken_for_valid(linter):
    text = "listen on lo0\naccept for any relay via tls+auth://me@smtp.office365.com:587 auth <secrets>\n"
    found = linter.of(text, "smtpd.conf")
    assert found == {"old-grammar": ("error", 2)}
    assert kind_of(linter.folder / "smtpd.conf") == "opensmtpd"


def test_what_it_names_is_below_root(linter):
    (linter.folder / "etc/mail").mkdir(parents=True)
    (linter.folder / "etc/mail/mailname").write_text("mail.example\n")
    (linter.folder / "etc/mail/relay.conf").write_text(GOOD.replace("listen on lo\n", ""))
    linter.expect(by_address=True, by_certificate=False, domains=("contoso.com",), root=linter.folder)
    found = linter.of('include "/etc/mail/relay.conf"\nlisten on lo\n', "smtpd.conf")
    assert found == {"foreign-origin": ("warning", 1)}
