"""One request as it was read, and its fields in the types that the protocol gives them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from cortex_resources.emulator.statements.session import PARAMETERS

_LONGEST_ID: Final = 128
_SCALAR: Final = (str, int, float, bool)


class PayloadError(Exception):
    """A field has a type that it cannot have."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One request: path in parts, query string, body, token."""

    method: str
    parts: tuple[str, ...]
    query: dict[str, str]
    body: dict[str, Any]
    token: str

    @property
    def request_id(self) -> str:
        """The id under which a client repeats this request."""
        found = self.query.get("requestId", "")
        if len(found) > _LONGEST_ID:
            raise PayloadError("requestId")
        return found


def parts_of(path: str) -> tuple[str, ...]:
    """The parts of a path; repeated slashes count once."""
    return tuple(unquote(part) for part in path.split("/") if part)


def text(body: Mapping[str, Any], name: str) -> str:
    """A text field; empty when it is not there."""
    found = body.get(name)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise PayloadError(name)
    return found


def flag(body: Mapping[str, Any], name: str) -> bool:
    """A boolean field; false when it is not there."""
    found = body.get(name)
    if found is None or isinstance(found, bool):
        return bool(found)
    if isinstance(found, str) and found.lower() in ("true", "false"):
        return found.lower() == "true"
    raise PayloadError(name)


def mapping(body: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A JSON object; empty when it is not there."""
    found = body.get(name)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise PayloadError(name)
    return found


def scalars(body: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Session parameters, their names in upper case; nulls are left out.

    What is no parameter may have any shape: Snowpark sends lists of what it measured.
    """
    found = {key.upper(): value for key, value in mapping(body, name).items()}
    for key, value in found.items():
        if key in PARAMETERS and value is not None and not isinstance(value, _SCALAR):
            raise PayloadError(f"{name}.{key}")
    return {key: value for key, value in found.items() if isinstance(value, _SCALAR)}


def bindings(body: Mapping[str, Any]) -> dict[str, tuple[str, Any]]:
    """Values for placeholders: text, null, or a list of these for array binding."""
    found = mapping(body, "bindings")
    return {key: _binding(key, entry) for key, entry in found.items()}


def _binding(key: str, entry: Any) -> tuple[str, Any]:
    if not isinstance(entry, dict):
        raise PayloadError(f"bindings.{key}")
    kind, value = entry.get("type", "TEXT"), entry.get("value")
    if not isinstance(kind, str):
        raise PayloadError(f"bindings.{key}.type")
    if isinstance(value, list):
        return kind.upper(), [_cell(key, one) for one in value]
    return kind.upper(), _cell(key, value)


def _cell(key: str, value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    raise PayloadError(f"bindings.{key}.value")
