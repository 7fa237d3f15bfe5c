"""SQLAlchemy creates, fills, queries and reflects tables through Snowflake's dialect."""

from claims import ADDRESS, LOGIN, claim, ended
from snowflake.sqlalchemy import URL
from sqlalchemy import (
    Column,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    func,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy.engine import Engine

TABLES = MetaData()
PAIRS = Table(
    "pairs",
    TABLES,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("prompt", String(1000), nullable=False, comment="what is asked"),
    Column("completion", String),
)


def engine_in(**place: str) -> Engine:
    address = {**ADDRESS, **place}
    protocol = address.pop("protocol")
    return create_engine(URL(**address, **LOGIN), connect_args={"protocol": protocol})


def connected() -> Engine:
    """An engine on a database that exists."""
    with engine_in().connect() as connection:
        connection.execute(text("CREATE DATABASE DOCS"))
    return engine_in(database="DOCS", schema="PUBLIC")


def main() -> None:
    engine = connected()
    with claim("metadata.create_all makes a table"):
        TABLES.create_all(engine)
        TABLES.create_all(engine)
    with claim("rows are inserted one by one and many at once, and queried"):
        with engine.begin() as connection:
            connection.execute(insert(PAIRS), {"id": 1, "prompt": "it's", "completion": None})
            many = [{"id": n, "prompt": f"q{n}", "completion": "a"} for n in range(2, 12)]
            connection.execute(insert(PAIRS), many)
        with engine.connect() as connection:
            query = select(PAIRS.c.prompt).where(PAIRS.c.id == 1)
            assert connection.execute(query).scalar_one() == "it's"
            counted = select(func.count()).select_from(PAIRS).where(PAIRS.c.completion == "a")
            assert connection.execute(counted).scalar_one() == 10
    with claim("a transaction that is rolled back leaves nothing"):
        with engine.connect() as connection, connection.begin() as transaction:
            connection.execute(insert(PAIRS), {"id": 99, "prompt": "never"})
            transaction.rollback()
        with engine.connect() as connection:
            found = connection.execute(select(PAIRS).where(PAIRS.c.id == 99)).all()
            assert found == []
    with claim("an inspector reads schemas, tables, views, columns and keys"):
        with engine.begin() as connection:
            connection.execute(text("CREATE VIEW TRAINING AS SELECT PROMPT, COMPLETION FROM PAIRS"))
        seen = inspect(engine)
        assert {"public", "information_schema"} <= set(seen.get_schema_names())
        assert seen.get_table_names() == ["pairs"]
        assert seen.get_view_names() == ["training"]
        columns = {one["name"]: one for one in seen.get_columns("pairs")}
        assert list(columns) == ["id", "prompt", "completion"]
        assert columns["prompt"]["nullable"] is False
        assert columns["prompt"]["comment"] == "what is asked"
        assert columns["prompt"]["type"].length == 1000
        assert seen.get_pk_constraint("pairs")["constrained_columns"] == ["id"]
        assert "SELECT" in seen.get_view_definition("training").upper()
    with claim("a table is reflected and dropped"):
        assert Table("pairs", MetaData(), autoload_with=engine).columns.keys() == [
            *("id", "prompt", "completion")
        ]
        TABLES.drop_all(engine)
        assert inspect(engine).get_table_names() == []
    ended()


main()
