"""Decisions a second of the core alone: a new connection and one recipient each, over forests of growing size.

CPU time of this process is measured, sizes interleaved, best of several rounds: other work on the machine then counts
little. The mail is a mix: Originating by certificate and by address, incoming, refused for every usual reason.
"""

from __future__ import annotations

import argparse
import gc
import ipaddress
import json
import time
from collections import Counter
from datetime import UTC, datetime

from fakeeop.decision.directory import Directory
from fakeeop.model import (
    AcceptedDomain,
    CertificateFacts,
    ConnectorType,
    Forest,
    InboundConnector,
    PeerFacts,
    Tenant,
    TlsFacts,
)
from fakeeop.model.addresses import DomainPattern, IpRange, Mailbox

SIZES = (10, 50, 1_000)
CONNECTORS = 20
DAY = datetime(2026, 1, 1, tzinfo=UTC)

Question = tuple[PeerFacts, TlsFacts | None, Mailbox, Mailbox]


def address(tenant: int, number: int) -> str:
    """An address of a tenant; the last octet is left for the network."""
    return f"10.{tenant % 250}.{number}.{tenant // 250 * 8 + 5}"


def connector(tenant: int, number: int) -> InboundConnector:
    """A quarter each: OnPremises by address, by certificate; Partner restricted to addresses, Partner by address."""
    name, kind = f"connector {number}", number % 4
    if kind == 0:
        blocks = (IpRange.parse(address(tenant, number)), IpRange.parse(f"172.16.{tenant % 250}.{number * 8}/29"))
        return InboundConnector(name, ConnectorType.ON_PREMISES, sender_ip_addresses=blocks)
    if kind == 1:
        pattern = f"*.tenant{tenant}.example" if number == 1 else f"relay{number}.tenant{tenant}.example"
        return InboundConnector(
            name, ConnectorType.ON_PREMISES, tls_sender_certificate_name=DomainPattern.parse(pattern)
        )
    listed = (IpRange.parse(address(tenant, number)),)
    if kind == 2:
        scope = (DomainPattern.parse(f"partner{number}.example"), DomainPattern.parse(f"*.p{number}.example"))
        return InboundConnector(
            name,
            ConnectorType.PARTNER,
            sender_domains=scope,
            sender_ip_addresses=listed,
            restrict_domains_to_ip_addresses=True,
        )
    return InboundConnector(name, ConnectorType.PARTNER, sender_ip_addresses=listed, require_tls=False)


def forest(size: int) -> Forest:
    """``size`` tenants of three accepted domains and twenty connectors; every other one rejects Direct Send."""
    return Forest(
        tuple(
            Tenant(
                f"tenant{number}",
                (
                    AcceptedDomain(f"tenant{number}.example"),
                    AcceptedDomain(f"tenant{number}.onmicrosoft.example"),
                    AcceptedDomain(f"sub{number}.example", match_sub_domains=True),
                ),
                tuple(connector(number, each) for each in range(CONNECTORS)),
                frozenset({f"user@tenant{number}.example"}),
                reject_direct_send=number % 2 == 0,
            )
            for number in range(size)
        )
    )


def questions(size: int, count: int = 400) -> list[Question]:
    """The mix, spread over the tenants."""
    made: list[Question] = []
    stranger = PeerFacts(ipaddress.ip_address("198.51.100.9"))
    for number in range(count):
        tenant = number * 7 % size
        own, user = Mailbox("app", f"tenant{tenant}.example"), Mailbox("user", f"tenant{tenant}.example")
        external, foreign = Mailbox("a", "example.net"), Mailbox("x", "example.org")
        certificate = CertificateFacts((f"mail.tenant{tenant}.example",), "CN=mail", "CN=CA", DAY, DAY)
        tls = TlsFacts("TLSv1.3", "TLS_AES_256_GCM_SHA384", certificate)
        relay = PeerFacts(ipaddress.ip_address(address(tenant, 4)))
        partner = PeerFacts(ipaddress.ip_address(address(tenant, 7)))
        made.append(
            (
                (relay, None, own, external),
                (relay, None, foreign, user),
                (stranger, tls, foreign, external),
                (stranger, None, own, external),
                (stranger, None, own, user),
                (stranger, None, foreign, Mailbox("nobody", user.domain)),
                (stranger, None, Mailbox("x", "partner6.example"), user),
                (partner, None, own, user),
            )[number % 8]
        )
    return made


def cpu_seconds(directory: Directory, mix: list[Question], repeats: int) -> float:
    """CPU seconds of one decision, the connection included."""
    begin = time.process_time()
    for _ in range(repeats):
        for peer, tls, sender, recipient in mix:
            directory.connection(peer, tls).judge_recipient(sender, recipient)
    return (time.process_time() - begin) / (repeats * len(mix))


def measure(rounds: int) -> dict[int, float]:
    """Size of the forest → CPU seconds of one decision, the best of ``rounds`` interleaved rounds."""
    prepared = {size: (Directory(forest(size)), questions(size)) for size in SIZES}
    gc.collect()
    gc.freeze()
    best = dict.fromkeys(SIZES, float("inf"))
    for _ in range(rounds):
        for size, (directory, mix) in prepared.items():
            best[size] = min(best[size], cpu_seconds(directory, mix, 5))
    return best


def verdicts(size: int) -> Counter[str]:
    """How often the mix gives each verdict."""
    directory = Directory(forest(size))
    return Counter(
        directory.connection(peer, tls).judge_recipient(sender, recipient).reason.value
        for peer, tls, sender, recipient in questions(size)
    )


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--rounds", type=int, default=12, metavar="N", help="interleaved rounds, the best counts")
    arguments = parser.parse_args()
    best = measure(arguments.rounds)
    figures = [
        {"name": f"decisions, {size:,} tenants of {CONNECTORS} connectors", "value": 1 / cost, "unit": "/s"}
        for size, cost in best.items()
    ]
    ratio = best[SIZES[-1]] / best[SIZES[0]]
    figures.append({"name": f"cost, {SIZES[-1]:,} tenants / {SIZES[0]} tenants", "value": ratio, "unit": "x"})
    mix = dict(verdicts(50).most_common())
    if arguments.json:
        print(json.dumps({"figures": figures, "mix": mix}, indent=2, ensure_ascii=False))
        return
    for figure in figures:
        print(f"{figure['name']:<45}{figure['value']:>12,.2f} {figure['unit']}")
    print("mix: " + ", ".join(f"{reason} {count}" for reason, count in mix.items()))


if __name__ == "__main__":
    main()
