"""Is this chain good? One judge for the TLS layer and for certificate files, so that both say the same.

OpenSSL builds and checks the path (signatures, CA bits, path lengths), without dates and without a purpose. Dates,
revocation and key strength are judged here: OpenSSL would stop at the first problem, and the dates must follow the
injected clock while the path is cached.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Container, Iterable, Sequence
from datetime import UTC, datetime

import attrs
from attrs import frozen

from fakeeop.errors import UnreadableCertificate
from fakeeop.model import CertificateFacts, ChainProblem
from fakeeop.pki import crypto
from fakeeop.pki.facts import (
    authority_key_text,
    describe,
    describe_unreadable,
    key_text,
    own_key_text,
    read_certificate,
    subject_text,
)

__all__ = ["LAB_CRL_URL", "ChainJudge", "certificate_facts", "problem_of_openssl"]

LAB_CRL_URL = "http://crl.fakeeop.invalid/lab-ca.crl"  # the only revocation list that the judge can look into
_NO_CHECK_TIME = 0x200000  # X509_V_FLAG_NO_CHECK_TIME
_CACHED = 4096
_ALWAYS = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_LEAST_BITS_RSA = 2048  # OpenSSL's security level 2: 112 bits
_LEAST_BITS_EC = 224
_WEAK_DIGESTS = ("md5", "sha1")
_ISSUER_NOT_FOUND = (2, 7, 19, 20, 21)  # X509_V_ERR_*; 7: an issuer of that name was found, and did not sign

# X509_V_ERR_*. 20 and 21 mean the same here: the path ends before a root. 2 is 20 further up the path.
_OPENSSL = {
    2: ChainProblem.INCOMPLETE,
    3: ChainProblem.REVOCATION_UNKNOWN,
    9: ChainProblem.NOT_YET_VALID,
    10: ChainProblem.EXPIRED,
    18: ChainProblem.SELF_SIGNED,
    19: ChainProblem.UNTRUSTED,
    20: ChainProblem.INCOMPLETE,
    21: ChainProblem.INCOMPLETE,
    23: ChainProblem.REVOKED,
    66: ChainProblem.WEAK_KEY,
    67: ChainProblem.WEAK_KEY,
    68: ChainProblem.WEAK_KEY,
}


def problem_of_openssl(number: int) -> ChainProblem:
    """The ChainProblem of an ``X509_V_ERR_*`` number (x509_vfy.h)."""
    return _OPENSSL.get(number, ChainProblem.OTHER)


def certificate_facts(
    chain_der: Sequence[bytes],
    trusted_ca_pem: bytes,
    now: datetime,
    *,
    revoked: Container[str] = frozenset(),
    public_roots_pem: bytes = b"",
) -> CertificateFacts:
    """What the TLS layer would say of this chain (leaf first, as a client would send it), without a handshake.

    ``now`` is aware. ``revoked`` holds serial numbers in upper-case hex, ``public_roots_pem`` more roots
    (``fakeeop.pki.roots``).
    """
    return ChainJudge(trusted_ca_pem, revoked, public_roots_pem).facts(tuple(chain_der), now)


@frozen
class _Judged:
    """What does not change with time: the facts with the problems of the path, and what must be looked at again."""

    facts: CertificateFacts
    windows: tuple[tuple[str, datetime, datetime], ...]  # subject, not before, not after; the leaf first
    earliest: datetime
    latest: datetime
    trusted: bool
    foreign_crl: str | None


class ChainJudge:
    """Judges chains against ``trusted_ca_pem`` (one or several roots). Raises ValueError if there is no root at all.

    ``revoked`` is asked for the serial number (upper-case hex) of each leaf that reaches a trusted root.
    ``public_roots_pem`` are roots of real authorities: their revocation lists are on the internet, where nobody looks
    from here, so a chain that ends in one of them is taken as not revoked.
    """

    def __init__(
        self, trusted_ca_pem: bytes, revoked: Container[str] = frozenset(), public_roots_pem: bytes = b""
    ) -> None:
        self._store = crypto.openssl.X509Store()
        roots = crypto.x509.load_pem_x509_certificates(trusted_ca_pem) if trusted_ca_pem or not public_roots_pem else []
        public = crypto.x509.load_pem_x509_certificates(public_roots_pem) if public_roots_pem else []
        self._public = frozenset(public)
        self._roots = tuple(dict.fromkeys((*roots, *public)))
        for root in self._roots:
            self._store.add_cert(crypto.openssl.X509.from_cryptography(root))
        self._store.set_flags(_NO_CHECK_TIME)
        self._revoked = revoked
        self._cache: dict[tuple[bytes, ...], _Judged] = {}

    def facts(self, chain_der: tuple[bytes, ...], now: datetime) -> CertificateFacts:
        """The facts of a chain as presented, leaf first, at ``now`` (aware); what cannot be read is a fact, too."""
        judged = self._cache.get(chain_der)
        if judged is None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # what the library will refuse some day, it still reads
                judged = self._judge(chain_der)
            if len(self._cache) >= _CACHED:
                self._cache.clear()
            self._cache[chain_der] = judged
        facts = judged.facts
        revoked = judged.trusted and facts.serial in self._revoked
        if judged.earliest <= now <= judged.latest and not revoked and judged.foreign_crl is None:
            return facts
        found = list(_date_problems(judged.windows, now))
        if revoked:
            found.append((ChainProblem.REVOKED, f"certificate revoked: serial {facts.serial} is on the CRL of the lab"))
        elif judged.foreign_crl is not None:
            words = f"unable to get certificate CRL: {judged.foreign_crl} cannot be reached from here"
            found.append((ChainProblem.REVOCATION_UNKNOWN, words))
        return _with(facts, found)

    def _judge(self, chain_der: tuple[bytes, ...]) -> _Judged:
        try:
            chain = [read_certificate(chain_der[0])]
        except UnreadableCertificate as why:
            return _Judged(describe_unreadable(chain_der[0], why), (), _ALWAYS[0], _ALWAYS[1], False, None)
        sent, unreadable = [subject_text(chain[0].subject)], []
        for number, der in enumerate(chain_der[1:], 2):
            try:
                chain.append(read_certificate(der))
                sent.append(subject_text(chain[-1].subject))
            except UnreadableCertificate as why:
                words = f"certificate {number} of the chain cannot be read: {why.reason}"
                unreadable.append((ChainProblem.UNREADABLE, words))
                sent.append(f"({words})")
        facts = attrs.evolve(describe(chain, hashlib.sha256(chain_der[0]).hexdigest()), chain=tuple(sent))
        path, problem = self._path(chain)
        found = [*unreadable, problem] if problem else []  # without a gap in the path, nobody needed it (assumption)
        found += _weaknesses(path if problem else path[:-1])
        windows = tuple((subject_text(c.subject), c.not_valid_before_utc, c.not_valid_after_utc) for c in path)
        return _Judged(
            facts=_with(facts, found),
            windows=windows,
            earliest=max(window[1] for window in windows),
            latest=min(window[2] for window in windows),
            trusted=problem is None,
            foreign_crl=_foreign_crl(chain[0]) if problem is None and path[-1] not in self._public else None,
        )

    def _path(
        self, chain: Sequence[crypto.x509.Certificate]
    ) -> tuple[list[crypto.x509.Certificate], tuple[ChainProblem, str] | None]:
        """The path from the leaf upwards, and why it does not reach a trusted root (None if it does)."""
        leaf, *others = (crypto.openssl.X509.from_cryptography(certificate) for certificate in chain)
        try:
            path = crypto.openssl.X509StoreContext(self._store, leaf, others).get_verified_chain()
        except crypto.openssl.X509StoreContextError as why:
            number, _, words = why.errors
            walked = _walk(chain)
            problem = problem_of_openssl(number)
            if number in _ISSUER_NOT_FOUND and (told := self._another_authority(walked[-1])):
                return walked, (ChainProblem.ANOTHER_AUTHORITY, told)
            if problem is ChainProblem.INCOMPLETE:
                words += f": {_missing(walked[-1], chain)}"
            return walked, (problem, f"{words} (OpenSSL {number})")
        return [certificate.to_cryptography() for certificate in path], None

    def _another_authority(self, top: crypto.x509.Certificate) -> str | None:
        """What to say if a trusted root has the name of the issuer of ``top``, and another key; None if none has."""
        ours = [root for root in self._roots if root.subject == top.issuer]
        if not ours or any(_signed(top, root) for root in ours):
            return None
        keys = ", ".join(dict.fromkeys(map(own_key_text, ours)))
        name = subject_text(top.issuer)
        return f"signed by another authority of the same name, {name} (its key {authority_key_text(top)}, ours {keys})"


def _walk(chain: Sequence[crypto.x509.Certificate]) -> list[crypto.x509.Certificate]:
    """From the leaf to its issuer and on, among the certificates presented: by name and by signature."""
    path = [chain[0]]
    while path[-1].issuer != path[-1].subject:
        above = next((each for each in chain if each not in path and _signed(path[-1], each)), None)
        if above is None:
            break
        path.append(above)
    return path


def _signed(certificate: crypto.x509.Certificate, issuer: crypto.x509.Certificate) -> bool:
    """True if the name and the key of ``issuer`` are those that signed ``certificate``."""
    if certificate.issuer != issuer.subject:
        return False
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, crypto.UnsupportedAlgorithm, crypto.InvalidSignature):
        return False
    return True


def _missing(top: crypto.x509.Certificate, chain: Iterable[crypto.x509.Certificate]) -> str:
    """Which certificate the path lacks; one of that name that is there did not sign."""
    name = subject_text(top.issuer)
    sent = ", ".join(dict.fromkeys(own_key_text(each) for each in chain if each.subject == top.issuer))
    if sent:
        wanted = f"with the key {authority_key_text(top)}"
        return f"{name} {wanted} was not sent, and is not a trusted root; the one sent of that name has the key {sent}"
    return f"{name} was not sent, and is not a trusted root (an intermediate is missing, or a private CA)"


def _with(facts: CertificateFacts, found: Sequence[tuple[ChainProblem, str]]) -> CertificateFacts:
    if not found:
        return facts
    problems, detail = list(facts.problems), list(facts.detail)
    for problem, words in found:
        if problem not in problems:
            problems.append(problem)
            detail.append(words)
    return attrs.evolve(facts, problems=tuple(problems), detail=tuple(detail))


def _date_problems(windows: Sequence[tuple[str, datetime, datetime]], now: datetime) -> list[tuple[ChainProblem, str]]:
    found = []
    for subject, not_before, not_after in windows:
        if now > not_after:
            words = f"certificate has expired: {subject} was valid until {not_after:%Y-%m-%d %H:%M:%S}Z"
            found.append((ChainProblem.EXPIRED, words))
        elif now < not_before:
            words = f"certificate is not yet valid: {subject} is valid from {not_before:%Y-%m-%d %H:%M:%S}Z"
            found.append((ChainProblem.NOT_YET_VALID, words))
    return found


def _weaknesses(path: Sequence[crypto.x509.Certificate]) -> list[tuple[ChainProblem, str]]:
    """Keys below 112 bits and MD5 or SHA-1 signatures. Our assumption: the facts give no limit of the service."""
    found = []
    for certificate in path:
        if _weak_key(certificate):
            words = f"certificate key too weak: {subject_text(certificate.subject)} has {key_text(certificate)}"
            found.append((ChainProblem.WEAK_KEY, words))
        try:
            digest = certificate.signature_hash_algorithm
        except crypto.UnsupportedAlgorithm:
            continue
        if digest is not None and digest.name in _WEAK_DIGESTS:
            words = f"signature digest too weak: {subject_text(certificate.subject)} is signed with {digest.name}"
            found.append((ChainProblem.WEAK_KEY, words))
    return found


def _weak_key(certificate: crypto.x509.Certificate) -> bool:
    try:
        key = certificate.public_key()
    except (ValueError, TypeError, crypto.UnsupportedAlgorithm):
        return False
    if isinstance(key, crypto.rsa.RSAPublicKey):
        return key.key_size < _LEAST_BITS_RSA
    return isinstance(key, crypto.ec.EllipticCurvePublicKey) and key.key_size < _LEAST_BITS_EC


def _foreign_crl(leaf: crypto.x509.Certificate) -> str | None:
    """The first CRL distribution point that is not the lab's own; None if there is none."""
    try:
        points = leaf.extensions.get_extension_for_class(crypto.x509.CRLDistributionPoints).value
    except (crypto.x509.ExtensionNotFound, ValueError):
        return None
    for point in points:
        for name in point.full_name or ():
            if isinstance(name, crypto.x509.UniformResourceIdentifier) and name.value != LAB_CRL_URL:
                return name.value
    return None
