"""The forms by the option that asks for each. To add one: a maker here, and its option appears on the command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from attrs import frozen

if TYPE_CHECKING:
    from harness.mtas.form import Form  # loads the emulator

__all__ = ["FORMS", "Offer", "form_of"]


@frozen
class Offer:
    """``option`` takes ``metavar``; ``make`` gets the parsed arguments."""

    option: str
    metavar: str
    about: str
    make: Callable[[argparse.Namespace], Form]

    @property
    def key(self) -> str:
        """In the parsed arguments."""
        return self.option.removeprefix("--").replace("-", "_")


def _postfix(arguments: argparse.Namespace) -> Form:
    from pathlib import Path  # noqa: PLC0415  start-up time of --help

    from harness.mtas.postfix.form import PostfixForm  # noqa: PLC0415  as above

    return PostfixForm(Path(arguments.postfix))


def _exim(arguments: argparse.Namespace) -> Form:
    from pathlib import Path  # noqa: PLC0415  start-up time of --help

    from harness.mtas.exim.form import EximForm  # noqa: PLC0415  as above

    return EximForm(Path(arguments.exim))


def _opensmtpd(arguments: argparse.Namespace) -> Form:
    from pathlib import Path  # noqa: PLC0415  start-up time of --help

    from harness.mtas.opensmtpd.form import OpensmtpdForm  # noqa: PLC0415  as above

    return OpensmtpdForm(Path(arguments.opensmtpd))


def _sendmail(arguments: argparse.Namespace) -> Form:
    from pathlib import Path  # noqa: PLC0415  start-up time of --help

    from harness.mtas.sendmail.form import SendmailForm  # noqa: PLC0415  as above

    return SendmailForm(Path(arguments.sendmail))


def _relay(arguments: argparse.Namespace) -> Form:
    from harness.relay_check.forms.places import place  # noqa: PLC0415  as above
    from harness.relay_check.forms.running import RunningForm  # noqa: PLC0415  as above

    return RunningForm(place("--relay", arguments.relay), place("--listen", arguments.listen), arguments.mta)


def _command(arguments: argparse.Namespace) -> Form:
    from harness.relay_check.forms.program import ProgramForm  # noqa: PLC0415  as above

    return ProgramForm(arguments.command, arguments.patience, arguments.mta)


FORMS: Final = (
    Offer("--postfix", "DIR", "a folder with main.cf (and master.cf), or main.cf: a private instance of it", _postfix),
    Offer("--exim", "FILE", "Exim's configuration file: a private instance of it", _exim),
    Offer("--opensmtpd", "FILE", "OpenSMTPD's smtpd.conf: a private instance of it", _opensmtpd),
    Offer("--sendmail", "FILE", "sendmail's macro file, sendmail.mc: a private instance of it", _sendmail),
    Offer("--relay", "HOST:PORT", "any relay that is running: it is given mail there by SMTP", _relay),
    Offer("--command", "CMD", "a program that sends one message: 'send {recipient} {host} {port}'", _command),
)


def form_of(arguments: argparse.Namespace) -> Form | None:
    """The form that was asked for, None if none or several were."""
    asked = [offer for offer in FORMS if getattr(arguments, offer.key) is not None]
    return asked[0].make(arguments) if len(asked) == 1 else None
