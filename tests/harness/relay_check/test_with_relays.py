"""``--relay``: small relays, a good one and ones that double or lose mail, told apart by what arrives."""

from __future__ import annotations

import asyncio
import contextlib
import smtplib
import socket
import threading

import pytest
from aiosmtpd.smtp import SMTP


class Relaying:
    """Passes each message on at once. ``copies`` of each; only the first ``few`` recipients; in clear text, without a
    queue: what is refused is dropped, and nobody is told.
    """

    def __init__(self, up: int, copies: int = 1, few: int | None = None) -> None:
        self.up, self.copies, self.few = up, copies, few

    async def handle_DATA(self, server, session, envelope):  # noqa: ARG002, N802  aiosmtpd calls it
        await asyncio.to_thread(self._pass_on, envelope)
        return "250 OK"

    def _pass_on(self, envelope):
        with contextlib.suppress(OSError):  # SMTPException is one
            for _ in range(self.copies):
                with smtplib.SMTP("127.0.0.1", self.up, timeout=20) as client:
                    client.sendmail(envelope.mail_from, envelope.rcpt_tos[: self.few], envelope.content)


@pytest.fixture
def relaying():
    """A maker: the options for a small relay, and for where its smart host is: a port that is kept free for it."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    with contextlib.ExitStack() as kept:

        def make(**how):
            reserved = kept.enter_context(socket.socket())
            reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            reserved.bind(("127.0.0.1", 0))
            up = reserved.getsockname()[1]
            opening = loop.create_server(lambda: SMTP(Relaying(up, **how), loop=loop), "127.0.0.1", 0)
            server = asyncio.run_coroutine_threadsafe(opening, loop).result(10)
            kept.callback(loop.call_soon_threadsafe, server.close)
            port = server.sockets[0].getsockname()[1]
            return ("--relay", f"127.0.0.1:{port}", "--listen", f"127.0.0.1:{up}")

        yield make
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()


def test_a_relay_that_passes_on(relaying, checked):
    only = ("--only", "external-recipient", "--only", "mixed-recipients", "--only", "many-messages")
    code, report = checked(*relaying(), "--patience", 20, *only)
    assert code == 0
    assert [each["grade"] for each in report["cases"]] == ["pass"] * 3


def test_a_message_that_comes_twice_is_caught(relaying, checked, graded):
    code, report = checked(*relaying(copies=2), "--patience", 20, "--only", "external-recipient")
    found = graded(report)["external-recipient"]
    assert (code, found["grade"], found["causes"]) == (1, "fail", ["duplicate"])
    assert "2 times" in found["why"][0]


def test_a_message_that_is_lost_is_caught(relaying, checked, graded):
    code, report = checked(*relaying(few=1), "--patience", 2, "--only", "mixed-recipients")
    found = graded(report)["mixed-recipients"]
    assert (code, found["grade"], found["causes"]) == (1, "fail", ["lost"])


def test_what_needs_too_long_is_not_seen_in_time_and_never_passes(relaying, checked):
    only = ("--only", "deferred-451", "--only", "refused-5.7.64")
    arguments = (*relaying(), "--patience", 1, *only)
    code, report = checked(*arguments)
    assert [each["grade"] for each in report["cases"]] == ["unsupported"] * 2
    assert all("not seen in time" in each["reason"] for each in report["cases"])
    assert code == 0
    code, _ = checked(*arguments, "--strict")
    assert code == 1


def test_a_fault_that_never_struck_is_no_pass(relaying, checked, graded):
    _, report = checked(*relaying(), "--patience", 20, "--only", "closed-after-ehlo")
    found = graded(report)["closed-after-ehlo"]  # it speaks no TLS
    assert found["grade"] == "unsupported"
    assert "did not come to it" in found["reason"]


def test_a_relay_that_points_elsewhere(relaying, checked, graded):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        elsewhere = f"127.0.0.1:{free.getsockname()[1]}"
    form, relay, listen, _ = relaying()
    code, report = checked(form, relay, listen, elsewhere, "--patience", 1, "--only", "external-recipient")
    assert (code, graded(report)["external-recipient"]["causes"]) == (1, ["never-connects"])


def test_no_relay_there(checked):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    code, report = checked("--relay", f"127.0.0.1:{port}", "--listen", "127.0.0.1:0")
    assert code == 3
    assert "does not answer" in report["error"]


def test_the_port_is_in_use(relaying, checked):
    form, relay, listen, _ = relaying()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        code, report = checked(form, relay, listen, f"127.0.0.1:{taken.getsockname()[1]}")
    assert code == 3
    assert "the port is in use" in report["error"]


def test_an_own_tenant(relaying, checked, graded, tmp_path):
    tenant = tmp_path / "tenant.yaml"
    connector = "{Name: Office, ConnectorType: OnPremises, SenderDomains: ['*'], SenderIPAddresses: [198.51.100.7]}"
    tenant.write_text(
        f"Tenants: [{{Name: nw, AcceptedDomains: [northwind.example], InboundConnectors: [{connector}]}}]"
    )
    options = ("--patience", 20, "--only", "accepted-by-ip", "--only", "mixed-recipients", "--tenant", tenant)
    _, report = checked(*relaying(), *options)
    found = graded(report)
    assert found["mixed-recipients"]["grade"] == "pass"
    assert "came in by Office" in [each["text"] for each in found["accepted-by-ip"]["seen"]]
    assert report["facts"]["known by"] == "its address (198.51.100.7)"
