"""Finds the code for a statement by its first words."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from cortex_resources.emulator import lexer
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.errors import SnowflakeError, syntax_error, unsupported
from cortex_resources.emulator.lexer import TokenKind
from cortex_resources.emulator.outcome import Outcome
from cortex_resources.emulator.show import describe, show
from cortex_resources.emulator.statements import (
    alter,
    comment,
    create,
    data,
    drop,
    grant,
    revoke,
    session,
    transactions,
    use,
)

_VERBS: Final[dict[str, Callable[[Call], Outcome]]] = {
    "SELECT": data.select,
    "WITH": data.select,
    "(": data.select,
    "VALUES": data.select,
    "CALL": data.call_function,
    "INSERT": data.insert,
    "UPDATE": data.update,
    "DELETE": data.delete,
    "MERGE": data.merge,
    "TRUNCATE": data.truncate,
    "CREATE": create.run,
    "ALTER": alter.run,
    "DROP": drop.run,
    "UNDROP": drop.undrop,
    "GRANT": grant.run,
    "REVOKE": revoke.run,
    "SHOW": show.run,
    "DESCRIBE": describe.run,
    "DESC": describe.run,
    "USE": use.run,
    "SET": session.set_variable,
    "UNSET": session.unset_variable,
    "COMMENT": comment.run,
    "BEGIN": transactions.begin,
    "START": transactions.begin,
    "COMMIT": transactions.commit,
    "ROLLBACK": transactions.rollback,
}
_DATA: Final = frozenset(
    {"SELECT", "WITH", "(", "VALUES", "CALL", "INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE"}
)
_CHANGES: Final = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE"})
TRANSACTIONAL: Final = frozenset({"BEGIN", "START", "COMMIT", "ROLLBACK"})
_SHORT: Final = 1_000  # characters; longer texts are not kept
_KNOWN_ELSEWHERE: Final = frozenset(
    {
        "COPY", "DECLARE", "EXECUTE", "EXPLAIN", "GET", "LIST", "LS", "PUT", "REMOVE",
        "RM", "ANALYZE", "LOCK", "IF", "FOR", "LET", "RETURN",
    }
)  # fmt: skip


def head(sql: str) -> str:
    """The first word of a statement, upper case, or its first mark."""
    return _known_head(sql) if len(sql) <= _SHORT else _head(sql)


def _head(sql: str) -> str:
    tokens = lexer.tokenize(sql, limit=1)
    if not tokens:
        return ""
    first = tokens[0]
    return first.value if first.kind is not TokenKind.QUOTED else sql[first.start : first.end]


_known_head = lru_cache(maxsize=1_000)(_head)  # each statement is asked for it several times


def is_data(verb: str) -> bool:
    """Whether a statement with this first word reads or writes rows, and no catalog."""
    return verb in _DATA


def is_change(verb: str) -> bool:
    """Whether a data statement with this first word writes rows."""
    return verb in _CHANGES


def find(sql: str) -> Callable[[Call], Outcome]:
    """What executes this statement; a syntax error or a named refusal when nothing does."""
    verb = head(sql)
    if verb in _VERBS:
        return _VERBS[verb]
    if not verb:
        raise SnowflakeError(900, "42000", "SQL compilation error:\nEmpty SQL statement.")
    if verb in _KNOWN_ELSEWHERE:
        raise unsupported(f"statement {verb}")
    raise syntax_error(f"line 1 at position 0 unexpected '{verb[:80]}'.")
