"""Which MTA is it?"""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.mtas.lint import ConfigurationError
from harness.relay_lint.reading import READERS, kind_of, lint_relay

from .conftest import NOW

TEXTS = {
    "postfix": "relayhost = [x]:25\nsmtp_tls_security_level = may\n",
    "exim": "primary_hostname = x\nbegin routers\n",
    "opensmtpd": 'listen on lo\naction "r" relay host smtp://x\n',
    "sendmail": "define(`SMART_HOST', `x')dnl\n",
}


@pytest.mark.parametrize("kind", TEXTS)
def test_known_by_its_text(tmp_path, kind):
    path = tmp_path / "some.conf"
    path.write_text(TEXTS[kind])
    assert kind_of(path) == kind


@pytest.mark.parametrize(("name", "kind"), [("main.cf", "postfix"), ("exim4.conf.template", "exim"), ("smtpd.conf", "opensmtpd"), ("sendmail.mc", "sendmail")])  # fmt: skip  # noqa: E501
def test_known_by_its_name(tmp_path, name, kind):
    (tmp_path / name).write_text("")
    assert kind_of(tmp_path / name) == kind


def test_a_folder_of_postfix(tmp_path):
    with pytest.raises(ConfigurationError, match=r"no main\.cf"):
        kind_of(tmp_path)
    (tmp_path / "main.cf").write_text("")
    assert kind_of(tmp_path) == "postfix"


def test_no_configuration_at_all(tmp_path):
    (tmp_path / "x").write_text("hello\n")
    with pytest.raises(ConfigurationError, match="say which with --mta"):
        kind_of(tmp_path / "x")


def test_a_file_that_is_not_there(tmp_path, linter):
    with pytest.raises(ConfigurationError, match="no such file"):
        lint_relay(tmp_path / "main.cf", linter.expected)


_LINES = st.lists(
    st.one_of(
        st.text(max_size=40),
        st.sampled_from(
            ("relayhost = [x]:25", "begin routers", "a:", "  driver = smtp", 'action "r" relay host x', "DSx")
        ),
    ),
    max_size=12,
)


@pytest.mark.parametrize("kind", READERS)
@given(lines=_LINES)
def test_rubbish_is_read_or_refused_and_nothing_else(tmp_path_factory, kind, lines):
    from harness.mtas.lint import Expected  # noqa: PLC0415  beside hypothesis, no fixture of a function

    path = tmp_path_factory.mktemp("rubbish") / "file"
    path.write_text("\n".join(lines), encoding="utf-8", errors="surrogatepass")
    with suppress(ConfigurationError):
        assert lint_relay(path, Expected(now=NOW), kind)[0].fixes
