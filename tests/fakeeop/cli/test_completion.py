from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fakeeop.cli.completion import SHELLS
from fakeeop.cli.main import COMMANDS


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_knows_every_command_and_its_options(fakeeop, shell):
    code, out, err = fakeeop("completion", shell)
    assert (code, err) == (0, "")
    assert [name for name in COMMANDS if name not in out] == []
    assert "ready-file" in out


@pytest.mark.parametrize("shell", SHELLS)
def test_the_shell_can_read_it(fakeeop, shell, tmp_path):
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    script = tmp_path / "script"
    script.write_text(fakeeop("completion", shell)[1])
    done = subprocess.run([program, "-n", str(script)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def complete(script: Path, *words: str) -> list[str]:
    """What bash offers for the last word of a command line."""
    line = " ".join(f"'{word}'" for word in words)
    state = f"COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}"
    ask = f'source {script}; {state}; _shtab_fakeeop; printf "%s\\n" "${{COMPREPLY[@]}}"'
    done = subprocess.run(["bash", "-c", ask], capture_output=True, text=True, check=False, cwd=script.parent)
    return done.stdout.split()


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_bash_completes_commands_options_and_files(fakeeop, tmp_path):
    script = tmp_path / "script"
    script.write_text(fakeeop("completion", "bash")[1])
    assert complete(script, "fakeeop", "expl") == ["explain"]
    assert complete(script, "fakeeop", "serve", "--ready") == ["--ready-file"]
    assert complete(script, "fakeeop", "completion", "f") == ["fish"]
    (tmp_path / "tenant.yaml").touch()
    assert complete(script, "fakeeop", "check", "ten") == ["tenant.yaml"]


def test_without_shtab(fakeeop, monkeypatch):
    monkeypatch.setitem(sys.modules, "shtab", None)
    code, out, err = fakeeop("completion", "bash")
    assert (code, out) == (4, "")
    assert err.startswith("fakeeop completion: completion needs shtab: pip install 'fakeeop[completion]'")


def test_a_shell_that_is_not_known(fakeeop):
    code, _, err = fakeeop("completion", "tcsh")
    assert code == 2
    assert "invalid choice: 'tcsh'" in err
