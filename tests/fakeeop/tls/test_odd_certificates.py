"""Certificates as printers and appliances make them, and worse: mutated ones, in handshakes and without."""

from __future__ import annotations

import random
import warnings
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial

import pytest
from OpenSSL import SSL
from OpenSSL import crypto as openssl

from fakeeop.model import CertificateFacts, ChainProblem
from fakeeop.pki.issue import Issued
from fakeeop.pki.judge import ChainJudge
from fakeeop.pki.variants import make_variant
from fakeeop.tls.context import TlsConnection

_BASES = ("match", "missing-intermediate", "intermediate", "untrusted-ca", "revoked", "wildcard")
_TAGS = (0, 1, 2, 3, 5, 0x0C, 0x13, 0x16, 0x17, 0x18, 0x30, 0x31, 0x80, 0xFF)


@pytest.fixture
def bases(tls_lab) -> list[Issued]:
    return [make_variant(name, tls_lab.authority) for name in _BASES]


def mutated(dice: random.Random, der: bytes) -> bytes:
    octets = bytearray(der)
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        at = dice.randrange(len(octets))
        kind = dice.randrange(5)
        if kind == 0:
            octets[at] ^= 1 << dice.randrange(8)
        elif kind == 1:
            octets[at] = dice.randrange(256)
        elif kind == 2:
            octets[at] = dice.choice(_TAGS)
        elif kind == 3:
            other = dice.randrange(len(octets))
            octets[at], octets[other] = octets[other], octets[at]
        else:
            del octets[at : at + dice.randrange(1, 4)]
            octets = octets or bytearray(b"\0")
    return bytes(octets)


def chains(bases: list[Issued], seed: int, count: int) -> Iterator[tuple[Issued, tuple[bytes, ...]]]:
    dice = random.Random(seed)  # noqa: S311  the same mutations every time
    for _ in range(count):
        issued = dice.choice(bases)
        chain = list(issued.chain_der)
        place = dice.randrange(len(chain))
        chain[place] = mutated(dice, chain[place])
        yield issued, tuple(chain)


def says_why(facts: CertificateFacts) -> bool:
    if ChainProblem.UNREADABLE not in facts.problems:
        return False
    assert "cannot be read: " in facts.detail[facts.problems.index(ChainProblem.UNREADABLE)]
    return True


def handshake(server: TlsConnection, issued: Issued, chain: tuple[bytes, ...]) -> bool:
    """Whether OpenSSL could send this chain; the server's TlsConnection is fed, and may raise."""
    load = partial(openssl.load_certificate, openssl.FILETYPE_ASN1)
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_cipher_list(b"DEFAULT:@SECLEVEL=0")
    try:
        context.use_privatekey(issued.key)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # X509 objects: the only way to send these
            context.use_certificate(load(chain[0]))
            for der in chain[1:]:
                context.add_extra_chain_cert(load(der))
        context.check_privatekey()
    except (SSL.Error, openssl.Error):
        return False
    client = SSL.Connection(context, None)
    client.set_connect_state()
    for _ in range(8):
        with suppress(SSL.WantReadError):
            client.do_handshake()
        with suppress(SSL.WantReadError):
            server.feed(client.bio_read(65_536))
        answer = server.take()
        if answer:
            client.bio_write(answer)
        if server.established:
            return True
    return False


def test_5000_mutated_chains_are_judged(tls_lab, bases):
    judge = ChainJudge(tls_lab.authority.certificate_pem)
    now = datetime.now(UTC)
    unreadable = sum(says_why(judge.facts(chain, now)) for _, chain in chains(bases, 15, 5000))
    assert unreadable > 500


def test_every_mutated_chain_that_openssl_sends_ends_in_a_session(tls_lab, bases):
    connections, odd = 0, 0
    for issued, chain in chains(bases, 16, 4000):
        server = tls_lab.server.connection()
        if handshake(server, issued, chain):
            connections += 1
            assert server.facts.certificate is not None
            odd += says_why(server.facts.certificate)
    assert connections > 800
    assert odd > 80


def with_version(der: bytes, version: int) -> bytes:
    field = bytes.fromhex("a003020102")
    assert field in der
    return der.replace(field, field[:-1] + bytes([version]), 1)


def test_a_leaf_with_an_odd_version_says_what_is_wrong(tls_lab):
    issued = make_variant("match", tls_lab.authority)
    chain = (with_version(issued.chain_der[0], 22), *issued.chain_der[1:])
    server = tls_lab.server.connection()
    assert handshake(server, issued, chain)
    facts = server.facts.certificate
    assert facts.problems == (ChainProblem.UNREADABLE,)
    assert facts.detail == ("certificate cannot be read: 22 is not a valid X509 version",)


def test_a_leaf_with_an_extension_twice_keeps_its_name(tls_lab):
    issued = make_variant("match", tls_lab.authority)
    key_usage, constraints = bytes.fromhex("0603551d0f"), bytes.fromhex("0603551d13")
    assert key_usage in issued.chain_der[0]
    server = tls_lab.server.connection()
    assert handshake(server, issued, (issued.chain_der[0].replace(key_usage, constraints),))
    facts = server.facts.certificate
    assert facts.problems == (ChainProblem.UNREADABLE,)
    assert facts.detail[0].startswith("certificate cannot be read: ")
    assert facts.names == ("mail.contoso.com",)
    assert facts.subject.startswith("CN=mail.contoso.com")


def test_an_intermediate_that_cannot_be_read_leaves_a_gap(tls_lab):
    issued = make_variant("intermediate", tls_lab.authority)
    chain = (issued.chain_der[0], with_version(issued.chain_der[1], 22))
    facts = ChainJudge(tls_lab.authority.certificate_pem).facts(chain, tls_lab.clock.now())
    assert facts.problems == (ChainProblem.UNREADABLE, ChainProblem.INCOMPLETE)
    assert facts.detail[0] == "certificate 2 of the chain cannot be read: 22 is not a valid X509 version"
    assert "cannot be read" in facts.chain[1]


def test_what_nobody_needs_may_be_odd(tls_lab):
    issued = make_variant("match", tls_lab.authority)
    facts = ChainJudge(tls_lab.authority.certificate_pem).facts((*issued.chain_der, b"\x30\0"), tls_lab.clock.now())
    assert facts.problems == ()
    assert "cannot be read" in facts.chain[-1]
