"""Postfix: each setting behind a known failure is found, with its line; a good configuration is left alone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from harness.mtas.lint import ConfigurationError

MX = "contoso-com.mail.protection.outlook.com"
GOOD = """\
# a relay by address
myorigin = contoso.com
inet_protocols = ipv4
relayhost = [contoso-com.mail.protection.outlook.com]:25
smtp_tls_security_level = encrypt
"""
MASTER = "smtp      unix  -       -       n       -       -       smtp\n"


def test_a_good_configuration_by_address_is_left_alone(linter):
    assert linter.expect(by_address=True, by_certificate=False, domains=("contoso.com",)).of(GOOD) == {}


def test_an_empty_configuration_has_no_smart_host(linter):
    assert linter.of("")["no-smart-host"] == ("error", 0)


def more(line: str) -> tuple[str, str]:
    return "= encrypt", f"= encrypt\n{line}"


CASES = {
    "brackets": (f"[{MX}]:25", MX, "smart-host-brackets", 4),
    "port": ("]:25", "]:587", "wrong-port", 4),
    "port by name": ("]:25", "]:submission", "wrong-port", 4),
    "address": (MX, "52.101.68.3", "smart-host-address", 4),
    "former name": (MX, "contoso-com.mail.eo.outlook.com", "smart-host-former", 4),
    "submission": (f"[{MX}]:25", "[smtp.office365.com]:587", "submission-endpoint", 4),
    "submission at 25": (MX, "smtp.office365.com", "wrong-port", 4),
    "another host": (MX, "mail.example.net", "smart-host-unknown", 4),
    "unreadable": (f"[{MX}]:25", "[contoso-com.mail", "bad-smart-host", 4),
    "no TLS": ("= encrypt", "= none", "tls-off", 5),
    "TLS may": ("= encrypt", "= may", "tls-optional", 5),
    "verify": ("= encrypt", "= verify", "no-roots", 5),
    "IPv6": ("= ipv4", "= all", "ipv6", 3),
    "origin": ("= contoso.com", "= mail.example", "foreign-origin", 2),
    "wrapper": (*more("smtp_tls_wrappermode = yes"), "implicit-tls", 6),
    "old TLS": (*more("smtp_tls_mandatory_protocols = TLSv1"), "tls-old", 6),
    "old TLS, negative": (*more("smtp_tls_mandatory_protocols = !SSLv3, !TLSv1.2, !TLSv1.3"), "tls-old", 6),
    "old TLS, at most": (*more("smtp_tls_mandatory_protocols = <=TLSv1.1"), "tls-old", 6),
    "sign in": (*more("smtp_sasl_auth_enable = yes"), "sign-in-at-mx", 6),
    "short life": (*more("maximal_queue_lifetime = 30m"), "short-life", 6),
    "no life": (*more("maximal_queue_lifetime = 0"), "short-life", 6),
    "soft bounces": (*more("soft_bounce = yes"), "no-bounces", 6),
    "keywords": (*more("smtp_discard_ehlo_keywords = starttls, chunking"), "starttls-ignored", 6),
    "twice": (*more("smtp_tls_security_level = may"), "set-twice", 6),
    "misspelt": (*more("smtp_tls_certfile = /x"), "unknown-setting", 6),
    "a certificate that is not here": (*more("smtp_tls_cert_file = /no/such"), "certificate-not-here", 6),
}


@pytest.mark.parametrize("case", CASES)
def test_one_change_is_one_finding_with_its_line(linter, case):
    old, new, rule, line = CASES[case]
    assert old in GOOD
    linter.expect(by_address=True, by_certificate=False, domains=("contoso.com",))
    found = linter.of(GOOD.replace(old, new))
    assert found[rule][1] == line


def test_a_good_value_of_each_is_no_finding(linter):
    text = GOOD + (
        "smtp_tls_mandatory_protocols = >=TLSv1.2\nsmtp_sasl_auth_enable = no\nmaximal_queue_lifetime = 5d\n"
        "soft_bounce = no\nsmtp_discard_ehlo_keywords = chunking\nsmtp_tls_wrappermode = no\n"
    )
    assert linter.expect(by_address=True, by_certificate=False, domains=("contoso.com",)).of(text) == {}


SIGNS_IN = (
    GOOD.replace("contoso-com.mail.protection.outlook.com]:25", "smtp.office365.com]:587")
    + "smtp_sasl_auth_enable = yes\n"
    "smtp_sasl_password_maps = inline:{{[smtp.office365.com]:587=a@contoso.com:secret}}\n"
    "smtp_sasl_security_options = noanonymous\n"
)


def test_signing_in_at_the_submission_endpoint_is_no_connector(linter):
    linter.expect(by_address=True, by_certificate=True, domains=("contoso.com",))
    text = SIGNS_IN.replace("= ipv4", "= all").replace("= contoso.com", "= mail.example")
    assert linter.of(text) == {"password-ends": ("note", 6)}


SUBMISSION = {
    "no TLS": ("= encrypt", "= none", "sign-in-without-tls", "error", 5),
    "TLS may": ("= encrypt", "= may", "password-in-clear", "error", 5),
    "port 465": ("]:587\n", "]:465\n", "wrong-port", "error", 4),
    "port 25": ("]:587\n", "]:25\n", "wrong-port", "note", 4),
    "wrapper": ("= ipv4", "= ipv4\nsmtp_tls_wrappermode = yes", "implicit-tls", "error", 4),
    "no sign-in": ("enable = yes", "enable = no", "submission-endpoint", "error", 4),
    "default options": ("smtp_sasl_security_options = noanonymous\n", "", "no-mechanism", "error", 0),
    "no passwords": ("smtp_sasl_password_maps", "mine", "no-password", "error", 0),
    "another key": ("{[smtp.office365.com]:587=", "{smtp.office365.com:587=", "no-password", "error", 7),
    "old TLS": ("= ipv4", "= ipv4\nsmtp_tls_mandatory_protocols = TLSv1", "tls-old", "error", 4),
    "legacy host": ("smtp.office365.com", "smtp-legacy.office365.com", "legacy-endpoint", "warning", 4),
    "High Volume Email": ("smtp.office365.com", "smtp.hve.mx.microsoft", "internal-only", "note", 4),
    "its old name": ("smtp.office365.com", "smtp-hve.office365.com", "smart-host-former", "warning", 4),
}


@pytest.mark.parametrize("case", SUBMISSION)
def test_what_matters_for_signing_in(linter, case):
    old, new, rule, severity, line = SUBMISSION[case]
    assert old in SIGNS_IN
    assert linter.of(SIGNS_IN.replace(old, new))[rule] == (severity, line)


def test_with_protection_or_a_token_the_password_is_safe(linter):
    protected = SIGNS_IN.replace("= encrypt", "= may").replace(
        "smtp_sasl_security_options = noanonymous",
        "smtp_sasl_security_options = noplaintext, noanonymous\nsmtp_sasl_tls_security_options = noanonymous",
    )
    assert set(linter.of(protected)) == {"password-ends"}
    assert linter.of(SIGNS_IN + "smtp_sasl_mechanism_filter = xoauth2\n") == {}


@pytest.mark.parametrize(
    ("now", "host", "severity"),
    [
        (datetime(2027, 1, 1, tzinfo=UTC), "smtp.office365.com", "warning"),
        (datetime(2027, 1, 1, tzinfo=UTC), "smtp.hve.mx.microsoft", "note"),
        (datetime(2028, 10, 1, tzinfo=UTC), "smtp.hve.mx.microsoft", "warning"),
    ],
)
def test_from_when_on_passwords_end(linter, now, host, severity):
    text = SIGNS_IN.replace("smtp.office365.com", host)
    assert linter.expect(now=now).of(text)["password-ends"][0] == severity


HIDDEN = {
    "every recipient": (f"transport_maps = inline:{{{{*=smtp:[{MX}]:25}}}}", None),
    "a pattern": (f"transport_maps = static:smtp:[{MX}]:25", None),
    "default transport": (f"default_transport = smtp:[{MX}]:25", None),
    "by sender": (f"sender_dependent_relayhost_maps = inline:{{{{@contoso.com=[{MX}]:25}}}}", "part-of-the-mail"),
    "own domains": (f"transport_maps = inline:{{{{contoso.com=smtp:[{MX}]:25}}}}", "part-of-the-mail"),
    "a database": ("transport_maps = ldap:/etc/postfix/ldap.cf", "cannot-be-read"),
    "a file of another machine": ("transport_maps = hash:/no/such/transport", "cannot-be-read"),
    "no TLS known": (f"relayhost = [{MX}]:25\nsmtp_tls_policy_maps = ldap:/etc/policy", "cannot-be-read"),
    "a name from elsewhere": ("relayhost = [$SMARTHOST]:25", "cannot-be-read"),
}


@pytest.mark.parametrize("case", HIDDEN)
def test_a_smart_host_that_is_not_in_relayhost(linter, case):
    text, rule = HIDDEN[case]
    linter.expect(by_address=True, by_certificate=False, domains=("contoso.com",))
    found = linter.of(GOOD.replace(f"relayhost = [{MX}]:25", text))
    assert "no-smart-host" not in found
    assert set(found) == ({rule} if rule else set())


def test_other_ways_that_mail_can_take_or_be_lost(linter):
    (linter.folder / "master.cf").write_text(MASTER + "bounce unix - - n - 0 discard\ndefer unix - - n - 0 bounce\n")
    linter.expect(by_address=True, by_certificate=False, domains=("contoso.com",))
    found = linter.of(
        GOOD + "smtp_fallback_relay = [mail.example.net]\nminimal_backoff_time = 3h\n"
        "sender_canonical_maps = static:app@gmail.example\nsmtp_tls_securty_level = may\n"
    )
    assert found == {
        "bounces-lost": ("error", 2),
        "fallback-relay": ("warning", 6),
        "slow-retry": ("warning", 7),
        "foreign-rewriting": ("warning", 8),
        "unknown-setting": ("warning", 9),
    }


def test_files_must_be_there_on_the_machine_or_in_its_copy(linter):
    etc = linter.folder / "etc/postfix"
    etc.mkdir(parents=True)
    (etc / "transport").write_text("")
    text = GOOD.replace("= contoso.com", "= /etc/mailname") + (
        "mydestination = /etc/postfix/local\ntransport_maps = hash:$config_directory/transport\n"
        "canonical_maps = hash:/etc/postfix/canonical\n"
    )
    linter.expect(by_address=True, by_certificate=False, domains=("contoso.com",))
    assert linter.of(text) == {"cannot-be-read": ("note", 2)}
    linter.expect(root=linter.folder)
    found = [(each.rule, each.line) for each in linter.findings(text)]
    assert found == [("file-missing", 2), ("file-missing", 6), ("table-not-made", 7), ("file-missing", 8)]
    (linter.folder / "etc/mailname").write_text("mail.example\n")
    (etc / "local").write_text("contoso.com\n")
    for name in ("transport.db", "canonical.db"):
        (etc / name).write_bytes(b"")
    assert linter.of(text) == {"foreign-origin": ("warning", 2)}


@pytest.mark.parametrize(("by_address", "severity"), [(True, "warning"), (False, "error"), (None, "error")])
def test_no_client_certificate(linter, by_address, severity):
    linter.expect(by_address=by_address, by_certificate=True)
    assert linter.of(GOOD)["no-client-certificate"][0] == severity
    mixed_up = linter.of(GOOD + "smtpd_tls_cert_file = /etc/ssl/mail.pem\n")
    assert mixed_up["server-not-client"] == (severity, 6)
    assert "no-client-certificate" not in mixed_up


def test_options_of_master_cf_count(linter):
    (linter.folder / "master.cf").write_text(MASTER + "  -o smtp_tls_security_level=none\n")
    found = {each.rule: each for each in linter.expect(by_certificate=False).findings(GOOD)}
    assert found["tls-off"].path.endswith("master.cf")
    assert found["tls-off"].line == 1


def test_a_master_cf_without_a_client_sends_nothing(linter):
    (linter.folder / "master.cf").write_text("pickup unix n - n 60 1 pickup\n")
    assert linter.of(GOOD)["no-client-service"][0] == "error"


def test_the_policy_for_the_smart_host_counts(linter):
    policy = linter.folder / "policy"
    policy.write_text("# x\nexample.net none\n[contoso-com.mail.protection.outlook.com]:25 none\n")
    found = {each.rule: each for each in linter.findings(GOOD + f"smtp_tls_policy_maps = hash:{policy}\n")}
    assert (found["tls-off"].path, found["tls-off"].line) == (str(policy), 3)


def test_a_transport_past_the_smart_host_is_noted(linter):
    table = linter.folder / "transport"
    table.write_text(f"fabrikam.example smtp:[mx.fabrikam.example]\ncontoso.com :\nx.example relay:[{MX}]:25\n")
    found = [each for each in linter.findings(GOOD + f"transport_maps = hash:{table}\n") if each.rule == "other-way"]
    assert [each.line for each in found] == [1]


def test_names_are_replaced(linter):
    text = GOOD.replace("[contoso-com.mail.protection.outlook.com]:25", "[${mx}]:$port")
    linter.expect(by_address=True, by_certificate=False)
    assert linter.of(text + "mx = contoso-com.mail.protection.outlook.com\nport = 25\n") == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [("  x = y\n", ":1: a continuation"), ("relayhost\n", ":1: no 'name = value'"), ("a = $a\n", "refers to itself")],
)
def test_a_configuration_that_is_none(linter, text, words):
    with pytest.raises(ConfigurationError, match=words):
        linter.findings(text + "relayhost = $a\n")


def test_a_master_cf_that_is_none(linter):
    (linter.folder / "master.cf").write_text("smtp unix\n")
    with pytest.raises(ConfigurationError, match=r"master\.cf:1: a service needs 8 columns"):
        linter.findings(GOOD)
