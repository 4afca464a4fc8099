"""Every kind of client certificate that a connector may meet, by name (facts connectors §3, C50 to C79)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from attrs import frozen

from fakeeop.model import ChainProblem
from fakeeop.pki.authority import LabAuthority
from fakeeop.pki.issue import Issued, issue
from fakeeop.pki.judge import LAB_CRL_URL

__all__ = ["UNREACHABLE_CRL_URL", "VARIANTS", "VARIANT_NAMES", "Variant", "make_variant"]

UNREACHABLE_CRL_URL = "http://crl.unreachable.invalid/ca.crl"
_OTHER_NAME = "mail.fabrikam.example"


@frozen
class Request:
    """What a variant is made from. ``parent`` is ``name`` without its first label (all of it when it has only two)."""

    authority: LabAuthority
    name: str
    key: str
    now: datetime

    @property
    def parent(self) -> str:
        """``contoso.com`` for ``mail.contoso.com``."""
        head, _, rest = self.name.partition(".")
        return rest if head and "." in rest else self.name

    def days(self, count: int) -> datetime:
        """``now`` plus so many days."""
        return self.now + timedelta(days=count)


@frozen
class Variant:
    """``problem`` is what the chain judge finds (None: trusted); ``note`` is what the core makes of it beyond that."""

    name: str
    about: str
    problem: ChainProblem | None
    make: Callable[[Request], Issued]
    note: str = ""
    revoked: bool = False


def make_variant(
    variant: str,
    authority: LabAuthority,
    *,
    name: str = "mail.contoso.com",
    key: str = "ec",
    now: datetime | None = None,
) -> Issued:
    """Make a variant for the host ``name``. ``key``: ``ec`` or ``rsa``, where the variant leaves it open.

    A revoked certificate is only revoked once its serial stands on the list that the service looks at
    (``Issued.serial``; ``fakeeop.pki.state.revoke``). Raises KeyError for an unknown variant.
    """
    request = Request(authority, name, key, (now or datetime.now(UTC)).replace(microsecond=0))
    return _BY_NAME[variant].make(request)


def _plain(request: Request) -> Issued:
    return request.authority.issue(common_name=request.name, dns_names=[request.name], key=request.key, now=request.now)


def _wildcard(request: Request) -> Issued:
    name = f"*.{request.parent}"
    return request.authority.issue(common_name=name, dns_names=[name], key=request.key, now=request.now)


def _san_only(request: Request) -> Issued:
    return request.authority.issue(dns_names=[request.name], key=request.key, now=request.now)


def _cn_only(request: Request) -> Issued:
    return request.authority.issue(common_name=request.name, key=request.key, now=request.now)


def _wrong_name(request: Request) -> Issued:
    return request.authority.issue(common_name=_OTHER_NAME, dns_names=[_OTHER_NAME], key=request.key, now=request.now)


def _multi_san(request: Request) -> Issued:
    names = [_OTHER_NAME, request.name]
    return request.authority.issue(common_name=_OTHER_NAME, dns_names=names, key=request.key, now=request.now)


def _idn(request: Request) -> Issued:
    name = f"bücher.{request.parent}"
    return request.authority.issue(common_name=name, dns_names=[name], key=request.key, now=request.now)


def _expired(request: Request) -> Issued:
    return _dated(request, request.days(-400), request.days(-10))


def _not_yet_valid(request: Request) -> Issued:
    return _dated(request, request.days(10), request.days(400))


def _dated(request: Request, not_before: datetime, not_after: datetime) -> Issued:
    return request.authority.issue(
        common_name=request.name,
        dns_names=[request.name],
        key=request.key,
        not_before=not_before,
        not_after=not_after,
    )


def _self_signed(request: Request) -> Issued:
    return issue(common_name=request.name, dns_names=[request.name], key=request.key, now=request.now)


def _untrusted_ca(request: Request) -> Issued:
    private = LabAuthority.create("A private CA that nobody trusts").root
    return issue(
        private,
        common_name=request.name,
        dns_names=[request.name],
        key=request.key,
        now=request.now,
        sent=[private.certificate],  # without its root, the chain could not be told from an incomplete one
    )


def _missing_intermediate(request: Request) -> Issued:
    made = _intermediate(request)
    return Issued(made.certificate, made.key, ())


def _intermediate(request: Request) -> Issued:
    return request.authority.issue(
        issuer=request.authority.issuing,
        common_name=request.name,
        dns_names=[request.name],
        key=request.key,
        now=request.now,
    )


def _with_usage(*usages: str) -> Callable[[Request], Issued]:
    def make(request: Request) -> Issued:
        return request.authority.issue(
            common_name=request.name, dns_names=[request.name], eku=usages, key=request.key, now=request.now
        )

    return make


def _with_key(kind: str) -> Callable[[Request], Issued]:
    def make(request: Request) -> Issued:
        return request.authority.issue(common_name=request.name, dns_names=[request.name], key=kind, now=request.now)

    return make


def _with_crl(url: str) -> Callable[[Request], Issued]:
    def make(request: Request) -> Issued:
        return request.authority.issue(
            common_name=request.name, dns_names=[request.name], key=request.key, crl_url=url, now=request.now
        )

    return make


_FINE = "accepted by default, the knob ClientCertificateEku decides"
_NOT_FINE = "refused by default, the knob ClientCertificateEku decides"

VARIANTS = (
    Variant("match", "CN and SAN are the host name", None, _plain),
    Variant("wildcard", "CN and SAN are the wildcard of the parent domain", None, _wildcard),
    Variant("san-only", "no CN, the host name is in the SAN", None, _san_only),
    Variant("cn-only", "no SAN, the host name is the CN", None, _cn_only),
    Variant("multi-san", "CN of another domain, the host name is the second SAN", None, _multi_san),
    Variant("idn", "an internationalised name: U-label as CN, A-label in the SAN", None, _idn),
    Variant("wrong-name", "a good certificate of another domain", None, _wrong_name, "no connector has that name"),
    Variant("expired", "ended ten days ago", ChainProblem.EXPIRED, _expired),
    Variant("not-yet-valid", "begins in ten days", ChainProblem.NOT_YET_VALID, _not_yet_valid),
    Variant("self-signed", "signed by itself", ChainProblem.SELF_SIGNED, _self_signed),
    Variant("untrusted-ca", "of a private CA, its root sent along", ChainProblem.UNTRUSTED, _untrusted_ca),
    Variant("intermediate", "of an issuing CA below the root, which is sent along", None, _intermediate),
    Variant(
        "missing-intermediate", "of an issuing CA, which is not sent", ChainProblem.INCOMPLETE, _missing_intermediate
    ),
    Variant("server-auth-only", "extended key usage serverAuth", None, _with_usage("serverAuth"), _FINE),
    Variant("client-auth-only", "extended key usage clientAuth", None, _with_usage("clientAuth"), _FINE),
    Variant("code-signing-only", "extended key usage codeSigning", None, _with_usage("codeSigning"), _NOT_FINE),
    Variant("no-eku", "no extended key usage at all", None, _with_usage(), _FINE),
    Variant(
        "revoked", "on the revocation list of the lab", ChainProblem.REVOKED, _with_crl(LAB_CRL_URL), "", revoked=True
    ),
    Variant(
        "crl-unreachable",
        "names a revocation list that cannot be had",
        ChainProblem.REVOCATION_UNKNOWN,
        _with_crl(UNREACHABLE_CRL_URL),
    ),
    Variant("rsa-2048", "RSA key of 2048 bits", None, _with_key("rsa")),
    Variant("ec-p256", "EC key on P-256", None, _with_key("ec")),
    Variant("weak-rsa-1024", "RSA key of 1024 bits", ChainProblem.WEAK_KEY, _with_key("rsa-1024")),
)

_BY_NAME = {variant.name: variant for variant in VARIANTS}
VARIANT_NAMES = tuple(_BY_NAME)
