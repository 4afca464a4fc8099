"""What it does when TLS goes wrong: is mail sent in clear text then?"""

from __future__ import annotations

from harness.model.result import Assertion
from harness.relay_check.judges import all_of, delivered_in_the_end, never_in_clear
from harness.relay_check.values import Judge, RelayCase, RelayObservation, found

__all__ = ["CASES"]

_NOT_IN_CLEAR = "the relay sends nothing in clear text, and tries again later"
_SOURCE = "RFC 3207 section 6; RFC 8314 section 4"


def _not_in_clear_then_delivered(seen: RelayObservation) -> list[Assertion]:
    """In clear, or never: both are told; delivery is looked at only where nothing went in clear."""
    clear = never_in_clear()(seen)
    return clear if not all(each.holds for each in clear) else [*clear, *delivered_in_the_end(seen)]


def _server_certificate(seen: RelayObservation) -> list[Assertion]:
    """Whether it looks at the server's certificate is told, not judged: the service does not ask for it."""
    mail = [each for each in seen.sessions if each["recipients"]]
    says = "it does not look at the server's certificate" if mail else "it refuses the server's certificate"
    return [found(True, says), *never_in_clear()(seen)]


def _case(
    name: str, title: str, about: str, fault: dict[str, object], judge: Judge, *, retries: bool = True
) -> RelayCase:
    return RelayCase(
        id=name,
        family="tls",
        title=title,
        requirement=f"{about}: {_NOT_IN_CLEAR}.",
        source=_SOURCE,
        judge=judge,
        faults=(fault,),
        retries=retries,
    )


CASES = (
    _case(
        "starttls-stripped",
        "STARTTLS is taken out on the way",
        "Somebody on the way hides STARTTLS",
        {"at": "ehlo", "nth": 1, "hide": ["STARTTLS"]},
        _not_in_clear_then_delivered,
    ),
    _case(
        "starttls-stalled",
        "STARTTLS is not answered, and the connection is lost",
        "The answer to STARTTLS does not come",
        {"at": "starttls", "nth": 1, "delay": "2s", "do": "drop"},
        _not_in_clear_then_delivered,
    ),
    _case(
        "starttls-refused",
        "STARTTLS is answered with 454",
        "The service cannot do TLS for now",
        {
            "at": "starttls",
            "nth": 1,
            "reply": "454 4.7.0 TLS not available due to temporary reason",
        },  # RFC 3207 section 4
        _not_in_clear_then_delivered,
    ),
    _case(
        "handshake-fails",
        "The TLS handshake fails",
        "The handshake ends with an alert",
        {"at": "handshake", "nth": 1, "do": "tls-alert"},
        _not_in_clear_then_delivered,
    ),
    _case(
        "server-certificate-wrong",
        "The server shows a certificate of another name",
        "Somebody else answers",
        {"at": "handshake", "do": "wrong-certificate"},
        all_of(_server_certificate),
        retries=False,
    ),
    _case(
        "server-certificate-expired",
        "The server shows a certificate that has expired",
        "The certificate is no longer valid",
        {"at": "handshake", "do": "expired-certificate"},
        all_of(_server_certificate),
        retries=False,
    ),
)
