"""The table of what mail servers call what advice names."""

from __future__ import annotations

from fakeeop.why.settings import MAIL_SERVERS, PROGRAMS, SETTINGS, names_of


def test_every_column_is_a_mail_server_and_every_row_has_one():
    assert all(names and set(names) <= set(PROGRAMS) for names in SETTINGS.values())


def test_what_a_relay_needs_first_is_known_of_all():
    for purpose in ("smart-host", "tls", "client-certificate", "source-address", "retry", "lifetime"):
        assert set(SETTINGS[purpose]) - {"dotnet"} == set(MAIL_SERVERS), purpose


def test_a_column_has_what_its_server_has_a_name_for():
    assert "postfix" in SETTINGS["queue"]
    assert "queue" not in names_of("exim")
    assert str(names_of("postfix")["tls"]).startswith("smtp_tls_security_level = encrypt (")
