"""Lists of bare words, quoted for the grammar; nothing else is touched, and places stay what they were."""

from __future__ import annotations

import pytest

from exoshell.powershell.words import original, quoted_lists


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
