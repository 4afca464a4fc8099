"""Names of scripts and where they lead."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exoshell.dotnet.resolving import Endpoints, Resolver, parse_rule
from exoshell.powershell.errors import NetError

MX, SUBMISSION, OTHER = ("127.0.0.1", 2525), ("127.0.0.1", 5587), ("127.0.0.9", 1025)
RULES = dict([parse_rule("relay.contoso.com=127.0.0.9:1025"), parse_rule("two.example:26=[::1]:1026")])


@pytest.mark.parametrize(("host", "port", "target"), [
    ("contoso-com.mail.protection.outlook.com", 25, MX),
    ("Contoso-Com.Mail.Protection.Outlook.Com.", 25, MX),
    ("smtp.office365.com", 587, SUBMISSION),
    ("RELAY.contoso.com", 25, OTHER),
    ("relay.contoso.com", 587, OTHER),
    ("two.example", 26, ("::1", 1026)),
    ("127.0.0.5", 99, ("127.0.0.5", 99)),
    ("localhost", 2525, ("127.0.0.1", 2525)),
])  # fmt: skip
def test_where_a_name_leads(host: str, port: int, target: tuple[str, int]):
    assert Resolver(RULES, lambda: Endpoints(MX, SUBMISSION))(host, port) == target


@pytest.mark.parametrize(
    ("host", "port"), [("two.example", 25), ("192.0.2.1", 25), ("mail.protection.outlook.com.evil", 25)]
)
def test_no_other_name_leads_anywhere(host: str, port: int):
    with pytest.raises(NetError, match="Failure sending mail"):
        Resolver(RULES, lambda: Endpoints(MX, SUBMISSION))(host, port)


def test_an_endpoint_that_the_emulator_lacks():
    with pytest.raises(NetError) as caught:
        Resolver({}, lambda: Endpoints(MX))("smtp.office365.com", 587)
    assert "no submission listener" in caught.value.advice


@given(st.text(max_size=40))
def test_a_rule_is_read_or_refused_and_never_leads_outside(text: str):
    try:
        _, (host, _) = parse_rule(text)
    except ValueError:
        return
    assert host.startswith("127.") or host in ("::1", "localhost") or host.casefold() == "localhost"
