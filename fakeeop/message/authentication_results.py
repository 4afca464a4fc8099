"""SPF, DKIM, DMARC and compauth as values, and the two header fields that tell of them (facts wire §4.4)."""

from __future__ import annotations

from typing import Literal

from attrs import frozen

__all__ = [
    "DKIM_NONE",
    "Compauth",
    "Dkim",
    "Dmarc",
    "Results",
    "Spf",
    "authentication_results",
    "composite",
    "received_spf",
]

SpfResult = Literal["pass", "fail", "softfail", "neutral", "none", "temperror", "permerror"]
_SPELLED = {"softfail": "SoftFail", "temperror": "TempError", "permerror": "PermError"}
_HERE = "protection.outlook.com"


@frozen
class Spf:
    """``domain`` is that of the reverse-path, or of HELO for the null one; ``ip`` and ``helo`` are those looked at."""

    result: SpfResult
    domain: str
    ip: str
    helo: str
    null_sender: bool = False


@frozen
class Dkim:
    """``detail`` stands in parentheses, ``domain`` is the d= of the signature, or ``none``."""

    result: Literal["pass", "fail", "none"]
    detail: str
    domain: str


DKIM_NONE = Dkim("none", "message not signed", "none")


@frozen
class Dmarc:
    """``domain`` is that of the header From."""

    result: Literal["pass", "fail", "none", "bestguesspass", "permerror", "temperror"]
    action: Literal["none", "quarantine", "oreject"]
    domain: str


@frozen
class Compauth:
    """Composite authentication."""

    result: Literal["pass", "fail", "none"]
    reason: str


@frozen
class Results:
    """What was found; ``spf`` is None where the service does not look (client submission)."""

    spf: Spf | None
    dkim: Dkim
    dmarc: Dmarc


def composite(dmarc: Dmarc, *, direct_send: bool) -> Compauth:
    """compauth of anonymous mail. Reasons 100, 109, 001 and 451 were seen (wire §4.4, samples 07 and 09).

    000, the explicit failure, is documented only; that 451 goes with Direct Send alone is an assumption.
    """
    if dmarc.result == "pass":
        return Compauth("pass", "100")
    if dmarc.result == "bestguesspass":
        return Compauth("pass", "109")
    if direct_send:
        return Compauth("none", "451")
    explicit = dmarc.result == "fail" and dmarc.action != "none"
    return Compauth("fail", "000" if explicit else "001")


def authentication_results(results: Results, compauth: Compauth | None) -> str:
    """The value of Authentication-Results: a blank behind the first ``;`` and none behind the later ones (wire §4.4).

    Where SPF is not looked at it begins with DKIM.
    """
    spf, dkim, dmarc = results.spf, results.dkim, results.dmarc
    text = f"dkim={dkim.result} ({dkim.detail}) header.d={dkim.domain};"
    text += f"dmarc={dmarc.result} action={dmarc.action} header.from={dmarc.domain};"
    if spf is not None:
        identity = f"smtp.helo={spf.domain}" if spf.null_sender else f"smtp.mailfrom={spf.domain}"
        text = f"spf={spf.result} (sender IP is {spf.ip}) {identity}; {text}"
    return text if compauth is None else f"{text}compauth={compauth.result} reason={compauth.reason}"


def received_spf(spf: Spf) -> str:
    """The value of Received-SPF. The sentences of Neutral and PermError are an assumption, the others were seen."""
    head = f"{_SPELLED.get(spf.result, spf.result.capitalize())} ({_HERE}: "
    where = f"receiver={_HERE}; client-ip={spf.ip}; helo={spf.helo};"
    match spf.result:
        case "pass":
            return f"{head}domain of {spf.domain} designates {spf.ip} as permitted sender) {where} pr=C"
        case "fail":
            return f"{head}domain of {spf.domain} does not designate {spf.ip} as permitted sender) {where}"
        case "softfail":
            return f"{head}domain of transitioning {spf.domain} discourages use of {spf.ip} as permitted sender)"
        case "none":
            return f"{head}{spf.domain} does not designate permitted sender hosts)"
        case "temperror":
            return f"{head}error in processing during lookup of {spf.domain}: DNS Timeout)"
        case "neutral":
            return f"{head}{spf.ip} is neither permitted nor denied by domain of {spf.domain})"
        case "permerror":
            return f"{head}domain of {spf.domain} used an invalid SPF mechanism)"
