"""How an object is called: its signature as text and as a sentence, equal in every run."""

from __future__ import annotations

import enum
import inspect
from inspect import Parameter
from typing import Any


class _Shown:
    """A default value that prints as readers know it: never an address, never set order."""

    def __init__(self, value: Any) -> None:
        self.text = _default(value)

    def __repr__(self) -> str:
        return self.text


def _default(value: Any) -> str:
    if isinstance(value, enum.Enum):
        return f"{type(value).__name__}.{value.name}" if value.name else "..."
    if value is None or type(value) in (bool, int, float, str, bytes):
        return repr(value)
    if type(value) is tuple:
        inner = ", ".join(_default(item) for item in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    return getattr(value, "__name__", "...")


def signature_of(raw: Any, *, bound: bool) -> inspect.Signature | None:
    """The plain signature, without annotations; None where the interpreter knows none.

    Arguments:
        raw: the object.
        bound: leave the first parameter out, as the caller of a method does.
    """
    try:
        found = inspect.signature(raw)
    except (AttributeError, TypeError, ValueError):
        return None
    parameters = [_plain(p) for p in found.parameters.values() if not p.name.startswith("_")]
    if bound and parameters and parameters[0].kind in _BY_POSITION:
        parameters = parameters[1:]
    try:
        return inspect.Signature(parameters)
    except ValueError:
        return None


_BY_POSITION = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)


def _plain(parameter: Parameter) -> Parameter:
    default = parameter.default
    if default is not Parameter.empty:
        default = _Shown(default)
    return parameter.replace(annotation=Parameter.empty, default=default)


def sentence(name: str, signature: inspect.Signature) -> str:
    """What must, what may be given, in words."""
    parameters = list(signature.parameters.values())
    if not parameters:
        return f"{name} takes no arguments."
    plain = [p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    needed = [p.name for p in plain if p.default is p.empty]
    clauses = [f"{name} needs {_listed(needed)}" if needed else f"{name} needs no arguments"]
    optional = [f"{p.name} (default {p.default!r})" for p in plain if p.default is not p.empty]
    if optional:
        clauses.append(f"optional {'is' if len(optional) == 1 else 'are'} {_listed(optional)}")
    clauses.extend(f"{_REST[p.kind]} go to {p.name}" for p in parameters if p.kind in _REST)
    return "; ".join(clauses) + "."


_REST = {
    Parameter.VAR_POSITIONAL: "further positional arguments",
    Parameter.VAR_KEYWORD: "further keyword arguments",
}


def _listed(items: list[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
