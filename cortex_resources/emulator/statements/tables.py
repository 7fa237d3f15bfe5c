"""CREATE TABLE and the columns of ALTER TABLE."""

from __future__ import annotations

from dataclasses import replace

from cortex_resources.emulator import queries
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.columns import columns_of
from cortex_resources.emulator.entities import ColumnSpec, Kind, Table
from cortex_resources.emulator.errors import SnowflakeError, already_exists, unsupported
from cortex_resources.emulator.outcome import Outcome
from cortex_resources.emulator.queries.context import Column
from cortex_resources.emulator.reader import Reader
from cortex_resources.emulator.statements import creation, dropping, properties
from cortex_resources.emulator.statements.creation import Form


def create(call: Call, form: Form) -> Outcome:
    """CREATE TABLE name (columns) [COMMENT = …], CREATE TABLE name [(…)] AS SELECT …, … LIKE t."""
    reader = call.reader
    path = call.path(Kind.TABLE, reader.path())
    if reader.at("CLONE"):
        raise unsupported("CREATE TABLE … CLONE")
    like = call.resolve(Kind.TABLE, reader.path()) if reader.accept("LIKE") else None
    listed = bracketed(reader) if reader.at("(") else None
    select, fields = _tail(reader)
    existing = creation.place(call, Kind.TABLE, path, "CREATE TABLE", form)
    if existing is not None and form.if_not_exists:
        return creation.exists_already(existing)
    entity_id = call.catalog.new_id(Kind.TABLE)
    relation = f"t{entity_id}"
    if select is not None:
        columns = _fill(call, relation, select, listed)
    else:
        columns = _like(call, like) if isinstance(like, Table) else _listed(reader, listed)
        call.connection.execute(queries.table_ddl(relation, columns_of(columns)))
    if existing is not None:
        dropping.remove(call.account, existing)
    schema = call.authority.resolve(Kind.SCHEMA, path[:2])
    table = Table(
        id=entity_id,
        name=path[2],
        parent=schema.id,
        owner=call.authority.primary,
        created_on=call.now,
        relation=relation,
        columns=columns,
        physical=tuple(f"c{number}" for number in range(1, len(columns) + 1)),
        transient=form.transient,
        **fields,
    )
    return creation.finish(call, table)


def _tail(reader: Reader) -> tuple[str | None, dict[str, str]]:
    """The SELECT after AS, and the properties before it."""
    fields: dict[str, str] = {}
    while reader.token is not None:
        if reader.accept("AS"):
            return reader.rest(), fields
        if not reader.accept("COMMENT"):
            fields |= properties.read(reader, Kind.TABLE)
            break
        reader.accept("=")
        fields["comment"] = reader.string()
    return None, fields


def _like(call: Call, model: Table) -> tuple[ColumnSpec, ...]:
    call.authority.permit("SELECT", model)
    return model.columns


def _listed(reader: Reader, listed: str | None) -> tuple[ColumnSpec, ...]:
    if listed is None:
        raise reader.unexpected()
    return tuple(map(specification, queries.column_definitions(listed)))


def _fill(call: Call, relation: str, select: str, listed: str | None) -> tuple[ColumnSpec, ...]:
    """CREATE TABLE … AS SELECT, with a list of columns, of names only, or without one."""
    context = call.account.context(call)
    names = _names(listed) if listed is not None else None
    columns = None if names or listed is None else queries.column_definitions(listed)
    made = queries.create_table_as(
        select, context, call.connection, relation, columns=columns, names=names
    )
    return tuple(map(specification, made))


def _names(listed: str) -> list[str] | None:
    """The names of a list that holds only names."""
    reader = Reader(listed)
    reader.expect("(")
    found = [reader.name()]
    while reader.accept(","):
        found.append(reader.name())
    return found if reader.accept(")") else None


def specification(column: Column) -> ColumnSpec:
    """A query's column as the catalog keeps it."""
    return ColumnSpec(
        column.name, str(column.type), column.nullable, column.default, column.comment or None
    )


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


def alter_columns(call: Call, table: Table) -> bool:
    """ADD, DROP and RENAME COLUMN; whether the statement was one of these."""
    reader = call.reader
    if reader.accept("ADD"):
        reader.accept("COLUMN")
        _add(call, table, if_not_exists=reader.if_not_exists())
    elif reader.accept("RENAME", "COLUMN"):
        old = _known(table, reader.name())
        reader.expect("TO")
        new = reader.name()
        if any(column.name == new for column in table.columns):
            raise already_exists(new)
        columns = tuple(replace(c, name=new) if c is old else c for c in table.columns)
        call.catalog.update(replace(table, columns=columns))
    elif reader.at("DROP"):
        reader.expect("DROP")
        reader.accept("COLUMN")
        _drop(call, table, _known(table, reader.name()))
    else:
        return False
    reader.end()
    return True


def _known(table: Table, name: str) -> ColumnSpec:
    found = next((column for column in table.columns if column.name == name), None)
    if found is None:
        raise SnowflakeError(904, "42000", f"SQL compilation error:\ninvalid identifier '{name}'")
    return found


def _add(call: Call, table: Table, *, if_not_exists: bool) -> None:
    column = specification(queries.column_definitions(f"({call.reader.rest()})")[0])
    if any(existing.name == column.name for existing in table.columns):
        if if_not_exists:
            return
        raise already_exists(column.name)
    if not column.nullable or column.default is not None:
        raise unsupported("ADD COLUMN with NOT NULL or DEFAULT")
    numbers = [int(physical[1:]) for physical in table.physical]
    physical = f"c{max(numbers, default=0) + 1}"
    duck = queries.column_type(column.type).duck
    call.connection.execute(f"ALTER TABLE {table.relation} ADD COLUMN {physical} {duck}")
    call.catalog.update(
        replace(table, columns=(*table.columns, column), physical=(*table.physical, physical))
    )


def _drop(call: Call, table: Table, column: ColumnSpec) -> None:
    position = table.columns.index(column)
    physical = table.physical[position]
    call.connection.execute(f"ALTER TABLE {table.relation} DROP COLUMN {physical}")
    call.catalog.update(
        replace(
            table,
            columns=tuple(c for c in table.columns if c is not column),
            physical=tuple(p for p in table.physical if p != physical),
        )
    )
