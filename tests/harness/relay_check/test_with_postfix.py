"""A real Postfix as users configure it: a good one passes, each broken one is told what is wrong."""

from __future__ import annotations

import pytest

PATIENCE = ("--patience", 30)


def test_what_is_replaced_is_shown_old_and_new(postfix, checked):
    folder = postfix("smtpd_milters = inet:127.0.0.1:8891\nsmtp_bind_address = 192.0.2.1")
    before = sorted(folder.iterdir())
    _, report = checked("--postfix", folder / "main.cf", "--only", "accepted-by-ip", *PATIENCE)
    assert sorted(folder.iterdir()) == before
    replaced = {each["name"]: (each["old"], each["new"]) for each in report["replaced"]}
    assert replaced["relayhost"][0] == "[contoso-com.mail.protection.outlook.com]:25"
    assert replaced["relayhost"][1].startswith("[127.0.0.1]:")
    assert replaced["smtp_bind_address"] == ("192.0.2.1", "127.0.0.1")
    assert replaced["smtpd_milters"] == ("inet:127.0.0.1:8891", "")
    assert "smtp_tls_cert_file" not in replaced


BROKEN = {
    "wrong port": ("relayhost = [contoso-com.mail.protection.outlook.com]:587", "smart-host", "fail", "wrong-port"),
    "no relayhost": ("relayhost =", "smart-host", "fail", "no-smart-host"),
    "another host": ("relayhost = [mail.contoso.com]", "smart-host", "deviation", "wrong-smart-host"),
    "a transport map to elsewhere": (
        "transport_maps = inline:{ { fabrikam.example = smtp:[smtp.office365.com]:587 } }",
        "smart-host",
        "fail",
        "submission-endpoint",
    ),
    "foreign sender": (
        "sender_canonical_maps = static:app@fabrikam.example",
        "null-sender",
        "fail",
        "sender-rewritten",
    ),
    "never tries again": ("minimal_backoff_time = 10d", "retry-schedule", "fail", "slow-retry"),
    "tries too rarely": ("minimal_backoff_time = 5h", "retry-schedule", "fail", "slow-retry"),
    "bounces soft errors, by its settings": (
        "maximal_queue_lifetime = 0",
        "retry-schedule",
        "fail",
        "bounces-soft-errors",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_configuration_is_told_why(postfix, checked, graded, name):
    lines, case, grade, cause = BROKEN[name]
    folder = postfix(lines)
    by = ("--by", "address", "--by", "certificate")
    code, report = checked("--postfix", folder, "--trust", folder / "ca.pem", "--only", case, "--patience", 20, *by)
    found = graded(report)[case]
    assert (found["grade"], found["causes"][:1]) == (grade, [cause]), found
    assert code == (1 if grade == "fail" else 0)
    assert any(each.startswith("postfix: ") for each in found["advice"]) or len(found["advice"]) == 1


def test_a_certificate_of_another_name(postfix, checked, graded):
    folder = postfix(name="mail.northwind.example")
    options = ("--domain", "contoso.com", "--only", "accepted-by-certificate", *PATIENCE)
    code, report = checked("--postfix", folder, "--trust", folder / "ca.pem", *options)
    found = graded(report)["accepted-by-certificate"]
    assert (code, found["grade"], found["causes"]) == (1, "fail", ["wrong-name"])
    assert "mail.northwind.example" in found["why"][0]
    assert "*.contoso.com" in found["why"][0]


def test_a_policy_table_for_the_real_smart_host_holds_for_the_emulator(postfix, checked, graded):
    table = "[contoso-com.mail.protection.outlook.com]:25 = none"
    folder = postfix(f"smtp_tls_policy_maps = inline:{{ {{ {table} }} }}")
    _, report = checked("--postfix", folder, "--only", "accepted-by-ip", *PATIENCE)
    assert graded(report)["accepted-by-ip"]["causes"] == ["no-tls"]


def test_a_relay_that_verifies_the_server(postfix, checked, graded):
    folder = postfix("smtp_tls_security_level = verify\nsmtp_tls_CAfile = {folder}/ca.pem")
    _, report = checked("--postfix", folder, "--only", "accepted-by-ip", "--only", "server-certificate-*", *PATIENCE)
    found = graded(report)
    assert {name: each["grade"] for name, each in found.items()} == dict.fromkeys(found, "pass")
    assert found["server-certificate-wrong"]["seen"][0]["text"] == "it refuses the server's certificate"
    assert "smtp_tls_CAfile" in {each["name"] for each in report["replaced"]}


def test_tables_that_lie_beside_main_cf_and_are_not_compiled(postfix, checked, graded):
    folder = postfix("sender_canonical_maps = hash:/etc/postfix/no-such/senders")
    (folder / "senders").write_text("@contoso.com app@fabrikam.example\n")
    code, report = checked("--postfix", folder, "--only", "accepted-by-ip", "--patience", 20)
    assert (code, graded(report)["accepted-by-ip"]["causes"][:1]) == (1, ["sender-rewritten"])
    assert {each["name"] for each in report["replaced"]} >= {"path", "table"}
    assert not (folder / "senders.db").exists()


def test_services_of_master_cf(postfix, checked, graded):
    folder = postfix("content_filter = scan:dummy")
    (folder / "master.cf").write_text(
        "smtp inet n - y - - smtpd\n  -o content_filter=scan:[127.0.0.1]:10024\n"
        "smtp unix - - y - - smtp -o smtp_bind_address=192.0.2.1 -o smtp_tls_security_level=none\n"
        "scan unix - n n - 10 pipe flags=Rq user=nobody argv=/bin/false\n"
    )
    _, report = checked("--postfix", folder, "--only", "accepted-by-ip", *PATIENCE)
    assert graded(report)["accepted-by-ip"]["causes"] == ["no-tls"]  # his -o is in force
    names = {each["name"] for each in report["replaced"]}
    assert {"master.cf: scan", "master.cf: smtp -o smtp_bind_address", "content_filter"} <= names


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("this is no setting", "missing '='"),
        ("smtp_tls_security_level = encrypt\nsmtp_tls_cert_file = /nowhere.pem", "nowhere.pem"),
        ("virtual_alias_maps = hash:/nowhere/table", "nowhere/table"),
    ],
)
def test_a_configuration_that_does_not_work_is_an_error_in_its_own_words(postfix, checked, lines, words):
    code, report = checked("--postfix", postfix(lines), "--only", "accepted-by-ip", "--patience", 15)
    said = report.get("error") or report["cases"][0]["reason"] + " ".join(report["notes"] + report["cases"][0]["why"])
    assert code in (1, 3)
    assert words in said


def test_no_main_cf(postfix, checked, tmp_path):
    postfix()
    code, report = checked("--postfix", tmp_path)
    assert code == 3
    assert "main.cf: No such file" in report["error"]


def test_without_root(postfix, checked, monkeypatch):
    folder = postfix()
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    code, report = checked("--postfix", folder)
    assert code == 3
    assert "needs root" in report["error"]
