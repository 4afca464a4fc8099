"""The server's TLS layer: asks for a client certificate, never refuses one, and reports what it saw.

The standard library has no such mode: CERT_OPTIONAL aborts the handshake for a self-signed, expired or serverAuth-only
certificate, CERT_NONE never asks. So this is pyOpenSSL with a verify callback that always says yes. The chain is judged
afterwards, by ``fakeeop.pki.judge``, against the trusted roots and the injected clock; the store that OpenSSL itself
looks at during the handshake stays empty, which also spares it the signature checks whose result nobody would read.

Facts only: whether a certificate is good enough for a connector is for ``fakeeop.decision`` to say.
"""

from __future__ import annotations

from collections.abc import Container
from typing import TYPE_CHECKING

from fakeeop.errors import StoreError
from fakeeop.model import TlsFacts
from fakeeop.pki import crypto
from fakeeop.pki.judge import ChainJudge
from fakeeop.tls.ciphers import iana_cipher
from fakeeop.tls.failure import TlsFailed
from fakeeop.tls.hello import offered_versions

if TYPE_CHECKING:
    from fakeeop.model.ports import Clock

__all__ = ["ServerTls", "TlsConnection", "TlsFailed"]

_HELLO_KEPT = 16384  # bytes of the first flight, kept for the failure message
_RECORD = 16384  # the most plaintext one TLS record holds (RFC 8446 section 5.1)
_NO_AUTO_CHAIN = 8  # SSL_MODE_NO_AUTO_CHAIN, which pyOpenSSL has no name for


def _take_any(*_: object) -> bool:
    """The verify callback: every certificate may come in; judging it is not OpenSSL's business here."""
    return True


class ServerTls:
    """A TLS server identity, and the roots by which it judges its clients. Make one, use it for many connections.

    ``certificate_chain_pem``: the server certificate, then what is sent with it. ``trusted_ca_pem``: one or several
    roots, ``public_roots_pem``: more of them. ``revoked``: serial numbers in upper-case hex. ``old_versions``: TLS 1.0
    and 1.1 only; ``any_version``: these too. Raises StoreError when certificate and key do not make a pair.
    """

    def __init__(
        self,
        certificate_chain_pem: bytes,
        key_pem: bytes,
        trusted_ca_pem: bytes,
        clock: Clock,
        *,
        revoked: Container[str] = frozenset(),
        public_roots_pem: bytes = b"",
        old_versions: bool = False,
        any_version: bool = False,
    ) -> None:
        self._clock = clock
        try:
            self._judge = ChainJudge(trusted_ca_pem, revoked, public_roots_pem)
            self._context = _context(certificate_chain_pem, key_pem, old_versions, any_version)
        except (ValueError, TypeError, crypto.SSL.Error) as why:
            raise StoreError(f"the server certificate, its key or the trusted CA cannot be used: {why}") from why

    def connection(self) -> TlsConnection:
        """A new server side of one connection, waiting for a ClientHello."""
        return TlsConnection(self._context, self._judge, self._clock)


def _context(certificate_chain_pem: bytes, key_pem: bytes, old_versions: bool, any_version: bool) -> crypto.SSL.Context:
    context = crypto.SSL.Context(crypto.SSL.TLS_SERVER_METHOD)
    context.set_min_proto_version(crypto.SSL.TLS1_2_VERSION)  # facts: the service takes nothing older
    if any_version:  # the submission endpoint of some years ago
        context.set_min_proto_version(crypto.SSL.TLS1_VERSION)
    if old_versions:  # a fault: nothing newer than what the service no longer takes
        context.set_min_proto_version(crypto.SSL.TLS1_VERSION)
        context.set_max_proto_version(crypto.SSL.TLS1_1_VERSION)
    context.set_options(
        crypto.SSL.OP_NO_TICKET
        | crypto.SSL.OP_NO_COMPRESSION
        | crypto.SSL.OP_NO_RENEGOTIATION
        | crypto.SSL.OP_CIPHER_SERVER_PREFERENCE
    )
    # Level 0: a weak client key must reach the judge and not end the handshake. The versions stay bounded above.
    context.set_cipher_list(b"DEFAULT:@SECLEVEL=0")
    leaf, *rest = crypto.x509.load_pem_x509_certificates(certificate_chain_pem)
    context.use_certificate(leaf)
    for issuer in rest:
        context.add_extra_chain_cert(issuer)
    context.use_privatekey(crypto.load_pem_private_key(key_pem, None))  # type: ignore[arg-type]  # checked by OpenSSL
    context.check_privatekey()
    context.set_mode(_NO_AUTO_CHAIN)  # the chain is as given; OpenSSL need not look for more at each handshake
    # No resumption of any kind, so that every session shows its certificate anew. The id is needed all the same: with
    # VERIFY_PEER and none, OpenSSL ends the handshake of a client that tries to resume.
    context.set_session_id(b"fakeeop")
    context.set_session_cache_mode(crypto.SSL.SESS_CACHE_OFF)
    # The list of acceptable CAs in the request stays empty: Java, .NET and GnuTLS would hold back other certificates.
    context.set_verify(crypto.SSL.VERIFY_PEER, _take_any)
    return context


class TlsConnection:
    """The server side of one TLS connection on memory BIOs: ciphertext in, plaintext out, and in reverse."""

    __slots__ = ("_clock", "_connection", "_first", "_judge", "closed", "established", "facts")

    def __init__(self, context: crypto.SSL.Context, judge: ChainJudge, clock: Clock) -> None:
        self._connection = crypto.SSL.Connection(context, None)
        self._connection.set_accept_state()
        self._judge = judge
        self._clock = clock
        self._first = b""
        self.established = False
        self.closed = False
        self.facts: TlsFacts | None = None

    def feed(self, ciphertext: bytes) -> bytes:
        """Take bytes from the peer; give the plaintext they made available. Raises TlsFailed.

        Drives the handshake: call ``take()`` afterwards in any case, also after TlsFailed (it then holds the alert).
        """
        connection = self._connection
        if ciphertext:
            connection.bio_write(ciphertext)
        if not self.established:
            if len(self._first) < _HELLO_KEPT:
                self._first += ciphertext[:_HELLO_KEPT]
            if not self._handshake():
                return b""
        pieces: list[bytes] = []
        try:
            while True:
                pieces.append(connection.recv(_RECORD))
        except crypto.SSL.WantReadError:
            pass
        except crypto.SSL.ZeroReturnError:
            self.closed = True
        except crypto.SSL.Error as why:
            raise TlsFailed(f"the TLS layer broke: {_words(why)}") from why
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def send(self, plaintext: bytes) -> None:
        """Encrypt; ``take()`` gives the result. Raises TlsFailed when the TLS layer cannot send any more."""
        try:
            self._connection.sendall(plaintext)
        except crypto.SSL.Error as why:
            raise TlsFailed(f"the TLS layer broke: {_words(why)}") from why

    def take(self) -> bytes:
        """The ciphertext to write to the peer now; empty if there is none."""
        try:
            piece = self._connection.bio_read(4096)
            if len(piece) < 4096:
                return piece
        except crypto.SSL.WantReadError:
            return b""
        pieces = [piece]
        try:
            while True:
                pieces.append(self._connection.bio_read(65536))
        except crypto.SSL.WantReadError:
            return b"".join(pieces)

    def shutdown(self) -> None:
        """Say close_notify (``take()`` gives it); does nothing before the handshake is done, or the second time."""
        if not self.established:
            return
        try:
            self._connection.shutdown()
        except crypto.SSL.Error:  # already broken: there is nobody left to tell
            return

    def _handshake(self) -> bool:
        try:
            self._connection.do_handshake()
        except crypto.SSL.WantReadError:
            return False
        except crypto.SSL.Error as why:
            raise self._failure(why) from why
        self.established = True
        self._first = b""
        self.facts = self._facts()
        return True

    def _facts(self) -> TlsFacts:
        connection = self._connection
        leaf = connection.get_peer_certificate()
        certificate = None
        if leaf is not None:
            # On a server the peer's chain leaves the leaf out. Octets only: whether they can be read, the judge says.
            others = connection.get_peer_cert_chain() or []
            chain = tuple(
                crypto.openssl.dump_certificate(crypto.openssl.FILETYPE_ASN1, each) for each in (leaf, *others)
            )
            if len(chain) > 1 and chain[1] == chain[0]:
                chain = chain[1:]
            certificate = self._judge.facts(chain, self._clock.now())
        name = connection.get_servername()
        return TlsFacts(
            version=connection.get_protocol_version_name(),
            cipher=iana_cipher(connection.get_cipher_name() or ""),
            certificate=certificate,
            server_name=name.decode("ascii", "replace") if name else None,
        )

    def _failure(self, why: crypto.SSL.Error) -> TlsFailed:
        offered = offered_versions(self._first)
        words = _words(why)
        if offered and not {"TLSv1.2", "TLSv1.3"}.intersection(offered):
            reason = f"TLS 1.2 or newer is needed ({words})"
        elif not offered and not self._first.startswith(b"\x16"):
            reason = f"what the client sent is not a TLS handshake ({words})"
        elif " alert " in words:
            reason = f"the client ended the handshake: {words.split(' alert ', 1)[1]}"
        else:
            reason = f"the handshake failed: {words}"
        return TlsFailed(reason, ", ".join(offered))


def _words(why: crypto.SSL.Error) -> str:
    """OpenSSL's own reason, in its words."""
    if isinstance(why, crypto.SSL.ZeroReturnError):
        return "the peer closed"
    queue = why.args[0] if why.args else None
    if isinstance(queue, list) and queue:
        return str(queue[0][2]) or "unknown error"
    return str(why) or "unknown error"
