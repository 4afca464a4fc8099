from __future__ import annotations

import pytest

from harness.errors import ScenarioError
from harness.scenario.expand import expand

KNOB = """\
variants:
  a: {knob: allow, from: x@y.example, out: {one-of: [rejected, deferred]}}
  b: {knob: refuse, from: <>, out: rejected}
steps:"""
USE = (
    ("steps:", KNOB),
    ("  tenant:", '  behaviour: {CertFallback: "{{variant.knob}}"}\n  tenant:'),
    ("a@contoso.com", '"{{variant.from}}"'),
    ("reply: 550", 'outcome: "{{variant.out}}"'),
)


def test_without_variants_one_case_a_client_and_nothing_copied(scenario_with):
    scenario = scenario_with()
    raw, smtplib = expand(scenario)
    assert (raw.id, smtplib.id) == ("folder/name::raw", "folder/name::smtplib")
    assert (raw.variant, raw.client) == (None, "raw")
    assert raw.steps is scenario.steps
    assert raw.world is scenario.world


def test_variants_by_clients(scenario_with):
    cases = expand(scenario_with(*USE))
    names = [case.id.partition("::")[2] for case in cases]
    assert names == ["a-raw", "a-smtplib", "b-raw", "b-smtplib"]


def test_a_lone_name_keeps_its_type_anywhere(scenario_with):
    first, _, last, _ = expand(scenario_with(*USE))
    assert first.world["behaviour"] == {"CertFallback": "allow"}
    assert first.steps[0].expect == {"outcome": {"one-of": ["rejected", "deferred"]}}
    assert last.steps[0].arguments["mail-from"] == "<>"


def test_line_marks_survive(scenario_with):
    case = expand(scenario_with(*USE))[0]
    source = case.scenario.lines
    assert '"{{variant.out}}"' in source[case.steps[0].expect.lines["outcome"] - 1]
    assert "rcpt-to" in source[case.steps[0].arguments.lines["rcpt-to"] - 1]
    assert source[case.steps[0].line - 1].startswith("  - submit")


def test_inside_text_and_in_keys(scenario_with):
    scenario = scenario_with(
        ("steps:", "variants: {a: {n: 7, yes: true, no: null}}\nsteps:"),
        ("a@contoso.com", '"{{variant.n}}{{variant.yes}}{{variant.no}}@contoso.com"'),
        ("reply: 550", 'recipients: {"{{variant.n}}@x.example": {reply: 550}}'),
    )
    (step,) = expand(scenario)[0].steps
    assert step.arguments["mail-from"] == "7true@contoso.com"
    assert list(step.expect["recipients"]) == ["7@x.example"]


def test_a_whole_step_and_all_steps_may_come_from_a_variant(scenario_with):
    submit = "  - submit: {from-host: relay, mail-from: a@contoso.com, rcpt-to: [b@fabrikam.example]}\n"
    steps = submit + "    expect:\n      reply: 550\n"
    one = "{admin: {clear-journal: true}}"
    scenario = scenario_with(("steps:", f"variants: {{a: {{s: {one}}}}}\nsteps:\n  - '{{{{variant.s}}}}'"))
    assert [step.verb for step in expand(scenario)[0].steps] == ["admin", "submit"]
    scenario = scenario_with(("steps:", f"variants: {{a: {{s: [{one}]}}}}\nsteps: '{{{{variant.s}}}}'"), (steps, ""))
    assert [step.verb for step in expand(scenario)[0].steps] == ["admin"]


def test_pki_of_a_variant_waits_for_the_run(scenario_with):
    scenario = scenario_with(
        ("steps:", "variants: {a: {c: own}, b: {c: null}}\nsteps:"),
        ("  tenant:", "  pki: {own: {self-signed: true}}\n  tenant:"),
        ("a@contoso.com", '"{{pki(variant.c)}}"'),
    )
    first, _, second, _ = expand(scenario)
    assert first.steps[0].arguments["mail-from"] == "{{pki(own)}}"
    assert second.steps[0].arguments["mail-from"] == "{{pki(null)}}"


@pytest.mark.parametrize(
    ("gap", "covered"),
    [
        ("{issue: x}", [True, True, True, True]),
        ("{issue: x, clients: [raw]}", [True, False, True, False]),
        ("{issue: x, variants: [b]}", [False, False, True, True]),
        ("{issue: x, clients: [raw], variants: [a]}", [True, False, False, False]),
    ],
)
def test_known_gap_covers_clients_and_variants(scenario_with, gap, covered):
    scenario = scenario_with(*USE, ("level: must", f"level: must\nknown-gap: {gap}"))
    assert [case.known_gap for case in expand(scenario)] == covered


def test_problems_of_every_variant_are_told_with_its_name(scenario_with):
    bad = ("from: x@y.example", "from: [1]"), ("from: <>", "from: 5")
    edits = (USE[0][0], USE[0][1].replace(*bad[0]).replace(*bad[1]))
    with pytest.raises(ScenarioError) as caught:
        expand(scenario_with(edits, *USE[1:]))
    assert [problem.where[0] for problem in caught.value.problems] == ["variant a", "variant b"]
