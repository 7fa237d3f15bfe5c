"""QUERY_HISTORY and RESULT_SCAN: what became of a statement whose reply nobody read.

Source: *QUERY_HISTORY, QUERY_HISTORY_BY_\\** (seven days, a user's own statements) and
*RESULT_SCAN* (24 hours, the user who ran the statement).
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from cortex_resources.model.effects import Effect, Statement
from cortex_resources.model.names import QualifiedName
from cortex_resources.sql.literals import literal

Row = Mapping[str, object]

MOST_ROWS = 10_000
"""The most that QUERY_HISTORY gives; the newest come first."""

_TAG = re.compile(
    r"(?:(?P<signature>cortex-resources .+ spec=[0-9a-f]{64} as .+) )?"
    r"(?P<verb>key|removed)=(?P<key>[0-9a-f]{32})(?:\.(?P<attempt>\d+))?"
)
_DONE, _FAILED = "SUCCESS", "FAIL"


class Outcome(StrEnum):
    """What history says about a statement."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Trace:
    """One statement that carried the key of an order.

    `is_removal` is a statement of our own destroy; the others are submits. `signature` says for
    which declaration and which model, as the comment in front of a training query does. Times are
    milliseconds since 1970.
    """

    query_id: str
    outcome: Outcome
    started: int
    is_removal: bool = False
    attempt: int = 1
    ended: int | None = None
    signature: str = ""


def search(key: str, database: QualifiedName) -> Statement:
    """Statements of the last days whose query tag holds a key.

    The function is asked through a database that the role sees: it shows the whole account.
    """
    return _tagged(f"%={key}%", database, "a submit whose reply nobody read")


def submits(database: QualifiedName) -> Statement:
    """Every submit of ours in the last days, whoever declared it."""
    return _tagged("cortex-resources % spec=% key=%", database, "who submitted a job")


def evaluations(key: str, database: QualifiedName) -> Statement:
    """Statements of the last days that asked a model for the scores of a gate."""
    return _tagged(f"cortex-resources %evaluation={key}", database, "an evaluation nobody read")


def _tagged(wanted: str, database: QualifiedName, why: str) -> Statement:
    return Statement(
        "SELECT QUERY_ID, QUERY_TAG, EXECUTION_STATUS, START_TIME, END_TIME FROM"
        f" TABLE({database}.INFORMATION_SCHEMA.QUERY_HISTORY(RESULT_LIMIT => {MOST_ROWS}))"
        f" WHERE QUERY_TAG LIKE {literal(wanted)} ORDER BY START_TIME",
        Effect.READ,
        why,
    )


def result(query_id: str) -> Statement:
    """The rows that a statement gave, for 24 hours."""
    return Statement(
        f"SELECT * FROM TABLE(RESULT_SCAN({literal(query_id)}))",
        Effect.READ,
        f"what query {query_id} answered",
    )


def outcomes(rows: Sequence[Row]) -> list[tuple[str, Outcome]]:
    """Query id and outcome of each statement, oldest first."""
    return [(str(row["QUERY_ID"]), _outcome(row)) for row in rows]


def parse(rows: Sequence[Row]) -> list[Trace]:
    """The traces of `search`, oldest first."""
    found = []
    for row in rows:
        tag = _TAG.search(str(row.get("QUERY_TAG") or ""))
        if tag is None:
            continue
        found.append(
            Trace(
                query_id=str(row["QUERY_ID"]),
                outcome=_outcome(row),
                started=_moment(row.get("START_TIME")) or 0,
                is_removal=tag["verb"] == "removed",
                attempt=int(tag["attempt"] or 1),
                ended=_moment(row.get("END_TIME")),
                signature=tag["signature"] or "",
            )
        )
    return found


def _outcome(row: Row) -> Outcome:
    word = str(row.get("EXECUTION_STATUS") or "").upper()
    # "SUCCESS", "FAIL", "FAILED_WITH_ERROR", "INCIDENT"; whatever is not an end still runs.
    if word == _DONE:
        return Outcome.DONE
    is_failed = word.startswith(_FAILED) or word.endswith("INCIDENT")
    return Outcome.FAILED if is_failed else Outcome.RUNNING


def _moment(value: object) -> int | None:
    return int(value.timestamp() * 1000) if isinstance(value, datetime.datetime) else None
