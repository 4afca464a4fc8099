"""Method calls as arguments."""

from __future__ import annotations

import pytest

from exoshell.powershell.words import merged, original, quoted_lists, wrapped_calls


@pytest.mark.parametrize(
    ("script", "wrapped"),
    [
        ("A -B (Get-Date).AddDays(-1) -C x", "A -B ((Get-Date).AddDays(-1)) -C x"),
        ("A $x.Foo(')', \"$(1)\").Bar.Baz()[0]", "A ($x.Foo(')', \"$(1)\").Bar.Baz()[0])"),
        ("A 'x'.B('y') -C \"$(1)\".D()", "A ('x'.B('y')) -C (\"$(1)\".D())"),
        ("A `\n  -B $a.B()", "A `\n  -B ($a.B())"),
        ("A (B -C (D).E(1)).F(2)", "A ((B -C ((D).E(1))).F(2))"),
        ("if ($x -and $y.Foo(1)) { $z.Bar(2) }", "if ($x -and ($y.Foo(1))) { $z.Bar(2) }"),
        ("$a = $b.C(1)\n$d.E(2) | F\n(G).H(3)", None),
        ("A (B).C $d.E (F)", None),
        ("A '$x.Foo(1)' # $y.Bar(2)", None),
        ("A $x.Foo(1)y", None),
    ],
)
def test_what_is_wrapped(script: str, wrapped: str | None):
    octets, inserted = wrapped_calls(script.encode())
    assert octets.decode() == (script if wrapped is None else wrapped)
    assert len(octets) - len(inserted) == len(script.encode())


def test_both_ways_of_mending_together_keep_the_places():
    script = "A x, y -B (Get-Date).AddDays(-1) -C p, q $z.W(C r, s) t, u"
    first, wrapped = wrapped_calls(script.encode())
    second, quoted = quoted_lists(first)
    assert second.decode() == "A 'x', 'y' -B ((Get-Date).AddDays(-1)) -C 'p', 'q' ($z.W(C 'r', 's')) 't', 'u'"
    inserted = merged(wrapped, quoted)
    for place in range(len(second)):
        if place not in inserted:
            assert script.encode()[original(inserted, place)] == second[place]
