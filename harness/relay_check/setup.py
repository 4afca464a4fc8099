"""From the options of the command to what is checked: the form, the tenant, what the relay is known by."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from attrs import evolve, field, frozen

from fakeeop.config.marked import load_marked
from fakeeop.errors import CertificateFileError, UnreadableCertificate
from fakeeop.pki.facts import describe, read_certificate
from fakeeop.pki.files import read_certificate_file
from fakeeop.pki.roots import read_roots
from harness.engine.lab import Lab
from harness.errors import HarnessError, WrongUsage
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
    known = _known(tree, options)
    site = Site(
        domain, tree=tree, path=str(options.tenant or "<sample tenant>"), connector=options.connector,
        public=known.address or PUBLIC, requires_tls=known.requires_tls,
    )  # fmt: skip
    form.about(site.address("own", "x"), (site.address("outside", "x"), site.address("own2", "x")))
    check = RelayCheck(form, site, Certificates(_roots(options)), options.seconds)
    if known.certificate and not options.by:  # an own tenant says itself what it knows the relay by
        by = frozenset({"certificate", *({"address"} if known.address else ())})
        name = options.certificate_name or known.certificate
        return evolve(check, site=evolve(site, certificate_name=name), by=by, configuration=form.configuration())
    if form.configuration() is not None:
        names = _names_in_file(form, options)
    elif options.by and "certificate" not in options.by:
        names = ()
    else:
        names = names_shown(check, lab)
    sample = tree is None and (names or options.certificate_name)
    by = options.by or frozenset({"address", *({"certificate"} if sample else ())})
    name = (
        (options.certificate_name or known.certificate or _name_for(names, site.domain)) if "certificate" in by else ""
    )
    return evolve(check, site=evolve(site, certificate_name=name), by=by, configuration=form.configuration())


def _name_for(names: tuple[str, ...], domain: str) -> str:
    """What an administrator would give the connector: a name in the accepted domain, else its wildcard."""
    inside = [each for each in names if each == domain or each.endswith(f".{domain}")]
    return inside[0] if inside else f"*.{domain}"


def _names_in_file(form: Form, options: CheckOptions) -> tuple[str, ...]:
    configuration = form.configuration()
    if configuration is None or not configuration.certificate:
        return ()
    try:
        found = read_certificate_file(configuration.certificate)
        return describe([read_certificate(found.chain_der[0])], "").names
    except (CertificateFileError, UnreadableCertificate) as why:
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


@frozen
class _Known:
    """By what the connectors of an own tenant know the relay: the first address, the first name of a certificate."""

    address: str = ""
    certificate: str = ""
    requires_tls: bool = False


def _known(tree: Any, options: CheckOptions) -> _Known:
    """Raises WrongUsage for a connector that is not there."""
    if tree is None:
        if options.connector:
            raise WrongUsage("--connector is one of your own tenant: give its file with --tenant FILE")
        return _Known()
    every = [each for tenant in tree.get("Tenants") or () for each in tenant.get("InboundConnectors") or ()]
    wanted = [each for each in every if str(each.get("Name")).lower() == options.connector.lower()]
    if options.connector and not wanted:
        names = ", ".join(str(each.get("Name")) for each in every) or "none"
        raise WrongUsage(f"--connector {options.connector!r}: {options.tenant} has no such connector; it has {names}")
    chosen = wanted or [each for each in every if str(each.get("ConnectorType")).lower() == "onpremises"]
    found = _Known()
    for each in chosen:
        addresses = each.get("SenderIPAddresses") or ()
        addresses = [addresses] if isinstance(addresses, str) else addresses
        first = re.split(r"[/-]", str(addresses[0]))[0] if addresses else ""
        found = _Known(
            found.address or first,
            found.certificate or str(each.get("TlsSenderCertificateName") or ""),
            found.requires_tls or bool(each.get("RequireTls")),
        )
    return found


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
