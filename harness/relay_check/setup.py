"""From the options of the command to what is checked: the form, the tenant, what the relay is known by."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from attrs import evolve, field, frozen

from fakeeop.config.marked import load_marked
from fakeeop.errors import CertificateFileError
from fakeeop.pki.facts import describe
from fakeeop.pki.files import read_certificate_file
from fakeeop.pki.roots import read_roots
from harness.engine.lab import Lab
from harness.errors import HarnessError
from harness.mtas.form import Form
from harness.relay_check.run import Certificates, RelayCheck, names_shown
from harness.relay_check.site import PUBLIC, Site

__all__ = ["CheckOptions", "facts_of", "make_check"]

_SYSTEM: Final = "system"
DOMAIN: Final = "contoso.com"


@frozen
class CheckOptions:
    """What the user asked for. ``trust``: PEM files or ``system``; None: the machine's list if there is one."""

    seconds: float
    domain: str = ""
    certificate_name: str = ""
    by: frozenset[str] = frozenset()
    tenant: Path | None = None
    connector: str = ""
    trust: tuple[str, ...] = ()
    notes: list[str] = field(factory=list)


def make_check(form: Form, options: CheckOptions, lab: Lab) -> RelayCheck:
    """Prepare the form and the tenant; for a relay whose configuration is not seen, one message tells what it shows.

    Raises HarnessError, fakeeop's ConfigError for the tenant file.
    """
    form.prepare()
    domain = options.domain or form.domain() or DOMAIN
    tree = _tenant_tree(options.tenant) if options.tenant is not None else None
    if tree is not None and not options.domain:
        domain = _first_domain(tree) or domain
    site = Site(
        domain, tree=tree, path=str(options.tenant or "<sample tenant>"), connector=options.connector,
        public=_public(tree, options.connector),
    )  # fmt: skip
    form.about(site.address("own", "x"), (site.address("outside", "x"), site.address("own2", "x")))
    check = RelayCheck(form, site, Certificates(_roots(options)), options.seconds)
    if form.configuration() is not None:
        names = _names_in_file(form, options)
    elif options.by and "certificate" not in options.by:
        names = ()
    else:
        names = names_shown(check, lab)
    by = options.by or frozenset({"address", *({"certificate"} if names or options.certificate_name else ())})
    name = (options.certificate_name or _name_for(names, site.domain)) if "certificate" in by else ""
    return evolve(check, site=evolve(site, certificate_name=name), by=by, configuration=form.configuration())


def _name_for(names: tuple[str, ...], domain: str) -> str:
    """What an administrator would give the connector: a name in the accepted domain, else its wildcard."""
    inside = [each for each in names if each == domain or each.endswith(f".{domain}")]
    return inside[0] if inside else f"*.{domain}"


def _names_in_file(form: Form, options: CheckOptions) -> tuple[str, ...]:
    configuration = form.configuration()
    if configuration is None or not configuration.certificate:
        return ()
    from cryptography import x509  # noqa: PLC0415  heavy, and only with a certificate

    try:
        found = read_certificate_file(configuration.certificate)
        return describe([x509.load_der_x509_certificate(found.chain_der[0])], "").names
    except (CertificateFileError, ValueError) as why:
        options.notes.append(f"the client certificate: {why}")
        return ()


def _roots(options: CheckOptions) -> bytes:
    if options.trust:
        try:
            return read_roots(options.trust)
        except CertificateFileError as why:
            raise HarnessError(f"--trust: {why}") from why
    try:
        return read_roots((_SYSTEM,))
    except CertificateFileError as why:
        options.notes.append(f"public authorities are not known here: {why}")
        return b""


def _tenant_tree(path: Path) -> Any:
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as why:
        raise HarnessError(f"--tenant {path}: {why}") from why
    return load_marked(text, str(path))


def _first_domain(tree: Any) -> str:
    for tenant in tree.get("Tenants") or ():
        for each in tenant.get("AcceptedDomains") or ():
            return str(each.get("DomainName") if hasattr(each, "get") else each)
    return ""


def _public(tree: Any, connector: str) -> str:
    """Of an own tenant: the first address of the connector, so that the relay comes in by it."""
    for tenant in (tree or {}).get("Tenants") or ():
        for each in tenant.get("InboundConnectors") or ():
            addresses = each.get("SenderIPAddresses") or ()
            if (not connector or str(each.get("Name")).lower() == connector.lower()) and addresses:
                return str(addresses[0]).partition("/")[0]
    return PUBLIC


def facts_of(check: RelayCheck, about: str) -> tuple[tuple[str, str], ...]:
    """What is checked, for people."""
    site, form = check.site, check.form
    known = " and ".join(
        f"its {each}" + (f" ({site.public})" if each == "address" else f" ({site.certificate_name})")
        for each in sorted(check.by)
    )
    where = site.path if site.tree is not None else f"a sample one, which owns {site.domain}"
    rows = [("relay", about), ("tenant", where), ("known by", known)]
    if form.fixed is not None:
        rows.append(("smart host", f"point it at {form.fixed[0]} port {form.fixed[1]}: the emulator listens there"))
    return tuple(rows)
