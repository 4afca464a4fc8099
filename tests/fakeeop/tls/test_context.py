from __future__ import annotations

import ssl
from contextlib import suppress
from datetime import timedelta

import pytest
from OpenSSL import SSL

from fakeeop.errors import StoreError
from fakeeop.model import ChainProblem
from fakeeop.pki.authority import LabAuthority
from fakeeop.pki.issue import issue
from fakeeop.pki.judge import certificate_facts
from fakeeop.pki.variants import VARIANTS, Variant, make_variant
from fakeeop.tls.context import ServerTls, TlsFailed

both_versions = pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])


@both_versions
@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.name)
def test_every_variant_comes_in_and_is_judged(tls_lab, variant: Variant, version: str):
    issued = make_variant(variant.name, tls_lab.authority, now=tls_lab.clock.now())
    if variant.revoked:
        tls_lab.revoked.add(issued.serial)
    client = tls_lab.connect(issued, version)
    facts = client.server.facts
    assert facts.version == version
    certificate = facts.certificate
    assert certificate.problems == ((variant.problem,) if variant.problem else ())
    assert len(certificate.detail) == len(certificate.problems)
    assert certificate.serial == issued.serial
    assert client.say(b"EHLO relay\r\n") == b"EHLO relay\r\n"
    # A file of the same chain is judged alike, without a handshake.
    from_file = certificate_facts(
        issued.chain_der, tls_lab.authority.certificate_pem, tls_lab.clock.now(), revoked=tls_lab.revoked
    )
    assert from_file == certificate


@both_versions
@pytest.mark.parametrize("variant", ["match", "untrusted-ca", "missing-intermediate", "self-signed"])
def test_an_rsa_key_is_judged_as_an_ec_key_is(tls_lab, variant: str, version: str):
    ec = tls_lab.connect(make_variant(variant, tls_lab.authority), version).server.facts.certificate
    rsa = tls_lab.connect(make_variant(variant, tls_lab.authority, key="rsa"), version).server.facts.certificate
    assert rsa.problems == ec.problems
    assert (rsa.key, ec.key) == ("RSA 2048", "EC P-256")


@both_versions
def test_no_certificate_is_no_failure(tls_lab, version: str):
    facts = tls_lab.connect(None, version).server.facts
    assert facts.certificate is None
    assert facts.server_name == "localhost"
    assert facts.cipher.startswith("TLS_")


@both_versions
def test_a_resuming_client_shows_its_certificate_again(tls_lab, version: str):
    context = tls_lab.context(make_variant("match", tls_lab.authority), version)
    first = type(tls_lab.connect())(tls_lab.server.connection(), context)
    first.handshake()
    assert first.say(b"hello") == b"hello"
    with pytest.raises(ssl.SSLWantReadError):
        first.tls.read(1)  # takes in any session ticket
    second = type(first)(tls_lab.server.connection(), context, session=first.tls.session)
    second.handshake()
    assert second.server.facts.certificate == first.server.facts.certificate
    assert not second.tls.session_reused


def test_tls_1_1_is_refused_with_what_was_offered(tls_lab):
    context = tls_lab.context()
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    server = tls_lab.server.connection()
    with pytest.raises(TlsFailed, match=r"TLS 1\.2 or newer is needed") as failure:
        type(tls_lab.connect())(server, context).handshake()
    assert failure.value.offered.startswith("TLSv1.1")
    assert server.take()[:1] == b"\x15"  # an alert, for the client to understand
    assert not server.established
    assert server.facts is None


def test_plain_text_instead_of_a_client_hello(tls_lab):
    with pytest.raises(TlsFailed, match="is not a TLS handshake") as failure:
        tls_lab.server.connection().feed(b"MAIL FROM:<a@contoso.com>\r\n")
    assert failure.value.offered == ""


def test_a_client_that_rejects_the_server_says_why(tls_lab):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    server = tls_lab.server.connection()
    client = type(tls_lab.connect())(server, context)
    with pytest.raises(ssl.SSLCertVerificationError):
        client.handshake()
    with pytest.raises(TlsFailed, match="the client ended the handshake: unknown ca"):
        client.exchange()


def test_the_request_names_no_acceptable_cas(tls_lab):
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_max_proto_version(SSL.TLS1_2_VERSION)
    client, server = SSL.Connection(context, None), tls_lab.server.connection()
    client.set_connect_state()
    for _ in range(4):
        try:
            client.do_handshake()
        except SSL.WantReadError:
            server.feed(client.bio_read(65536))
            client.bio_write(server.take())
    assert server.established
    assert client.get_client_ca_list() == []


def test_bytes_may_come_one_at_a_time(tls_lab):
    server = tls_lab.server.connection()
    client = type(tls_lab.connect())(server, tls_lab.context(make_variant("match", tls_lab.authority)))
    for _ in range(4):
        with suppress(ssl.SSLWantReadError):
            client.tls.do_handshake()
        for byte in client.outgoing.read():
            assert server.feed(bytes([byte])) == b""
            client.incoming.write(server.take())
    assert server.established
    client.tls.write(b"NOOP\r\n")
    assert b"".join(server.feed(bytes([byte])) for byte in client.outgoing.read()) == b"NOOP\r\n"


def test_plaintext_in_the_same_flight_as_the_last_handshake_message(tls_lab):
    server = tls_lab.server.connection()
    client = type(tls_lab.connect())(server, tls_lab.context(None, "TLSv1.3"))
    with pytest.raises(ssl.SSLWantReadError):
        client.tls.do_handshake()
    client.exchange()
    client.tls.do_handshake()
    assert client.say(b"EHLO early\r\n") == b"EHLO early\r\n"


def test_much_data_both_ways(tls_lab):
    client = tls_lab.connect()
    data = bytes(range(256)) * 4096
    assert client.say(data) == data
    client.server.send(data)
    client.exchange()
    received = b""
    while len(received) < len(data):
        received += client.tls.read(1 << 20)
    assert received == data


def test_close_notify_both_ways(tls_lab):
    client = tls_lab.connect()
    client.server.shutdown()
    client.exchange()
    assert client.tls.read(1) == b""
    client.tls.unwrap()
    assert client.exchange() == b""
    assert client.server.closed


def test_shutdown_before_the_handshake_says_nothing(tls_lab):
    server = tls_lab.server.connection()
    server.shutdown()
    assert server.take() == b""


def test_a_broken_record_after_the_handshake(tls_lab):
    client = tls_lab.connect()
    with pytest.raises(TlsFailed, match="the TLS layer broke"):
        client.server.feed(b"\x17\x03\x03\x00\x20" + bytes(32))


def test_dates_follow_the_clock(tls_lab):
    context = tls_lab.context(make_variant("match", tls_lab.authority))
    problems = []
    for days in (0, 500, -30, 0):
        tls_lab.clock.moment += timedelta(days=days)
        client = type(tls_lab.connect())(tls_lab.server.connection(), context)
        client.handshake()
        problems.append(client.server.facts.certificate.problems)
        tls_lab.clock.moment -= timedelta(days=days)
    assert problems == [(), (ChainProblem.EXPIRED,), (ChainProblem.NOT_YET_VALID,), ()]


def test_several_trusted_roots(tls_lab):
    other = LabAuthority.create("another root")
    server = tls_lab.authority.server_certificate(["localhost"])
    roots = tls_lab.authority.certificate_pem + other.certificate_pem
    tls_lab.server = ServerTls(server.chain_pem, server.key_pem, roots, tls_lab.clock)
    for authority in (tls_lab.authority, other):
        assert tls_lab.connect(make_variant("match", authority)).server.facts.certificate.problems == ()


def test_a_key_of_another_certificate_is_refused(tls_lab):
    server, other = (tls_lab.authority.server_certificate(["localhost"]) for _ in range(2))
    with pytest.raises(StoreError, match="cannot be used"):
        ServerTls(server.chain_pem, other.key_pem, tls_lab.authority.certificate_pem, tls_lab.clock)


def test_no_trusted_root_is_refused(tls_lab):
    server = issue(common_name="localhost")
    with pytest.raises(StoreError, match="cannot be used"):
        ServerTls(server.chain_pem, server.key_pem, b"no root here", tls_lab.clock)
