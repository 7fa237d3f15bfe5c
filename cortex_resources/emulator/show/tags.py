"""SHOW TAGS."""

from __future__ import annotations

import json
from typing import Final

from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Tag
from cortex_resources.emulator.outcome import columns
from cortex_resources.emulator.show.cells import Listing, Row, moment, owner_type, place


def _tag(call: Call, entity: Tag) -> Row:
    values = None if entity.allowed_values is None else json.dumps(list(entity.allowed_values))
    return (
        moment(entity.created_on), entity.name, *place(call, entity),
        call.catalog.owner_name(entity), entity.comment, values, owner_type(call, entity), None,
        None,
    )  # fmt: skip


TAGS: Final = Listing(
    columns(
        "created_on:time", "name", "database_name", "schema_name", "owner", "comment",
        "allowed_values", "owner_role_type", "propagate", "on_conflict",
    ),
    _tag,
)  # fmt: skip
