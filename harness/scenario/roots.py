"""Where scenarios are: the folder that ids are relative to, and the command that runs a case again from here."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from pathlib import Path

__all__ = ["command_again", "common_root", "root_of", "usual_root"]

_NAME = "scenarios"
_SHIPPED = (Path(__file__).resolve().parents[1] / "_scenarios", Path(__file__).resolve().parents[2] / _NAME)


def usual_root(*, shipped: bool = False) -> Path | None:
    """``./scenarios`` (not with ``shipped``), else those that came with the package, or lie next to it."""
    for root in _SHIPPED if shipped else (Path(_NAME), *_SHIPPED):
        if root.is_dir():
            return root.resolve()
    return None


def root_of(path: Path) -> Path:
    """The root of a file or folder, however it is named: the nearest folder ``scenarios`` at or above it; else, below
    the working folder, the first folder on the way to it; else its own folder.
    """
    full, here = path.resolve(), Path.cwd().resolve()
    folder = full if full.is_dir() else full.parent
    for one in (folder, *folder.parents):
        if one.name == _NAME or one in _SHIPPED:
            return one
    if folder != here and folder.is_relative_to(here):
        return here / folder.relative_to(here).parts[0]
    return folder


def common_root(paths: Iterable[Path]) -> Path | None:
    """The root of all of them; None if there are none. Raises ValueError, naming them, if they have several."""
    roots = sorted({root_of(path) for path in paths})
    if len(roots) > 1:
        raise ValueError(" and ".join(map(_short, roots)))
    return roots[0] if roots else None


def command_again(verb: str, case_id: str, path: Path | str = "", *, root: Path | None = None) -> str:
    """``harness run --root mine ip/one::raw``: works as printed in the working folder. ``path`` is the scenario's file,
    from which the root is known, if ``root`` is not given.
    """
    if root is None and str(path):
        levels = case_id.partition("::")[0].count("/")
        root = Path(path).resolve().parents[levels]
    words = ["harness", verb, case_id]
    if root is not None and root != usual_root():
        words[2:2] = ["--root", _short(root)]
    return shlex.join(words)


def _short(path: Path) -> str:
    here = Path.cwd().resolve()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
