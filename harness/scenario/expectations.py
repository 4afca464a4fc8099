"""Checks the ``expect`` trees of a scenario against the table of kinds: a typing error does not pass silently."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from fakeeop.config.marked import line_of
from harness.match.kinds import ANY, OPERATORS, FieldKind, operator_of
from harness.match.values import duration, network, reply_pattern
from harness.scenario.shape import ProblemList, is_template

__all__ = ["check_expected"]

_NUMBER = FieldKind("number")
_HEADER_NAME = re.compile(r"[!-9;-~]+\Z")  # RFC 5322 section 2.2
_LISTS = frozenset({"list", "any", "header", "one-or-many"})
_LIST_OPERATORS = frozenset({"items", "includes", "excludes", "only", "count"})
_STRUCTURED = frozenset({"record", "certificate", "attribution", "addresses", "headers"})


def check_expected(report: ProblemList, kind: FieldKind, value: Any, where: str, line: int | None) -> None:
    """One matcher for a value of this kind."""
    if report.deferred(value) or (is_template(value) and kind.name not in _STRUCTURED and kind.name != "list"):
        return
    if isinstance(value, dict):
        operator = operator_of(value, kind)
        if operator is not None:
            _check_operator(report, kind, operator, value, where, line)
        elif kind.name in _STRUCTURED or kind is ANY:
            _check_fields(report, kind, value, where)
        else:
            _no_operator(report, value, where, line)
    elif isinstance(value, list):
        if kind.name not in _LISTS:
            report.wrong(_wanted(kind), value, where, line)
        for index, element in enumerate(value):
            check_expected(report, kind.item or ANY, element, f"{where}[{index + 1}]", line_of(value, index))
    else:
        _check_scalar(report, kind, value, where, line)


def _no_operator(report: ProblemList, value: Mapping[str, Any], where: str, line: int | None) -> None:
    name = next(iter(value), None)
    if name is None:
        report.wrong("a matcher", value, where, line)
    else:
        report.unknown("operator", name, tuple(OPERATORS), where, line_of(value, name))


def _check_fields(report: ProblemList, kind: FieldKind, value: Mapping[str, Any], where: str) -> None:
    for name, element in value.items():
        line = line_of(value, name)
        inner = f"{where}.{name}"
        if kind.name == "headers":
            if not _HEADER_NAME.match(name):
                report.wrong("a header name", name, where, line)
            check_expected(report, _HEADER, element, inner, line)
        elif kind.name == "addresses" or kind is ANY:
            check_expected(report, kind.item or ANY, element, inner, line)
        elif name in kind.fields:
            check_expected(report, kind.fields[name], element, inner, line)
        elif name == "only-fields":
            if element is not True:
                report.wrong("true", element, inner, line)
        elif not report.deferred(name):
            report.unknown("key", name, (*kind.fields, "only-fields", *OPERATORS), where, line)


_HEADER = FieldKind("header", item=FieldKind("header"))


def _wanted(kind: FieldKind) -> str:
    if kind.choices:
        return f"one of {', '.join(kind.choices)}"
    return {
        "reply": "a reply like 250 or '550 5.7.64 Text *'",
        "number": "a number",
        "flag": "true or false",
        "list": "a list or an operator such as {count: 2}",
        "within": "a duration",
        "eventually": "a duration",
        "address": "an address",
        "address-range": "an address or CIDR",
        "record": "a mapping",
        "certificate": "a mapping",
        "attribution": "none or a mapping",
        "addresses": "a mapping of addresses",
        "headers": "a mapping of header names",
    }.get(kind.name, "text")


def _check_scalar(report: ProblemList, kind: FieldKind, value: Any, where: str, line: int | None) -> None:
    good = _SCALAR.get(kind.name)
    try:
        if good is not None and not good(value):
            report.wrong(_wanted(kind), value, where, line, _fix(kind, value))
        elif kind.choices and value is not None and value not in kind.choices:
            report.unknown("word", value, kind.choices, where, line)
    except ValueError as why:
        report.wrong(_wanted(kind), value, where, line, str(why))


def _fix(kind: FieldKind, value: Any) -> str:
    if kind.name == "list":
        return "write [] for none" if value is None else "write it in [ ]"
    if kind.name in ("text", "body") and isinstance(value, (int, float)) and not isinstance(value, bool):
        return f'write "{value}"'
    return ""


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, (int, float)) and not isinstance(value, bool))


_SCALAR: dict[str, Callable[[Any], bool]] = {
    "reply": lambda value: value is None or (not isinstance(value, bool) and bool(reply_pattern(str(value)))),
    "number": _is_number,
    "flag": lambda value: value is None or isinstance(value, bool),
    "text": lambda value: value is None or isinstance(value, str),
    "body": lambda value: value is None or isinstance(value, str),
    "word": lambda value: value is None or isinstance(value, str),
    "address": lambda value: value is None or isinstance(value, str),
    "address-range": lambda value: value is None or (isinstance(value, str) and bool(network(value))),
    "within": lambda value: duration(value) >= 0,
    "eventually": lambda value: duration(value) >= 0,
    "list": lambda _value: False,
    "record": lambda value: value is None,
    "certificate": lambda value: value is None,
    "attribution": lambda value: value is None or value == "none",
    "addresses": lambda _value: False,
    "headers": lambda _value: False,
    "header": lambda value: value is not None and not isinstance(value, bool),
}


# -- operators --------------------------------------------------------------------------------------------------


def _check_operator(
    report: ProblemList, kind: FieldKind, operator: str, value: Mapping[str, Any], where: str, line: int | None
) -> None:
    allowed = ("order", "items", "each") if operator == "items" else (operator,)
    for name in value:
        if name not in allowed:
            message = f"{name!r} cannot be combined with the operator {operator!r}"
            report.add("operator", message, where, line_of(value, name), "use {all: [...]} for several matchers")
    if operator in _LIST_OPERATORS and kind.name not in _LISTS and (operator, kind.name) != ("count", "addresses"):
        report.add("operator", f"{operator!r} is for lists; expected {_wanted(kind)}", where, line_of(value, operator))
    if operator == "items":
        _check_items(report, kind, value, where)
        return
    argument, at = value[operator], line_of(value, operator) or line
    inner = f"{where}.{operator}"
    if report.deferred(argument):
        return
    if operator in ("includes", "excludes", "only"):
        _each(report, kind.item or ANY, argument, inner, at)
    elif operator in ("one-of", "all"):
        _each(report, kind, argument, inner, at)
    elif operator == "not":
        check_expected(report, kind, argument, inner, at)
    elif operator == "count":
        check_expected(report, _NUMBER, argument, inner, at)
    elif operator == "first-of":
        _check_branches(report, kind, argument, inner, at)
    else:
        _check_plain_operator(report, operator, argument, inner, at)


def _each(report: ProblemList, kind: FieldKind, value: Any, where: str, line: int | None) -> None:
    if not isinstance(value, list) or not value:
        report.wrong("a list with at least one element", value, where, line)
        return
    for index, element in enumerate(value):
        check_expected(report, kind, element, f"{where}[{index + 1}]", line_of(value, index))


def _check_items(report: ProblemList, kind: FieldKind, value: Mapping[str, Any], where: str) -> None:
    order = value.get("order", "any")
    if order != "any" and not report.deferred(order):
        report.unknown("order", order, ("any",), where, line_of(value, "order"))
    if "items" not in value and "each" not in value:
        report.add("missing-key", "the key 'items' is missing", where, line_of(value, "order"))
    items = value.get("items", [])
    if isinstance(items, list):
        check_expected(
            report, FieldKind("list", item=kind.item or ANY), items, f"{where}.items", line_of(value, "items")
        )
    elif not report.deferred(items):
        report.wrong("a list", items, f"{where}.items", line_of(value, "items"))
    if "each" in value:
        check_expected(report, kind.item or ANY, value["each"], f"{where}.each", line_of(value, "each"))


def _check_branches(report: ProblemList, kind: FieldKind, value: Any, where: str, line: int | None) -> None:
    if not isinstance(value, list) or not value:
        report.wrong("a list of {grade, is, why?}", value, where, line)
        return
    for index, branch in enumerate(value):
        inner, at = f"{where}[{index + 1}]", line_of(value, index)
        if report.deferred(branch):
            continue
        if not isinstance(branch, dict) or "is" not in branch or "grade" not in branch:
            report.wrong("{grade: pass or deviation, is: matcher, why?}", branch, inner, at)
            continue
        for name in branch:
            if name not in ("grade", "is", "why"):
                report.unknown("key", name, ("grade", "is", "why"), inner, line_of(branch, name))
        if not isinstance(branch.get("why", ""), str):
            report.wrong("text", branch["why"], f"{inner}.why", line_of(branch, "why"))
        if branch["grade"] not in ("pass", "deviation"):
            report.unknown("grade", branch["grade"], ("pass", "deviation"), inner, line_of(branch, "grade"))
        check_expected(report, kind, branch["is"], f"{inner}.is", line_of(branch, "is"))


def _check_plain_operator(report: ProblemList, operator: str, value: Any, where: str, line: int | None) -> None:
    if operator in ("absent", "present"):
        if not isinstance(value, bool):
            report.wrong("true or false", value, where, line)
    elif operator in ("lt", "le", "gt", "ge") and not is_template(value):
        try:
            duration(value) if isinstance(value, str) else _number(value)
        except ValueError:
            report.wrong("a number or a duration", value, where, line)
    elif operator not in ("lt", "le", "gt", "ge") and not isinstance(value, str):
        report.wrong("text", value, where, line)
    elif operator == "matches":
        try:
            re.compile(value)
        except re.error as why:
            report.wrong("a regular expression", value, where, line, str(why))


def _number(value: Any) -> None:
    if not _is_number(value) or value is None:
        raise ValueError(value)
