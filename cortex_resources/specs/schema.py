"""The JSON Schema of stack files: where it is, and its strict form for a whole stack.

A file alone may leave things to the files it extends, use null to remove what it inherits and a
variable where a number is due. A whole stack may not: its schema is derived from the file's.
"""

from __future__ import annotations

import functools
import importlib.resources
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from jsonschema import Draft202012Validator, validators

Schema: TypeAlias = dict[str, Any]

_FILE = "stack.schema.json"
_WHOLE = "x-"
"""What the names of rules for the whole stack begin with."""
_VARIABLE = r"^\$\{[A-Za-z_][A-Za-z0-9_]*\}$"
"""The pattern that lets a file hold a variable in place of a number or a boolean."""


@dataclass(frozen=True, slots=True)
class Broken:
    """One rule of the schema that a value breaks.

    Arguments:
        rule: the keyword.
        wanted: what the keyword asks for.
        value: what is there.
        path: keys and indices from the root to the value.
        part: the part of the schema that holds the rule.
    """

    rule: str
    wanted: Any
    value: Any
    path: tuple[str | int, ...]
    part: Schema


@functools.cache
def text() -> str:
    """The published schema: in the installed package, or at the root of a checkout."""
    installed = importlib.resources.files(__package__) / "schemas" / _FILE
    checkout = Path(__file__).parents[2] / "schemas" / _FILE
    return (installed if installed.is_file() else checkout).read_text(encoding="utf-8")


def for_files() -> Schema:
    """What one file must obey; editors use it."""
    schema: Schema = json.loads(text())
    return schema


def for_stacks() -> Schema:
    """What a whole stack must obey, variables filled in and nothing left to inherit."""
    schema: Schema = _strict(for_files())
    return schema


def broken_rules(content: object, *, of_file: bool = False) -> Iterator[Broken]:
    """Every rule that a whole stack breaks, or one file alone."""
    for error in _validator(of_file=of_file).iter_errors(content):
        yield Broken(
            error.validator,
            error.validator_value,
            error.instance,
            tuple(error.absolute_path),
            error.schema,
        )


@functools.cache
def _validator(*, of_file: bool) -> Any:
    checker = Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    )
    kind: Any = validators.extend(Draft202012Validator, type_checker=checker)  # type: ignore[no-untyped-call]
    return kind(for_files() if of_file else for_stacks())


def _strict(part: Any) -> Any:
    if isinstance(part, list):
        return [_strict(item) for item in part]
    if not isinstance(part, dict):
        return part
    strict = {name.removeprefix(_WHOLE): _strict(value) for name, value in part.items()}
    kinds = strict.get("type")
    if isinstance(kinds, list):
        allowed = set(kinds) - {"null"}
        if strict.get("pattern") == _VARIABLE:
            del strict["pattern"]
            allowed.remove("string")
        strict["type"] = sorted(allowed)
    if isinstance(choices := strict.get("enum"), list):
        strict["enum"] = [choice for choice in choices if choice is not None]
    return strict
