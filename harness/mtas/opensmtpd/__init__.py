"""OpenSMTPD: everything that the harness knows of it."""

from harness.mtas.base import MtaFolder, OfferedForm, OfferedLint

FOLDER = MtaFolder(
    title="OpenSMTPD",
    about="the OpenSMTPD MTA as a relay",
    install="bash ci/install-clients.sh",
    driver="harness.mtas.opensmtpd.driver:OpensmtpdDriver",
    form=OfferedForm(
        "FILE", "OpenSMTPD's smtpd.conf: a private instance of it", "harness.mtas.opensmtpd.form:OpensmtpdForm"
    ),
    lint=OfferedLint(
        "harness.mtas.opensmtpd.lint:read_opensmtpd",
        files=("smtpd.conf",),
        sign=r"^\s*("
        r"(accept|reject)\s+(from|for|tagged|sender)\b|"
        r"action\s+\S+\s+\w+|listen on|match\s+.*action|pki\s+\S+\s+(cert|key))",
        rank=3,
    ),
)
