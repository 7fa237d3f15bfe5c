"""CREATE WAREHOUSE, and what ALTER WAREHOUSE can do beyond the common forms."""

from __future__ import annotations

from dataclasses import replace

from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Entity, Kind, Warehouse
from cortex_resources.emulator.errors import SnowflakeError
from cortex_resources.emulator.outcome import Outcome
from cortex_resources.emulator.statements import creation, properties
from cortex_resources.emulator.statements.creation import Form


def create(call: Call, form: Form) -> Outcome:
    """CREATE WAREHOUSE name [properties]: the session uses it from now on."""
    path = call.path(Kind.WAREHOUSE, call.reader.path())
    fields = properties.read(call, Kind.WAREHOUSE)
    place = creation.claim(call, Kind.WAREHOUSE, path, form)
    outcome = place.finish(fields)
    if not place.stands:
        call.session.warehouse = path[0]
    return outcome


def alter(call: Call, warehouse: Entity) -> bool:
    """SUSPEND, RESUME [IF SUSPENDED], ABORT ALL QUERIES; whether it was one of these."""
    assert isinstance(warehouse, Warehouse)  # noqa: S101 - chosen by kind
    reader = call.reader
    if reader.accept("ABORT", "ALL", "QUERIES"):
        reader.end()
        return True  # statements run one at a time: none is left to abort
    word = reader.accept_any("SUSPEND", "RESUME")
    if word is None:
        return False
    only_if = word == "RESUME" and reader.accept("IF", "SUSPENDED")
    reader.end()
    suspend = word == "SUSPEND"
    if warehouse.suspended == suspend and not only_if:
        raise SnowflakeError(
            90064 if suspend else 90063,
            "22000",
            f"Invalid state. Warehouse '{warehouse.name}' cannot be {word.lower()}"
            f"{'ed' if suspend else 'd'}.",
        )
    call.catalog.update(replace(warehouse, suspended=suspend))
    return True
