"""The arguments of FINETUNE('CREATE', …), checked as far as they are checked at once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cortex_resources.emulator.errors import SnowflakeError
from cortex_resources.emulator.finetune import base_models, messages
from cortex_resources.emulator.finetune.base_models import BaseModel
from cortex_resources.emulator.reader import parse_path

DEFAULT_EPOCHS: Final = 3


@dataclass(frozen=True, slots=True)
class Request:
    """A well-formed CREATE."""

    name: str
    parts: tuple[str, ...]
    base_model: BaseModel
    training: str
    validation: str
    options: dict[str, Any] | None
    epochs: int


def read(args: Sequence[Any]) -> Request:
    """Name, base model, training query [, validation query [, options]]."""
    if not 3 <= len(args) <= 5:
        raise SnowflakeError(
            938,
            "22023",
            "SQL compilation error:\nnot enough or too many arguments for function"
            f" [SNOWFLAKE.CORTEX.FINETUNE], expected 4 to 6, got {len(args) + 1}",
        )
    name, base, training = (_required(args[i], what) for i, what in enumerate(_NAMES))
    validation = args[3] if len(args) > 3 else None
    if validation is not None and not isinstance(validation, str):
        raise messages.refused("400 'the validation query must be text or NULL'")
    model = base_models.find(base)
    if model is None:
        raise messages.unknown_base_model(base)
    options, epochs = _options(args[4] if len(args) > 4 else None)
    return Request(name, _path(name), model, training, validation or "", options, epochs)


_NAMES: Final = ("model name", "base model", "training query")


def _required(value: Any, what: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise messages.refused(f"400 'the {what} must be text'")
    return value


def _path(name: str) -> tuple[str, ...]:
    try:
        return parse_path(name)
    except SnowflakeError:
        raise messages.refused(f"400 'invalid model name \"{name}\"'") from None


def _options(value: Any) -> tuple[dict[str, Any] | None, int]:
    """The options as an object and the epochs they ask for."""
    if value is None:
        return None, DEFAULT_EPOCHS
    found = _parsed(value)
    unknown = sorted(set(found) - {"max_epochs"})
    if unknown:
        raise messages.bad_options(f"unknown key {unknown[0]}")
    if "max_epochs" not in found:
        return found, DEFAULT_EPOCHS
    epochs = found["max_epochs"]
    if isinstance(epochs, bool) or not isinstance(epochs, int) or not 1 <= epochs <= 10:
        raise messages.bad_options("max_epochs must be a whole number from 1 to 10")
    return found, epochs


def _parsed(value: Any) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return dict(value)
    try:
        found = json.loads(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise messages.bad_options("not a JSON object")
    return found
