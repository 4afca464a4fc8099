"""The forms by the option that asks for each: one for every MTA that offers it, and those for any relay or program."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from attrs import frozen

from harness.errors import HarnessError
from harness.mtas.form import Form
from harness.mtas.registry import MTAS, loaded
from harness.relay_check.forms.program import ProgramForm
from harness.relay_check.forms.running import RunningForm

__all__ = ["FORMS", "FormOption", "form_of"]


@frozen
class FormOption:
    """``option`` takes ``metavar``; ``make`` gets the parsed arguments."""

    option: str
    metavar: str
    about: str
    make: Callable[[argparse.Namespace], Form]

    @property
    def key(self) -> str:
        """In the parsed arguments."""
        return self.option.removeprefix("--").replace("-", "_")


def _of_mta(name: str, at: str) -> Callable[[argparse.Namespace], Form]:
    def make(arguments: argparse.Namespace) -> Form:
        form: Form = loaded(at)(Path(getattr(arguments, name)))
        return form

    return make


def _relay(arguments: argparse.Namespace) -> Form:
    relay, listen = _place("--relay", arguments.relay), _place("--listen", arguments.listen)
    return RunningForm(relay, listen, arguments.mta)


def _place(option: str, text: str) -> tuple[str, int]:
    """Host and port; an IPv6 address stands in brackets. Raises HarnessError."""
    found = re.fullmatch(r"(?:\[(?P<six>[0-9a-fA-F:.]+)\]|(?P<host>[^:\[\]\s]+)):(?P<port>\d{1,5})", text.strip())
    if found is None or not 0 <= int(found["port"]) <= 65535:
        raise HarnessError(f"{option} {text!r}: write HOST:PORT, 127.0.0.1:25 for instance")
    return found["six"] or found["host"], int(found["port"])


def _command(arguments: argparse.Namespace) -> Form:
    return ProgramForm(arguments.command, arguments.patience, arguments.mta)


FORMS: Final = (
    *(
        FormOption(f"--{name}", folder.form.metavar, folder.form.about, _of_mta(name, folder.form.at))
        for name, folder in MTAS.items()
        if folder.form is not None
    ),
    FormOption("--relay", "HOST:PORT", "any relay that is running: it is given mail there by SMTP", _relay),
    FormOption("--command", "CMD", "a program that sends one message: 'send {recipient} {host} {port}'", _command),
)


def form_of(arguments: argparse.Namespace) -> Form | None:
    """The form that was asked for, None if none or several were."""
    asked = [offer for offer in FORMS if getattr(arguments, offer.key) is not None]
    return asked[0].make(arguments) if len(asked) == 1 else None
