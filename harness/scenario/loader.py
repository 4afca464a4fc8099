"""A scenario file → Scenario, or every mistake of the file at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from fakeeop.config.marked import line_of, load_marked, read_text
from fakeeop.errors import ConfigError
from harness.errors import ScenarioError
from harness.match.values import duration
from harness.model.scenario import Evidence, KnownGap, Scenario, ScenarioStep
from harness.scenario.shape import ProblemList
from harness.scenario.templates import NAMES, is_known, scan, variants_in
from harness.scenario.vocabulary import TOP

__all__ = [
    "SCHEMA",
    "build_scenario",
    "check_tree",
    "find_scenarios",
    "find_yaml",
    "is_scenario",
    "load_scenario",
    "not_scenarios",
    "read_scenario",
    "scenario_from_tree",
    "steps_from_tree",
]

SCHEMA = "fakeeop.scenario/1"
_TIMEOUT = 10.0
_SUFFIXES = (".yaml", ".yml")
_TOP_KEY = re.compile(r"""^["']?([A-Za-z][A-Za-z-]*)["']?[ \t]*:""", re.MULTILINE)
_OURS = frozenset(TOP.fields) - {"title", "level", "tags", "timeout"}  # keys that files of others hardly have
_NO_NAMES = (
    "schema",
    "title",
    "requirement",
    "level",
    "evidence",
    "tags",
    "requires",
    "timeout",
    "known-gap",
    "clients",
)


def load_scenario(path: Path, root: Path) -> Scenario:
    """Read one file; ``root`` is the folder that ids are relative to. Raises ScenarioError with every problem."""
    tree, text = read_scenario(path)
    return scenario_from_tree(tree, path, root, text)


def read_scenario(path: Path) -> tuple[Any, str]:
    """The marked tree of a file and its text. Raises ScenarioError if it cannot be read."""
    try:
        text = read_text(path.read_bytes(), str(path))
        return load_marked(text, str(path)), text
    except ConfigError as why:
        raise ScenarioError(why.problems) from why
    except OSError as why:
        report = ProblemList(str(path))
        report.add("unreadable", f"cannot be read: {why.strerror}", "", None)
        raise ScenarioError(report.sorted()) from why


def is_scenario(path: Path) -> bool:
    """True if the file names our ``schema``, or has two keys of a scenario at its top, in any order, misspelt or not:
    what is wrong with it is for the loader to say. Does not parse, so a file with an error in it counts as well.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig", "replace")
    except OSError:
        return path.is_file()  # the loader says why it cannot be read
    keys = set(_TOP_KEY.findall(text))
    return "fakeeop.scenario/" in text or len(keys & _OURS) > 1


def find_yaml(root: Path) -> tuple[Path, ...]:
    """Every YAML file under a folder, sorted; hidden folders are left out."""
    return tuple(
        path
        for path in sorted(root.rglob("*"))
        if path.suffix in _SUFFIXES and not any(part.startswith(".") for part in path.relative_to(root).parts)
    )


def find_scenarios(root: Path) -> tuple[Path, ...]:
    """Every scenario file under a folder, sorted."""
    return tuple(filter(is_scenario, find_yaml(root)))


def not_scenarios(root: Path) -> tuple[Path, ...]:
    """Every YAML file under a folder that is not a scenario: reports name them, so that none is skipped in silence."""
    return tuple(path for path in find_yaml(root) if not is_scenario(path))


def scenario_from_tree(tree: Any, path: Path, root: Path, text: str = "") -> Scenario:
    """Build a Scenario from marked data. Raises ScenarioError with every problem, in line order."""
    report = check_tree(tree, path)
    if report.problems:
        raise ScenarioError(report.sorted())
    return build_scenario(tree, path, root, text, report.requires)


def check_tree(tree: Any, path: Path) -> ProblemList:
    """Every problem of its keys, values, names and variants."""
    report = ProblemList(str(path), final=not (isinstance(tree, dict) and tree.get("variants")))
    TOP(report, tree, "", line_of(tree))
    if isinstance(tree, dict):
        _check_templates(report, tree)
        _check_known_gap(report, tree)
    return report


def build_scenario(tree: Any, path: Path, root: Path, text: str = "", requires: Iterable[str] = ()) -> Scenario:
    """The scenario of a tree that is right."""
    full, above = path.resolve(), root.resolve()
    relative = full.relative_to(above) if full.is_relative_to(above) else Path(path.name)
    gap = tree.get("known-gap")
    return Scenario(
        id=relative.with_suffix("").as_posix(),
        path=path,
        title=tree["title"],
        requirement=tree["requirement"].strip(),
        level=tree["level"],
        evidence=tuple(Evidence(**entry) for entry in tree["evidence"]),
        tags=tuple(tree.get("tags", ())),
        requires=tuple(dict.fromkeys((*tree.get("requires", ()), *requires))),
        timeout=duration(tree.get("timeout", _TIMEOUT)),
        known_gap=gap and KnownGap(gap["issue"], tuple(gap.get("clients", ())), tuple(gap.get("variants", ()))),
        world=tree["world"],
        clients=tuple(tree["clients"]),
        variants=tree.get("variants", {}),
        steps=steps_from_tree(tree["steps"]),
        expect=tree.get("expect") or {},
        lines=tuple(text.split("\n")),
        tree=tree,
    )


def steps_from_tree(tree: Any) -> tuple[ScenarioStep, ...]:
    """The steps of a checked tree; a step, or all of them, that a variant is to give is left out here."""
    if not isinstance(tree, list):
        return ()
    steps = []
    for index, entry in enumerate(tree):
        if not isinstance(entry, dict):
            continue
        verb = next(key for key in entry if key != "expect")
        steps.append(ScenarioStep(verb, _arguments(verb, entry[verb]), entry.get("expect"), line_of(tree, index) or 0))
    return tuple(steps)


def _arguments(verb: str, value: Any) -> Any:
    """The short forms written out: ``disconnect: c``, ``drain: mta``, ``advance: 20m``, ``disable-connector: NAME``."""
    if verb == "disconnect" and isinstance(value, str):
        return {"session": value}
    if verb in ("drain", "retry", "restart", "stop") and isinstance(value, str):
        return {"via": value}
    if verb == "advance" and not isinstance(value, Mapping):
        return {"by": value}
    if verb == "admin" and isinstance(value, Mapping) and isinstance(value.get("disable-connector"), str):
        return {"disable-connector": {"connector": value["disable-connector"]}}
    return value


def _check_templates(report: ProblemList, tree: dict[str, Any]) -> None:
    variants = tree.get("variants")
    variants = variants if isinstance(variants, dict) else {}
    values = {name: value for name, value in variants.items() if isinstance(value, dict)}
    used: set[str] = set()
    for name, line in scan(tree):
        if not is_known(name):
            report.unknown("name", "{{" + name + "}}", NAMES, "", line)
            continue
        for value in variants_in(name):
            used.add(value)
            for variant, content in values.items():
                if value not in content:
                    fix = f"add {value} to it (null, if there is none)"
                    report.add("variant", f"{{{{{name}}}}}: the variant {variant!r} has no {value!r}", "", line, fix)
            if not variants:
                report.add("variant", f"{{{{{name}}}}}: the file has no variants", "", line)
    for variant, content in values.items():
        for value in content:
            if value not in used:
                where = f"variants.{variant}"
                report.add("variant", f"{{{{variant.{value}}}}} is not used anywhere", where, line_of(content, value))
    for key in _NO_NAMES:
        for name, line in scan(tree.get(key), line_of(tree, key)):
            report.add("template", f"{{{{{name}}}}} cannot be used here: no substitution in {key}", key, line)
    for name, line in scan(variants):
        if variants_in(name):
            report.add("template", f"{{{{{name}}}}}: a variant cannot use a value of a variant", "variants", line)


def _check_known_gap(report: ProblemList, tree: dict[str, Any]) -> None:
    gap = tree.get("known-gap")
    if not isinstance(gap, dict):
        return
    for key in ("clients", "variants"):
        names, given = tree.get(key), gap.get(key)
        if not isinstance(names, (list, dict)) or not isinstance(given, list):
            continue
        allowed = tuple(map(str, names))
        for name in given:
            if str(name) not in allowed:
                report.unknown(key[:-1], name, allowed, f"known-gap.{key}", line_of(gap, key))
