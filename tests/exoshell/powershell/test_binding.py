"""Arguments bound to parameters, in PowerShell's words where they cannot be."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exoshell.powershell.binding import Argument, bind, script_arguments, with_defaults
from exoshell.powershell.commands import Command, Param
from exoshell.powershell.errors import ParameterError
from exoshell.powershell.values import HashTable, Position

HERE = Position(3, 7)
COMMAND = Command(
    "Set-Thing",
    lambda _: (),
    (
        Param("Identity", mandatory=True, position=0, from_pipeline="property"),
        Param("SenderDomains", "multivalued", position=1),
        Param("SenderIPAddresses", "multivalued"),
        Param("Enabled", "bool"),
        Param("Count", "int", aliases=("N",)),
        Param("After", "datetime"),
        Param("Kind", "enum", values=("OnPremises", "Partner")),
        Param("Force", "switch"),
        Param("Filter", "scriptblock"),
        Param("Table", "hashtable"),
        Param("Comment", nullable=True),
    ),
    supports_what_if=True,
)


def named(**values: Any) -> list[Argument]:
    return [Argument(name, value, HERE) for name, value in values.items()]


def bound(*loose: Any, **values: Any) -> dict[str, Any]:
    return bind(COMMAND, [*(Argument("", each, HERE) for each in loose), *named(**values)], HERE, None).values


def refused(*loose: Any, **values: Any) -> ParameterError:
    with pytest.raises(ParameterError) as caught:
        bound(*loose, **values)
    assert caught.value.position == HERE
    return caught.value


@pytest.mark.parametrize(("values", "expected"), [
    ({"Count": "7"}, {"Count": 7}),
    ({"n": 7.0}, {"Count": 7}),
    ({"Count": None}, {"Count": 0}),
    ({"Enabled": True}, {"Enabled": True}),
    ({"ena": 0}, {"Enabled": False}),
    ({"KIND": "partner"}, {"Kind": "Partner"}),
    ({"After": "2024-05-06"}, {"After": datetime(2024, 5, 6, tzinfo=UTC)}),
    ({"SenderIPAddresses": "a"}, {"SenderIPAddresses": ["a"]}),
    ({"SenderD": ["a", 1]}, {"SenderDomains": ["a", "1"]}),
    ({"Comment": None}, {"Comment": None}),
    ({"Force": False}, {"Force": False}),
])  # fmt: skip
def test_values_are_converted(values: dict[str, Any], expected: dict[str, Any]):
    assert bound("x", **values) == {"Identity": "x", **expected}


def test_positions_and_common_parameters():
    assert bound("x", "a.com") == {"Identity": "x", "SenderDomains": ["a.com"]}
    assert bound("a.com", Identity="x") == {"Identity": "x", "SenderDomains": ["a.com"]}
    found = bind(COMMAND, named(Identity="x", ea="stop", Confirm=False, wi=True), HERE, None)
    assert found.values == {"Identity": "x"}
    assert found.common == {"ErrorAction": "Stop", "Confirm": False, "WhatIf": True}


def test_a_table_of_changes_stays_one():
    table = HashTable({"Add": "a"})
    assert bound("x", SenderDomains=table)["SenderDomains"] is table


@pytest.mark.parametrize(("loose", "values", "message"), [
    (("x",), {"Nope": 1}, "A parameter cannot be found that matches parameter name 'Nope'."),
    (("x",), {"Sender": 1}, "Parameter cannot be processed because the parameter name 'Sender' is ambiguous. Possible"
                            " matches include: -SenderDomains -SenderIPAddresses."),
    ((), {"Count": 1}, "Cannot process command because of one or more missing mandatory parameters: Identity."),
    (("x", "y", "z"), {}, "A positional parameter cannot be found that accepts argument 'z'."),
    (("x",), {"Identity": "y", "Id": "z"}, "parameter 'Identity' is specified more than once."),
    (("x",), {"Enabled": "true"}, "Cannot process argument transformation on parameter 'Enabled'. Cannot convert value"
                                  ' "true" to type "System.Boolean". Boolean parameters accept only Boolean values and'
                                  " numbers, such as $True, $False, 1 or 0."),
    (("x",), {"Count": "many"}, 'Cannot convert value "many" to type "System.Int32".'),
    (("x",), {"After": "sometime"}, 'Cannot convert value "sometime" to type "System.DateTime".'),
    (("x",), {"Kind": "Own"}, "OnPremises, Partner"),
    (("x",), {"Filter": "text"}, "System.Management.Automation.ScriptBlock"),
    (("x",), {"Table": "text"}, "System.Collections.Hashtable"),
    ((["a", "b"],), {}, "Specified method is not supported."),
    ((None,), {}, "Cannot bind argument to parameter 'Identity' because it is an empty string."),
    (("",), {}, "Cannot bind argument to parameter 'Identity' because it is an empty string."),
    (("x",), {"ErrorAction": "Maybe"}, 'Cannot convert value "Maybe"'),
])  # fmt: skip
def test_what_is_refused(loose: tuple[Any, ...], values: dict[str, Any], message: str):
    assert message in refused(*loose, **values).message


def test_a_name_without_its_value():
    for arguments in ([Argument("Count", None, HERE, given=False)],
                      [Argument("Count", None, HERE, given=False), *named(Enabled=True)]):  # fmt: skip
        with pytest.raises(ParameterError, match=r"Missing an argument for parameter 'Count'.*System\.Int32"):
            bind(COMMAND, [*named(Identity="x"), *arguments], HERE, None)
    found = bind(COMMAND, [*named(Identity="x"), Argument("Force", None, HERE, given=False)], HERE, None)
    assert found.values["Force"] is True


DEFAULTS = HashTable({"set-*:Count": 3, "Set-Thing:Identity": "d", "Other:Kind": "Partner", "*:ErrorAction": "Stop"})


@pytest.mark.parametrize(("given_now", "expected"), [
    ({}, {"Identity": "d", "Count": 3}),
    ({"Identity": "x"}, {"Identity": "x", "Count": 3}),
    ({"N": 5}, {"Identity": "d", "Count": 5}),
])  # fmt: skip
def test_defaults_of_parameters(given_now: dict[str, Any], expected: dict[str, Any]):
    found = bind(COMMAND, with_defaults(COMMAND, named(**given_now), DEFAULTS, HERE), HERE, None)
    assert (found.values, found.common) == (expected, {"ErrorAction": "Stop"})


def test_what_stands_by_position_has_no_default():
    arguments = [Argument("", "x", HERE)]
    assert bind(COMMAND, with_defaults(COMMAND, arguments, DEFAULTS, HERE), HERE, None).values["Identity"] == "x"
    assert with_defaults(COMMAND, arguments, None, HERE) is arguments


def test_an_empty_pipeline_is_not_missing_anything():
    assert bind(COMMAND, [], HERE, []).values == {}


@given(st.sampled_from(COMMAND.parameters), st.data())
def test_every_unambiguous_prefix_is_its_parameter(parameter: Param, data: st.DataObject):
    length = data.draw(st.integers(1, len(parameter.name)))
    prefix = parameter.name[:length].swapcase()
    every = [each.name for each in COMMAND.parameters]
    others = ["ErrorAction", "ErrorVariable", "WarningAction", "InformationAction", "OutVariable", "Verbose", "Debug",
              "WhatIf", "Confirm"]  # fmt: skip
    fit = [each for each in (*every, *others) if each.casefold().startswith(prefix.casefold())]
    exact = prefix.casefold() == parameter.name.casefold() or prefix.casefold() == "n"
    argument = Argument(prefix, None, HERE, given=False)
    if len(fit) > 1 and not exact and prefix.casefold() not in ("ea", "wa", "ev", "ov"):
        with pytest.raises(ParameterError, match="is ambiguous"):
            bind(COMMAND, [argument], HERE, None)
    elif len(fit) == 1 and parameter.kind != "switch" and prefix.casefold() != "n":
        with pytest.raises(ParameterError, match=f"Missing an argument for parameter '{parameter.name}'"):
            bind(COMMAND, [argument], HERE, None)


@pytest.mark.parametrize(("words", "expected"), [
    (["a", "-N", "5"], [("", "a", True), ("N", None, False), ("", "5", True)]),
    (["-On:$false", "-X:a:b", "-Y:"], [("On", False, True), ("X", "a:b", True), ("Y", "", True)]),
    (["-5", "-", "--x", 7], [("", "-5", True), ("", "-", True), ("", "--x", True), ("", 7, True)]),
])  # fmt: skip
def test_words_of_a_command_line(words: list[Any], expected: list[tuple[str, Any, bool]]):
    assert [(each.name, each.value, each.given) for each in script_arguments(words, HERE)] == expected
