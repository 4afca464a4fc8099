"""The rules as a whole: what they promise is what the service says, and each is told of in the documentation."""

from __future__ import annotations

import ast
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fakeeop.decision.calendar import CALENDAR
from fakeeop.smtp.replies.every import EVERY
from harness.mtas.lint import Purpose
from harness.relay_lint import certificates, rules

ROOT = Path(__file__).resolve().parents[3]
MODULES = sorted([*ROOT.glob("harness/mtas/*/lint.py"), *ROOT.glob("harness/relay_lint/*.py")])
REPLY = re.compile(r"\b([245]\d\d) (\d\.\d{1,3}\.\d{1,3})(?: ([A-Z][^\"\n(;:…]*[^\s\"\n(;:…,]))?")


def texts(module: Path) -> list[str]:
    """Every text of a module; the values in an f-string are left out."""
    tree = ast.parse(module.read_text("utf-8"))
    return [each.value for each in ast.walk(tree) if isinstance(each, ast.Constant) and isinstance(each.value, str)]


def named() -> list[tuple[str, str, str]]:
    return [match for module in MODULES for text in texts(module) for match in REPLY.findall(text)]


def test_every_reply_that_a_rule_names_is_in_the_table():
    assert len(named()) > 10
    for code, status, text in named():
        rows = [each for each in EVERY if (str(each.code), each.status) == (code, status)]
        assert rows, f"{code} {status} is not in the table"
        assert any(text in each.text for each in rows), f"{code} {status} does not say {text!r}"


@pytest.mark.parametrize("text", ["550 5.7.26", "550 5.7.64 Something else"])
def test_a_wrong_reply_would_be_seen(text):
    ((code, status, words),) = REPLY.findall(text)
    rows = [each for each in EVERY if (str(each.code), each.status) == (code, status)]
    assert not any(words in each.text for each in rows)


def test_every_rule_is_for_some_purpose_and_every_purpose_has_rules():
    assert {each for rule in rules.RULES for each in rule.purposes} == set(Purpose)
    assert all(rule.purposes for rule in rules.RULES)
    assert certificates.check_certificate.__doc__


def test_every_name_of_a_finding_is_in_the_documentation():
    page = (ROOT / "docs/lint-relay.md").read_text("utf-8")
    known = {*re.findall(r"`([a-z0-9-]+)`", page)}
    for module in MODULES:
        for call in ast.walk(ast.parse(module.read_text("utf-8"))):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
                continue
            at = {"_found": 1, "LintFinding": 0}.get(call.func.id)
            if at is None:
                continue
            names = [each.value for each in call.args[: at + 1] if isinstance(each, ast.Constant)]
            assert set(names) <= known, f"{module.name}: {names} is not in docs/lint-relay.md"


SIGNS_IN = """\
relayhost = [{host}]:587
smtp_tls_security_level = encrypt
smtp_sasl_auth_enable = yes
smtp_sasl_security_options = noanonymous
smtp_sasl_password_maps = static:a@contoso.com:secret
"""


@pytest.mark.parametrize(
    ("row", "host"),
    [("basic-auth-off-by-default", "smtp.office365.com"), ("hve-basic-auth-ends", "smtp.hve.mx.microsoft")],
)
def test_the_days_on_which_passwords_end_are_those_of_the_calendar(linter, row, host):
    (end,) = (each.end for each in CALENDAR if each.id == row)
    assert end is not None
    day = datetime(end.year, end.month, end.day, tzinfo=UTC)
    text = SIGNS_IN.format(host=host)
    assert linter.expect(now=day).of(text)["password-ends"] == ("warning", 3)
    assert linter.expect(now=day - timedelta(days=1)).of(text)["password-ends"] == ("note", 3)
