from __future__ import annotations

import pytest

from fakeeop.message.authentication_results import (
    DKIM_NONE,
    Compauth,
    Dkim,
    Dmarc,
    Results,
    Spf,
    authentication_results,
    composite,
    received_spf,
)

SAMPLE_01 = Results(
    Spf("fail", "contoso.com", "203.0.113.79", "localhost"), DKIM_NONE, Dmarc("fail", "quarantine", "contoso.com")
)


@pytest.mark.parametrize(("results", "compauth", "text"), [
    (SAMPLE_01, None,
     "spf=fail (sender IP is 203.0.113.79) smtp.mailfrom=contoso.com; dkim=none (message not signed) "
     "header.d=none;dmarc=fail action=quarantine header.from=contoso.com;"),
    (Results(Spf("pass", "b.s.example", "203.0.113.142", "h"), Dkim("pass", "signature was verified", "e.s.example"),
             Dmarc("bestguesspass", "none", "e.s.example")), Compauth("pass", "109"),
     "spf=pass (sender IP is 203.0.113.142) smtp.mailfrom=b.s.example; dkim=pass (signature was verified) "
     "header.d=e.s.example;dmarc=bestguesspass action=none header.from=e.s.example;compauth=pass reason=109"),
    (Results(None, DKIM_NONE, Dmarc("none", "none", "contoso.com")), None,
     "dkim=none (message not signed) header.d=none;dmarc=none action=none header.from=contoso.com;"),
    (Results(Spf("none", "h.example", "192.0.2.1", "h.example", null_sender=True), DKIM_NONE,
             Dmarc("none", "none", "none")), None,
     "spf=none (sender IP is 192.0.2.1) smtp.helo=h.example; dkim=none (message not signed) "
     "header.d=none;dmarc=none action=none header.from=none;"),
])  # fmt: skip
def test_the_samples_in_words(results, compauth, text):
    assert authentication_results(results, compauth) == text


@pytest.mark.parametrize(("result", "text"), [
    ("pass", "Pass (protection.outlook.com: domain of d.example designates 192.0.2.1 as permitted sender) "
             "receiver=protection.outlook.com; client-ip=192.0.2.1; helo=h; pr=C"),
    ("fail", "Fail (protection.outlook.com: domain of d.example does not designate 192.0.2.1 as permitted sender) "
             "receiver=protection.outlook.com; client-ip=192.0.2.1; helo=h;"),
    ("softfail", "SoftFail (protection.outlook.com: domain of transitioning d.example discourages use of 192.0.2.1 "
                 "as permitted sender)"),
    ("none", "None (protection.outlook.com: d.example does not designate permitted sender hosts)"),
    ("temperror", "TempError (protection.outlook.com: error in processing during lookup of d.example: DNS Timeout)"),
    ("neutral", "Neutral (protection.outlook.com: 192.0.2.1 is neither permitted nor denied by domain of d.example)"),
    ("permerror", "PermError (protection.outlook.com: domain of d.example used an invalid SPF mechanism)"),
])  # fmt: skip
def test_received_spf(result, text):
    assert received_spf(Spf(result, "d.example", "192.0.2.1", "h")) == text


@pytest.mark.parametrize(("dmarc", "direct_send", "expected"), [
    (("pass", "none"), False, ("pass", "100")),
    (("pass", "none"), True, ("pass", "100")),
    (("bestguesspass", "none"), False, ("pass", "109")),
    (("none", "none"), False, ("fail", "001")),
    (("fail", "none"), False, ("fail", "001")),
    (("fail", "oreject"), False, ("fail", "000")),
    (("fail", "quarantine"), True, ("none", "451")),  # sample 09
])  # fmt: skip
def test_composite_authentication(dmarc, direct_send, expected):
    found = composite(Dmarc(dmarc[0], dmarc[1], "d.example"), direct_send=direct_send)
    assert (found.result, found.reason) == expected
