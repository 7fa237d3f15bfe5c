"""Entities as the lines of the journal hold them, and back."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, Final

from cortex_resources.emulator.access_tokens import AccessToken
from cortex_resources.emulator.entities import (
    CLASSES,
    Argument,
    ColumnSpec,
    Entity,
    Kind,
    ModelVersion,
    Snapshot,
)

_PARTS: Final = (
    ("columns", ColumnSpec),
    ("versions", ModelVersion),
    ("snapshots", Snapshot),
    ("tokens", AccessToken),
    ("arguments", Argument),
)


def to_json(entity: Entity) -> dict[str, Any]:
    """An entity as the journal keeps it."""
    record: dict[str, Any] = {"kind": entity.kind.value}
    for field in fields(entity):
        record[field.name] = _plain(getattr(entity, field.name))
    return record


def _plain(value: Any) -> Any:
    if isinstance(value, (ColumnSpec, ModelVersion, Snapshot, AccessToken, Argument)):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def from_json(record: dict[str, Any]) -> Entity:
    """The entity that `to_json` wrote."""
    values = {name: _frozen(value) for name, value in record.items()}
    kind = Kind(values.pop("kind"))
    for name, part in _PARTS:
        if name in values:
            values[name] = tuple(part(**parts) for parts in values[name])
    return CLASSES[kind](**values)


def _frozen(value: Any) -> Any:
    """Lists as tuples, all the way down."""
    if isinstance(value, dict):
        return {name: _frozen(item) for name, item in value.items()}
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
