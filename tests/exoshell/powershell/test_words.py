"""What is put into a script before the grammar reads it: quotes, parentheses, and where things stood before."""

from __future__ import annotations

import pytest

from exoshell.powershell.words import merged, original, quoted_lists, wrapped_calls


@pytest.mark.parametrize(
    ("script", "quoted"),
    [
        ("A -B x, y", "A -B 'x', 'y'"),
        ("A -B x,y,\n  *.z", "A -B 'x','y',\n  '*.z'"),
        ("A -B 1.2.3.4,1.2.3.0/24, fe80::1", "A -B '1.2.3.4','1.2.3.0/24', 'fe80::1'"),
        ("A `\n  Name, @{n='x, y'; e={ $_.X -in 1, 2 }}", "A `\n  'Name', @{n='x, y'; e={ $_.X -in 1, 2 }}"),
        ("A a@b.example, $c, d | B", "A 'a@b.example', $c, 'd' | B"),
        ("A -B 1, 2.5, 5MB", None),
        ("$x = 5MB, 6MB; $x[1, 2]", None),
        ("[Parameter(Mandatory, Position = 0)] [string]$A, $B", None),
        ("A 'x, y', \"p, $(q), r\" # a, b", None),
        ("<# a, b #> A @'\nx y, z\n'@", None),
        ("A -B x$y, 'z'", None),
        ('A "$("a, b, c") $(\'d"\', "e, f g") `", h, i"', None),
        ('"a, b"; A x, y', '"a, b"; A \'x\', \'y\''),
        ("é ü, ö", "é 'ü', 'ö'"),
    ],
)  # fmt: skip
def test_what_is_quoted(script: str, quoted: str | None):
    octets, inserted = quoted_lists(script.encode())
    assert octets.decode() == (script if quoted is None else quoted)
    assert len(octets) - len(inserted) == len(script.encode())
    for place in range(len(octets)):
        if place not in inserted:
            assert script.encode()[original(inserted, place)] == octets[place]


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
