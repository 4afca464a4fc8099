from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

TENANT = """\
Tenants:
  - Name: contoso
    AcceptedDomains: [contoso.com]
    Recipients: [ann@contoso.com]
    OrganizationConfig: {{RejectDirectSend: {reject}}}
    InboundConnectors:
      - {{Name: By address, ConnectorType: OnPremises, SenderDomains: ["*"], SenderIPAddresses: [203.0.113.25]}}
      - Name: By certificate
        ConnectorType: OnPremises
        SenderDomains: ["*"]
        TlsSenderCertificateName: "*.contoso.com"
      - {{Name: Bank, ConnectorType: Partner, SenderDomains: [bank.example], RequireTls: true}}
Behaviour: {behaviour}
"""
STRANGER = ("--ip", "198.51.100.9")
RELAY = ("--ip", "203.0.113.25")
FROM_OWN = ("--from", "app@contoso.com")
TO_EXTERNAL = ("--to", "a@example.net")
TO_ANN = ("--to", "ann@contoso.com")


@pytest.fixture
def explain(fakeeop, tmp_path: Path):
    def run(*arguments: object, behaviour: str = "{}", reject: str = "false"):
        path = tmp_path / "tenant.yaml"
        path.write_text(TENANT.format(behaviour=behaviour, reject=reject))
        return fakeeop("explain", "--tenant", path, *arguments)

    return run


@pytest.fixture(scope="module")
def lab(tmp_path_factory) -> Path:
    """The lab CA and some client certificates, made once."""
    from fakeeop.pki.authority import LabAuthority  # noqa: PLC0415  slow to import, and only some tests need it
    from fakeeop.pki.files import write_issued  # noqa: PLC0415  likewise
    from fakeeop.pki.variants import make_variant  # noqa: PLC0415  likewise

    folder: Path = tmp_path_factory.mktemp("lab")
    authority = LabAuthority.create()
    (folder / "ca.pem").write_bytes(authority.certificate_pem)
    for variant in ("match", "expired", "missing-intermediate"):
        write_issued(folder, variant, make_variant(variant, authority), password="secret")  # noqa: S106  a lab's
    return folder


def test_a_refusal_tells_reply_verdict_nearest_and_fix(explain):
    code, out, err = explain(*STRANGER, *FROM_OWN, *TO_EXTERNAL)
    assert (code, err) == (1, "")
    assert re.match(r"RCPT TO: 550 5\.7\.64 TenantAttribution; Relay Access Denied \[\S+ \S+Z [0-9A-F]{16}\]", out)
    assert "verdict: relay-access-denied\n" in out
    assert "connector 'By address' lists 203.0.113.25; you came from 198.51.100.9" in out
    assert "smtp_tls_cert_file" in out


def test_an_acceptance_tells_its_connector(explain):
    code, out, _ = explain(*RELAY, *FROM_OWN, *TO_EXTERNAL)
    assert code == 0
    assert out.startswith("RCPT TO: 250 2.1.5 Recipient OK\n")
    assert "attributed to: contoso, connector 'By address', by ip-address (Originating)" in out


def test_several_recipients_are_judged_in_order(explain):
    code, out, _ = explain(*STRANGER, "--from", "x@example.org", *TO_ANN, *TO_EXTERNAL, "--json")
    found = json.loads(out)["recipients"]
    assert code == 1
    assert [(each["rcpt-to"], each["accepted"]) for each in found] == [
        ("ann@contoso.com", True),
        ("a@example.net", False),
    ]
    assert found[0]["attributed-to"]["by"] == "recipient-domain"
    assert found[1]["attributed-to"] == "none"
    assert found[1]["nearest"][0]["failed"][0]["holds"] is False


@pytest.mark.parametrize("null", ["<>", ""])
def test_the_null_reverse_path(explain, null):
    code, out, _ = explain(*RELAY, "--from", null, *TO_EXTERNAL)
    assert code == 1
    assert "ATTR36" in out
    assert "the null reverse-path has no domain" in out


def test_addresses_may_stand_in_angle_brackets_and_international(explain):
    code, out, _ = explain(*RELAY, "--from", "<app@CONTOSO.com>", "--to", "<a@bücher.example>")
    assert code == 0
    assert "<a@xn--bcher-kva.example>" in out


def test_tls_makes_the_difference_for_a_partner(explain):
    mail = ("--from", "x@bank.example", *TO_ANN)
    code, out, _ = explain(*STRANGER, *mail)
    assert code == 1
    assert out.startswith("RCPT TO: 451 5.7.3 STARTTLS is required to send mail [")
    assert explain(*STRANGER, *mail, "--tls")[0] == 0
    assert explain(*STRANGER, *mail, "--no-tls")[0] == 1


def test_a_refusal_at_the_end_of_data(explain):
    code, out, _ = explain(*STRANGER, *FROM_OWN, *TO_ANN, behaviour="{Stage5768: data}", reject="true")
    assert code == 1
    assert out.startswith("end of data: 550 5.7.68 TenantInboundAttribution")
    assert "RejectDirectSend" in out


def test_the_header_from_counts_where_the_knob_says_so(explain):
    mail = (*STRANGER, "--from", "x@example.org", *TO_ANN)
    knob = "{PartnerSenderScope: p2}"
    assert explain(*mail, "--header-from", "example.org", behaviour=knob)[0] == 0
    code, out, _ = explain(*mail, "--header-from", "bank.example", behaviour=knob)
    assert code == 1
    assert "end of data: 451 5.7.3" in out
    found = json.loads(explain(*mail, "--header-from", "bank.example", "--json", behaviour=knob)[1])["recipients"]
    assert [(each["stage"], each["accepted"]) for each in found] == [("RCPT TO", True), ("end of data", False)]


def test_helo_is_said_to_decide_nothing(explain):
    assert "not looked at" in explain(*RELAY, *FROM_OWN, *TO_EXTERNAL, "--helo", "mail.contoso.com")[1]


class TestCertificate:
    MAIL = (*STRANGER, "--from", "<>", *TO_EXTERNAL)

    def test_pem_under_a_trusted_ca(self, explain, lab):
        code, out, _ = explain(*self.MAIL, "--cert", lab / "match.pem", "--trust", lab / "ca.pem")
        assert code == 0
        assert "originating-by-certificate" in out

    def test_pfx_with_its_password(self, explain, lab):
        pfx = ("--cert", lab / "match.pfx", "--trust", lab / "ca.pem", "--cert-password")
        assert explain(*self.MAIL, *pfx, "secret")[0] == 0
        code, out, err = explain(*self.MAIL, *pfx, "wrong")
        assert (code, out) == (3, "")
        assert "match.pfx" in err

    @pytest.mark.parametrize(
        ("variant", "words"),
        [
            ("expired", "it is expired since"),
            ("missing-intermediate", "after the leaf in the PEM"),
        ],
    )
    def test_a_bad_one_is_refused_with_the_reason(self, explain, lab, variant, words):
        code, out, _ = explain(*self.MAIL, "--cert", lab / f"{variant}.pem", "--trust", lab / "ca.pem")
        assert code == 1
        assert "550 5.7.64 TenantAttribution" in out
        assert words in out
        assert "failed ClientCertificate" in out

    def test_the_lab_ca_of_a_state_folder_is_trusted(self, explain, fakeeop, lab, tmp_path):
        state = tmp_path / "state"
        _, _, err = explain(*self.MAIL, "--cert", lab / "match.pem", "--state", state)
        assert "--trust" in err
        assert fakeeop("certs", "make", "--state", state, "--out", tmp_path / "out", "--variant", "match")[0] == 0
        made = next((tmp_path / "out").glob("*match.pem"))
        assert explain(*self.MAIL, "--cert", made, "--state", state)[0] == 0
        assert explain(*self.MAIL, "--cert", lab / "match.pem", "--state", state)[0] == 1  # of another lab

    def test_a_real_root_counts_beside_the_lab_ca(self, explain, fakeeop, lab, tmp_path):
        state = tmp_path / "state"
        assert fakeeop("certs", "make", "--state", state, "--out", tmp_path / "out", "--variant", "match")[0] == 0
        both = ("--state", state, "--trust", lab / "ca.pem")
        assert explain(*self.MAIL, "--cert", lab / "match.pem", *both)[0] == 0
        assert explain(*self.MAIL, "--cert", next((tmp_path / "out").glob("*match.pem")), *both)[0] == 0

    def test_the_roots_of_this_machine_do_not_know_the_lab(self, explain, lab):
        code, out, _ = explain(*self.MAIL, "--cert", lab / "match.pem", "--trust", "system")
        assert (code, "550 5.7.64" in out) == (1, True)

    def test_what_cannot_be_read_is_named(self, explain, lab, tmp_path):
        missing = tmp_path / "none.pem"
        code, _, err = explain(*self.MAIL, "--cert", lab / "match.pem", "--trust", missing)
        assert (code, "none.pem" in err) == (3, True)
        empty = tmp_path / "empty.pem"
        empty.write_text("nothing")
        code, _, err = explain(*self.MAIL, "--cert", lab / "match.pem", "--trust", empty)
        assert (code, "empty.pem" in err) == (3, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--from", "a@b.example"), "missing: --ip, --to"),
        ((*STRANGER, "--from", "nobody", *TO_ANN), "--from: 'nobody' is not an address"),
        ((*STRANGER, *FROM_OWN, "--to", "<>"), "--to: '<>' is not an address"),
        ((*STRANGER, *FROM_OWN, "--to", "a@b..c"), "--to:"),
        (("--ip", "300.1.1.1", *FROM_OWN, *TO_ANN), "--ip:"),
        ((*STRANGER, *FROM_OWN, *TO_ANN, "--cert-password", "x"), "--cert-password needs --cert"),
        ((*STRANGER, *FROM_OWN, *TO_ANN, "--cert", "x.pem", "--no-tls"), "leave out --no-tls"),
        ((*STRANGER, *FROM_OWN, *TO_ANN, "--cert", "x.pem", "--trust", "a", "--state", "b"), "x.pem"),
        ((*STRANGER, *FROM_OWN, *TO_ANN, "--header-from", "a b"), "--header-from:"),
    ],
)
def test_wrong_arguments_are_named(explain, arguments, words):
    code, out, err = explain(*arguments)
    assert code in (2, 3)
    assert out == ""
    assert words in err
    assert "Traceback" not in err


def test_a_wrong_tenant_file_is_an_input_error(fakeeop, tmp_path):
    path = tmp_path / "tenant.yaml"
    path.write_text("Tenants: [{Name: contoso, AcceptedDomain: [contoso.com]}]")
    code, _, err = fakeeop("explain", "--tenant", path, *STRANGER, *FROM_OWN, *TO_ANN)
    assert code == 3
    assert "AcceptedDomains" in err


class TestCode:
    @pytest.mark.parametrize(
        "query",
        [
            ("5.7.64",),
            ("550", "5.7.64"),
            ("550 5.7.64 TenantAttribution; …",),
            ("550 5.7.64 TenantAttribution; Relay Access Denied [SN1.prod.outlook.com 2025-01-29T19:07:30Z 0]",),
            ("550-5.7.64 TenantAttribution; Relay Access Denied",),
            ("dsn=5.7.64, status=bounced (host said: 550 5.7.64 Relay Access Denied)",),
            ("relay-access-denied",),
        ],
    )
    def test_a_code_in_any_form(self, fakeeop, query):
        code, out, _ = fakeeop("explain", *query)
        assert code == 0
        assert "550 5.7.64" in out.splitlines()[0]
        assert "RCPT TO" in out
        assert "OnPremises connector" in out

    def test_every_refusal_of_the_judge_has_advice(self, fakeeop):
        from fakeeop.decision.verdict import Reason  # noqa: PLC0415  only here
        from fakeeop.why.code_advice import CODE_ADVICE  # noqa: PLC0415  only here

        assert set(CODE_ADVICE) >= {reason.value for reason in Reason if not reason.accepted}
        for status in ("5.7.64", "5.7.51", "5.7.68", "5.4.1", "5.7.711", "4.4.4", "5.7.3"):
            assert "what to do:" in fakeeop("explain", status)[1]

    def test_json(self, fakeeop):
        code, out, _ = fakeeop("explain", "5.7.68", "--json")
        (row,) = json.loads(out)["replies"]
        assert code == 0
        assert (row["key"], row["code"], row["stages"]) == ("direct-send-rejected", 550, ["rcpt", "message"])

    def test_a_code_nobody_knows(self, fakeeop):
        code, out, err = fakeeop("explain", "5.9.99")
        assert (code, out) == (1, "")
        assert "5.7.64" in err
        assert json.loads(fakeeop("explain", "5.9.99", "--json")[1])["replies"] == []


class TestApply:
    """``--apply N`` writes the Nth fix, and says what it comes to."""

    FACTS = (*STRANGER, *FROM_OWN, *TO_EXTERNAL)

    def number_of(self, explain, words: str, *facts: object, **more: str) -> int:
        _, out, _ = explain("--json", *(facts or self.FACTS), **more)
        (answer,) = json.loads(out)["recipients"]
        return next(number for number, fix in enumerate(answer["fixes"], 1) if words in fix["fix"])

    def test_a_fix_of_the_tenant_is_shown_written_and_judged_again(self, explain, tmp_path):
        number = self.number_of(explain, "add 198.51.100.9 to SenderIPAddresses")
        code, out, err = explain(*self.FACTS, "--apply", number, "--yes")
        assert (code, err) == (0, "")
        assert "+      - {Name: By address" in out
        assert "opens: 198.51.100.9 may relay through contoso, with any sender of its accepted domains" in out
        assert "judged again: <a@example.net>: 250 2.1.5 Recipient OK" in out
        assert "198.51.100.9" in (tmp_path / "tenant.yaml").read_text()

    def test_comments_are_kept(self, fakeeop, tmp_path):
        path = tmp_path / "tenant.yaml"
        text = "# ours\n" + TENANT.format(behaviour="{}", reject="true").replace(
            "Recipients:", "# who\n    Recipients:"
        )
        path.write_text(text)
        facts = ("--tenant", path, *STRANGER, *FROM_OWN, *TO_ANN)
        code, out, _ = fakeeop("explain", *facts, "--json")
        fixes = json.loads(out)["recipients"][0]["fixes"]
        number = 1 + next(at for at, fix in enumerate(fixes) if "RejectDirectSend" in fix["fix"])
        assert number == len(fixes)  # it opens most: the last
        code, out, _ = fakeeop("explain", *facts, "--apply", number, "--yes")
        assert code == 0
        assert path.read_text() == text.replace("RejectDirectSend: true", "RejectDirectSend: false")

    @pytest.mark.parametrize(
        ("facts", "words"),
        [
            ((*RELAY, "--from", "app@contoso.com", "--to", "bob@contoso.com"), None),
            ((*STRANGER, "--from", "x@example.org", "--to", "bob@contoso.com"), "add bob@contoso.com"),
            ((*STRANGER, "--from", "x@example.org", "--to", "bob@contoso.com"), "InternalRelay"),
            ((*STRANGER, "--from", "x@example.org", "--to", "a@sub.contoso.com"), "set MatchSubDomains"),
            ((*STRANGER, *FROM_OWN, *TO_EXTERNAL), "make an OnPremises connector"),
        ],
    )
    def test_each_kind_leads_to_acceptance(self, explain, facts, words):
        if words is None:
            assert explain(*facts, "--apply", 1, "--yes")[0] == 2  # nothing is refused
            return
        number = self.number_of(explain, words, *facts)
        code, out, err = explain(*facts, "--apply", number, "--yes")
        assert (code, err) == (0, ""), out

    def test_a_fix_of_the_relay_is_printed(self, explain, tmp_path):
        number = self.number_of(explain, "send from the listed address")
        code, out, _ = explain(*self.FACTS, "--apply", number, "--yes")
        assert code == 1
        assert "on the relay: send from the listed address 203.0.113.25" in out
        assert "Postfix: smtp_bind_address = 203.0.113.25" in out
        assert (tmp_path / "tenant.yaml").read_text() == TENANT.format(behaviour="{}", reject="false")

    @pytest.mark.parametrize(
        ("more", "words"), [(("--apply", "99", "--yes"), "there are fixes 1 to"), (("--apply", "3"), "give --yes")]
    )
    def test_what_cannot_be_applied_changes_nothing(self, explain, tmp_path, more, words):
        code, _, err = explain(*self.FACTS, *more)
        assert code == 2
        assert words in err
        assert (tmp_path / "tenant.yaml").read_text() == TENANT.format(behaviour="{}", reject="false")
