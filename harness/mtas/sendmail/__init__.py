"""sendmail: everything that the harness knows of it."""

from harness.mtas.base import MtaFolder, OfferedForm, OfferedLint

FOLDER = MtaFolder(
    title="sendmail",
    about="the sendmail MTA as a relay",
    install="bash ci/install-clients.sh",
    driver="harness.mtas.sendmail.driver:SendmailDriver",
    form=OfferedForm(
        "FILE",
        "sendmail's macro file, sendmail.mc: a private instance of it",
        "harness.mtas.sendmail.form:SendmailForm",
    ),
    lint=OfferedLint(
        "harness.mtas.sendmail.lint:read_sendmail",
        files=("sendmail.mc", "sendmail.cf"),
        sign=r"^(define\(|FEATURE\(|MAILER\(|OSTYPE\(|include\(`|DS|O \w+=|Mlocal,)",
        rank=2,
    ),
)
