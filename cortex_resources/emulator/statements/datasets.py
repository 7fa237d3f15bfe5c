"""CREATE DATASET, and the versions that ALTER DATASET adds and drops (*Snowflake Datasets*).

A version is what its query gave when it was added; nothing changes it afterwards.
"""

from __future__ import annotations

import json
from dataclasses import replace

from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Dataset, Entity, Kind, Snapshot
from cortex_resources.emulator.errors import (
    SnowflakeError,
    already_exists,
    invalid_value,
    unsupported,
)
from cortex_resources.emulator.outcome import Outcome
from cortex_resources.emulator.queries import entry
from cortex_resources.emulator.statements import creation
from cortex_resources.emulator.statements.creation import Form
from cortex_resources.emulator.statements.tables import bracketed


def create(call: Call, form: Form) -> Outcome:
    """CREATE [OR REPLACE] DATASET [IF NOT EXISTS] name: one without versions."""
    path = call.path(Kind.DATASET, call.reader.path())
    call.reader.end()
    return creation.claim(call, Kind.DATASET, path, form).finish({})


def alter(call: Call, dataset: Entity) -> bool:
    """ADD VERSION and DROP VERSION; whether the statement was one of them."""
    assert isinstance(dataset, Dataset)  # noqa: S101 - resolved by kind
    reader = call.reader
    if reader.accept("ADD", "VERSION"):
        _add(call, dataset)
    elif reader.accept("DROP", "VERSION"):
        gone = version(dataset, str(reader.scalar()))
        reader.end()
        call.connection.execute(f"DROP TABLE {gone.relation}")
        kept = tuple(one for one in dataset.snapshots if one is not gone)
        call.catalog.update(replace(dataset, snapshots=kept))
    else:
        return False
    return True


def _add(call: Call, dataset: Dataset) -> None:
    reader = call.reader
    name = str(reader.scalar())
    reader.expect("FROM")
    query = bracketed(reader)[1:-1] if reader.at("(") else reader.rest()
    comment, metadata = _properties(call)
    if any(one.name == name for one in dataset.snapshots):
        raise already_exists(f"{dataset.name} version {name}")
    relation = f"d{call.catalog.new_id(Kind.DATASET)}"
    context = call.account.context(call)
    columns = entry.create_table_as(query, context, call.connection, relation)
    added = Snapshot(
        name=name,
        created_on=call.now,
        relation=relation,
        columns=tuple(column.name for column in columns),
        comment=comment,
        metadata=metadata,
    )
    call.catalog.update(replace(dataset, snapshots=(*dataset.snapshots, added)))


def _properties(call: Call) -> tuple[str, str]:
    """COMMENT and METADATA; rows are not partitioned here."""
    reader = call.reader
    found = {"COMMENT": "", "METADATA": ""}
    if reader.at("PARTITION"):
        raise unsupported("PARTITION BY of a DATASET version")
    while word := reader.accept_any(*found):
        reader.expect("=")
        found[word] = reader.string()
    reader.end()
    if found["METADATA"] and not _is_json(found["METADATA"]):
        raise invalid_value("for METADATA: not a JSON string")
    return found["COMMENT"], found["METADATA"]


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def version(dataset: Dataset, name: str) -> Snapshot:
    """The version of exactly this name; error 2003."""
    for one in dataset.snapshots:
        if one.name == name:
            return one
    raise SnowflakeError(
        2003,
        "42S02",
        f"SQL compilation error:\nVersion '{name}' of dataset '{dataset.name}' does not exist"
        " or not authorized.",
    )
