"""SHOW DATASETS and SHOW VERSIONS IN DATASET."""

from __future__ import annotations

import json
from typing import Final

from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Dataset, Kind
from cortex_resources.emulator.outcome import Outcome, StatementType, columns, listing
from cortex_resources.emulator.show import like
from cortex_resources.emulator.show.cells import Listing, Row, moment, owner_type, place
from cortex_resources.emulator.wildcards import Wildcards


def _dataset(call: Call, entity: Dataset) -> Row:
    return (
        moment(entity.created_on), entity.name, *place(call, entity),
        call.catalog.owner_name(entity), entity.comment,
        json.dumps([snapshot.name for snapshot in entity.snapshots]), owner_type(call, entity),
    )  # fmt: skip


DATASETS: Final = Listing(
    columns(
        "created_on:time", "name", "database_name", "schema_name", "owner", "comment",
        "versions", "owner_role_type",
    ),
    _dataset,
)  # fmt: skip


def versions(call: Call, pattern: Wildcards | None) -> Outcome:
    """What follows SHOW VERSIONS [LIKE …] IN DATASET."""
    dataset = call.resolve(Kind.DATASET, call.reader.path())
    chosen = like.read_rest(call.reader, pattern)
    assert isinstance(dataset, Dataset)  # noqa: S101 - resolved by kind
    path = call.catalog.path(dataset)
    rows = [
        (moment(one.created_on), one.name, one.comment, one.metadata, *path)
        for one in dataset.snapshots
        if chosen.keeps(one.name)
    ]
    declared = columns(
        "created_on:time", "version", "comment", "metadata", "database_name", "schema_name",
        "dataset_name",
    )  # fmt: skip
    return listing(declared, chosen.first(rows), StatementType.SHOW)
