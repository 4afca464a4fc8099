"""What ``fakeeop certs`` prints for people: the table of what was made, the lines to paste, the facts of one file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fakeeop.cli.style import Style
from fakeeop.model import ChainProblem
from fakeeop.model.session import UNKNOWN_TIME
from fakeeop.why.repair.candidates import ANOTHER_AUTHORITY_FIX

if TYPE_CHECKING:
    from fakeeop.cli.certs import Made
    from fakeeop.model import CertificateFacts

__all__ = ["made_text", "shown_text"]

_PASTE = """\
{title}   (the emulator at 127.0.0.1:2525; another variant: other files)

Postfix, main.cf:
  relayhost = [127.0.0.1]:2525
  smtp_tls_security_level = encrypt
  smtp_tls_cert_file = {certificate}
  smtp_tls_key_file = {key}
  smtp_tls_CAfile = {ca}

Exim, smtp transport:
  hosts_require_tls = *
  tls_certificate = {certificate}
  tls_privatekey = {key}
  tls_verify_certificates = {ca}

swaks (sends the leaf only, never an intermediate):
  swaks --server 127.0.0.1:2525 --tls --tls-cert {certificate} --tls-key {key} \\
        --from app@contoso.com --to someone@fabrikam.example

.NET and PowerShell (old Windows and Mono: the .legacy.pfx; lab-ca.pem goes to the trusted roots):
  New-Object System.Security.Cryptography.X509Certificates.X509Certificate2("{pfx}", "{password}")
"""


def made_text(made: Sequence[Made], folder: Path, password: str, style: Style) -> str:
    """The table, then the lines to paste for the first certificate made."""
    head = ("variant", "names", "key")
    rows = [(each.variant.name, ", ".join(each.facts.names) or "(no name)", each.facts.key) for each in made]
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(3)]
    cells = [cell.ljust(width) for cell, width in zip(head, widths, strict=True)]
    lines = [style.dim("  ".join((*cells, "the service says")))]
    for row, each in zip(rows, made, strict=True):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        note = f"; {each.variant.note}" if each.variant.note else ""
        lines.append(f"{style.bold(cells[0])}  {cells[1]}  {cells[2]}  {_says(each.facts, style)}{note}")
    ca = (folder / "lab-ca.pem").resolve()
    lines.append("")
    lines.append(f"Written to {folder}: for each one .pem (leaf and what is sent with it), .key, .both.pem, .pfx and")
    lines.append(f".legacy.pfx (password: {password}), and lab-ca.pem, the root that the emulator trusts.")
    lines.append("These certificates prove nothing outside this lab.")
    lines.append("")
    paths = made[0].paths
    title = style.bold(f"Lines to paste for {made[0].variant.name}")
    text = _PASTE.format(
        title=title,
        certificate=paths.certificate.resolve(),
        key=paths.key.resolve(),
        pfx=paths.pfx.resolve(),
        ca=ca,
        password=password,
    )
    return "\n".join(lines) + "\n" + text


def shown_text(facts: CertificateFacts, *, has_key: bool, style: Style) -> str:
    """The facts of one certificate, one a line, and what the service would say of the chain."""
    usages = facts.extended_key_usages
    rows = [
        ("names", ", ".join(facts.names) or "none that is a domain"),
        ("subject", facts.subject),
        ("issuer", facts.issuer),
        ("valid", _dates(facts)),
        ("key", facts.key + ("" if has_key else " (the private key is not in this file)")),
        ("key usages", "no extension" if usages is None else ", ".join(usages)),
        ("serial", facts.serial),
        ("sha256", facts.sha256),
    ]
    rows += [("sent" if number == 0 else "", subject) for number, subject in enumerate(facts.chain)]
    rows.append(("chain", _says(facts, style)))
    rows += [("", words) for words in facts.detail]
    if ChainProblem.ANOTHER_AUTHORITY in facts.problems:
        rows.append(("fix", ANOTHER_AUTHORITY_FIX))
    width = max(len(name) for name, _ in rows)
    return "".join(f"{style.dim(name.ljust(width))}  {value}\n" for name, value in rows)


def _dates(facts: CertificateFacts) -> str:
    if facts.not_after == UNKNOWN_TIME:
        return "the dates cannot be read"
    return f"{facts.not_before:%Y-%m-%d %H:%M:%S} to {facts.not_after:%Y-%m-%d %H:%M:%S} UTC"


def _says(facts: CertificateFacts, style: Style) -> str:
    if not facts.problems:
        return style.green("trusted")
    return style.red("not trusted: " + ", ".join(problem.value for problem in facts.problems))
