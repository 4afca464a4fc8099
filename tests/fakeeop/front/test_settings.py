from __future__ import annotations

import pytest

from fakeeop.front.settings import session_settings
from fakeeop.model import Behaviour
from fakeeop.model.limits import DEFAULTS, Limits
from fakeeop.server.listener import Listener
from fakeeop.smtp.names import HostNames
from fakeeop.smtp.policy import SessionSettings


def made(*, submission: bool = False, behaviour: Behaviour | None = None, **options: object) -> SessionSettings:
    listener = Listener("127.0.0.1", 0, submission=submission, **options)  # type: ignore[arg-type]  # any option
    return session_settings(behaviour or Behaviour(), DEFAULTS, listener, HostNames())


@pytest.mark.parametrize("submission", [False, True])
def test_limits_of_the_listener_are_over_those_of_the_front_end(submission):
    settings = made(submission=submission, limits=Limits(message_size=7, errors_per_session=0))
    assert (settings.size, settings.line) == (7, DEFAULTS.line_length)
    assert settings.errors > 1_000_000_000  # 0: no limit
    assert settings.recipients == DEFAULTS.recipients_per_message


@pytest.mark.parametrize("limits", [None, Limits(line_length=100)])
def test_only_submission_takes_longer_lines_of_auth(limits):
    assert made(limits=limits).auth_line == 0
    assert made(submission=True, limits=limits).auth_line > 12_288


def test_names_follow_the_knobs_and_the_box():
    old = Behaviour(box_names="ft", suffix_form="box")
    assert made(behaviour=old).hosts.box == "SN1NAM02FT012"
    assert made(behaviour=old, submission=True).hosts.box == "SY5P282CA0041"
    assert made(behaviour=old, submission=True, box="X").hosts.banner_name == "X.outlook.office365.com"
    assert made(behaviour=old, box="X").hosts.suffix_form == "box"
