"""The suite as data: each case is whole, each fault is one that the emulator takes, each cause has advice."""

from __future__ import annotations

import ast
import inspect

import pytest

from fakeeop.emulator import Emulator
from fakeeop.why.settings import SETTINGS
from harness.relay_check import diagnose, judges, suite
from harness.relay_check.advice import ADVICE, advice
from harness.relay_check.site import Site, mails, tenant_tree
from harness.relay_check.suite import FAMILIES

CASES = suite.suite()


def test_names_are_unique_and_families_known():
    names = [each.id for each in CASES]
    assert len(names) == len(set(names))
    assert {each.family for each in CASES} == set(FAMILIES)
    assert not set(names) & set(FAMILIES)


@pytest.mark.parametrize("case", CASES, ids=lambda each: each.id)
def test_a_case_is_whole_and_its_world_can_be(case):
    assert case.requirement.endswith(".")
    assert case.source
    assert case.level in ("must", "should")
    site = Site(certificate_name="mail.contoso.com")
    Emulator.from_tree(tenant_tree(case, site, "t"))
    for mail in mails(case, site, "t"):
        assert mail.content.endswith(b"\n")
        assert all(".t@" in str(each["address"]) for each in mail.recipients)


def test_every_cause_has_advice():
    tree = [ast.parse(inspect.getsource(each)) for each in (diagnose, judges)]
    words = {node.value for each in tree for node in ast.walk(each) if isinstance(node, ast.Constant)}
    named = {"no-certificate", "wrong-name", "no-tls", "duplicate", "lost", "retry-storm", "keeps-hard-errors"}
    assert named <= words & set(ADVICE)
    assert {each for each in words if isinstance(each, str) and each.startswith("certificate-")} <= set(ADVICE)


def test_advice_names_the_mta_that_is_known():
    assert advice("no-certificate", "postfix")[1].startswith("postfix: smtp_tls_cert_file")
    assert len(advice("no-certificate", "generic")) == 1
    assert all(sentence.endswith(".") and set(purposes) <= set(SETTINGS) for sentence, purposes in ADVICE.values())
    assert advice("nothing of ours", "postfix") == ()
