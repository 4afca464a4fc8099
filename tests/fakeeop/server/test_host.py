from __future__ import annotations

import asyncio
import threading

import pytest

from fakeeop.emulator import Emulator, Listener
from fakeeop.errors import ListenError
from fakeeop.model import Forest
from fakeeop.server.host import Host, shared_host


def test_many_emulators_on_one_thread(start, call):
    emulators = [start() for _ in range(50)]
    hosting = {thread.name for thread in threading.enumerate() if "_run" in thread.name}
    assert len({eop.addresses[0] for eop in emulators}) == 50
    for eop in emulators:
        call(eop).say("EHLO x")
    for eop in emulators:
        assert len(eop.journal.sessions()) == 1
    assert len(hosting) == 1


def test_stop_says_421_to_open_sessions(start, call):
    eop = start()
    client = call(eop)
    client.say("EHLO x")
    eop.stop()
    assert client.reply().startswith("421 4.3.2 Service not available [")
    assert client.at_end()
    with pytest.raises(OSError, match="refused"):
        call(eop)
    eop.stop()


def test_drain_lets_a_session_end(start, call):
    eop = start()
    client = call(eop)
    client.say("EHLO x")
    stopping = threading.Thread(target=eop.stop, kwargs={"drain": 20.0})
    stopping.start()
    assert client.say("NOOP") == "250 2.0.0 OK"
    assert client.say("QUIT").startswith("221 ")
    stopping.join(20)
    assert not stopping.is_alive()
    assert eop.journal.sessions()[0]["closed-by"] == "server"


def test_nothing_half_started(start):
    taken = start().addresses[0][1]
    eop = Emulator(Forest(), listeners=(Listener("127.0.0.1", 0), Listener("127.0.0.1", taken)))
    with pytest.raises(ListenError, match="the port is in use"):
        eop.start()
    assert eop.addresses[0] == ("127.0.0.1", 0)


def test_in_a_running_loop():
    async def talk() -> bytes:
        eop = Emulator(Forest())
        await eop.open()
        reader, writer = await asyncio.open_connection(*eop.addresses[0])
        banner = await reader.readline()
        writer.close()
        await writer.wait_closed()
        await eop.close()
        return banner

    assert asyncio.run(talk()).startswith(b"220 ")


def test_a_host_of_ones_own():
    async def work() -> int:
        return 7

    async def never() -> None:
        await asyncio.Event().wait()

    async def fail() -> None:
        raise LookupError("told")

    host = Host()
    assert host.call(work()) == 7
    with pytest.raises(LookupError, match="told"):
        host.call(fail())
    with pytest.raises(TimeoutError):
        host.call(never(), timeout=0.01)
    host.stop()
    assert shared_host() is shared_host()
