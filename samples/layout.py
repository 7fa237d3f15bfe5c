"""Where each sample stack keeps its rows: database, schemas, tables, roles, warehouse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cortex_resources.model.names import QualifiedName
from samples.stdlib_pairs import Pair

Rows = Sequence[tuple[str, ...]]

_SEED_STEP = 8
"""The example of one small table takes every eighth pair."""


@dataclass(frozen=True, slots=True)
class SampleTable:
    """One table, its text columns, and the rows it takes from the pairs."""

    name: str
    columns: tuple[str, ...]
    rows: Callable[[Sequence[Pair]], Rows]


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything that a sample stack expects to find in an account."""

    database: str
    schemas: tuple[str, ...]
    data_schema: str
    tables: tuple[SampleTable, ...]
    roles: tuple[str, ...]
    warehouse: str = "TRAIN_WH"

    @property
    def home(self) -> QualifiedName:
        """The schema that holds the tables."""
        return QualifiedName((self.database, self.data_schema))


def _documentation(pairs: Sequence[Pair]) -> Rows:
    return [(p.question, p.answer, p.module, p.split) for p in pairs]


def _slice_of(split: str) -> Callable[[Sequence[Pair]], Rows]:
    def rows(pairs: Sequence[Pair]) -> Rows:
        return [(p.question, p.answer) for p in pairs if p.split == split][::_SEED_STEP]

    return rows


def _documents(database: str) -> Layout:
    table = SampleTable("DOC_PAIRS", ("QUESTION", "ANSWER", "MODULE", "SPLIT"), _documentation)
    roles = (f"{database}_TRAINER", f"{database}_APP")
    return Layout(database, ("RAW", "ML"), "RAW", (table,), roles)


LAYOUTS = {
    "dev": _documents("DOCS_DEV"),
    "staging": _documents("DOCS_STAGING"),
    "prod": _documents("DOCS_PROD"),
    "seed": Layout(
        "CORTEX_SEED",
        ("ML",),
        "ML",
        (
            SampleTable("TRAINING_TABLE", ("QUESTION", "ANSWER"), _slice_of("train")),
            SampleTable("VALIDATION_TABLE", ("PROMPT", "RESPONSE"), _slice_of("valid")),
        ),
        ("CORTEX_SEED_TRAINER",),
    ),
}


def without_sample(stack: str) -> str:
    """What to tell about a stack that brings its own rows."""
    return f"stack {stack} has no sample rows; {', '.join(LAYOUTS)} have"
