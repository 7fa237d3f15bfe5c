"""The arguments of FINETUNE('CREATE', …), checked as far as they are checked at once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cortex_resources.emulator.errors import SnowflakeError
from cortex_resources.emulator.finetune import base_models, messages
from cortex_resources.emulator.finetune.base_models import BaseModel
from cortex_resources.emulator.queries.faults import wrong_arguments
from cortex_resources.emulator.reader import parse_path

DEFAULT_EPOCHS: Final = 3  # the row-limit table of *Fine-tuning (Snowflake Cortex)* calls it so
EPOCHS: Final = range(1, 11)
DOCUMENT_EPOCHS: Final = range(2, 11)  # *Fine-tuning arctic-extract models*
_FUNCTION: Final = "SNOWFLAKE.CORTEX.FINETUNE"


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


def counted(args: Sequence[Any], least: int, most: int) -> None:
    """Fail unless so many arguments follow the verb."""
    if not least <= len(args) <= most:
        raise wrong_arguments(_FUNCTION, len(args) + 1, least + 1, most + 1)


def read(args: Sequence[Any]) -> Request:
    """Name, base model, training query [, validation query [, options]]."""
    counted(args, 3, 5)
    name, base, training = (_required(args[i], what) for i, what in enumerate(_NAMES))
    validation = args[3] if len(args) > 3 else None
    if validation is not None and not isinstance(validation, str):
        raise messages.refused("400 'the validation query must be text or NULL'")
    model = base_models.find(base)
    if model is None or not model.tunable:
        raise messages.unknown_base_model(base)
    allowed = DOCUMENT_EPOCHS if model.documents else EPOCHS
    options, epochs = _options(args[4] if len(args) > 4 else None, allowed)
    if model.documents:
        name = name.removeprefix("@")  # one page shows it, another does not
    return Request(name, _path(name), model, training, validation or "", options, epochs)


_NAMES: Final = ("model name", "base model", "training query")


def _required(value: Any, what: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise messages.refused(f"400 'the {what} must be text'")
    return value


def _path(name: str) -> tuple[str, ...]:
    try:
        parts = parse_path(name)
    except SnowflakeError:
        raise messages.bad_name(name) from None
    if len(parts) > 3 or not all(parts):
        raise messages.bad_name(name)
    return parts


def _options(value: Any, allowed: range) -> tuple[dict[str, Any] | None, int]:
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
    if isinstance(epochs, bool) or not isinstance(epochs, int) or epochs not in allowed:
        raise messages.bad_options(
            f"max_epochs must be a whole number from {allowed[0]} to {allowed[-1]}"
        )
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
