"""What tells that the rows behind a training query changed, although its text did not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cortex_resources.model import sqltext
from cortex_resources.model.names import QualifiedName
from cortex_resources.model.sqltext import Token, TokenType

VOLATILE = frozenset(
    {
        *("RANDOM", "RANDSTR", "UUID_STRING", "UNIFORM", "NORMAL", "ZIPF", "SEQ1", "SEQ2", "SEQ4"),
        *("SEQ8", "CURRENT_TIMESTAMP", "CURRENT_TIME", "CURRENT_DATE", "LOCALTIMESTAMP"),
        *("LOCALTIME", "GETDATE", "SYSDATE", "SYSTIMESTAMP", "CURRENT_TRANSACTION"),
    }
)
"""Functions that answer otherwise each time they are asked (*Context functions*, *Data generation
functions*)."""
_SAMPLED = frozenset({"SAMPLE", "TABLESAMPLE"})
_SEEDED = frozenset({"SEED", "REPEATABLE"})


class FingerprintBy(StrEnum):
    """Where the fingerprint of the rows comes from."""

    NONE = "none"
    """Nothing is asked; changed rows go unnoticed."""
    TEXT = "text"
    """The user says it: a version of a data set, a commit, a run of a pipeline."""
    COMMIT_TIME = "commit_time"
    """When the named tables were last written: costs nothing, and also sees what the query does not
    read."""
    HASH = "hash"
    """A hash over the rows: exact, and a scan each time it is asked."""


class OnDataChange(StrEnum):
    """What changed rows mean."""

    REPORT = "report"
    """A warning in every preview."""
    RETRAIN = "retrain"
    """A new paid job, shown by the preview as any other."""


@dataclass(frozen=True, slots=True)
class DataWatch:
    """How the rows of one model are watched.

    Arguments:
        by: where the fingerprint comes from.
        text: the fingerprint itself, for `text`.
        tables: whose last write counts, for `commit_time`.
        queries: whose rows are hashed, for `hash`; a view is written out, for it may not be there
            when it is first asked.
        on_change: what a change means.
    """

    by: FingerprintBy = FingerprintBy.NONE
    text: str = ""
    tables: tuple[QualifiedName, ...] = ()
    queries: tuple[str, ...] = ()
    on_change: OnDataChange = OnDataChange.REPORT

    @property
    def stated(self) -> str | None:
        """The fingerprint where no account need be asked; None where only the rows tell it."""
        match self.by:
            case FingerprintBy.NONE:
                return ""
            case FingerprintBy.TEXT:
                return f"{self.by} {self.text}"
        return None


def volatile(sql: str) -> str:
    """The first thing in a query that gives other rows each time it is run; nothing if none does.

    A hash over such a query changes although no row did.
    """
    found = sqltext.significant(sql)
    for at, token in enumerate(found):
        if token.type is not TokenType.WORD:
            continue
        if token.folded in VOLATILE and not _is_column(found, at):
            return token.folded
        if token.folded in _SAMPLED and not _is_seeded(found[at:]):
            return f"{token.folded} without SEED"
    return ""


def _is_column(items: list[Token], at: int) -> bool:
    """Whether a word is the name of a column: `t.seq4`, `x AS random`."""
    return at > 0 and (items[at - 1].text == "." or items[at - 1].folded == "AS")


def _is_seeded(rest: list[Token]) -> bool:
    words = [token.folded for token in rest[:8]]
    return any(word in _SEEDED for word in words)
