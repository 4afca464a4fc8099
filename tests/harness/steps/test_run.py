from __future__ import annotations

import json

import pytest

from harness.engine.lab import Lab, RunSettings
from harness.model.result import Grade

SUBMIT = "steps:\n  - submit: {}\n    expect: {}\n"


def only(results):
    assert len(results) == 1
    return results[0]


def test_accepted_by_both_clients_and_the_journal(run_text, scenario_maker):
    _, relayed, _ = scenario_maker
    body = f"""
    steps:
      - submit: {relayed}
        expect: {{outcome: accepted, stage: message, reply: "250 2.6.0 *"}}
    expect:
      sessions:
        - peer: 203.0.113.25
          attributed-to: {{tenant: contoso, connector: Office relay, by: ip-address}}
          closed-by: server
      messages:
        - {{rcpt-to: [bob@fabrikam.example], directionality: Originating}}
    """
    results = run_text(body, clients="[raw, smtplib]")
    assert [(each.client, each.grade, each.text) for each in results] == [
        ("raw", Grade.PASS, ""),
        ("smtplib", Grade.PASS, ""),
    ]
    assert results[0].versions == {"raw": "built in", "target": "embedded"}
    assert results[0].transcript[0].startswith("S: 220 ")
    assert results[0].evidence == ("rfc: RFC 5321",)


def test_every_mismatch_of_a_step_is_told_and_the_case_stops_there(run_text, scenario_maker):
    _, relayed, refused = scenario_maker
    body = f"""
    steps:
      - submit: {refused}
        expect:
          outcome: accepted
          reply: "550 5.7.1 *"
      - submit: {relayed}
        expect: {{outcome: rejected}}
    expect:
      messages: [{{directionality: Incoming}}]
    """
    result = only(run_text(body))
    assert result.grade is Grade.FAIL
    assert [each.path for each in result.mismatches] == ["steps[1].expect.outcome", "steps[1].expect.reply"]
    assert len([line for line in result.transcript if line.startswith("S: 220")]) == 1


def test_the_text_of_a_failure(run_text, scenario_maker, monkeypatch, tmp_path):
    _, _, refused = scenario_maker
    monkeypatch.chdir(tmp_path)
    text = only(run_text(SUBMIT.format(refused, '{reply: "550 5.7.1 *"}'))).text
    lines = text.splitlines()
    assert lines[:3] == [
        "scenarios/x/one.yaml:18  x/one::raw",
        '  18 |     expect: {reply: "550 5.7.1 *"}',
        "     |             expected the enhanced status to be 5.7.1, at steps[1].expect.reply",
    ]
    assert lines[3].startswith("     actual (client):  550 5.7.64 TenantAttribution; Relay Access Denied [")
    assert lines[4].startswith("     actual (journal): 550 5.7.64 TenantAttribution; Relay Access Denied [")
    assert lines[5].startswith('     nearest connector: "Office relay", failed on SenderIPAddresses; ')
    assert "send from the listed address 203.0.113.25" in lines[5]
    assert lines[6:] == ["     rerun: harness run x/one::raw"]


def test_the_explanation_is_of_the_last_refusal(run_text, scenario_maker):
    _, _, refused = scenario_maker
    result = only(run_text(SUBMIT.format(refused, "{outcome: rejected}")))
    assert result.grade is Grade.PASS
    assert "verdict: relay-access-denied" in result.explanation
    assert "198.51.100.9" in result.explanation


@pytest.mark.parametrize(("level", "grade"), [("must", Grade.FAIL), ("should", Grade.DEVIATION)])
def test_the_level_decides_what_a_mismatch_is(run_text, scenario_maker, level, grade):
    _, _, refused = scenario_maker
    assert only(run_text(SUBMIT.format(refused, "{outcome: deferred}"), level=level)).grade is grade


def test_a_known_gap_that_fails_and_one_that_is_closed(run_text, scenario_maker):
    _, relayed, refused = scenario_maker
    gap = "known-gap: {issue: '#12'}\n"
    failing = only(run_text(SUBMIT.format(refused, "{outcome: accepted}"), top=gap))
    assert (failing.grade, failing.reason) == (Grade.KNOWN_GAP, "known-gap: #12")
    closed = only(run_text(SUBMIT.format(relayed, "{outcome: accepted}"), top=gap))
    assert closed.grade is Grade.FAIL
    assert closed.reason == "the known gap #12 is closed: remove known-gap from the scenario"


@pytest.mark.parametrize(
    ("clients", "top", "step", "reason"),
    [
        ("[javamail]", "", "", "client javamail has no driver yet"),
        ("[smtplib]", "requires: [pipelining]\n", "", "client smtplib lacks pipelining"),
        ("[raw]", "requires: [client-javamail]\n", "", "client javamail has no driver yet"),
        ("[raw]", "requires: [flying]\n", "", "the harness lacks flying yet"),
    ],
)
def test_what_cannot_run_says_who_lacks_what(run_text, clients, top, step, reason):
    body = f"steps:\n  - submit: {{{step}from-host: relay, mail-from: a@contoso.com, rcpt-to: [b@x.example]}}\n"
    result = only(run_text(body, clients=clients, top=top))
    assert (result.grade, result.reason) == (Grade.UNSUPPORTED, reason)


def test_a_fault_of_the_harness_is_an_error_and_no_failure(run_text):
    message = "message: {file: nothing.eml}"
    body = f"steps:\n  - submit: {{from-host: relay, mail-from: a@contoso.com, rcpt-to: [b@x.example], {message}}}\n"
    result = only(run_text(body))
    assert result.grade is Grade.ERROR
    assert result.reason.endswith("nothing.eml: No such file or directory")


def test_a_wrong_tenant_is_an_error_with_its_line(run_text, scenario_maker):
    _, relayed, _ = scenario_maker
    world = "world:\n  hosts: {relay: 203.0.113.25}\n  tenant: {Name: contoso, AcceptedDomain: [contoso.com]}\n"
    result = only(run_text(f"steps:\n  - submit: {relayed}\n", world=world))
    assert result.grade is Grade.ERROR
    assert "one.yaml:9: error" in result.reason
    assert "AcceptedDomains" in result.reason


def test_an_unexpected_exception_is_an_error_of_this_case_only(run_text, scenario_maker, monkeypatch):
    _, relayed, _ = scenario_maker
    monkeypatch.setattr("harness.clients.raw.RawDriver.run", lambda *_: 1 / 0)
    result = only(run_text(f"steps:\n  - submit: {relayed}\n"))
    assert result.grade is Grade.ERROR
    assert result.reason == "ZeroDivisionError: division by zero"


def test_a_lying_client_does_not_agree_with_the_journal(run_text, scenario_maker, monkeypatch):
    """The scenario expects what the client says; only the journal knows better."""
    from attrs import evolve  # noqa: PLC0415  only this test lies

    from harness.clients.raw import RawDriver  # noqa: PLC0415  as above

    _, _, refused = scenario_maker
    honest = RawDriver.run
    monkeypatch.setattr(RawDriver, "run", lambda *call: evolve(honest(*call), outcome="accepted", reply="250 2.6.0 ok"))
    result = only(run_text(SUBMIT.format(refused, "{outcome: accepted}"), level="should"))
    assert result.grade is Grade.FAIL
    assert [(each.path, each.seen_by) for each in result.mismatches] == [("steps[1].outcome", "both-disagree")]
    assert "client and journal to agree on the number of accepted messages" in result.text


def test_a_dialogue_with_a_refused_recipient_and_chunks(run_text):
    body = """
    steps:
      - connect: {from-host: stranger, as: c}
        expect: {reply: "220 *"}
      - send: {session: c, lines: ["EHLO stranger.example"]}
        expect: {reply: 250, capabilities: {includes: [PIPELINING, CHUNKING]}}
      - send:
          session: c
          one-write: true
          lines: ["MAIL FROM:<x@remote.example>", "RCPT TO:<ann@contoso.com>", "RCPT TO:<b@fabrikam.example>", NOOP]
        expect: {replies: ["250 2.1.0 *", "250 2.1.5 *", "550 5.7.64 *", 250], within: 2s}
      - send: {session: c, bdat: {data: "Subject: chunked\\r\\n\\r\\nfirst "}}
        expect: {reply: 250}
      - send: {session: c, bdat: {data: "second\\r\\n", last: true}}
        expect: {reply: "250 2.6.0 *"}
      - send: {session: c, lines: [QUIT]}
        expect: {reply: "221 *", closed-by: server}
    expect:
      messages: [{rcpt-to: [ann@contoso.com], body: {contains: "first second"}}]
    """
    result = only(run_text(body))
    assert (result.grade, result.text, result.reason) == (Grade.PASS, "", "")
    assert "c  C: NOOP" in result.transcript


def test_sessions_left_open_are_closed_before_the_final_look(run_text):
    body = """
    steps:
      - connect: {from-host: relay, as: one}
      - connect: {from-host: stranger, as: two}
      - send: {session: two, lines: ["EHLO two.example"]}
        expect: {reply: 250}
    expect:
      sessions: [{peer: 203.0.113.25, closed-by: client}, {peer: 198.51.100.9, closed-by: client, helo: two.example}]
    """
    assert only(run_text(body)).grade is Grade.PASS


def test_starttls_in_a_dialogue(run_text):
    world = """\
world:
  hosts: {vm: 192.0.2.77}
  pki:
    ca: {ca: true, trusted-by-eop: true}
    cert: {issued-by: ca, dns-names: ["*.contoso.com"]}
  tenant:
    Name: contoso
    AcceptedDomains: [contoso.com]
    InboundConnectors:
      - {Name: Cert, ConnectorType: OnPremises, RequireTls: true, TlsSenderCertificateName: "*.contoso.com"}
"""
    body = """
    steps:
      - connect: {from-host: vm, as: c}
      - send: {session: c, lines: ["EHLO vm.example"]}
      - starttls: {session: c, certificate: cert, verify-server: true, version: TLSv1.2}
        expect: {outcome: accepted, tls: {version: TLSv1.2, verified: true}}
      - send: {session: c, lines: ["EHLO vm.example", "MAIL FROM:<a@contoso.com>", "RCPT TO:<b@fabrikam.example>"]}
        expect: {reply: "250 2.1.5 *"}
      - disconnect: c
    expect:
      sessions: [{attributed-to: {connector: Cert, by: certificate}, tls: {peer-certificate: {chain: valid}}}]
      messages: []
    """
    result = only(run_text(body, world=world))
    assert (result.grade, result.text, result.reason) == (Grade.PASS, "", "")


def test_a_version_below_the_lowest_ends_in_tls_failed(run_text):
    body = """
    steps:
      - connect: {from-host: relay, as: c}
      - send: {session: c, lines: ["EHLO vm.example"]}
      - starttls: {session: c, version: TLSv1.1}
        expect: {outcome: tls-failed}
    """
    result = only(run_text(body))
    assert (result.grade, result.text, result.reason) == (Grade.PASS, "", "")


def test_admin_changes_the_next_transaction(run_text, scenario_maker):
    _, relayed, _ = scenario_maker
    body = f"""
    steps:
      - submit: {relayed}
        expect: {{outcome: accepted}}
      - admin: {{disable-connector: office relay}}
        expect: {{outcome: accepted}}
      - submit: {relayed}
        expect: {{outcome: rejected}}
      - admin: {{set-connector: {{connector: Office relay, SenderIPAddresses: [203.0.113.0/8]}}}}
        expect: {{outcome: rejected, error: {{contains: SenderIPAddresses}}}}
      - admin: {{clear-journal: true}}
      - admin: {{set-connector: {{connector: Office relay, enabled: true}}}}
      - submit: {relayed}
        expect: {{outcome: accepted}}
      - wait: {{for: {{messages: 1}}, at-most: 5s}}
    expect:
      sessions: [{{verdict: originating-by-ip-address}}]
      messages: [{{rcpt-to: [bob@fabrikam.example]}}]
    """
    result = only(run_text(body))
    assert (result.grade, result.text, result.reason) == (Grade.PASS, "", "")


def test_a_wait_in_vain_says_how_far_it_came(run_text, scenario_maker):
    _, relayed, _ = scenario_maker
    body = f"steps:\n  - submit: {relayed}\n  - wait: {{for: {{messages: 2}}, at-most: 10ms}}\n"
    result = only(run_text(body))
    (mismatch,) = result.mismatches
    assert (mismatch.path, mismatch.expected) == ("steps[2].wait.for", "messages: 2")
    assert mismatch.actual == "sessions-ended: 1, messages: 1"


def test_a_silent_end_is_an_error_with_the_last_line(run_text):
    """More replies expected than the server owes: the deadline of the case, not a mismatch."""
    body = """
    steps:
      - connect: {from-host: relay, as: c}
      - send: {session: c, lines: [NOOP]}
        expect: {replies: [250, 250]}
    """
    result = only(run_text(body, top="timeout: 50ms\n"))
    assert result.grade is Grade.ERROR
    assert "for one more reply; last seen: S: 250" in result.reason


def test_files_of_a_failed_case_are_kept_and_of_a_good_one_are_not(scenario_maker, run_text, tmp_path):
    _, relayed, refused = scenario_maker
    lab = Lab(RunSettings(out=tmp_path / "out"))
    good = only(run_text(SUBMIT.format(relayed, "{outcome: accepted}"), in_lab=lab))
    assert good.artefacts == ""
    assert not (tmp_path / "out/cases").exists()
    bad = only(run_text(SUBMIT.format(refused, "{outcome: accepted}"), in_lab=lab))
    folder = tmp_path / "out/cases/x/one/raw"
    assert bad.artefacts == str(folder)
    assert sorted(each.name for each in folder.iterdir()) == [
        "command.sh",
        "explanation.txt",
        "journal.json",
        "transcript.txt",
    ]
    assert "wire: " in bad.text
    lab.close()


def test_delivered_copies_and_trace_are_among_the_files_if_the_case_looked_at_them(scenario_maker, run_text, tmp_path):
    _, relayed, _ = scenario_maker
    lab = Lab(RunSettings(out=tmp_path / "out"))
    body = SUBMIT.format(relayed, "{outcome: accepted}") + "expect: {delivered: [{where: mailbox}]}\n"
    bad = only(run_text(body, in_lab=lab))
    folder = tmp_path / "out/cases/x/one/raw"
    assert "expect.delivered[1].where" in bad.text
    assert (folder / "delivered-1.eml").read_bytes().startswith(b"Received: from ")
    assert not (folder / "trace.json").exists()
    body = SUBMIT.format(relayed, "{outcome: accepted}") + "expect: {trace: [{Status: Failed}]}\n"
    bad = only(run_text(body, in_lab=lab))
    assert "expect.trace[1].Status" in bad.text
    assert json.loads((folder / "trace.json").read_text("utf-8"))[0]["Status"] == "Delivered"
    lab.close()
    kept = Lab(RunSettings(out=tmp_path / "all", keep=True))
    only(run_text(SUBMIT.format(relayed, "{outcome: accepted}"), in_lab=kept))
    assert (tmp_path / "all/cases/x/one/raw/message-1.eml").read_bytes().count(b"bob@fabrikam.example") >= 1
    kept.close()


def test_without_loopback_aliases_the_hosts_are_told_apart_all_the_same(run_text, scenario_maker):
    _, relayed, refused = scenario_maker
    lab = Lab()
    lab._capabilities = frozenset()
    body = f"""
    steps:
      - submit: {relayed}
        expect: {{outcome: accepted}}
      - submit: {refused}
        expect: {{outcome: rejected}}
    expect:
      sessions: [{{peer: 203.0.113.25}}, {{peer: 198.51.100.9, socket-peer: 127.0.0.1}}]
    """
    result = only(run_text(body, in_lab=lab))
    lab.close()
    assert (result.grade, result.text, result.reason) == (Grade.PASS, "", "")
