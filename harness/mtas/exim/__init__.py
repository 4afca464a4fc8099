"""Exim: everything that the harness knows of it."""

from harness.mtas.base import MtaFolder, OfferedForm, OfferedLint

FOLDER = MtaFolder(
    title="Exim",
    about="the Exim MTA as a relay",
    install="bash ci/install-clients.sh",
    driver="harness.mtas.exim.driver:EximDriver",
    form=OfferedForm("FILE", "Exim's configuration file: a private instance of it", "harness.mtas.exim.form:EximForm"),
    lint=OfferedLint(
        "harness.mtas.exim.lint:read_exim_route",
        files=("exim*",),
        sign=r"^begin\s+(acl|routers|transports|retry)\b",
        rank=1,
    ),
)
