"""What a session says of itself: the banner and the replies to HELO and EHLO, made once for all who get the same."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from fakeeop.smtp.names import banner_date
from fakeeop.smtp.replies.rows import ROW, render

__all__ = ["banner_stem", "ehlo_reply", "helo_reply", "printable"]


@lru_cache(maxsize=64)
def banner_stem(box: str, second: datetime) -> bytes:
    """The banner up to the session id: the same for all who come in one second."""
    return render(ROW["banner"], box=box, date=banner_date(second), session="").removesuffix(b"\r\n")


@lru_cache(maxsize=4096)
def helo_reply(box: str, ip: str) -> bytes:
    """Wire §1.3."""
    return render(ROW["helo"], box=box, ip=ip)


@lru_cache(maxsize=4096)
def ehlo_reply(box: str, ip: str, size: int, offers_tls: bool) -> bytes:
    """Wire §1.4, §1.5."""
    return render(ROW["ehlo"], box=box, ip=ip, size=size, starttls="STARTTLS\n" if offers_tls else "")


def printable(verb: bytes) -> str:
    """A verb as it may stand in a reply."""
    return "".join(chr(octet) if 32 <= octet < 127 else "?" for octet in verb)
