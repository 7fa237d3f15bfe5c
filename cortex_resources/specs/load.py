"""A stack by its name to the model, or every violation of its files at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cortex_resources.errors import SpecError
from cortex_resources.model.guard import seconds_of
from cortex_resources.model.policy import Policy
from cortex_resources.model.stack import Stack
from cortex_resources.specs import (
    grants,
    merging,
    models,
    rates,
    readers,
    reading,
    sentences,
    snapshots,
    views,
)
from cortex_resources.specs.nodes import Node
from cortex_resources.specs.variables import Variables
from cortex_resources.specs.violations import Violation, Violations, suggestion

FOLDER = Path("stacks")
"""Where stack files are, seen from the root of a project."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}", re.ASCII)
_ENGINE = "Pulumi."
"""What the names of Pulumi's own files begin with."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A stack without violations, and what is worth knowing before it runs."""

    stack: Stack
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check of one stack found; without violations there is a stack.

    `doubts` are warnings that only the account can settle: a run asks it and refuses by itself, so
    they are for who reads the file alone.
    """

    stack: Stack | None
    violations: tuple[Violation, ...] = ()
    warnings: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


def load_stack(
    name: str, folder: Path = FOLDER, *, known_variables: Mapping[str, str] | None = None
) -> Stack:
    """The stack of that name.

    Arguments:
        name: the stack file without `.yaml`.
        folder: where stack files are.
        known_variables: variables that win over `vars:`.

    Raises:
        SpecError: all violations, in file order.
    """
    return load(name, folder, known_variables=known_variables).stack


def load(
    name: str, folder: Path = FOLDER, *, known_variables: Mapping[str, str] | None = None
) -> Loaded:
    """The stack of that name and the warnings about it; see `load_stack`."""
    checked = check(name, folder, known_variables=known_variables)
    if checked.stack is None:
        raise SpecError([str(violation) for violation in checked.violations])
    return Loaded(checked.stack, checked.warnings)


def check(
    name: str, folder: Path = FOLDER, *, known_variables: Mapping[str, str] | None = None
) -> Checked:
    """Everything that is wrong with a stack, for those who report it.

    Raises:
        SpecError: there is no such stack file.
    """
    path = file_of(name, folder)
    violations = Violations()
    roots = merging.files_of(path, violations)
    if not roots:
        return Checked(None, violations.in_order())
    for root in roots:
        sentences.check_empty_keys(root, violations)
    root = merging.whole(roots)
    variables = Variables(root.get("vars").entries, known_variables or {}, name, violations)
    filled = variables.fill(root)
    models.check_epochs(filled.get("models"), violations)
    sentences.check(filled, violations)
    stack = _stack(name, filled, violations)
    section = filled.get("models")
    warned = models.warnings(section)
    if violations:
        return Checked(None, violations.in_order(), warned)
    return Checked(stack, (), warned, readers.doubts(stack, section))


def file_of(name: str, folder: Path = FOLDER) -> Path:
    """The file of a stack.

    Raises:
        SpecError: the name is not one, or there is no such file.
    """
    path = folder / f"{name}.yaml"
    if not _NAME.fullmatch(name):
        raise SpecError([f"{name!r} is no name of a stack; write letters, digits, _, - and ."])
    if not path.is_file():
        way_out = suggestion(name, stacks_in(folder), f"stacks in {folder.as_posix()}")
        raise SpecError([f"{path.as_posix()}: there is no such stack file; {way_out}"])
    return path


def stacks_in(folder: Path = FOLDER) -> tuple[str, ...]:
    """The names of the stacks in a folder, sorted.

    A file that others extend is a part, not a stack, unless Pulumi has settings for it.
    """
    files = sorted(path for path in folder.glob("*.yaml") if not path.name.startswith(_ENGINE))
    parts: set[Path] = set()
    for path in files:
        root = reading.read(path, Violations())
        for base in merging.bases(root) if root else ():
            parts.add(merging.base_path(path, base.text or ""))
    return tuple(
        path.stem
        for path in files
        if path not in parts or (folder / f"{_ENGINE}{path.name}").is_file()
    )


def _stack(name: str, root: Node, violations: Violations) -> Stack:
    privileges, roles = grants.build(root.get("grants"), violations)
    declared = views.build(root.get("views"), violations)
    stated = rates.build(root.get("rates"), violations)
    frozen = snapshots.build(root.get("snapshots"), violations)
    sources = models.Sources(
        keys={part: frozenset(root.get(f"{part}s").entries) for part in ("view", "snapshot")},
        views=declared,
        snapshots=frozen,
        rates=stated,
    )
    return Stack(
        name=name,
        privileges=privileges,
        roles=roles,
        views=declared,
        snapshots=frozen,
        models=models.build(root.get("models"), sources, violations),
        policy=_policy(root.get("policy"), violations),
    )


def _policy(section: Node, violations: Violations) -> Policy:
    violations.parsed(section.get("min_retrain_interval"), seconds_of)
    known = Policy.__dataclass_fields__
    # A value of another type is the schema's violation: no policy is made of it.
    written: dict[str, Any] = {
        key: entry.node.value
        for key, entry in section.entries.items()
        if key in known and isinstance(entry.node.value, bool | int | str)
    }
    return Policy(**written)
