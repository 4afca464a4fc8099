"""An unpacked Postfix is told from an installed one, and is given accounts where its own do not exist."""

from __future__ import annotations

import pytest

from harness.mtas.postfix import programs as module
from harness.mtas.postfix.programs import PostfixPrograms, postfix_programs

SAYS = """\
#!/bin/sh
echo "mail_version = 3.9.1"
echo "daemon_directory = /usr/lib/postfix/sbin"
echo "mail_owner = nobody-of-this-name"
echo "setgid_group = no-group-of-this-name"
"""


@pytest.fixture(autouse=True)
def afresh():
    """What was found before is forgotten, and what a test finds is, too."""
    postfix_programs.cache_clear()
    yield
    postfix_programs.cache_clear()


def written(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.fixture
def unpacked(tmp_path, monkeypatch):
    """The root of an unpacked Postfix whose postconf says ``SAYS``."""
    root = tmp_path / "postfix"
    monkeypatch.setenv("HARNESS_CLIENTS_DIR", str(tmp_path))
    monkeypatch.setenv("HARNESS_POSTCONF", str(written(root / "usr/sbin/postconf", SAYS)))
    return root


def test_unpacked(unpacked):
    master = written(unpacked / "usr/lib/postfix/sbin/master", "")
    found = postfix_programs()
    assert isinstance(found, PostfixPrograms)
    assert (found.master, found.commands) == (master, unpacked / "usr/sbin")
    assert found.variables == {"LD_LIBRARY_PATH": str(unpacked / "usr/lib/postfix")}
    assert found.values["mail_owner"] in module._OWNERS
    assert found.values["setgid_group"] in module._GROUPS


@pytest.mark.usefixtures("unpacked")
def test_tools_without_a_daemon():
    assert postfix_programs() == "has no daemon: only its tools are here"


def test_one_that_says_nothing(unpacked, monkeypatch):
    monkeypatch.setenv("HARNESS_POSTCONF", str(written(unpacked / "usr/sbin/postconf", "#!/bin/sh\necho what >&2\n")))
    assert postfix_programs() == "says nothing of itself: what"


def test_missing(monkeypatch, tmp_path):
    monkeypatch.setenv("HARNESS_POSTCONF", str(tmp_path / "nothing"))
    assert postfix_programs() == "is not installed"
