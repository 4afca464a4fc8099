"""The way back to a relay, against relays that do not answer; the good ones are in tests/fakeeop/reporting."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from fakeeop.server.report_return import ReportReturn, Returned

CONTENT = b"Subject: x\r\n\r\nhello\r\n"


async def relay(
    handle: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Any], handling: set[asyncio.Task[Any]]
) -> asyncio.Server:
    """Each connection's task stands in ``handling``, and closes it in the end."""

    async def handled(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        handling.add(task)
        try:
            await handle(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    return await asyncio.start_server(handled, "127.0.0.1", 0)


def given(handle: Any, patience: float = 30.0, reports: int = 1, recipient: str = "ann@contoso.com") -> list[Returned]:
    """What became of so many reports to a relay that behaves so."""

    async def run() -> list[Returned]:
        handling: set[asyncio.Task[Any]] = set()
        server = await relay(handle, handling)
        back = ReportReturn("127.0.0.1", server.sockets[0].getsockname()[1], patience)
        found: list[Returned] = []
        all_told = asyncio.Event()

        def done(how: Returned) -> None:
            found.append(how)
            if len(found) == reports:
                all_told.set()

        for _ in range(reports):
            back.give(recipient, CONTENT, done)
        await asyncio.wait_for(all_told.wait(), 30)
        await back.close()
        server.close()
        if handling:
            await asyncio.wait(handling, timeout=30)
        return found

    return asyncio.run(run())


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


async def gone(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def babbling(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"x" * 200_000 + b"\r\n")
    writer.close()


async def escaping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"554 \x1b[31mno\x07\r\n")
    await reader.read()
    writer.close()


async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220-hello\r\n" * 500)
    await reader.read()
    writer.close()


@pytest.mark.parametrize(
    ("handle", "patience", "words"),
    [
        (silent, 0.05, "no answer within 0.05 seconds"),
        (gone, 30.0, "the relay closed the connection"),
        (babbling, 30.0, "limit"),
        (escaping, 30.0, "connection: 554 ?[31mno?"),
    ],
)
def test_relays_that_are_no_good(handle, patience, words):
    [how] = given(handle, patience)
    assert not how.taken
    assert words in how.detail


def test_a_greeting_without_an_end_is_cut():
    [how] = given(endless, 5.0)
    assert not how.taken


def test_one_after_another():
    assert [how.taken for how in given(gone, reports=3)] == [False] * 3


def test_who_waits_when_it_is_closed_is_told():
    async def run() -> list[Returned]:
        handling: set[asyncio.Task[Any]] = set()
        server = await relay(silent, handling)
        back = ReportReturn("127.0.0.1", server.sockets[0].getsockname()[1])
        found: list[Returned] = []
        for _ in range(2):
            back.give("ann@contoso.com", CONTENT, found.append)
        await back.close()
        server.close()
        if handling:
            await asyncio.wait(handling, timeout=30)
        return found

    assert asyncio.run(run()) == [Returned(False, "the emulator was closed before")] * 2


def test_a_full_line_is_told_at_once():
    async def run() -> list[Returned]:
        handling: set[asyncio.Task[Any]] = set()
        server = await relay(silent, handling)
        back = ReportReturn("127.0.0.1", server.sockets[0].getsockname()[1])
        waiting: list[Returned] = []
        refused: list[Returned] = []
        for _ in range(1_000):
            back.give("ann@contoso.com", CONTENT, waiting.append)
        back.give("ann@contoso.com", CONTENT, refused.append)
        found = list(refused)
        await back.close()
        server.close()
        if handling:
            await asyncio.wait(handling, timeout=30)
        return found

    assert asyncio.run(run()) == [Returned(False, "1000 reports are in line already")]
