"""SHOW of what lies inside an object or around the session: columns, versions, parameters."""

from __future__ import annotations

import json
from re import Pattern
from typing import Any

from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Dataset, Kind, Model, Table, View
from cortex_resources.emulator.errors import unsupported
from cortex_resources.emulator.finetune import base_models as offered
from cortex_resources.emulator.outcome import Outcome, StatementType, columns, listing
from cortex_resources.emulator.show import like
from cortex_resources.emulator.show.listings import moment
from cortex_resources.emulator.statements import session

Row = tuple[Any, ...]


def columns_of(call: Call) -> Outcome:
    """SHOW COLUMNS [LIKE …] [IN TABLE | VIEW name]."""
    reader = call.reader
    pattern = like.read_like(reader)
    reader.expect("IN")
    kind = reader.accept_any("TABLE", "VIEW")
    parts = reader.path()
    path = call.path(Kind.TABLE, parts)
    entity = call.catalog.find_in_namespace(Kind.TABLE, path)
    if entity is None or not call.authority.sees(entity):
        raise call.authority.missing(Kind(kind or "TABLE"), path)
    chosen = like.read_rest(reader, pattern)
    assert isinstance(entity, (Table, View))  # noqa: S101 - tables and views share a namespace
    rows = [
        (
            path[2], path[1], column.name, json.dumps({"type": column.type}),
            "true" if column.nullable else "NOT_NULL", column.default or "", "COLUMN", "",
            column.comment or "", path[0], "",
        )
        for column in entity.columns
        if chosen.keeps(column.name)
    ]  # fmt: skip
    declared = columns(
        "table_name", "schema_name", "column_name", "data_type", "null?", "default", "kind",
        "expression", "comment", "database_name", "autoincrement",
    )  # fmt: skip
    return listing(declared, rows, StatementType.SHOW)


def parameters(call: Call) -> Outcome:
    """SHOW PARAMETERS [LIKE …] [IN SESSION | ACCOUNT | …]."""
    reader = call.reader
    pattern = like.read_like(reader)
    where = "SESSION"
    if reader.accept("IN") or reader.accept("FOR"):
        where = reader.word()
        if where not in ("SESSION", "ACCOUNT"):
            raise unsupported(f"SHOW PARAMETERS IN {where}")
    chosen = like.read_rest(reader, pattern)
    rows: list[Row] = []
    for key, default in session.PARAMETERS.items():
        if chosen.keeps(key):
            set_here = where == "SESSION" and key in call.session.parameters
            value = call.session.parameters[key] if set_here else default
            level = "SESSION" if set_here else ""
            rows.append((key, _plain(value), _plain(default), level, "", _type(default)))
    declared = columns("key", "value", "default", "level", "description", "type")
    return listing(declared, rows, StatementType.SHOW)


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _type(value: object) -> str:
    return {"bool": "BOOLEAN", "int": "NUMBER"}.get(type(value).__name__, "STRING")


def variables(call: Call) -> Outcome:
    """SHOW VARIABLES [LIKE …]."""
    reader = call.reader
    chosen = like.read_rest(reader, like.read_like(reader))
    at = moment(call.session.created_on)
    rows = [
        (call.session.id, at, at, name, str(value), "text", "")
        for name, value in sorted(call.session.variables.items())
        if chosen.keeps(name)
    ]
    declared = columns(
        "session_id:number", "created_on:time", "updated_on:time", "name", "value", "type",
        "comment",
    )  # fmt: skip
    return listing(declared, rows, StatementType.SHOW)


def versions(call: Call) -> Outcome:
    """SHOW VERSIONS [LIKE …] IN { MODEL | DATASET } name."""
    reader = call.reader
    pattern = like.read_like(reader)
    if reader.accept("IN", "DATASET"):
        return _snapshots(call, pattern)
    reader.expect("IN", "MODEL")
    model = call.resolve(Kind.MODEL, reader.path())
    chosen = like.read_rest(reader, pattern)
    assert isinstance(model, Model)  # noqa: S101 - resolved by kind
    path = call.catalog.path(model)
    rows = [
        (
            moment(version.created_on), version.name, json.dumps(list(version.aliases)),
            version.comment, path[0], path[1], model.name,
            "true" if version.name == model.default_version else "false", "[]", "{}", "{}",
            model.model_type,
        )
        for version in model.versions
        if chosen.keeps(version.name)
    ]  # fmt: skip
    declared = columns(
        "created_on:time", "name", "aliases", "comment", "database_name", "schema_name",
        "model_name", "is_default_version", "functions", "metadata", "user_data", "model_type",
    )  # fmt: skip
    return listing(declared, rows, StatementType.SHOW)


def _snapshots(call: Call, pattern: Pattern[str] | None) -> Outcome:
    dataset = call.resolve(Kind.DATASET, call.reader.path())
    chosen = like.read_rest(call.reader, pattern)
    assert isinstance(dataset, Dataset)  # noqa: S101 - resolved by kind
    path = call.catalog.path(dataset)
    kept = [snapshot for snapshot in dataset.snapshots if chosen.keeps(snapshot.name)]
    rows = [
        (moment(one.created_on), one.name, one.comment, one.metadata, *path)
        for one in kept[: len(kept) if chosen.limit is None else chosen.limit]
    ]
    declared = columns(
        "created_on:time", "version", "comment", "metadata", "database_name", "schema_name",
        "dataset_name",
    )  # fmt: skip
    return listing(declared, rows, StatementType.SHOW)


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
    limit = len(rows) if chosen.limit is None else chosen.limit
    return listing(declared, rows[:limit], StatementType.SHOW)


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


def accounts(call: Call) -> Outcome:
    """SHOW CURRENT ACCOUNTS is not offered."""
    raise unsupported(f"SHOW CURRENT ACCOUNTS of {call.account.locator}")
