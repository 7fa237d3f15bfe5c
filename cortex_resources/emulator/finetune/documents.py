"""What arctic-extract is tuned on: a version of a Dataset with documents, questions and answers.

Limits and columns are those of *Fine-tuning arctic-extract models*. The documents themselves are
not read: the local account has no stages, so each counts as one page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import _duckdb as duckdb

from cortex_resources.emulator.access import rules
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Dataset, Kind, Snapshot
from cortex_resources.emulator.errors import SnowflakeError
from cortex_resources.emulator.reader import parse_path

COLUMNS: Final = ("FILE", "PROMPT", "RESPONSE")
FILES: Final = 1_000
ENTITY_QUESTIONS: Final = 100
TABLE_QUESTIONS: Final = 10
QUESTIONS_BY_PAGES: Final = 50_000
_PLACE: Final = re.compile(r"snow://dataset/(?P<name>.+)/versions/(?P<version>[^/]+)/?")


@dataclass(slots=True)
class Contents:
    """The files and the questions of a version, and what is wrong with it."""

    rows: int = 0
    files: set[str] = field(default_factory=set)
    entities: set[str] = field(default_factory=set)
    tables: set[str] = field(default_factory=set)
    problem: str = ""

    def shortcoming(self) -> str:
        """Why it cannot be trained on; nothing when it can."""
        asked = len(self.entities) + len(self.tables)
        checks = (
            (bool(self.problem), self.problem),
            (not self.rows, "the Dataset version has no rows"),
            (len(self.files) > FILES, f"more than {FILES} document files"),
            (len(self.entities) > ENTITY_QUESTIONS, f"more than {ENTITY_QUESTIONS} questions"),
            (len(self.tables) > TABLE_QUESTIONS, f"more than {TABLE_QUESTIONS} table questions"),
            (asked * self.rows > QUESTIONS_BY_PAGES, "questions times pages exceed 50000"),
        )
        return next((text for wrong, text in checks if wrong), "")


def stage(call: Call, place: str, name: str, cursor: duckdb.DuckDBPyConnection) -> Contents:
    """Put prompts and responses into a temporary table; what the version holds."""
    snapshot = _version(call, place)
    cells = {column.upper(): f"c{at}" for at, column in enumerate(snapshot.columns, 1)}
    missing = [column for column in COLUMNS if column not in cells]
    if missing:
        return Contents(problem=f"the Dataset has no column {missing[0].capitalize()}")
    listed = ", ".join(f"CAST({cells[column]} AS VARCHAR)" for column in COLUMNS)
    rows = cursor.execute(f"SELECT {listed} FROM {snapshot.relation}").fetchall()
    cursor.execute(
        f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT CAST({cells['PROMPT']} AS VARCHAR) AS c1,"
        f" CAST({cells['RESPONSE']} AS VARCHAR) AS c2 FROM {snapshot.relation}"
    )
    return _contents(rows)


def _version(call: Call, place: str) -> Snapshot:
    found = _PLACE.fullmatch(place.strip())
    if found is None:
        raise SnowflakeError(
            1008, "22023", "invalid value for a Dataset: snow://dataset/<name>/versions/<version>"
        )
    dataset = call.resolve(Kind.DATASET, parse_path(found["name"]))
    assert isinstance(dataset, Dataset)  # noqa: S101 - resolved by kind
    call.authority.permit(rules.TRAIN, dataset)
    for snapshot in dataset.snapshots:
        if snapshot.name == found["version"]:
            return snapshot
    raise SnowflakeError(
        2003, "42S02", f"Dataset version '{place}' does not exist or not authorized."
    )


def _contents(rows: list[tuple[str | None, str | None, str | None]]) -> Contents:
    held = Contents(rows=len(rows))
    for number, (file, prompt, response) in enumerate(rows, 1):
        try:
            asked = list(_questions(_parsed(prompt)))
        except ValueError:
            held.problem = f"the Prompt of row {number} is not in a format of responseFormat"
            break
        if file is None or not isinstance(_parsed(response), dict):
            held.problem = f"row {number} has no File, or a Response that is not a JSON object"
            break
        held.files.add(file)
        for text, is_table in asked:
            (held.tables if is_table else held.entities).add(text)
    return held


def _parsed(text: str | None) -> Any:
    try:
        return json.loads(text or "")
    except ValueError:
        return None


def _questions(prompt: Any) -> Iterator[tuple[str, bool]]:
    """Each question as text, and whether it is about a table; ValueError for other shapes."""
    if isinstance(prompt, dict) and isinstance(prompt.get("schema"), dict):
        properties = prompt["schema"].get("properties", {})
        for key, about in properties.items():
            yield f"{key}: {json.dumps(about, sort_keys=True)}", about.get("type") == "object"
    elif isinstance(prompt, dict) and prompt:
        yield from ((f"{key}: {question}", False) for key, question in prompt.items())
    elif isinstance(prompt, list) and prompt:
        for item in prompt:
            if not isinstance(item, str | list):
                raise ValueError
            yield (item if isinstance(item, str) else ": ".join(map(str, item))), False
    else:
        raise ValueError
