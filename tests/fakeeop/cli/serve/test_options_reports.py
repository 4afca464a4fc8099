from __future__ import annotations

import json
import smtplib
from argparse import ArgumentTypeError

import pytest

from fakeeop.cli.serve import options as serve_options

TENANT = """
Tenants:
  - Name: contoso
    AcceptedDomains: [contoso.com]
    Recipients: [ann@contoso.com]
    InboundConnectors:
      - {Name: Relay, ConnectorType: OnPremises, SenderDomains: ["*"], SenderIPAddresses: [203.0.113.25]}
"""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("127.0.0.1:25", ("127.0.0.1", 25)),
        ("[::1]:2525", ("::1", 2525)),
        ("10.1.2.3:25", ("10.1.2.3", 25)),
        ("postfix:25", ("postfix", 25)),
    ],
)
def test_a_relay_inside_the_lab(text, found):
    assert serve_options.relay(text) == found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("8.8.8.8:25", "neither loopback nor in a private network"),
        ("[2606:4700::1]:25", "neither loopback nor in a private network"),
        ("127.0.0.1:0", "no relay has port 0"),
        ("127.0.0.1", "write HOST:PORT"),
    ],
)
def test_what_is_no_relay_of_ours(text, words):
    with pytest.raises(ArgumentTypeError, match=words):
        serve_options.relay(text)


def test_a_report_goes_back_to_the_relay_and_into_both_logs(serve):
    """The relay is another ``fakeeop serve``: it takes what comes from <> to a mailbox."""
    serve.tenant.write_text(TENANT)
    relay = serve("--json")
    addresses = json.loads(relay.until('"ready"'))["addresses"]
    served = serve("--peer", "127.0.0.25=203.0.113.25", "--return-reports", addresses[0])
    host, port = served.ready()
    with smtplib.SMTP(host, port, source_address=("127.0.0.25", 0), timeout=60) as client:
        client.sendmail("ann@contoso.com", ["gone@contoso.com"], "Subject: x\n\nhello\n")
    line = served.until("report to")
    assert "report to <ann@contoso.com>: failed: <gone@contoso.com> 5.1.10 (returned: 250 2.6.0 <" in line
    told = json.loads(relay.until('"recipient"'))
    assert (told["mail-from"], told["rcpt-to"], told["accepted"]) == ("<>", "ann@contoso.com", True)
    assert (served.stop(), relay.stop()) == (0, 0)


def test_a_report_as_json(serve):
    serve.tenant.write_text(TENANT)
    served = serve("--json", "--peer", "127.0.0.25=203.0.113.25")
    host, _, port = json.loads(served.until('"ready"'))["addresses"][0].rpartition(":")
    with smtplib.SMTP(host, int(port), source_address=("127.0.0.25", 0), timeout=60) as client:
        client.sendmail("ann@contoso.com", ["gone@contoso.com"], "Subject: x\n\nhello\n")
    told = json.loads(served.until('"report"'))
    assert (told["action"], told["rcpt-to"], told["outcome"]) == ("failed", ["ann@contoso.com"], "mailbox")
    assert [each["status"] for each in told["recipients"]] == ["5.1.10"]
    assert served.stop() == 0
