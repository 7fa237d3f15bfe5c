"""CREATE TABLE and the columns of ALTER TABLE."""

from __future__ import annotations

from dataclasses import replace

from cortex_resources.emulator import queries
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import ColumnSpec, Kind, Table
from cortex_resources.emulator.errors import SnowflakeError, already_exists, unsupported
from cortex_resources.emulator.lexer import TokenKind
from cortex_resources.emulator.outcome import Outcome
from cortex_resources.emulator.queries.context import Column
from cortex_resources.emulator.reader import Reader
from cortex_resources.emulator.statements import creation, dropping, properties
from cortex_resources.emulator.statements.creation import Form

_ENDS = (",", ")")


def create(call: Call, form: Form) -> Outcome:
    """CREATE TABLE name (columns) [COMMENT = …], CREATE TABLE name [(…)] AS SELECT …, … LIKE t."""
    reader = call.reader
    path = call.path(Kind.TABLE, reader.path())
    if reader.at("CLONE"):
        raise unsupported("CREATE TABLE … CLONE")
    like = call.resolve(Kind.TABLE, reader.path()) if reader.accept("LIKE") else None
    columns = read_columns(reader) if reader.at("(") else ()
    select, fields = _tail(reader)
    existing = creation.place(call, Kind.TABLE, path, "CREATE TABLE", form)
    if existing is not None and form.if_not_exists:
        return creation.exists_already(existing)
    if isinstance(like, Table):
        call.authority.require(like, "SELECT")
        columns = like.columns
    entity_id = call.catalog.new_id(Kind.TABLE)
    relation = f"t{entity_id}"
    if select is not None:
        columns = _fill(call, relation, select, columns)
    elif not columns:
        raise reader.unexpected()
    else:
        _make(call, relation, columns)
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


def _make(call: Call, relation: str, columns: tuple[ColumnSpec, ...]) -> None:
    parts = [
        f"c{number} {queries.column_type(column.type).duck}"
        + ("" if column.nullable else " NOT NULL")
        for number, column in enumerate(columns, 1)
    ]
    call.connection.execute(f"CREATE TABLE {relation} ({', '.join(parts)})")


def _fill(
    call: Call, relation: str, select: str, named: tuple[ColumnSpec, ...]
) -> tuple[ColumnSpec, ...]:
    """CREATE TABLE … AS SELECT: the columns are those of the query, under the given names."""
    made = queries.create_table_as(select, call.account.context(call), call.connection, relation)
    if named and len(named) != len(made):
        raise SnowflakeError(
            2026,
            "42601",
            "SQL compilation error:\nInvalid column definition list: the query has"
            f" {len(made)} columns, the list {len(named)}.",
        )
    if named and any(column.type for column in named):
        raise unsupported("column types in CREATE TABLE … AS SELECT")
    return tuple(
        replace(column, name=wanted.name) if named else column
        for column, wanted in zip(
            map(specification, made), named or map(specification, made), strict=True
        )
    )


def specification(column: Column) -> ColumnSpec:
    """A query's column as the catalog keeps it."""
    return ColumnSpec(column.name, str(column.type), column.nullable)


def read_columns(reader: Reader) -> tuple[ColumnSpec, ...]:
    """The parenthesised column list."""
    reader.expect("(")
    columns: list[ColumnSpec] = []
    while True:
        if not _table_constraint(reader):
            columns.append(read_column(reader))
        if not reader.accept(","):
            break
    reader.expect(")")
    names = [column.name for column in columns]
    for name in names:
        if names.count(name) > 1:
            raise SnowflakeError(
                2025, "42S21", f"SQL compilation error:\nduplicate column name '{name}'"
            )
    return tuple(columns)


def _table_constraint(reader: Reader) -> bool:
    """PRIMARY KEY (…) and its kin say something about the data and enforce nothing."""
    if not (reader.at("PRIMARY", "KEY", "(") or reader.at("UNIQUE", "(")):
        if not (reader.at("CONSTRAINT") or reader.at("FOREIGN", "KEY")):
            return False
        raise unsupported("named table constraints and foreign keys")
    while not reader.accept("("):
        reader.word()
    while not reader.accept(")"):
        reader.name()
        reader.accept(",")
    return True


def read_column(reader: Reader) -> ColumnSpec:
    """One column: name, type, NOT NULL, DEFAULT, COMMENT."""
    name = reader.name()
    type_text = _type(reader)
    column = ColumnSpec(name, type_text)
    while reader.token is not None and not any(reader.at(end) for end in _ENDS):
        if reader.accept("NOT", "NULL") or reader.accept("PRIMARY", "KEY"):
            column = replace(column, nullable=False)
        elif reader.accept("NULL") or reader.accept("UNIQUE"):
            pass
        elif reader.accept("COMMENT"):
            column = replace(column, comment=reader.string())
        elif reader.accept("DEFAULT"):
            column = replace(column, default=_expression(reader))
        elif reader.token.kind is TokenKind.WORD:
            raise unsupported(f"column property {reader.token.value}")
        else:
            raise reader.unexpected()
    return column


def _type(reader: Reader) -> str:
    """The type's words and its arguments; empty when a CTAS lists names only."""
    if any(reader.at(end) for end in _ENDS):
        return ""
    words = [reader.word()]
    while reader.accept_any("PRECISION", "VARYING"):
        words.append(reader.tokens[reader.position - 1].value)
    text = " ".join(words)
    if reader.accept("("):
        arguments = [str(reader.integer())]
        while reader.accept(","):
            arguments.append(str(reader.integer()))
        reader.expect(")")
        text += f"({','.join(arguments)})"
    return str(queries.column_type(text))


def _expression(reader: Reader) -> str:
    """The text of a default value: up to the next comma, closing bracket or column word."""
    first = reader.token
    if first is None:
        raise reader.unexpected()
    end = first.end
    depth = 0
    while reader.token is not None:
        ends = depth == 0 and any(reader.at(word) for word in (*_ENDS, "NOT", "COMMENT"))
        if ends and reader.token is not first:
            break
        depth += {"(": 1, ")": -1}.get(reader.token.value, 0)
        end = reader.token.end
        reader.position += 1
    return reader.sql[first.start : end]


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
    column = read_column(call.reader)
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
