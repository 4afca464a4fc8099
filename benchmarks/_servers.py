"""The servers that are compared, each in a process of its own: ``python _servers.py KIND PORT [FOLDER]``.

KIND is ``fakeeop``, ``sqlite`` (the same with its journal in FOLDER), ``synced`` (as that, and each commit waits for
the disk) or ``aiosmtpd``; with FOLDER, which holds server.pem, server.key and lab-ca.pem, the first and the last offer
STARTTLS by these. The server prints ``ready`` when it listens, and runs until its standard input ends.
"""

from __future__ import annotations

import asyncio
import ssl
import sys
from pathlib import Path
from typing import Any

TENANTS = 10
CONNECTORS = 10
SENDER = "printer@contoso.com"
RECIPIENT = "someone@fabrikam.example"
PEER = "203.0.113.25"


def forest_tree() -> dict[str, Any]:
    """Ten tenants of ten connectors; the connector that fits is one of the last."""
    tenants = [_tenant(f"tenant{number}", f"tenant{number}.example", number) for number in range(TENANTS - 1)]
    contoso = _tenant("contoso", "contoso.com", TENANTS)
    contoso["InboundConnectors"][-1] |= {"Name": "Office relay", "SenderIPAddresses": [PEER]}
    return {"Tenants": [*tenants, contoso]}


def _tenant(name: str, domain: str, number: int) -> dict[str, Any]:
    connectors: list[dict[str, Any]] = [
        {
            "Name": f"Relay {each}",
            "ConnectorType": "OnPremises",
            "SenderIPAddresses": [f"192.0.{number}.{each}"],
        }
        for each in range(CONNECTORS)
    ]
    certificate: dict[str, Any] = {
        "ConnectorType": "OnPremises",
        "RequireTls": True,
        "TlsSenderCertificateName": f"*.{domain}",
    }
    connectors[0] = {"Name": "Certificate relay", **certificate}
    return {"Name": name, "AcceptedDomains": [domain], "InboundConnectors": connectors}


async def serve_fakeeop(port: int, folder: Path | None, journal: Any = None) -> None:
    """The emulator as ``fakeeop serve`` has it: decision core and journal, here in memory by default; no log."""
    from fakeeop.emulator import Emulator, Listener  # noqa: PLC0415  only this kind of server
    from fakeeop.pki.state import ServerCertificates  # noqa: PLC0415  as above
    from fakeeop.server.loop import calm_collector  # noqa: PLC0415  as above

    certificates = None
    if folder is not None:
        chain, key, authority = ((folder / name).read_bytes() for name in ("server.pem", "server.key", "lab-ca.pem"))
        certificates = ServerCertificates(chain, key, authority)
    eop = Emulator.from_tree(
        forest_tree(),
        listeners=(Listener("127.0.0.1", port, peer=PEER),),
        certificates=certificates,
        journal=journal,
    )
    await eop.open()
    calm_collector()  # as serve does
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await eop.close()


async def serve_stored(port: int, folder: Path, *, sync: bool) -> None:
    """The same with its journal in a SQLite file, which is the default of ``fakeeop serve``; ``--journal-sync``."""
    from fakeeop.config.loader import forest_from_tree  # noqa: PLC0415  as above
    from fakeeop.journal.sql.journal import StoredJournal  # noqa: PLC0415  as above
    from fakeeop.journal.sql.places import place_of  # noqa: PLC0415  as above

    place = place_of(str(folder / "journal.sqlite"), sync=sync)
    assert place is not None  # noqa: S101  it is a file
    journal = StoredJournal(place, "benchmark", lambda tree: forest_from_tree(tree, "the journal"))
    await serve_fakeeop(port, None, journal)
    journal.close()


class Nothing:
    """aiosmtpd's handler that does nothing."""

    async def handle_DATA(self, *_: object) -> str:  # noqa: N802  aiosmtpd's name
        """Take it."""
        return "250 OK"


def serve_aiosmtpd(port: int, folder: Path | None) -> None:
    """Bare aiosmtpd as its documentation starts it: Controller, a handler that does nothing."""
    from aiosmtpd.controller import Controller  # noqa: PLC0415  only this kind of server

    context = None
    if folder is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(folder / "server.pem", folder / "server.key")
    controller = Controller(Nothing(), hostname="127.0.0.1", port=port, tls_context=context)
    controller.start()
    print("ready", flush=True)
    sys.stdin.read()
    controller.stop()


def main() -> None:
    """The command line."""
    kind, port = sys.argv[1], int(sys.argv[2])
    folder = Path(sys.argv[3]) if len(sys.argv) > 3 else None
    if kind in ("fakeeop", "sqlite", "synced"):
        from fakeeop.server.loop import new_event_loop  # noqa: PLC0415  as above

        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            stored = folder is not None and kind != "fakeeop"
            sync = kind == "synced"
            runner.run(serve_stored(port, folder, sync=sync) if stored and folder else serve_fakeeop(port, folder))
    else:
        serve_aiosmtpd(port, folder)


if __name__ == "__main__":
    main()
