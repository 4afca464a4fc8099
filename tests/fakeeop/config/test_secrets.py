from __future__ import annotations

import copy

import pytest

from fakeeop.config.secrets import MASK, masked, restored

TREE = {
    "Tenants": [
        {
            "Name": "contoso",
            "Mailboxes": [
                {"PrimarySmtpAddress": "ann@contoso.com", "Password": "hunter2", "AccessTokens": ["t1", "t2"]},
                {"PrimarySmtpAddress": "bob@contoso.com", "password": "12345"},
                {"PrimarySmtpAddress": "dan@contoso.com", "accesstokens": {"value": ["t3"], "Count": 1}},
                {"PrimarySmtpAddress": "eve@contoso.com", "Password": None},
            ],
        }
    ]
}


def test_no_secret_is_shown():
    shown = str(masked(TREE))
    for secret in ("hunter2", "12345", "t1", "t2", "t3"):
        assert secret not in shown
    assert masked(TREE)["Tenants"][0]["Mailboxes"][3]["Password"] is None
    assert "hunter2" in str(TREE)


def test_a_masked_tree_that_comes_back_is_the_old_one():
    assert restored(masked(TREE), TREE) == TREE


def test_elements_are_paired_by_name():
    back = masked(TREE)
    mailboxes = back["Tenants"][0]["Mailboxes"]
    mailboxes.reverse()
    mailboxes[2]["Password"] = "new"  # noqa: S105  bob's; his key was written in another case
    del mailboxes[2]["password"]
    restored(back, TREE)
    assert [each.get("Password") for each in mailboxes] == [None, None, "new", "hunter2"]


@pytest.mark.parametrize("old", [None, {}, {"Tenants": []}, {"Tenants": [{"Name": "fabrikam"}]}])
def test_a_mask_that_stands_for_nothing(old):
    with pytest.raises(LookupError, match="Password"):
        restored(copy.deepcopy(masked(TREE)), old)


def test_a_mask_elsewhere_is_text():
    assert restored({"Comment": MASK}, None) == {"Comment": MASK}
