"""Postfix: everything that the harness knows of it."""

from harness.mtas.base import MtaFolder, OfferedForm, OfferedLint

FOLDER = MtaFolder(
    title="Postfix",
    about="the Postfix MTA as a relay",
    install="apt install postfix",
    driver="harness.mtas.postfix.driver:PostfixDriver",
    form=OfferedForm(
        "DIR",
        "a folder with main.cf (and master.cf), or main.cf: a private instance of it",
        "harness.mtas.postfix.form:PostfixForm",
    ),
    lint=OfferedLint(
        "harness.mtas.postfix.lint:read_postfix",
        files=("main.cf",),
        sign=r"^[a-z0-9_]+\s*=",
        rank=4,
        in_folder="main.cf",
    ),
)
