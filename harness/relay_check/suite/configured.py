"""What the configuration alone tells: where mail would go, and when it would be tried again."""

from __future__ import annotations

from typing import Final

from harness.model.result import Assertion
from harness.mtas.form import NextHop
from harness.relay_check.values import RelayCase, RelayObservation, found

__all__ = ["CASES"]

_MX: Final = ".mail.protection.outlook.com"
_SUBMISSION: Final = ("smtp.office365.com", "smtp-mail.outlook.com", "outlook.office365.com")
_DAY: Final = 86400.0
_LIFETIME: Final = 4 * _DAY  # RFC 5321 section 4.5.4.1: the give-up time is 4 to 5 days at least
_OFTEN: Final = 3600.0  # seconds until the first retry; assumption: an hour is what people bear


def _smart_host(seen: RelayObservation) -> list[Assertion]:
    config = seen.configuration
    if config is None or not config.routes:
        return [found(False, "no smart host is set: mail goes to the MX of each recipient's domain", "no-smart-host")]
    return [each for route in config.routes for each in _route(route)]


def _route(route: NextHop) -> list[Assertion]:
    where = f"{route.where} = {route.value}"
    host = route.host.lower()
    if host in _SUBMISSION:
        text = f"{where}: that is the submission endpoint, which asks for a sign-in (530 5.7.57), no relay"
        return [found(False, text, "submission-endpoint")]
    if route.port not in ("25", "smtp", ""):
        return [found(False, f"{where}: the MX listens on port 25 only, not on {route.port}", "wrong-port")]
    if not host.endswith(_MX) or host == _MX[1:]:
        text = f"{where}: no tenant's MX is called so; it is NAME{_MX}, as the domain's MX record in DNS says"
        return [found(False, text, "wrong-smart-host", level="should")]
    if not route.brackets:
        text = f"{where}: without brackets the MX record of that name is looked for, and there is none"
        return [found(False, text, "no-brackets", level="should")]
    return [found(True, where)]


def _schedule(seen: RelayObservation) -> list[Assertion]:
    config = seen.configuration
    if config is None:
        return []
    findings = [found(False, f"{each}: it never tries by itself", "held") for each in config.held]
    if config.lifetime is not None:
        said = f"it gives up after {_span(config.lifetime)}"
        if config.lifetime < _DAY:
            text = f"{said}: one bad day of the service or of the line to it, and mail is lost"
            cause = "bounces-soft-errors" if config.lifetime < _DAY / 24 else "short-lifetime"
            findings.append(found(False, text, cause))
        else:
            findings.append(found(config.lifetime >= _LIFETIME, said, "short-lifetime", level="should"))
    if config.first_retry is not None:
        late = config.lifetime is not None and config.first_retry >= config.lifetime > 0
        said = f"the first retry is after {_span(config.first_retry)}"
        if late:
            findings.append(found(False, f"{said}: later than it gives up, so it never tries again", "slow-retry"))
        else:
            findings.append(found(config.first_retry <= _OFTEN, said, "slow-retry"))
    return findings


def _span(seconds: float) -> str:
    for size, unit in ((_DAY, "d"), (3600.0, "h"), (60.0, "min")):
        if seconds >= size:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s"


CASES = (
    RelayCase(
        id="smart-host",
        family="configured",
        title="The smart host is the tenant's MX, port 25",
        requirement="Mail goes to NAME.mail.protection.outlook.com, port 25: neither to the submission "
        "endpoint, nor to "
        "the MX of each domain.",
        source="Microsoft Learn, How to set up a multifunction device or application (option 3)",
        judge=_smart_host,
        messages=(),
        needs=frozenset({"configuration"}),
    ),
    RelayCase(
        id="retry-schedule",
        family="configured",
        title="It tries again soon, and for days",
        requirement="What is refused for now is tried again within the hour and for four days at least.",
        source="RFC 5321 section 4.5.4.1; an hour: assumption",
        judge=_schedule,
        messages=(),
        needs=frozenset({"configuration"}),
    ),
)
