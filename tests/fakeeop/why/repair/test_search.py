"""What is told for single refusals: the walls behind walls, what cannot be done, what opens, and in which order."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from fakeeop.decision.directory import Directory
from fakeeop.decision.verdict import Reason
from fakeeop.model import (
    AcceptedDomain,
    Behaviour,
    CertificateFacts,
    ChainProblem,
    ConnectorType,
    Forest,
    InboundConnector,
    PeerFacts,
    Tenant,
    TlsFacts,
)
from fakeeop.model.addresses import DomainPattern, IpRange, Mailbox, parse_ip
from fakeeop.why.narrate import narrate
from fakeeop.why.render import trace_text, trace_tree
from fakeeop.why.repair.render import fix_text, fix_tree, powershell
from fakeeop.why.repair.values import AddDomain, Fix, SetConnector, SetDomain
from fakeeop.why.trace import Trace

LISTED, UNLISTED = "203.0.113.25", "198.51.100.9"
OWN, FOREIGN, NULL = Mailbox("app", "contoso.com"), Mailbox("x", "example.net"), Mailbox("", "")
ANN, OUTSIDE = Mailbox("ann", "contoso.com"), Mailbox("a", "example.org")
DAY = datetime(2026, 1, 1, tzinfo=UTC)


def connector(name: str, *, ips: tuple[str, ...] = (), cert: str = "", **more: Any) -> InboundConnector:
    kind = ConnectorType.PARTNER if more.pop("partner", False) else ConnectorType.ON_PREMISES
    more["sender_domains"] = tuple(map(DomainPattern.parse, more.pop("scope", ("*",))))
    pattern = DomainPattern.parse(cert) if cert else None
    return InboundConnector(
        name, kind, sender_ip_addresses=tuple(map(IpRange.parse, ips)), tls_sender_certificate_name=pattern, **more
    )


def tenant(name: str, *domains: str, connectors: tuple[InboundConnector, ...] = (), **more: Any) -> Tenant:
    return Tenant(name, tuple(map(AcceptedDomain, domains)), connectors, **more)


def certified(*names: str, problems: tuple[ChainProblem, ...] = ()) -> TlsFacts:
    return TlsFacts("TLSv1.3", "X", CertificateFacts(names, f"CN={names[0]}", "CN=CA", DAY, DAY, problems=problems))


def told(
    *tenants: Tenant,
    ip: str = UNLISTED,
    tls: TlsFacts | None = None,
    sender: Mailbox = OWN,
    to: Mailbox = OUTSIDE,
    behaviour: Behaviour | None = None,
) -> Trace:
    directory = Directory(Forest(tenants, behaviour or Behaviour()))
    return narrate(directory, PeerFacts(parse_ip(ip)), tls, sender, to)


def texts(trace: Trace) -> list[str]:
    return [fix_text(fix) for fix in trace.fixes]


class TestWhatWasTold:
    """Defects of the sentences that fixes once were."""

    def test_a_connector_is_not_named_for_a_certificate_whose_domain_is_not_accepted(self):
        relay = connector("Relay", cert="mail.contoso.com")
        refuse = Behaviour(cert_fallback="refuse")
        trace = told(
            tenant("contoso", "contoso.com", connectors=(relay,)), tls=certified("gw.fabrikam.com"), behaviour=refuse
        )
        assert not any(
            isinstance(change, SetConnector) and str(change.value) == "gw.fabrikam.com" and len(fix.changes) == 1
            for fix in trace.fixes
            for change in fix.changes
        )
        assert trace.fixes

    def test_a_certificate_both_unusable_and_wrongly_named_is_told_as_both(self):
        relay = connector("Relay", cert="mail.contoso.com")
        tls = certified("gw.fabrikam.example", problems=(ChainProblem.EXPIRED,))
        trace = told(tenant("contoso", "contoso.com", connectors=(relay,)), tls=tls)
        (miss,) = trace.nearest
        assert "would match by name" not in miss.fix
        assert "requires a certificate named mail.contoso.com; yours is named gw.fabrikam.example" in miss.fix
        assert "and it is not usable: it is expired" in miss.fix

    def test_require_tls_of_the_same_connector_is_not_hidden(self):
        lock = connector("Lock", ips=(LISTED,), partner=True, restrict_domains_to_ip_addresses=True, require_tls=True)
        trace = told(tenant("contoso", "contoso.com", connectors=(lock,)), sender=FOREIGN, to=ANN)
        assert trace.reason is Reason.PARTNER_RESTRICTION
        assert f"1 send from the listed address {LISTED} 2 let the relay use STARTTLS" in texts(trace)

    def test_a_domain_of_another_tenant_is_not_added(self):
        mine = tenant("contoso", "contoso.com", connectors=(connector("Relay", cert="gw.fabrikam.com"),))
        trace = told(mine, tenant("fabrikam", "fabrikam.com"), tls=certified("gw.fabrikam.com"), sender=FOREIGN)
        assert not any(isinstance(change, AddDomain) for fix in trace.fixes for change in fix.changes)

    def test_the_domain_that_becomes_internal_relay_is_the_one_that_exists(self):
        parent = Tenant("contoso", (AcceptedDomain("contoso.com", match_sub_domains=True),), (), frozenset({str(ANN)}))
        trace = told(parent, sender=FOREIGN, to=Mailbox("bob", "sub.contoso.com"))
        changes = [change for fix in trace.fixes for change in fix.changes if isinstance(change, SetDomain)]
        assert [change.domain for change in changes] == ["contoso.com"]

    @pytest.mark.parametrize(
        ("made", "words"),
        [
            (
                connector("Relay", ips=(UNLISTED,), associated_accepted_domains=("contoso.net",)),
                "add contoso.com to AssociatedAcceptedDomains of connector 'Relay' of contoso",
            ),
            (
                connector("Relay", ips=(UNLISTED,), scope=("fabrikam.com",)),
                "add contoso.com to SenderDomains of connector 'Relay' of contoso",
            ),
        ],
    )
    def test_a_scope_is_an_instruction(self, made, words):
        scoped = Behaviour(on_premises_sender_domains="scope")
        trace = told(tenant("contoso", "contoso.com", "contoso.net", connectors=(made,)), behaviour=scoped)
        assert words in texts(trace)

    def test_the_refusal_behind_the_refusal_is_told_too(self):
        lock = connector("Lock", ips=(LISTED,), partner=True, restrict_domains_to_ip_addresses=True, require_tls=False)
        mine = tenant("contoso", "contoso.com", connectors=(lock,), recipients=frozenset({"bob@contoso.com"}))
        steps = texts(told(mine, sender=FOREIGN, to=ANN))
        assert f"1 send from the listed address {LISTED} 2 add ann@contoso.com to the recipients of contoso" in steps

    def test_where_too_much_refuses_incoming_mail_own_mail_may_become_originating(self):
        blocked = connector("Bank", partner=True, blocked=True, require_tls=True)
        walls = tenant(
            "contoso",
            "contoso.com",
            connectors=(blocked,),
            recipients=frozenset({"bob@contoso.com"}),
            reject_direct_send=True,
            mail_enabled=False,
        )
        trace = told(walls, to=ANN)
        assert f"make an OnPremises connector of contoso for the address {UNLISTED}" in texts(trace)


class TestOrder:
    def test_relay_before_tenant_address_before_new_connector_and_widening_last(self):
        relay = connector("Relay", ips=(LISTED,))
        trace = told(tenant("contoso", "contoso.com", connectors=(relay,)))
        assert texts(trace)[:2] == [
            f"send from the listed address {LISTED}",
            f"add {UNLISTED} to SenderIPAddresses of connector 'Relay' of contoso",
        ]
        widening = [fix.widens for fix in trace.fixes]
        assert widening == sorted(widening)

    def test_a_name_comes_before_a_wildcard_and_no_top_level_domain_is_told(self):
        trace = told(tenant("contoso", "contoso.com", "mail.contoso.com"), tls=certified("mail.contoso.com"))
        names = [str(getattr(change, "mark", "")) for fix in trace.fixes for change in fix.changes]
        assert names.index("mail.contoso.com") < names.index("*.contoso.com")
        assert "*.com" not in names

    def test_what_a_protection_kept_out_is_said(self):
        closed = tenant("contoso", "contoso.com", reject_direct_send=True)
        last = told(closed, to=ANN).fixes[-1]
        assert last.widens
        assert last.opens == ("anyone may send to contoso in the name of its own domains",)


class TestOneSide:
    def test_the_relay_alone_cannot_help(self):
        text = trace_text(told(tenant("contoso", "contoso.com", mail_enabled=False), sender=FOREIGN, to=ANN))
        assert "nothing that was tried on the relay's side alone leads to acceptance" in text
        assert "tenant's side alone" not in text

    def test_the_tenant_alone_cannot_help(self):
        text = trace_text(told(tenant("contoso", "contoso.com"), ip="2001:db8::1"))
        assert "nothing that was tried on the tenant's side alone leads to acceptance" in text

    def test_without_tenants_there_is_nothing(self):
        trace = told()
        assert trace.fixes == ()
        assert "nothing that was tried leads to acceptance" in trace_text(trace)


class TestRendered:
    def test_json_has_who_commands_and_settings(self):
        trace = told(tenant("contoso", "contoso.com", connectors=(connector("It's", ips=(LISTED,)),)))
        (relay, mine) = trace_tree(trace)["fixes"][:2]
        (moved,) = relay["changes"]
        assert (moved["kind"], moved["who"], moved["address"]) == ("come-from", "relay-administrator", LISTED)
        assert moved["settings"]["postfix"].startswith(f"smtp_bind_address = {LISTED}")
        assert moved["settings"]["dotnet"] == "client.ServicePoint.BindIPEndPointDelegate"
        (added,) = mine["changes"]
        assert added["powershell"] == f"Set-InboundConnector 'It''s' -SenderIPAddresses @{{Add='{UNLISTED}'}}"
        assert mine["leads-to"] == {"tenant": "contoso", "connector": "It's"}

    def test_a_certificate_name_brings_require_tls(self):
        change = SetConnector("contoso", "Relay", "TlsSenderCertificateName", DomainPattern.parse("mail.contoso.com"))
        assert powershell(change) == (
            "Set-InboundConnector 'Relay' -TlsSenderCertificateName 'mail.contoso.com' -RequireTls $true"
        )
        assert fix_tree(Fix((change,)))["changes"][0]["value"] == "mail.contoso.com"


class TestLargeForest:
    def test_a_fix_is_tried_against_tenants_that_were_not_told(self):
        """The address of contoso's connector is another tenant's, too, which accepts a sub-domain: a tie."""
        many = [
            tenant(f"t{number}", f"t{number}.example", connectors=(connector("R", ips=(f"10.0.{number}.1",)),))
            for number in range(60)
        ]
        mine = tenant("contoso", "contoso.com", connectors=(connector("Relay", ips=("10.0.7.1",)),))
        trace = told(*many, mine)
        assert trace.left_out == 60
        assert f"add {UNLISTED} to SenderIPAddresses of connector 'Relay' of contoso" in texts(trace)
