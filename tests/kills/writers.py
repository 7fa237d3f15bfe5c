"""Clients of the real connector that write, and what they may expect to find in the end."""

from __future__ import annotations

import itertools
import json
import threading
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Final

import snowflake.connector

Item = tuple[str, ...]  # what a statement leaves behind: a kind, and which one of it
Step = tuple[str, Callable[[Any], Item]]  # a statement, and what its result acknowledges

PREPARATIONS: Final = (
    "CREATE DATABASE D",
    "CREATE TABLE D.PUBLIC.LINES (W NUMBER, N NUMBER)",
    "CREATE TABLE D.PUBLIC.COUNTS (W NUMBER, N NUMBER)",
    "CREATE TABLE D.PUBLIC.QA (PROMPT VARCHAR, COMPLETION VARCHAR)",
    "INSERT INTO D.PUBLIC.QA VALUES ('a', 'b'), ('c', 'd')",
)


def connect(arguments: dict[str, Any]) -> Any:
    """A connection of the real connector."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the connector announces its own future defaults
        return snowflake.connector.connect(**arguments)


def _lines(writer: int, number: int) -> Iterator[Step]:
    sql = f"INSERT INTO D.PUBLIC.LINES VALUES ({writer}, {number})"
    yield sql, lambda _: ("line", str(writer), str(number))


def _counts(writer: int, number: int) -> Iterator[Step]:
    sql = f"UPDATE D.PUBLIC.COUNTS SET N = N + 1 WHERE W = {writer}"
    yield sql, lambda _: ("count", str(writer), str(number))


def _tables(writer: int, number: int) -> Iterator[Step]:
    name = f"T_{writer}_{number}"
    yield f"CREATE TABLE D.PUBLIC.{name} (N NUMBER)", lambda _: ("table", name)


def _grants(writer: int, number: int) -> Iterator[Step]:
    name = f"R_{writer}_{number}"
    yield f"CREATE ROLE {name}", lambda _: ("role", name)
    yield f"GRANT USAGE ON DATABASE D TO ROLE {name}", lambda _: ("grant", name)


def _jobs(writer: int, number: int) -> Iterator[Step]:
    sql = (
        f"SELECT SNOWFLAKE.CORTEX.FINETUNE('CREATE', 'D.PUBLIC.M_{writer}_{number}',"
        " 'llama3.1-8b', 'SELECT PROMPT, COMPLETION FROM D.PUBLIC.QA')"
    )
    yield sql, lambda rows: ("job", rows[0][0])


KINDS: Final = (_lines, _tables, _grants, _jobs, _counts)


class Writer:
    """One client; it writes one kind of statement, or all in turn, until it is told to stop."""

    def __init__(self, number: int, arguments: dict[str, Any]) -> None:
        self.acknowledged: list[Item] = []
        self.failure: Exception | None = None
        self._number = number
        self._connection = connect(arguments)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._write, name=f"writer {number}", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self) -> None:
        """End with the statement that is under way."""
        self._stop.set()
        self._thread.join(timeout=120)
        if self._thread.is_alive():
            self.failure = self.failure or TimeoutError("a statement was never answered")

    def close(self) -> None:
        """Log out."""
        self._connection.close()

    def _write(self) -> None:
        cursor = self._connection.cursor()
        for number in itertools.count():
            for sql, acknowledges in self._kind(number)(self._number, number):
                if self._stop.is_set():
                    return
                try:
                    rows = cursor.execute(sql).fetchall()
                except snowflake.connector.errors.Error as error:
                    self.failure = error
                    return
                self.acknowledged.append(acknowledges(rows))

    def _kind(self, number: int) -> Callable[[int, int], Iterator[Step]]:
        """The first five write one kind each, the others everything in turn."""
        place = self._number if self._number < len(KINDS) else number + self._number
        return KINDS[place % len(KINDS)]


def acknowledged(writers: list[Writer]) -> Counter[Item]:
    """What must be there: everything acknowledged, once."""
    items = Counter(item for writer in writers for item in writer.acknowledged)
    counts = Counter(item[1] for item in items if item[0] == "count")
    kept = Counter({item: n for item, n in items.items() if item[0] != "count"})
    return kept + Counter({("count", writer, str(n)): 1 for writer, n in counts.items()})


def found(cursor: Any) -> Counter[Item]:
    """What is there."""

    def rows(sql: str) -> Any:
        return cursor.execute(sql).fetchall()

    items: list[Item] = [
        ("line", str(w), str(n)) for w, n in rows("SELECT W, N FROM D.PUBLIC.LINES")
    ]
    counts = rows("SELECT W, N FROM D.PUBLIC.COUNTS WHERE N > 0")
    items += [("count", str(w), str(n)) for w, n in counts]
    items += [("table", row[1]) for row in rows(r"SHOW TABLES LIKE 'T\\_%' IN DATABASE D")]
    items += [("role", row[1]) for row in rows(r"SHOW ROLES LIKE 'R\\_%'")]
    grants = rows("SHOW GRANTS ON DATABASE D")
    items += [("grant", row[5]) for row in grants if row[5].startswith("R_")]
    ((jobs,),) = rows("SELECT SNOWFLAKE.CORTEX.FINETUNE('SHOW')")
    items += [("job", job["id"]) for job in json.loads(jobs)]
    return Counter(items)
