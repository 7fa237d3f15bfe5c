"""ALTER TABLE: its columns, their types, its clustering key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from cortex_resources.emulator import names
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import ColumnSpec, Entity, Table
from cortex_resources.emulator.errors import SnowflakeError, already_exists, unsupported
from cortex_resources.emulator.queries import entry
from cortex_resources.emulator.queries.types import Kind as TypeKind
from cortex_resources.emulator.statements import columns, tagging
from cortex_resources.emulator.statements.tables import bracketed, clustering, with_sequence


def alter(call: Call, table: Entity) -> bool:
    """The forms that only tables have; whether the statement was one of them."""
    assert isinstance(table, Table)  # noqa: S101 - chosen by kind
    reader = call.reader
    if reader.accept("CLUSTER", "BY"):
        call.catalog.update(replace(table, cluster_by=clustering(reader)))
    elif reader.accept("DROP", "CLUSTERING", "KEY"):
        call.catalog.update(replace(table, cluster_by=""))
    elif reader.accept("RENAME", "COLUMN"):
        _rename(call, table)
    elif verb := reader.accept_any("ADD", "DROP", "ALTER", "MODIFY"):
        _FORMS[verb](call, table)
    else:
        return False
    reader.end()
    return True


def _rename(call: Call, table: Table) -> None:
    reader = call.reader
    old = reader.name()
    columns.known(table.columns, old)
    reader.expect("TO")
    new = reader.name()
    if any(column.name == new for column in table.columns):
        raise already_exists(new)
    changed = columns.changed(table.columns, old, name=new)
    call.catalog.update(replace(table, columns=changed))


def _key_words(call: Call) -> None:
    """ADD and DROP of constraints have no effect on rows; they are refused by name."""
    for word in ("PRIMARY", "UNIQUE", "FOREIGN", "CONSTRAINT", "ROW", "SEARCH"):
        if call.reader.at(word):
            raise unsupported(f"ALTER TABLE … {word}")


def _add(call: Call, table: Table) -> None:
    """ADD [COLUMN] [IF NOT EXISTS] name type […] [, name type […] …]."""
    _key_words(call)
    call.reader.accept("COLUMN")
    if_not_exists = call.reader.if_not_exists()
    for column in entry.column_definitions(f"({call.reader.rest()})"):
        if any(existing.name == column.name for existing in table.columns):
            if if_not_exists:
                continue
            raise SnowflakeError(
                1430,
                "42601",
                f"SQL compilation error:\ncolumn '{column.name}' already exists",
            )
        physical = f"c{max((int(name[1:]) for name in table.physical), default=0) + 1}"
        kept = columns.specification(call, column)
        kept = with_sequence(call, kept, column, f"{table.relation}_{physical[1:]}")
        table = _grown(call, table, kept, physical)


def _grown(call: Call, table: Table, column: ColumnSpec, physical: str) -> Table:
    """The table with one more column, whose default the rows have that are there already."""
    kind = entry.column_type(column.type).duck
    call.connection.execute(f"ALTER TABLE {table.relation} ADD COLUMN {physical} {kind}")
    rows = _rows(call, table)
    if rows and not column.nullable and column.default is None:
        raise SnowflakeError(
            2027,
            "22000",
            f"SQL compilation error:\nNon-nullable column '{column.name}' cannot be added"
            " to non-empty table without a default.",
        )
    grown = replace(table, columns=(*table.columns, column), physical=(*table.physical, physical))
    call.catalog.update(grown)
    if rows and column.sequence:
        call.connection.execute(
            f"UPDATE {table.relation} SET {physical} = nextval('{column.sequence}')"
        )
    elif rows and column.default is not None:
        where, name = call.catalog.qualified(table), names.quoted(column.name)
        sql = f"UPDATE {where} SET {name} = {column.default}"
        entry.update(sql, call.account.context(call), call.connection)
    return grown


def _rows(call: Call, table: Table) -> int:
    found = call.connection.execute(f"SELECT count(*) FROM {table.relation}").fetchone()
    return int(found[0]) if found else 0


def _drop(call: Call, table: Table) -> None:
    """DROP [COLUMN] [IF EXISTS] name [, …]."""
    _key_words(call)
    reader = call.reader
    reader.accept("COLUMN")
    if_exists = reader.if_exists()
    while True:
        name = reader.name()
        if not if_exists or any(column.name == name for column in table.columns):
            table = _shrunk(call, table, columns.known(table.columns, name))
        if not reader.accept(","):
            return


def _shrunk(call: Call, table: Table, column: ColumnSpec) -> Table:
    if len(table.columns) == 1:
        raise SnowflakeError(
            2064,
            "42601",
            "SQL compilation error:\nCannot drop the only column"
            f" '{column.name}' of table '{table.name}'.",
        )
    physical = table.physical[table.columns.index(column)]
    call.connection.execute(f"ALTER TABLE {table.relation} DROP COLUMN {physical}")
    if column.sequence:
        call.connection.execute(f"DROP SEQUENCE IF EXISTS {column.sequence}")
    smaller = replace(
        table,
        columns=tuple(c for c in table.columns if c is not column),
        physical=tuple(p for p in table.physical if p != physical),
    )
    call.catalog.update(smaller)
    return smaller


def _alter(call: Call, table: Table) -> None:
    """{ALTER | MODIFY} [(] [COLUMN] name action [, [COLUMN] name action …] [)]."""
    reader = call.reader
    inside = reader.accept("(")
    while True:
        reader.accept("COLUMN")
        name = reader.name()
        column = columns.known(table.columns, name)
        changed = _action(call, table, column)
        table = replace(table, columns=tuple(changed if c is column else c for c in table.columns))
        if not reader.accept(","):
            break
    if inside:
        reader.expect(")")
    call.catalog.update(table)


def _action(call: Call, table: Table, column: ColumnSpec) -> ColumnSpec:
    """What is to become of one column."""
    reader = call.reader
    if common := described(call, column):
        return common
    if reader.accept("SET", "NOT", "NULL") or reader.accept("NOT", "NULL"):
        return _required(call, table, column)
    if reader.accept("DROP", "NOT", "NULL"):
        return replace(column, nullable=True)
    if reader.accept("DROP", "DEFAULT"):
        return replace(column, default=None, sequence="")
    if any(reader.accept(*words) for words in (("SET", "DATA", "TYPE"), ("TYPE",))) or (
        not reader.at("SET") and not reader.at("UNSET") and not reader.at("DROP")
    ):
        return _retyped(call, table, column)
    raise unsupported(f"this change of column {column.name}")


def described(call: Call, column: ColumnSpec) -> ColumnSpec | None:
    """A column with another comment or other tags, which views can have too; None if not that."""
    reader = call.reader
    if reader.accept("COMMENT") or reader.accept("SET", "COMMENT"):
        reader.accept("=")
        return replace(column, comment=reader.string())
    if reader.accept("UNSET", "COMMENT"):
        return replace(column, comment=None)
    if reader.accept("SET", "TAG"):
        return replace(column, tags=tagging.merged(column.tags, tagging.assigned(call)))
    if reader.accept("UNSET", "TAG"):
        return replace(column, tags=tagging.without(column.tags, tagging.named(call)))
    return None


def _required(call: Call, table: Table, column: ColumnSpec) -> ColumnSpec:
    physical = table.physical[table.columns.index(column)]
    empty = call.connection.execute(
        f"SELECT count(*) FROM {table.relation} WHERE {physical} IS NULL"
    ).fetchone()
    if empty and empty[0]:
        raise SnowflakeError(
            2028,
            "22000",
            f"SQL compilation error:\ncolumn '{column.name}' contains null values."
            " Not null constraint cannot be added.",
        )
    return replace(column, nullable=False)


def _retyped(call: Call, table: Table, column: ColumnSpec) -> ColumnSpec:
    """Text may grow, a number may gain digits before the point ("ALTER TABLE … ALTER COLUMN")."""
    reader = call.reader
    text = reader.word()
    if reader.at("("):
        text += bracketed(reader)
    old, new = entry.column_type(column.type), entry.column_type(text)
    grows = old.kind is new.kind and (
        (old.kind is TypeKind.TEXT and new.length >= old.length)
        or (
            old.kind is TypeKind.NUMBER
            and new.scale == old.scale
            and new.precision >= old.precision
        )
        or old == new
    )
    if old.kind is new.kind is TypeKind.TEXT and not grows:
        grows = _fits(call, table, column, new.length)
    if not grows:
        raise SnowflakeError(
            2108,
            "22000",
            f"SQL compilation error:\ncannot change column {column.name} from type"
            f" {column.type} to {new}",
        )
    physical = table.physical[table.columns.index(column)]
    call.connection.execute(f"ALTER TABLE {table.relation} ALTER {physical} TYPE {new.duck}")
    return replace(column, type=str(new))


def _fits(call: Call, table: Table, column: ColumnSpec, length: int) -> bool:
    """Whether every text in the column is at most that long: then it may shrink too."""
    physical = table.physical[table.columns.index(column)]
    found = call.connection.execute(
        f"SELECT coalesce(max(length({physical})), 0) FROM {table.relation}"
    ).fetchone()
    return found is not None and int(found[0]) <= length


_FORMS: Final[dict[str, Callable[[Call, Table], None]]] = {
    "ADD": _add,
    "DROP": _drop,
    "ALTER": _alter,
    "MODIFY": _alter,
}
