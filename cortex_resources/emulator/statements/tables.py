"""CREATE TABLE: from a list of columns, a query, the shape of another table, or as its clone."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from cortex_resources.emulator.call import Call
from cortex_resources.emulator.columns import columns_of
from cortex_resources.emulator.entities import ColumnSpec, Kind, Table
from cortex_resources.emulator.errors import syntax_error, unsupported
from cortex_resources.emulator.outcome import Outcome, status
from cortex_resources.emulator.queries import entry
from cortex_resources.emulator.queries.context import Column
from cortex_resources.emulator.reader import Reader
from cortex_resources.emulator.statements import cloning, creation, properties
from cortex_resources.emulator.statements.columns import specification
from cortex_resources.emulator.statements.creation import Form, Place
from cortex_resources.emulator.units import Making


@dataclass(slots=True)
class _Declared:
    """What the statement says about the table, before anything is made."""

    listed: str | None = None
    select: str | None = None
    like: Table | None = None
    clone: Table | None = None
    copy_grants: bool = False
    fields: dict[str, Any] = field(default_factory=dict)


def create(call: Call, form: Form) -> Outcome:
    """CREATE TABLE name (columns) | [(…)] AS SELECT … | LIKE t | CLONE t, with properties."""
    path = call.path(Kind.TABLE, call.reader.path())
    declared = _declared(call)
    place = creation.claim(call, Kind.TABLE, path, form)
    rows = None
    if declared.select is not None and not place.stands:
        rows = _filled(call, declared)
        place = creation.claim(call, Kind.TABLE, path, form)  # others ran meanwhile
    if place.stands:
        return place.told()
    if isinstance(call.unit, Making):
        call.unit.join()
    fields = {
        **_made(call, place, declared, rows),
        **declared.fields,
        "transient": form.transient,
        "session": call.session.id if form.temporary else None,
    }
    table = place.fill(fields, copy_grants=declared.copy_grants)
    return status(f"Table {table.name} successfully created.")


def _declared(call: Call) -> _Declared:
    reader = call.reader
    found = _Declared()
    if reader.accept("LIKE"):
        like = call.resolve(Kind.TABLE, reader.path())
        assert isinstance(like, Table)  # noqa: S101 - resolved by kind
        call.authority.permit("SELECT", like)
        found.like = like
    clone = cloning.source(call, Kind.TABLE)
    found.clone = clone if isinstance(clone, Table) else None
    if reader.at("("):
        found.listed = bracketed(reader)
    while reader.token is not None and found.select is None:
        if reader.accept("AS"):
            found.select = reader.rest()
        elif reader.accept("COPY", "GRANTS"):
            found.copy_grants = True
        elif reader.accept("CLUSTER", "BY"):
            found.fields["cluster_by"] = clustering(reader)
        else:
            found.fields |= properties.one(call, Kind.TABLE)
            reader.accept(",")
    if not (found.listed or found.select or found.like or found.clone):
        raise reader.unexpected()
    return found


def clustering(reader: Reader) -> str:
    """The key after CLUSTER BY, as SHOW TABLES has it."""
    return "LINEAR" + bracketed(reader)


@dataclass(frozen=True, slots=True)
class _Filled:
    """Rows that are there before the table has an entry in the catalog."""

    relation: str
    columns: Sequence[Column]


def _filled(call: Call, declared: _Declared) -> _Filled:
    """The rows of the query, made while other statements run; only described, none are made."""
    relation = f"t{uuid.uuid4().hex}"
    if not call.describe_only:
        call.unit = Making(call.account.store)
    with call.account.watchdog.inside(call.connection):
        return _Filled(relation, _selected(call, relation, declared))


def _made(call: Call, place: Place, declared: _Declared, rows: _Filled | None) -> dict[str, Any]:
    """The columns of the new table, and where its rows are."""
    entity_id = place.new_id()
    if declared.clone is not None:
        return cloning.table_fields(call, declared.clone, entity_id)
    relation = rows.relation if rows is not None else f"t{entity_id}"
    if rows is not None:
        columns = tuple(specification(call, column) for column in rows.columns)
    else:
        columns = _listed(call, relation, declared)
        call.connection.execute(entry.table_ddl(relation, columns_of(columns)))
    return {
        "id": entity_id,
        "relation": relation,
        "columns": columns,
        "physical": tuple(f"c{number}" for number in range(1, len(columns) + 1)),
    }


def _listed(call: Call, relation: str, declared: _Declared) -> tuple[ColumnSpec, ...]:
    if declared.like is not None:
        return tuple(_without_identity(column) for column in declared.like.columns)
    columns = entry.column_definitions(declared.listed or "()")
    return tuple(
        with_sequence(call, specification(call, column), column, f"{relation}_{number}")
        for number, column in enumerate(columns, 1)
    )


def _without_identity(column: ColumnSpec) -> ColumnSpec:
    if column.sequence:
        raise unsupported("CREATE TABLE … LIKE of a table with IDENTITY columns")
    return column


def with_sequence(call: Call, kept: ColumnSpec, column: Column, name: str) -> ColumnSpec:
    """An IDENTITY column counts by a sequence of its own."""
    if column.identity is None:
        return kept
    start, step = column.identity
    if step == 0:
        raise syntax_error("an increment of 0.")
    call.connection.execute(f"CREATE SEQUENCE {name} {_range(start, step)}")
    return replace(kept, sequence=name)


_LARGEST: Final = 2**63 - 1


def _range(start: int, step: int) -> str:
    bounds = f"MINVALUE {min(start, 1)}" if step > 0 else f"MAXVALUE {max(start, -1)}"
    far = f"MAXVALUE {_LARGEST}" if step > 0 else f"MINVALUE -{_LARGEST}"
    return f"START {start} INCREMENT {step} {bounds} {far}"


def _selected(call: Call, relation: str, declared: _Declared) -> Sequence[Column]:
    """CREATE TABLE … AS SELECT, with a list of columns, of names only, or without one."""
    listed = declared.listed
    names = _names(listed) if listed is not None else None
    columns = None if names or listed is None else entry.column_definitions(listed)
    return entry.create_table_as(
        declared.select or "", call.account.context(call), call.connection, relation,
        columns=columns, names=names, describe_only=call.describe_only,
    )  # fmt: skip


def _names(listed: str) -> list[str] | None:
    """The names of a list that holds only names."""
    reader = Reader(listed)
    reader.expect("(")
    found = [reader.name()]
    while reader.accept(","):
        found.append(reader.name())
    return found if reader.accept(")") else None


def bracketed(reader: Reader) -> str:
    """The text from an opening bracket to the one that closes it."""
    start = reader.token
    depth = 0
    while (token := reader.token) is not None and start is not None:
        reader.position += 1
        depth += {"(": 1, ")": -1}.get(token.value, 0)
        if depth == 0:
            return reader.sql[start.start : token.end]
    raise reader.unexpected()
