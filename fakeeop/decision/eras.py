"""What changed when: for each knob that a date sets, its values in order, each with the day from which it held.

A date is only another set of defaults: what the tenant file says under ``Behaviour:`` wins. Where a source knows no
day, the first of the month or year stands for it; where none knows a boundary at all, ``confidence`` says so. The
letters are those of ``fakeeop.smtp.replies.rows.CONFIDENCE``, the tags those of docs/attribution.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from attrs import evolve, fields, frozen

from fakeeop.model import Behaviour, Forest

__all__ = ["ERAS", "Change", "Era", "behaviour_as_of", "changes", "dated_forest", "defaults_as_of", "parse_day"]


@frozen
class Change:
    """From ``since`` on the knob has ``value``."""

    since: date
    value: str
    source: str
    confidence: str


@frozen
class Era:
    """The history of one knob: ``first`` held before the first change; after the last one it is as today."""

    field: str
    first: str
    changes: tuple[Change, ...]
    what: str

    @property
    def name(self) -> str:
        """The knob's name in a tenant file."""
        return "".join(word.capitalize() for word in self.field.split("_"))

    def value(self, day: date) -> str:
        """What held on ``day``."""
        found = self.first
        for change in self.changes:
            if change.since <= day:
                found = change.value
        return found


def _era(field: str, first: str, what: str, *changes: tuple[str, str, str, str]) -> Era:
    made = tuple(Change(date.fromisoformat(since), *rest) for since, *rest in changes)
    return Era(field, first, made, what)


ERAS: tuple[Era, ...] = (
    _era(
        "queued_text",
        "2014",
        "the reply to an accepted message tells octets and speed",
        ("2017-01-01", "sized", "wire §2.2: the short form is of 2014 to 2016", "X"),
    ),
    _era(
        "suffix_form",
        "none",
        "what follows the text of an error reply",
        ("2016-01-01", "box", "wire §2: in 2015 some had none", "I"),
        ("2023-06-22", "full", "wire §2: the earliest that was seen", "O"),
    ),
    _era(
        "relay_condition",
        "none",
        "an OnPremises connector relays only for accepted domains",
        ("2017-07-05", "domain", "KB3169958", "D"),
    ),
    _era(
        "attr36_text",
        "never",
        "ATTR36 is said where the domains are at fault",
        ("2017-07-05", "by-case", "KB3169958; what came before is not known", "D"),
    ),
    _era(
        "header_from_relay",
        "off",
        "an accepted domain in the header From may relay",
        ("2017-07-05", "accepted", "RELAY23: the third possibility", "D"),
        ("2023-11-01", "off", "RELAY23", "D"),
    ),
    _era(
        "multi_domain_session",
        "accept",
        "several own domains in one transaction, foreign MAIL FROM, connector by address",
        ("2017-07-05", "refuse", "JP3 point 3 (December 2017); the day is that of the new rules", "I"),
        ("2023-11-01", "accept", "own; the day is that of RELAY23", "assumption"),
    ),
    _era(
        "block_list_ending",
        "2014",
        "the endings of 5.7.606 and 5.7.1",
        ("2018-01-01", "2019", "wire §3.4: FBLW15 was seen until 2017", "I"),
        ("2022-07-01", "present", "wire §3.4: AS(1430), 2022-07", "O"),
    ),
    _era(
        "recipient_unknown_text",
        "2012",
        "the wording of 5.4.1",
        ("2019-01-01", "2020", "wire §3.3: seen 2012 to 2018, then 2020 to 2024", "I"),
        ("2025-01-01", "2025", "wire §3.3", "O"),
    ),
    _era(
        "minimum_tls",
        "1.0",
        "TLS 1.0 and 1.1 are refused",
        ("2021-01-01", "1.2", "TLSBLOG: January 2021", "D"),
    ),
    _era(
        "not_authenticated_text",
        "2020",
        "the wording of 5.7.57",
        ("2021-01-01", "present", "wire §2.4: 2020 and 2021", "I"),
    ),
    _era(
        "require_tls_default",
        "false",
        "RequireTls of a connector that does not give it",
        ("2021-09-15", "true", "PS-git: the text of the documentation changed; DSC still has the other", "D"),
    ),
    _era(
        "box_names",
        "ft",
        "the names of the boxes",
        ("2024-01-01", "pepf", "wire §1.1: first seen 2023-11, in most mail of 2024", "I"),
    ),
    _era(
        "stage_5751",
        "data",
        "5.7.51 comes at RCPT TO",
        ("2024-05-01", "rcpt", "SEPP: about May 2024", "2"),
    ),
    _era(
        "banner_session_id",
        "off",
        "the session id in the banner",
        ("2025-03-09", "on", "wire §1.2: absent until 2024-03-13, seen on this day", "O"),
    ),
    _era(
        "direct_send_setting",
        "ignored",
        "RejectDirectSend exists",
        ("2025-04-28", "honoured", "DS1: public preview", "D"),
    ),
)


def changes() -> Iterator[tuple[Change, Era, str]]:
    """Every change with its knob and the value before it, in order of time."""
    found = []
    for era in ERAS:
        before = era.first
        for change in era.changes:
            found.append((change, era, before))
            before = change.value
    return iter(sorted(found, key=lambda each: each[0].since))


def defaults_as_of(day: date) -> dict[str, str]:
    """The values of the dated knobs on ``day``, by their field in ``Behaviour``."""
    return {era.field: era.value(day) for era in ERAS}


def behaviour_as_of(day: date, chosen: Mapping[str, str] | Behaviour) -> Behaviour:
    """The service of ``day``. ``chosen``: knobs set by hand, which win.

    Of a ready ``Behaviour`` every knob counts as set by hand that differs from today's default.
    """
    if isinstance(chosen, Behaviour):
        today = Behaviour()
        mine = {each.name: getattr(chosen, each.name) for each in fields(Behaviour)}
        chosen = {name: value for name, value in mine.items() if value != getattr(today, name)}
    values: dict[str, str] = {**defaults_as_of(day), **chosen}
    return evolve(Behaviour(), **values)  # type: ignore[arg-type]  # the values are those of the table


def dated_forest(forest: Forest, day: date | str) -> Forest:
    """The forest in the service of ``day``. Raises ValueError for a text that is no date.

    What was worked out when it was read, as RequireTls of a connector that does not give it, stays.
    """
    when = parse_day(day) if isinstance(day, str) else day
    return evolve(forest, behaviour=behaviour_as_of(when, forest.behaviour), as_of=when)


def parse_day(text: str) -> date:
    """``2019-06-01``. Raises ValueError with what is expected."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"{text!r} is no date: write 2019-06-01") from None
