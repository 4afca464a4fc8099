"""Lint the parts for other people's CI: the container file, the GitHub action, the GitLab jobs.

Usage: python ci/parts.py      needs hadolint and check-jsonschema; what is missing is skipped with a word.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

__all__ = ["CHECKS", "run"]

CI = Path(__file__).resolve().parent
_SCHEMA = ("check-jsonschema", "--builtin-schema")
CHECKS = (
    ("hadolint", "container/Containerfile"),
    (*_SCHEMA, "vendor.github-actions", "github/action.yml"),
    (*_SCHEMA, "vendor.github-workflows", "github/example.yml"),
    (*_SCHEMA, "vendor.gitlab-ci", "gitlab/fakeeop.gitlab-ci.yml"),
)


def run() -> int:
    """Every check; the number of those that failed."""
    failed = 0
    for program, *arguments, name in CHECKS:
        path = shutil.which(program)
        if path is None:
            print(f"SKIPPED {name}: {program} is not installed", flush=True)
            continue
        code = subprocess.run([path, *arguments, str(CI / name)], check=False).returncode  # noqa: S603  our own words
        print(f"{'FAILED' if code else 'ok'} {name}: {program}", flush=True)
        failed += code != 0
    return failed


if __name__ == "__main__":
    sys.exit(run())
