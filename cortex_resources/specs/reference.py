"""The reference of a stack file's keys, made from the schema and from the costs of the model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cortex_resources.model.aliases import ModelAlias
from cortex_resources.model.cost import Cost, costs
from cortex_resources.model.gates import ModelGate
from cortex_resources.model.grants import PrivilegeGrants
from cortex_resources.model.jobs import TrainingJob
from cortex_resources.model.snapshots import DatasetSnapshot
from cortex_resources.model.views import TrainingView
from cortex_resources.specs import schema

BEGIN = "<!-- keys: made from the schema -->"
END = "<!-- end of keys -->"

FIELDS: dict[str, tuple[type[Any], str]] = {
    "grants[].on": (PrivilegeGrants, "on"),
    "grants[].to": (PrivilegeGrants, "privileges"),
    "grants[].exclusive": (PrivilegeGrants, "exclusive"),
    "views.*.name": (TrainingView, "name"),
    "views.*.query": (TrainingView, "query"),
    "views.*.comment": (TrainingView, "comment"),
    "views.*.secure": (TrainingView, "secure"),
    "snapshots.*.name": (DatasetSnapshot, "name"),
    "snapshots.*.query": (DatasetSnapshot, "query"),
    "snapshots.*.as_of": (DatasetSnapshot, "as_of"),
    "snapshots.*.comment": (DatasetSnapshot, "comment"),
    "models.*.name": (TrainingJob, "model"),
    "models.*.base_model": (TrainingJob, "base_model"),
    "models.*.training": (TrainingJob, "training_query"),
    "models.*.training.dataset": (TrainingJob, "training_dataset"),
    "models.*.validation": (TrainingJob, "validation_query"),
    "models.*.validation.dataset": (TrainingJob, "validation_dataset"),
    "models.*.max_epochs": (TrainingJob, "max_epochs"),
    "models.*.budget.max_trained_tokens": (TrainingJob, "max_trained_tokens"),
    "models.*.budget.max_credits": (TrainingJob, "max_credits"),
    "models.*.budget.max_rows": (TrainingJob, "max_rows"),
    "models.*.run_as.role": (TrainingJob, "role"),
    "models.*.run_as.warehouse": (TrainingJob, "warehouse"),
    "models.*.gate.query": (ModelGate, "query"),
    "models.*.retrain_token": (TrainingJob, "retrain_token"),
    "models.*.alias.name": (ModelAlias, "name"),
    "models.*.alias.comment": (ModelAlias, "comment"),
    "models.*.alias.pin": (ModelAlias, "pin"),
    "rates.*.credits_per_million_tokens": (TrainingJob, "rate"),
}
"""The field of the model that carries the cost of each key."""

_COSTS = {
    Cost.RETRAINS: "**a new paid job**",
    Cost.REPLACES: "a new object in place of the old one",
    Cost.UPDATES: "a statement or two",
}
_NAMES = {"array": "list", "object": "map", "string": "text", "integer": "whole number"}


def cost_of(path: str) -> str:
    """What a change of one key costs, in words; nothing for a key that only groups others."""
    if path not in FIELDS:
        return ""
    kind, field = FIELDS[path]
    return _COSTS[costs(kind)[field]]


def table() -> str:
    """Every key as a row of a Markdown table."""
    head = ["| key | type | default | meaning | a change costs |", "|---|---|---|---|---|"]
    return "\n".join([*head, *(_row(path, part, needed) for path, part, needed in every_key())])


def every_key() -> Iterator[tuple[str, schema.Schema, bool]]:
    """Every key of a stack file with its schema and whether it must be there."""
    whole = schema.for_stacks()
    yield from _below("", whole, whole["$defs"])


def refreshed(document: str) -> str:
    """The same document with the table as it is now."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def refresh(path: Path) -> None:
    """Write the table into a document."""
    path.write_text(refreshed(path.read_text(encoding="utf-8")), encoding="utf-8")


def _below(
    path: str, part: schema.Schema, known: schema.Schema
) -> Iterator[tuple[str, schema.Schema, bool]]:
    for key, value in part.get("properties", {}).items():
        inner = {**_resolved(value, known), **value}
        full = f"{path}.{key}".removeprefix(".")
        yield full, inner, key in part.get("required", ())
        yield from _below(full, inner, known)
    for mark, name in ((".*", "additionalProperties"), ("[]", "items")):
        if isinstance(each := part.get(name), dict):
            yield from _below(f"{path}{mark}", _resolved(each, known), known)


def _resolved(part: schema.Schema, known: schema.Schema) -> schema.Schema:
    reference = part.get("$ref")
    found: schema.Schema = known[reference.rpartition("/")[2]] if reference else part
    return found


def _row(path: str, part: schema.Schema, needed: bool) -> str:
    kinds = part.get("type", ["object", "array"])
    names = [_NAMES.get(kind, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)]
    default = f"`{json.dumps(part['default'])}`" if "default" in part else ""
    default = "required" if needed else default
    meaning = part["description"].replace("|", "\\|")
    return f"| `{path}` | {' or '.join(names)} | {default} | {meaning} | {cost_of(path)} |"
