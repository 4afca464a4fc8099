"""DKIM (RFC 6376) by dkimpy, with the keys of the lab's zone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from fakeeop.message.authentication_results import DKIM_NONE, Dkim
from fakeeop.message.headers import HEAD, header_end
from fakeeop.model.zone import Zone

if TYPE_CHECKING:
    import dkim

__all__ = ["check_dkim"]

# dkimpy takes a time that is quadratic in such a run. Relaxed canonicalization makes one blank of it, too; a signature
# over a simple body with a line that long (no line may have more than 998 octets) is not verified (assumption).
_LONG_BLANKS = re.compile(rb"(?<![ \t])[ \t]{1000,}")
_MOST = 10  # signatures looked at; more are left alone


def check_dkim(zone: Zone, content: bytes, aligned: Callable[[str], bool]) -> Dkim:
    """One result for all signatures: one that passes and is aligned, one that passes, or the first (sample 07).

    ``aligned`` tells of a d= whether DMARC would count it. A t= or x= is compared with the time of this machine.
    """
    if header_end(content) > HEAD:
        return DKIM_NONE  # so much header is not read anywhere
    found = list(_signatures(zone, _LONG_BLANKS.sub(b" ", content)))
    if not found:
        return DKIM_NONE
    passed = [each for each in found if each.result == "pass"]
    return next((each for each in passed if aligned(each.domain)), passed[0] if passed else found[0])


def _signatures(zone: Zone, content: bytes) -> Iterator[Dkim]:
    """Each of them, in order."""
    import dkim  # noqa: PLC0415  heavy: it brings a resolver with it

    try:
        message = dkim.DKIM(content)
        count = sum(name.lower() == b"dkim-signature" for name, _ in message.headers)
    except dkim.DKIMException:  # no header that dkimpy can read; a signature in it is no good
        return
    for index in range(min(count, _MOST)):
        yield _signature(zone, dkim.DKIM(content), index)


def _signature(zone: Zone, message: dkim.DKIM, index: int) -> Dkim:
    import dkim  # noqa: PLC0415  as above

    keys: list[bytes | None] = []

    def text(name: bytes, timeout: int = 5) -> bytes | None:  # noqa: ARG001  as dkimpy asks
        values = zone.lookup(name.decode("ascii", "replace"), "TXT").values
        keys.append(str(values[0]).encode("utf-8", "replace") if values else None)
        return keys[-1]

    detail = "signature did not verify"
    verified = False
    try:
        verified = bool(message.verify(index, dnsfunc=text))
    except dkim.ValidationError as why:
        if str(why).startswith("body hash mismatch"):
            detail = "body hash did not verify"
    except (dkim.DKIMException, ValueError, KeyError, IndexError, TypeError):  # what a broken signature or key leads to
        pass
    domain = message.signature_fields.get(b"d", b"none").decode("ascii", "replace").lower()
    if verified:
        return Dkim("pass", "signature was verified", domain)
    return Dkim("fail", "no key for signature" if keys and keys[-1] is None else detail, domain)
