"""What changed when: the knobs that a date sets, and the service of a day.

A date is only another set of defaults: what the tenant file says under ``Behaviour:`` wins. Without a date the service
is that of ``RELEASED``, never that of the clock: nobody's tests change their verdict on New Year's Eve.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from attrs import evolve, fields

from fakeeop.decision.knobs import KNOBS, Change, Knob
from fakeeop.model import Behaviour, Forest

__all__ = ["DATED", "RELEASED", "behaviour_as_of", "changes", "dated_forest", "defaults_as_of", "parse_day"]

RELEASED = date(2026, 11, 24)
"""The day whose service holds without ``AsOf``: that of this release."""

DATED = tuple(sorted((knob for knob in KNOBS if knob.changes), key=lambda knob: knob.changes[0].since))
"""The knobs that a date sets, in order of their first change."""


def changes() -> Iterator[tuple[Change, Knob, str]]:
    """Every change with its knob and the value before it, in order of time."""
    found = []
    for knob in DATED:
        before = knob.first
        for change in knob.changes:
            found.append((change, knob, before))
            before = change.value
    return iter(sorted(found, key=lambda each: each[0].since))


def defaults_as_of(day: date) -> dict[str, str]:
    """The values of the dated knobs on ``day``, by their field in ``Behaviour``."""
    return {knob.field: knob.value_on(day) for knob in DATED}


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
    """The forest in the service of ``day``. Raises ValueError for a text that is not a date.

    What was worked out when it was read, as RequireTls of a connector that does not give it, stays.
    """
    when = parse_day(day) if isinstance(day, str) else day
    return evolve(forest, behaviour=behaviour_as_of(when, forest.behaviour), as_of=when)


def parse_day(text: str) -> date:
    """``2019-06-01``. Raises ValueError with what is expected."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"{text!r} is not a date: write 2019-06-01") from None
