"""What a private Postfix gets in place of a user's services, and where the user's mail would go."""

from __future__ import annotations

import pytest

from harness.mtas.postfix.files import services
from harness.mtas.postfix.replaced import master_cf, route


@pytest.mark.parametrize(
    ("value", "host", "port", "brackets"),
    [
        ("[a.example]:25", "a.example", "25", True),
        ("[a.example]", "a.example", "25", True),
        ("a.example", "a.example", "25", False),
        ("a.example:587", "a.example", "587", False),
        ("smtp:[a.example]:submission", "a.example", "submission", True),
        ("relay:a.example", "a.example", "25", False),
        (":[a.example]", "a.example", "25", True),
        ("[a.example]:25, [b.example]", "a.example", "25", True),
    ],
)
def test_routes(value, host, port, brackets):
    found = route("relayhost", value)
    assert found is not None
    assert (found.host, found.port, found.brackets) == (host, port, brackets)


@pytest.mark.parametrize("value", ["", "smtp:", "local:", "[a.example"])
def test_what_names_no_host(value):
    assert route("relayhost", value) is None


MASTER = """\
smtp      inet  n       -       y       -       -       smtpd
  -o content_filter=x
smtp      unix  -       -       y       -       -       smtp
  -o smtp_bind_address=192.0.2.1 -o { smtp_helo_name = a b }
slow      unix  -       -       n       -       1       smtp
filter    unix  -       n       n       -       10      pipe
  flags=Rq user=nobody argv=/bin/cat
"""


def test_master_cf_keeps_smtp_clients_and_lets_nothing_out():
    text, replaced = master_cf(MASTER, {"smtp_bind_address": "127.0.0.1"}, used="content_filter = filter:x")
    found = {each.key: each for each in services(text, "master.cf")}
    assert ("smtp", "inet") not in found
    assert found["smtp", "unix"].options == {"smtp_helo_name": "a b"}
    assert found["smtp", "unix"].fields[2] == "n"  # no chroot
    assert found["slow", "unix"].command == "smtp"
    assert {found[name, "unix"].command for name in ("filter", "local", "virtual", "lmtp")} == {"discard"}
    assert found["submit", "unix"].options["mynetworks"] == "127.0.0.0/8"
    assert {each.name for each in replaced} == {"master.cf: filter", "master.cf: smtp -o smtp_bind_address"}
