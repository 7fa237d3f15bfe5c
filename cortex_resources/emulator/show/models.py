"""SHOW MODELS, SHOW VERSIONS IN MODEL and SHOW CORTEX BASE MODELS."""

from __future__ import annotations

import json
from typing import Final

from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Kind, Model, ModelVersion
from cortex_resources.emulator.finetune import base_models as offered
from cortex_resources.emulator.outcome import Outcome, StatementType, columns, listing
from cortex_resources.emulator.show import datasets, like
from cortex_resources.emulator.show.cells import Listing, Row, moment, place, true_false


def _model(call: Call, entity: Model) -> Row:
    own = {alias: v.name for v in entity.versions for alias in v.aliases}
    system = {"DEFAULT": entity.default_version}
    if entity.versions:
        system |= {"FIRST": entity.versions[0].name, "LAST": entity.versions[-1].name}
    return (
        moment(entity.created_on), entity.name, entity.model_type, *place(call, entity),
        entity.comment, call.catalog.owner_name(entity), entity.default_version,
        json.dumps([version.name for version in entity.versions]), json.dumps(system | own),
    )  # fmt: skip


MODELS: Final = Listing(
    columns(
        "created_on:time", "name", "model_type", "database_name", "schema_name", "comment",
        "owner", "default_version_name", "versions", "aliases",
    ),
    _model,
)  # fmt: skip
_VERSIONS: Final = columns(
    "created_on:time", "name", "aliases", "comment", "database_name", "schema_name", "model_name",
    "is_default_version", "functions", "metadata", "user_data", "model_attributes", "size:number",
    "environment", "runnable_in", "inference_services", "model_type",
)  # fmt: skip


def aliases(model: Model, version: ModelVersion) -> list[str]:
    """A version's own aliases and those that the system gives it."""
    system = {
        "DEFAULT": version.name == model.default_version,
        "FIRST": version is model.versions[0],
        "LAST": version is model.versions[-1],
    }
    return [*(word for word, holds in system.items() if holds), *version.aliases]


def versions(call: Call) -> Outcome:
    """SHOW VERSIONS [LIKE …] IN { MODEL | DATASET } name."""
    reader = call.reader
    pattern = like.read_like(reader)
    if reader.accept("IN", "DATASET"):
        return datasets.versions(call, pattern)
    reader.expect("IN", "MODEL")
    model = call.resolve(Kind.MODEL, reader.path())
    chosen = like.read_rest(reader, pattern)
    assert isinstance(model, Model)  # noqa: S101 - resolved by kind
    path = call.catalog.path(model)
    rows = [
        (
            moment(version.created_on), version.name, json.dumps(aliases(model, version)),
            version.comment, path[0], path[1], model.name,
            true_false(version.name == model.default_version), "[]", "{}", "{}", "{}", None,
            "{}", "[]", "[]", model.model_type,
        )
        for version in model.versions
        if chosen.keeps(version.name)
    ]  # fmt: skip
    return listing(_VERSIONS, chosen.first(rows), StatementType.SHOW)


def base_models(call: Call) -> Outcome:
    """SHOW CORTEX BASE MODELS [LIKE …] [IN [SCHEMA] SNOWFLAKE.MODELS] [STARTS WITH …] [LIMIT …].

    Without IN only what the session's database and schema hold, as that page warns.
    """
    reader = call.reader
    pattern = like.read_like(reader)
    inside = (call.session.database, call.session.schema) in _HOLDS_BASE_MODELS
    if reader.accept("IN"):
        inside = True
        if not reader.accept("ACCOUNT"):
            reader.accept("SCHEMA")
            reader.expect("SNOWFLAKE", ".", "MODELS")
    chosen = like.read_rest(reader, pattern)
    rows = [
        _base_model(call, model)
        for model in offered.ALL
        if inside and chosen.keeps(model.name.upper())
    ]
    declared = columns(
        "created_on:time", "name", "model_type", "database_name", "schema_name", "owner",
        "lifecycle_status", "in_region_availability", "legacy_date", "eol_date",
        "cross_region_availability",
    )  # fmt: skip
    return listing(declared, chosen.first(rows), StatementType.SHOW)


_HOLDS_BASE_MODELS = ((None, None), ("SNOWFLAKE", None), ("SNOWFLAKE", "MODELS"))


def _base_model(call: Call, model: offered.BaseModel) -> tuple[object, ...]:
    settings = call.account.settings
    status = model.lifecycle(settings.lifecycle, call.now)
    served = offered.TUNING_REGIONS if model.tunable else (settings.region,)
    return (
        moment(0), model.name.upper(), "CORTEX_BASE", "SNOWFLAKE", "MODELS", "SNOWFLAKE", status,
        json.dumps([] if status == "EOL" else list(served)), model.legacy_date, model.eol_date,
        None,
    )  # fmt: skip
