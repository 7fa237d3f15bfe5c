"""CREATE VIEW: the text as it was typed, and the columns that it had then; ALTER VIEW."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import ColumnSpec, Entity, Kind, View
from cortex_resources.emulator.errors import unsupported
from cortex_resources.emulator.outcome import Outcome, status
from cortex_resources.emulator.queries import entry
from cortex_resources.emulator.reader import Reader
from cortex_resources.emulator.statements import columns, creation, properties, tagging
from cortex_resources.emulator.statements.creation import Form
from cortex_resources.emulator.statements.marks import has_marks
from cortex_resources.emulator.statements.table_columns import described


@dataclass(slots=True)
class _Header:
    """What stands between the name of the view and AS."""

    columns: list[ColumnSpec]
    copy_grants: bool = False
    fields: dict[str, Any] = field(default_factory=dict)


def create(call: Call, form: Form) -> Outcome:
    """CREATE [OR REPLACE | OR ALTER] [words] VIEW name [(columns)] [properties] AS SELECT …"""
    reader = call.reader
    path = call.path(Kind.VIEW, reader.path())
    header = _header(call)
    reader.expect("AS")
    body = reader.rest()
    if has_marks(body):
        raise unsupported("bind variables in the query of a view")
    place = creation.claim(call, Kind.VIEW, path, form)
    if place.stands:
        return place.told()
    if form.recursive:
        raise unsupported("CREATE RECURSIVE VIEW; WITH RECURSIVE inside a view is supported")
    fields = {
        **header.fields,
        "text": call.sql,
        "body": body,
        "columns": _columns(call, path, body, header.columns),
        "secure": form.secure,
        "session": call.session.id if form.temporary else None,
    }
    if form.or_alter and place.existing is not None:
        return _made_so(call, place.existing, fields)
    return place.finish(fields, copy_grants=header.copy_grants)


def _made_so(call: Call, view: Entity, fields: dict[str, Any]) -> Outcome:
    """The same view with this query and these properties; what is not said is the default, owner
    and grants stay ("CREATE OR ALTER <object>").
    """
    assert isinstance(view, View)  # noqa: S101 - chosen by kind
    given = {"comment": "", "change_tracking": False, **fields, "session": view.session}
    call.catalog.update(replace(view, **given))
    return status(f"View {view.name} successfully created.")


def _header(call: Call) -> _Header:
    reader = call.reader
    header = _Header(_column_list(call) if reader.at("(") else [])
    while not reader.at("AS"):
        if reader.accept("COPY", "GRANTS"):
            header.copy_grants = True
        elif _policy(reader):
            raise unsupported("policies on a view")
        else:
            header.fields |= properties.one(call, Kind.VIEW)
    return header


def _policy(reader: Reader) -> bool:
    reader.accept("WITH")
    return any(reader.at(*words) for words in (("ROW", "ACCESS"), ("AGGREGATION",), ("JOIN",)))


def _column_list(call: Call) -> list[ColumnSpec]:
    reader = call.reader
    reader.expect("(")
    found: list[ColumnSpec] = []
    while True:
        column = ColumnSpec(reader.name(), "")
        while not reader.at(",") and not reader.at(")"):
            if reader.accept("COMMENT"):
                column = replace(column, comment=reader.string())
            elif reader.accept("TAG") or reader.accept("WITH", "TAG"):
                column = replace(column, tags=tagging.bracketed(call))
            elif reader.at("MASKING") or reader.at("PROJECTION") or reader.at("WITH"):
                raise unsupported("policies on the columns of a view")
            else:
                raise reader.unexpected()
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
    made = entry.frozen_columns(body, context, call.connection, given)
    told = {column.name: column for column in named}
    return tuple(
        replace(
            columns.specification(call, column),
            comment=told[column.name].comment if column.name in told else None,
            tags=told[column.name].tags if column.name in told else (),
        )
        for column in made
    )


def alter(call: Call, view: Entity) -> bool:
    """{SET | UNSET} SECURE and {ALTER | MODIFY} COLUMN; whether the statement was one of these."""
    assert isinstance(view, View)  # noqa: S101 - chosen by kind
    reader = call.reader
    if reader.accept("SET", "SECURE"):
        view = replace(view, secure=True)
        if reader.token is not None:
            view = replace(view, **properties.read(call, Kind.VIEW))
    elif reader.accept("UNSET", "SECURE"):
        view = replace(view, secure=False)
    elif reader.accept_any("ALTER", "MODIFY"):
        view = _altered(call, view)
    else:
        return False
    reader.end()
    call.catalog.update(view)
    return True


def _altered(call: Call, view: View) -> View:
    reader = call.reader
    while True:
        reader.accept("COLUMN")
        column = columns.known(view.columns, reader.name())
        changed = described(call, column)
        if changed is None:
            raise unsupported(f"this change of column {column.name} of a view")
        view = replace(view, columns=tuple(changed if c is column else c for c in view.columns))
        if not reader.accept(","):
            return view
