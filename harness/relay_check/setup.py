"""From the options of the command to a run: the form, the tenant, what the relay is known by."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from attrs import field, frozen

from fakeeop.errors import CertificateFileError
from harness.errors import HarnessError
from harness.mtas.form import Form
from harness.relay_check.engine import Run, meet
from harness.relay_check.server import Server
from harness.relay_check.site import PUBLIC, Site

__all__ = ["Wish", "facts_of", "make_run"]

_SYSTEM: Final = "system"
DOMAIN: Final = "contoso.com"


@frozen
class Wish:
    """What the user asked for. ``trust``: PEM files or ``system``; None: the machine's list if there is one."""

    seconds: float
    domain: str = ""
    certificate_name: str = ""
    by: frozenset[str] = frozenset()
    tenant: Path | None = None
    connector: str = ""
    trust: tuple[str, ...] = ()
    notes: list[str] = field(factory=list)


def make_run(form: Form, wish: Wish) -> Run:
    """Prepare the form and the tenant; for a relay whose configuration is not seen, one message tells what it shows.

    Raises HarnessError, fakeeop's ConfigError for the tenant file.
    """
    form.prepare()
    domain = wish.domain or form.domain() or DOMAIN
    tree = _tenant_tree(wish.tenant) if wish.tenant is not None else None
    if tree is not None and not wish.domain:
        domain = _first_domain(tree) or domain
    site = Site(
        domain, tree=tree, path=str(wish.tenant or "<sample tenant>"), connector=wish.connector,
        roots_pem=_roots(wish), public=_public(tree, wish.connector),
    )  # fmt: skip
    form.about(site.address("own", "x"), (site.address("outside", "x"), site.address("own2", "x")))
    names = _names_in_file(form, wish)
    if form.configuration() is None:
        run = Run(form, Server(site, form.fixed), wish.seconds)
        names = _meet(run, wish)
        return _made(form, wish, site, names, run.server)
    return _made(form, wish, site, names, None)


def _made(form: Form, wish: Wish, site: Site, names: tuple[str, ...], server: Server | None) -> Run:
    from attrs import evolve  # noqa: PLC0415  only here

    by = wish.by or frozenset({"address", *({"certificate"} if names or wish.certificate_name else ())})
    name = (wish.certificate_name or _name_for(names, site.domain)) if "certificate" in by else ""
    site = evolve(site, certificate_name=name)
    if server is None:
        server = Server(site, form.fixed)
    else:
        server.site = site
    return Run(form, server, wish.seconds, by, form.configuration())


def _name_for(names: tuple[str, ...], domain: str) -> str:
    """What an administrator would give the connector: a name in the accepted domain, else its wildcard."""
    inside = [each for each in names if each == domain or each.endswith(f".{domain}")]
    return inside[0] if inside else f"*.{domain}"


def _meet(run: Run, wish: Wish) -> tuple[str, ...]:
    """One message, to see what the relay shows."""
    if wish.by and "certificate" not in wish.by:
        return ()
    return meet(run)


def _names_in_file(form: Form, wish: Wish) -> tuple[str, ...]:
    configuration = form.configuration()
    if configuration is None or not configuration.certificate:
        return ()
    from cryptography import x509  # noqa: PLC0415  heavy, and only with a certificate

    from fakeeop.pki.facts import describe  # noqa: PLC0415  loads cryptography
    from fakeeop.pki.files import read_certificate_file  # noqa: PLC0415  as above

    try:
        found = read_certificate_file(configuration.certificate)
        return describe([x509.load_der_x509_certificate(found.chain_der[0])], "").names
    except (CertificateFileError, ValueError) as why:
        wish.notes.append(f"the client certificate: {why}")
        return ()


def _roots(wish: Wish) -> bytes:
    from fakeeop.pki.roots import read_roots  # noqa: PLC0415  loads ssl

    if wish.trust:
        try:
            return read_roots(wish.trust)
        except CertificateFileError as why:
            raise HarnessError(f"--trust: {why}") from why
    try:
        return read_roots((_SYSTEM,))
    except CertificateFileError as why:
        wish.notes.append(f"public authorities are not known here: {why}")
        return b""


def _tenant_tree(path: Path) -> Any:
    from fakeeop.config.marked import load_marked  # noqa: PLC0415  loads YAML

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


def facts_of(run: Run, form: Form, about: str) -> tuple[tuple[str, str], ...]:
    """What is checked, for people."""
    site = run.site
    known = " and ".join(
        f"its {each}" + (f" ({site.public})" if each == "address" else f" ({site.certificate_name})")
        for each in sorted(run.by)
    )
    where = site.path if site.tree is not None else f"a sample one, which owns {site.domain}"
    rows = [("relay", about), ("tenant", where), ("known by", known)]
    if form.fixed is not None:
        rows.append(("smart host", f"point it at {form.fixed[0]} port {form.fixed[1]}: the emulator listens there"))
    return tuple(rows)
