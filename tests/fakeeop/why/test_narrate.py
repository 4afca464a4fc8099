"""What a trace tells: the nearest misses in order, fixes with their values, advice; and how it is shown."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest
from attrs import evolve

from fakeeop.decision.directory import Directory
from fakeeop.decision.verdict import Attribution, Reason
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
from fakeeop.why.render import attribution_text, trace_text, trace_tree
from fakeeop.why.trace import Trace

LISTED, UNLISTED = "203.0.113.25", "198.51.100.9"
OWN, FOREIGN, NULL = Mailbox("app", "contoso.com"), Mailbox("x", "example.net"), Mailbox("", "")
ANN, EXTERNAL = Mailbox("ann", "contoso.com"), Mailbox("a", "example.org")


def connector(name: str = "SMTP Relay", *, ips: tuple[str, ...] = (), cert: str = "", **more: Any) -> InboundConnector:
    kind = ConnectorType.PARTNER if more.pop("partner", False) else ConnectorType.ON_PREMISES
    pattern = DomainPattern.parse(cert) if cert else None
    return InboundConnector(
        name, kind, sender_ip_addresses=tuple(map(IpRange.parse, ips)), tls_sender_certificate_name=pattern, **more
    )


def contoso(*connectors: InboundConnector, **more: Any) -> Tenant:
    domains = (AcceptedDomain("contoso.com"), AcceptedDomain("contoso.onmicrosoft.com"))
    return Tenant("contoso", domains, connectors, frozenset({"ann@contoso.com"}), **more)


def certificate(*names: str, problem: ChainProblem | None = None, **more: Any) -> TlsFacts:
    facts = CertificateFacts(
        names,
        f"CN={names[0]}",
        "CN=Lab issuing CA",
        datetime(2030, 1, 1, tzinfo=UTC),
        datetime(2026, 1, 31, 12, 30, tzinfo=UTC),
        problems=() if problem is None else (problem,),
        **more,
    )
    return TlsFacts("TLSv1.3", "TLS_AES_256_GCM_SHA384", facts)


def told(
    *tenants: Tenant,
    ip: str = UNLISTED,
    tls: TlsFacts | None = None,
    sender: Mailbox = OWN,
    to: Mailbox = EXTERNAL,
    behaviour: Behaviour | None = None,
    earlier: tuple[Mailbox, ...] = (),
) -> Trace:
    forest = Forest(tenants, behaviour or Behaviour())
    return narrate(Directory(forest), PeerFacts(parse_ip(ip)), tls, sender, to, earlier)


def step(trace: Trace, name: str) -> str:
    (found,) = [step.conclusion for step in trace.steps if step.name == name]
    return found


class TestFixes:
    BY_ADDRESS = connector(ips=(LISTED,))
    BY_NAME = connector("By name", cert="mail.contoso.com")

    @pytest.mark.parametrize(
        ("made", "facts", "failed", "words"),
        [
            (BY_ADDRESS, {}, "SenderIPAddresses", "'SMTP Relay' lists 203.0.113.25; you came from 198.51.100.9"),
            (BY_ADDRESS, {"ip": "2001:db8::1"}, "SenderIPAddresses", "only IPv4"),
            (
                BY_ADDRESS,
                {"ip": LISTED, "sender": FOREIGN},
                "MailFromDomain",
                "the reverse-path domain example.net is not an accepted domain of contoso: send from",
            ),
            (
                BY_ADDRESS,
                {"ip": LISTED, "sender": Mailbox("x", "sub.contoso.com")},
                "MailFromDomain",
                "add sub.contoso.com, if it is yours, as an accepted domain of contoso",
            ),
            (BY_ADDRESS, {"ip": LISTED, "sender": NULL}, "MailFromDomain", "the reverse-path <> has no domain"),
            (evolve(BY_ADDRESS, enabled=False), {"ip": LISTED}, "Enabled", "enable connector 'SMTP Relay' of contoso"),
            (BY_NAME, {}, "TlsSenderCertificateName", "no TLS, so no client certificate"),
            (
                BY_NAME,
                {"tls": TlsFacts("TLSv1.2", "X")},
                "TlsSenderCertificateName",
                "named mail.contoso.com; no client certificate was presented",
            ),
            (
                BY_NAME,
                {"tls": certificate("mail2.contoso.com")},
                "TlsSenderCertificateName",
                "requires a certificate named mail.contoso.com; yours is named mail2.contoso.com",
            ),
            (
                BY_NAME,
                {"tls": certificate("mail.contoso.com"), "sender": FOREIGN},
                "CertificateDomain",
                "send from a domain that is accepted: MAIL FROM @contoso.com",
            ),
            (
                BY_NAME,
                {"tls": certificate("mail.contoso.com", problem=ChainProblem.EXPIRED)},
                "ClientCertificate",
                "it is expired since 2026-01-31 12:30 UTC: renew the certificate mail.contoso.com",
            ),
            (
                BY_NAME,
                {"tls": certificate("mail.contoso.com", problem=ChainProblem.NOT_YET_VALID)},
                "ClientCertificate",
                "it is not valid before 2030-01-01 00:00 UTC: check the clocks",
            ),
            (
                BY_NAME,
                {"tls": certificate("mail.contoso.com", problem=ChainProblem.INCOMPLETE)},
                "ClientCertificate",
                "was not sent: put the intermediate CN=Lab issuing CA after the leaf in the PEM",
            ),
            (
                BY_NAME,
                {"tls": certificate("mail.contoso.com", problem=ChainProblem.INCOMPLETE, chain=("a", "b"))},
                "ClientCertificate",
                "put the intermediate of its chain after the leaf",
            ),
            (
                BY_NAME,
                {"tls": certificate("mail.contoso.com", problem=ChainProblem.ANOTHER_AUTHORITY)},
                "ClientCertificate",
                "make the certificate with this lab's CA, or trust that one with --trust",
            ),
            (
                BY_NAME,
                {"tls": certificate("mail.contoso.com", problem=ChainProblem.SELF_SIGNED)},
                "ClientCertificate",
                "it is self-signed: have the certificate mail.contoso.com issued by a certification authority",
            ),
            (
                BY_NAME,
                {"tls": certificate("mail.contoso.com", problem=ChainProblem.REVOKED)},
                "ClientCertificate",
                "it is revoked: present another than the certificate mail.contoso.com",
            ),
            (
                BY_NAME,
                {"tls": certificate("mail.contoso.com", extended_key_usages=("codeSigning",))},
                "ClientCertificate",
                "codeSigning: have the certificate mail.contoso.com issued for serverAuth or clientAuth",
            ),
            (
                connector(ips=(LISTED,), associated_accepted_domains=("contoso.onmicrosoft.com",)),
                {"ip": LISTED},
                "AssociatedAcceptedDomains",
                "has AssociatedAcceptedDomains contoso.onmicrosoft.com; this mail has contoso.com (sender)",
            ),
        ],
    )
    def test_the_first_miss_names_condition_values_and_remedy(self, made, facts, failed, words):
        (miss,) = told(contoso(made), **facts).nearest
        assert (miss.tenant, miss.connector) == ("contoso", made.name)
        assert miss.failed[0].name == failed
        assert words in miss.fix

    def test_several_failures_are_all_told(self):
        (miss,) = told(contoso(self.BY_ADDRESS), sender=FOREIGN).nearest
        assert [condition.name for condition in miss.failed] == ["SenderIPAddresses", "MailFromDomain"]
        assert "203.0.113.25" in miss.fix
        assert "example.net" in miss.fix

    def test_an_accepted_sender_makes_up_for_the_certificates_domain(self):
        trace = told(contoso(self.BY_NAME), tls=certificate("other.contoso.com"))
        assert [condition.name for condition in trace.nearest[0].failed] == ["TlsSenderCertificateName"]
        refuse = Behaviour(cert_fallback="refuse")
        trace = told(contoso(self.BY_NAME), tls=certificate("mail.contoso.com"), behaviour=refuse)
        assert "or send from" not in trace.nearest[0].fix

    def test_the_restriction_that_refused_comes_with_its_certificate(self):
        lock = connector("Lock", partner=True, cert="gw.example", restrict_domains_to_certificate=True)
        broken = certificate("gw.example", problem=ChainProblem.INCOMPLETE)
        (miss,) = told(contoso(lock), sender=FOREIGN, to=ANN, tls=broken).nearest
        assert miss.failed[0].name == "RestrictDomainsToCertificate"
        assert "put the intermediate CN=Lab issuing CA after the leaf" in miss.fix


class TestOrder:
    def test_fewest_failures_then_the_senders_tenant_then_likeness(self):
        fabrikam = Tenant("fabrikam", (AcceptedDomain("fabrikam.com"),), (connector("Theirs", ips=("198.51.100.8",)),))
        mine = contoso(
            connector("Off", ips=("198.51.100.8",), enabled=False),
            connector("Far", ips=("192.0.2.1",)),
            connector("Near", ips=("198.51.100.77", "10.0.0.1")),
        )
        assert [miss.connector for miss in told(fabrikam, mine).nearest] == ["Near", "Far", "Off", "Theirs"]

    def test_the_proof_that_was_offered_comes_first(self):
        both = contoso(connector("Address", ips=(LISTED,)), connector("Name", cert="*.contoso.com"))
        assert told(both).nearest[0].connector == "Address"
        assert told(both, tls=certificate("mail.fabrikam.com")).nearest[0].connector == "Name"

    def test_the_liker_name_comes_first(self):
        both = contoso(connector("Unlike", cert="relay.example"), connector("Like", cert="mail.contoso.com"))
        assert told(both, tls=certificate("mail2.contoso.com")).nearest[0].connector == "Like"

    def test_five_are_enough(self):
        many = [connector(f"Relay {number}", ips=(f"203.0.113.{number}",)) for number in range(9)]
        assert len(told(contoso(*many)).nearest) == 5


class TestTies:
    BOTH = (
        Tenant("parent", (AcceptedDomain("contoso.com", match_sub_domains=True),), (connector("P", ips=(LISTED,)),)),
        Tenant("child", (AcceptedDomain("sub.contoso.com"),), (connector("C", ips=(LISTED,)),)),
    )
    MAIL: ClassVar[dict[str, Any]] = {"ip": LISTED, "sender": Mailbox("x", "sub.contoso.com")}

    def test_a_tie_is_named(self):
        trace = told(*self.BOTH, **self.MAIL)
        assert trace.reason is Reason.RELAY_ACCESS_DENIED_ATTR36
        assert "several tenants" in step(trace, "originating-by-ip-address")
        assert [miss.failed[0].name for miss in trace.nearest] == ["UniqueTenant", "UniqueTenant"]
        assert "so do connectors of parent, child" in trace.nearest[0].fix

    def test_the_first_tenant_wins_on_wish(self):
        trace = told(*self.BOTH, behaviour=Behaviour(tenant_tie="first"), **self.MAIL)
        assert trace.attribution.connector is self.BOTH[0].inbound_connectors[0]

    def test_the_less_exact_name_is_named(self):
        wide = contoso(connector("Wide", cert="*.contoso.com"))
        narrow = Tenant("b", (AcceptedDomain("mail.contoso.com"),), (connector("Narrow", cert="mail.contoso.com"),))
        trace = told(wide, narrow, tls=certificate("mail.contoso.com"))
        assert trace.attribution.connector is narrow.inbound_connectors[0]
        assert "MostExactName" in trace_text(trace)
        assert "although contoso.com is an accepted domain of contoso" in trace.advice[0]

    def test_a_tie_of_names_and_the_less_exact_one(self):
        tenants = [
            Tenant("a", (AcceptedDomain("contoso.com"),), (connector("A", cert="*.contoso.com"),)),
            Tenant("b", (AcceptedDomain("sub.contoso.com"),), (connector("B", cert="*.contoso.com"),)),
            Tenant("c", (AcceptedDomain("fabrikam.com"),), (connector("C", cert="*.com"),)),
        ]
        trace = told(*tenants, tls=certificate("mail.contoso.com"), sender=FOREIGN)
        fixes = {miss.connector: miss.fix for miss in trace.nearest}
        assert "so do connectors of a, b" in fixes["A"]
        assert "another name is more exact: as exact as 'A'" in fixes["C"]


class TestAdvice:
    def test_relays_are_told_how_to_present_a_certificate(self):
        text = trace_text(told(contoso(connector(cert="*.contoso.com")), tls=TlsFacts("TLSv1.3", "X")))
        for words in (
            "Postfix: smtp_tls_cert_file",
            "Exim: tls_certificate = FILE",
            "sendmail: define(`confCLIENT_CERT",
            "OpenSMTPD: pki NAME cert",
            "IIS",
            ".NET (System.Net.Mail): client.ClientCertificates",
        ):
            assert words in text

    @pytest.mark.parametrize("connectors", [(), (connector(ips=(LISTED,), enabled=False),)])
    def test_no_connector_at_all(self, connectors):
        trace = told(contoso(*connectors))
        assert any("only such a one gives relay" in sentence for sentence in trace.advice)
        assert "New-InboundConnector -Name" in trace_text(trace)

    def test_a_partner_connector_never_relays(self):
        partners = (
            connector("Off", partner=True, ips=(LISTED,), enabled=False),
            connector("Bank", partner=True, ips=(LISTED,)),
        )
        advice = told(contoso(*partners), ip=LISTED).advice
        assert [word for word in advice if "never give relay" in word] == [
            "Partner connector 'Bank' of contoso matches, but Partner connectors never give relay: that takes "
            "ConnectorType OnPremises"
        ]

    def test_a_sub_domain_of_an_accepted_domain(self):
        text = trace_text(told(contoso(), to=Mailbox("a", "sub.contoso.com"), sender=FOREIGN))
        assert "set MatchSubDomains on contoso.com of contoso" in text
        assert "every sub-domain of contoso.com counts as accepted" in text

    def test_a_mistyped_recipient(self):
        trace = told(contoso(), sender=FOREIGN, to=Mailbox("Anne", "contoso.com"))
        assert trace.reason is Reason.RECIPIENT_UNKNOWN
        assert "the directory knows ann@contoso.com: is the address mistyped?" in trace.advice

    def test_a_partner_connector_by_sender_domain_does_not_exempt(self):
        by_domain = connector(
            "Own", partner=True, sender_domains=(DomainPattern.parse("contoso.com"),), require_tls=False
        )
        trace = told(contoso(by_domain, reject_direct_send=True), to=ANN)
        assert trace.reason is Reason.DIRECT_SEND_REJECTED
        assert any("fits by SenderDomains alone" in sentence for sentence in trace.advice)

    def test_what_would_exempt_from_reject_direct_send(self):
        names = [
            connector("Printer", partner=True, ips=(LISTED,), require_tls=False),
            connector("Relay", cert="*.contoso.com"),
        ]
        trace = told(contoso(*names, reject_direct_send=True), to=ANN)
        assert {miss.connector for miss in trace.nearest} == {"Printer", "Relay"}

    @pytest.mark.parametrize(
        ("tenant", "facts", "words"),
        [
            (contoso(connector(ips=(LISTED,), blocked=True)), {"ip": LISTED}, "Remove-BlockedConnector"),
            (contoso(mail_enabled=False), {"to": ANN}, "MailEnabled: true"),
            (
                contoso(connector(ips=(LISTED,))),
                {
                    "ip": LISTED,
                    "sender": FOREIGN,
                    "to": ANN,
                    "earlier": (Mailbox("a", "contoso.onmicrosoft.com"),),
                    "behaviour": Behaviour(multi_domain_session="refuse"),
                },
                "send one message for each recipient domain",
            ),
            (
                contoso(connector(ips=(LISTED,))),
                {"ip": LISTED, "behaviour": Behaviour(on_premises_require_tls="enforced")},
                "hosts_require_tls",
            ),
        ],
    )
    def test_other_refusals(self, tenant, facts, words):
        trace = told(tenant, **facts)
        assert not trace.reason.accepted
        assert words in trace_text(trace)

    def test_anonymous_mail_of_an_own_domain_tells_what_would_have_claimed_it(self):
        relay = contoso(connector(ips=(LISTED,)))
        assert told(relay, to=ANN).nearest[0].failed[0].name == "SenderIPAddresses"
        assert told(relay, to=ANN, sender=FOREIGN).nearest == ()


class TestShown:
    def test_an_attribution_that_says_little(self):
        assert attribution_text(Attribution(contoso(), None, None, None)) == "contoso, no connector"

    def test_partner_connectors_wait_for_the_header_from_on_wish(self):
        bank = connector("Bank", partner=True, ips=(LISTED,))
        trace = told(contoso(bank), ip=LISTED, sender=FOREIGN, to=ANN, behaviour=Behaviour(partner_sender_scope="p2"))
        assert trace.attribution.connector is bank
        assert "left to the header From" in step(trace, "partner-restrictions")

    def test_one_screen_for_many_tenants(self):
        others = [
            Tenant(f"t{number}", (AcceptedDomain(f"t{number}.example"),), (connector(ips=(f"192.0.2.{number}",)),))
            for number in range(200)
        ]
        trace = told(*others, contoso(connector(ips=(LISTED,))))
        text = trace_text(trace)
        assert len(text.splitlines()) < 60
        assert "and 200 connectors of other tenants that do not concern you" in text
        assert "contoso / SMTP Relay" in text
        forest = Forest((*others, contoso(connector(ips=(LISTED,)))))
        whole = narrate(Directory(forest), PeerFacts(parse_ip(UNLISTED)), None, OWN, EXTERNAL, every=True)
        assert len(trace_text(whole, every=True).splitlines()) > 400
        assert "more where nothing fits" in trace_text(whole)

    def test_marks_are_words_too(self):
        text = trace_text(told(contoso(connector(ips=(LISTED,)))))
        assert "✓ yes  MailFromDomain" in text
        assert "✗ no   SenderIPAddresses: 198.51.100.9 | wanted: 203.0.113.25" in text

    def test_the_selected_one_is_marked(self):
        assert "→ contoso / SMTP Relay" in trace_text(told(contoso(connector(ips=(LISTED,))), ip=LISTED))

    def test_long_lists_are_cut(self):
        wide = connector(ips=tuple(f"203.0.113.{number}" for number in range(9)))
        assert "and 3 more" in trace_text(told(contoso(wide)))

    def test_a_tree_for_json(self):
        tree = trace_tree(told(contoso(connector(ips=(LISTED,))), ip=LISTED))
        assert tree["inputs"]["mail-from"] == "<app@contoso.com>"
        assert tree["attributed-to"] == {
            "tenant": "contoso",
            "connector": "SMTP Relay",
            "by": "ip-address",
            "direction": "Originating",
        }
        assert tree["steps"][0]["name"] == "client-certificate"
        assert trace_tree(told(contoso()))["attributed-to"] == "none"
