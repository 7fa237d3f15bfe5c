"""CREATE VIEW: the text as it was typed, and the columns that it had then."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cortex_resources.emulator import queries
from cortex_resources.emulator.access.grants import Grant
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import ColumnSpec, Entity, Kind, View
from cortex_resources.emulator.outcome import Outcome
from cortex_resources.emulator.reader import Reader
from cortex_resources.emulator.statements import creation, dropping
from cortex_resources.emulator.statements.creation import Form
from cortex_resources.emulator.statements.tables import specification


@dataclass(slots=True)
class _Header:
    """What stands between the name of the view and AS."""

    columns: list[ColumnSpec]
    comment: str = ""
    copy_grants: bool = False
    change_tracking: bool = False


def create(call: Call, form: Form) -> Outcome:
    """CREATE [OR REPLACE] [SECURE] VIEW name [(columns)] [COPY GRANTS] [COMMENT = …] AS SELECT …"""
    reader = call.reader
    path = call.path(Kind.VIEW, reader.path())
    header = _header(reader)
    reader.expect("AS")
    body = reader.rest()
    existing = creation.place(call, Kind.VIEW, path, "CREATE VIEW", form)
    if existing is not None and form.if_not_exists:
        return creation.exists_already(existing)
    columns = _columns(call, path, body, header.columns)
    kept = _replaced(call, existing, copy_grants=header.copy_grants)
    schema = call.authority.resolve(Kind.SCHEMA, path[:2])
    view = View(
        id=call.catalog.new_id(Kind.VIEW),
        name=path[2],
        parent=schema.id,
        owner=existing.owner if kept is not None and existing else call.authority.primary,
        created_on=call.now,
        comment=header.comment,
        text=call.sql,
        body=body,
        columns=columns,
        secure=form.secure,
        change_tracking=header.change_tracking,
    )
    if kept is None:
        return creation.finish(call, view)
    call.catalog.add(view)
    for grant in kept:
        call.account.grants.put(replace(grant, on=view.id))
    return creation.created(view)


def _header(reader: Reader) -> _Header:
    header = _Header(_column_list(reader) if reader.at("(") else [])
    while not reader.at("AS"):
        if reader.accept("COPY", "GRANTS"):
            header.copy_grants = True
        elif reader.accept("COMMENT"):
            reader.accept("=")
            header.comment = reader.string()
        elif reader.accept("CHANGE_TRACKING"):
            reader.accept("=")
            header.change_tracking = reader.scalar() is True
        else:
            raise reader.unexpected()
    return header


def _column_list(reader: Reader) -> list[ColumnSpec]:
    reader.expect("(")
    found: list[ColumnSpec] = []
    while True:
        column = ColumnSpec(reader.name(), "")
        if reader.accept("COMMENT"):
            column = replace(column, comment=reader.string())
        found.append(column)
        if not reader.accept(","):
            break
    reader.expect(")")
    return found


def _columns(
    call: Call, path: tuple[str, ...], body: str, named: list[ColumnSpec]
) -> tuple[ColumnSpec, ...]:
    """The query's columns as they are now, under the names of the column list."""
    context = call.account.context(call, place=(path[0], path[1]))
    given = [column.name for column in named] or None
    made = queries.frozen_columns(body, context, call.connection, given)
    comments = {column.name: column.comment for column in named}
    return tuple(
        replace(specification(column), comment=comments.get(column.name)) for column in made
    )


def _replaced(call: Call, existing: Entity | None, *, copy_grants: bool) -> list[Grant] | None:
    """Drop the view that is replaced; its grants when they are to be kept, else None."""
    if existing is None:
        return None
    kept = call.account.grants.on(existing.id) if copy_grants else None
    dropping.remove(call.account, existing)
    return kept
