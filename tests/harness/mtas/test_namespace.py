"""A view of its own: some files are seen where others lie, by one program alone."""

from __future__ import annotations

import os
import pwd
import sys
from pathlib import Path

import pytest

from harness.clients.process import run_program
from harness.mtas.namespace import FileView, accounts, hosts_file, view_lack

needs_view = pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() != 0 or bool(view_lack()), reason="needs root and mount namespaces"
)


def test_without_pairs_the_command_is_as_it_was():
    assert FileView().argv("prog", "-x") == ["prog", "-x"]


@needs_view
def test_a_file_is_seen_by_the_program_alone(tmp_path):
    other, place = tmp_path / "other", tmp_path / "a place"
    other.write_text("other")
    place.write_text("mine")
    done = run_program(FileView(((other, place),)).argv("cat", place), folder=tmp_path, timeout=20)
    assert (done.stdout, place.read_text()) == ("other", "mine")


@needs_view
def test_what_cannot_be_bound_is_told(tmp_path):
    done = run_program(FileView(((tmp_path / "no", tmp_path / "where"),)).argv("true"), folder=tmp_path, timeout=20)
    assert done.code == 97
    assert "mount" in done.stderr


def test_accounts_that_are_here_are_as_they_are(tmp_path):
    view, ids = accounts(tmp_path, ("root",), ("root",))
    assert (view.binds, ids) == ((), {"root": (0, 0)})


def test_accounts_that_are_lacking_are_added(tmp_path):
    view, ids = accounts(tmp_path, ("nobody-of-this-name", "nor-this-one"), ("a-group",))
    assert [place for _, place in view.binds] == [Path("/etc/passwd"), Path("/etc/group")]
    uid, gid = ids["nobody-of-this-name"]
    assert f"nobody-of-this-name:x:{uid}:{gid}:" in (tmp_path / "passwd").read_text()
    assert "a-group:x:" in (tmp_path / "group").read_text()
    assert len({number for number, _ in ids.values()}) == 3
    assert uid not in {each.pw_uid for each in pwd.getpwall()}
    assert (tmp_path / "passwd").read_text().startswith(Path("/etc/passwd").read_text().splitlines()[0])


@needs_view
def test_a_name_is_found_without_dns(tmp_path):
    view = hosts_file(tmp_path, [("mx.contoso.example", "127.1.2.3")])
    done = run_program(view.argv("getent", "hosts", "mx.contoso.example"), folder=tmp_path, timeout=20)
    assert done.stdout.split() == ["127.1.2.3", "mx.contoso.example"]


@needs_view
def test_the_name_of_the_machine(tmp_path):
    done = run_program(FileView(host_name="relay.contoso.com").argv("uname", "-n"), folder=tmp_path, timeout=20)
    assert done.stdout.strip() == "relay.contoso.com"
    assert os.uname().nodename != "relay.contoso.com"
