"""CREATE, ALTER, DROP and SHOW VIEWS.

SHOW VIEWS returns the whole CREATE statement as it was typed; the body is what follows its AS.
A leading block comment in the body is our marker: Snowflake keeps it, meaning ignores it.
Source: *CREATE VIEW*, *SHOW VIEWS*.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cortex_resources.model import sqltext
from cortex_resources.model.effects import Effect, Statement
from cortex_resources.model.names import QualifiedName
from cortex_resources.model.views import TrainingView
from cortex_resources.sql.literals import block_comment, literal

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class FoundView:
    """A view as the account showed it.

    `is_readable` is False when the role may not see the text (a secure view of another owner):
    then the query was not asked, which is not the same as empty.
    """

    view: TrainingView
    marker: str
    is_readable: bool


def show_in(schema: QualifiedName) -> Statement:
    """Read every view of one schema: one statement serves all of them."""
    return Statement(f"SHOW VIEWS IN SCHEMA {schema}", Effect.READ, f"views of {schema}")


def create(view: TrainingView, marker: str) -> Statement:
    """Create a view that must not exist."""
    return Statement(
        f"CREATE {_body(view, marker)}", Effect.CHANGE, f"view {view.name} is declared"
    )


def replace(view: TrainingView, marker: str) -> Statement:
    """Replace a view of ours in one step and keep what is granted on it."""
    text = f"CREATE OR REPLACE {_body(view, marker, copy_grants=True)}"
    return Statement(text, Effect.CHANGE, f"query of {view.name} differs")


def _body(view: TrainingView, marker: str, *, copy_grants: bool = False) -> str:
    secure = "SECURE " if view.secure else ""
    grants = " COPY GRANTS" if copy_grants else ""
    comment = f" COMMENT = {literal(view.comment)}" if view.comment else ""
    query = view.query.strip()
    return f"{secure}VIEW {view.name}{grants}{comment} AS {block_comment(marker)} {query}"


def set_comment(view: TrainingView) -> Statement:
    """Change the comment only: the query stays, nothing trains again."""
    text = f"ALTER VIEW {view.name} SET COMMENT = {literal(view.comment)}"
    return Statement(text, Effect.CHANGE, f"comment of {view.name} differs")


def set_secure(view: TrainingView) -> Statement:
    """Make a view secure, or plain again."""
    verb = "SET" if view.secure else "UNSET"
    return Statement(
        f"ALTER VIEW {view.name} {verb} SECURE", Effect.CHANGE, f"secure of {view.name} differs"
    )


def drop(name: QualifiedName) -> Statement:
    """Drop a view; there is no UNDROP VIEW."""
    return Statement(f"DROP VIEW {name}", Effect.DESTROY, f"view {name} left the stack")


def parse(rows: Sequence[Row]) -> dict[QualifiedName, FoundView]:
    """The views of SHOW VIEWS by their name."""
    return {found.view.name: found for found in map(_found, rows)}


def _found(row: Row) -> FoundView:
    name = QualifiedName((str(row["database_name"]), str(row["schema_name"]), str(row["name"])))
    text = str(row.get("text") or "")
    query = body_of(text)
    view = TrainingView(
        name=name,
        query=_without_marker(query),
        comment=str(row.get("comment") or ""),
        secure=str(row.get("is_secure")).lower() == "true",
    )
    return FoundView(view, sqltext.leading_comment(query), is_readable=bool(text))


def body_of(statement: str) -> str:
    """The query of a CREATE VIEW statement; the whole tail when the view renames its columns."""
    for token in sqltext.significant(statement):
        if token.text == "(":
            # A column list gives the columns other names than the query does.
            return statement[token.at :].strip()
        if token.type is sqltext.TokenType.WORD and token.folded == "AS":
            return statement[token.at + len(token.text) :].strip()
    return statement.strip()


def _without_marker(query: str) -> str:
    comment = sqltext.leading_comment(query)
    if not comment.startswith("cortex-resources "):
        return query
    return query[query.index("*/") + 2 :].strip()
