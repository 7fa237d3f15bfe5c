"""Snowflake's errors as the local account raises them: number, SQLSTATE, message."""

from __future__ import annotations

import os
import re
from errno import EDQUOT, EFBIG, ENOSPC
from typing import Final

_NO_ROOM: Final = re.compile(
    "|".join(re.escape(os.strerror(number)) for number in (ENOSPC, EDQUOT, EFBIG)), re.IGNORECASE
)
"""How the system says that a file cannot grow: the disk, the user's share of it, a limit."""


class SnowflakeError(Exception):
    """A statement failed the way Snowflake would fail it.

    Arguments:
        errno: Snowflake's error number, sent to clients as six digits.
        sqlstate: five characters.
        message: the text after `NNNNNN (SQLST):`; like Snowflake's it may quote a value.
    """

    def __init__(self, errno: int, sqlstate: str, message: str) -> None:
        super().__init__(message)
        self.errno = errno
        self.sqlstate = sqlstate
        self.message = message


def missing_object(kind: str, name: str) -> SnowflakeError:
    """A table, view or model that is not there, or that the role may not see."""
    return SnowflakeError(
        2003, "42S02", f"SQL compilation error:\n{kind} '{name}' does not exist or not authorized."
    )


def missing_container(kind: str, name: str) -> SnowflakeError:
    """A database, schema, role or user that is not there, or that the role may not see."""
    return SnowflakeError(
        2003, "02000", f"SQL compilation error:\n{kind} '{name}' does not exist or not authorized."
    )


def inoperable() -> SnowflakeError:
    """USE, SHOW … IN or DESCRIBE … of a container that is missing or hidden."""
    return SnowflakeError(
        2043,
        "02000",
        "SQL compilation error:\nObject does not exist, or operation cannot be performed.",
    )


def already_exists(name: str) -> SnowflakeError:
    """A second object under a taken name."""
    return SnowflakeError(2002, "42710", f"SQL compilation error:\nObject '{name}' already exists.")


def insufficient(kind: str, name: str) -> SnowflakeError:
    """The role sees the object but may not do this to it."""
    return SnowflakeError(
        3001,
        "42501",
        f"SQL access control error:\nInsufficient privileges to operate on {kind} '{name}'",
    )


def disk_full(error: Exception) -> SnowflakeError | None:
    """What the engine's error comes to when no byte more can be written; None for any other.

    A COMMIT that the disk refuses reaches the engine's clients as a failed transaction.
    """
    found = _NO_ROOM.search(str(error))
    if found is None:
        return None
    return SnowflakeError(
        300001,
        "XX000",
        f"The disk of the local account is full ({found[0].lower()}), so nothing was changed."
        " Free space where its state file is, then repeat it.",
    )


def syntax_error(detail: str) -> SnowflakeError:
    """Text that no grammar here reads."""
    return SnowflakeError(1003, "42000", f"SQL compilation error:\nsyntax error {detail}")


def unsupported(what: str) -> SnowflakeError:
    """Something Snowflake has and the local account has not: named, never pretended."""
    return SnowflakeError(2, "0A000", f"Unsupported feature in the local account: {what}.")


def no_current(noun: str, errno: int) -> SnowflakeError:
    """A name needs the session's database or schema and there is none."""
    return SnowflakeError(
        errno,
        "22000",
        f"Cannot perform operation. This session does not have a current {noun}."
        f" Call 'USE {noun.upper()}', or use a qualified name.",
    )


def wrong_kind(expected: str, found: str) -> SnowflakeError:
    """A table where a view is meant, or the reverse."""
    return SnowflakeError(
        2203,
        "42601",
        f"SQL compilation error:\nObject found is of type '{found}',"
        f" not specified type '{expected}'.",
    )


def untyped(name: str) -> SnowflakeError:
    """A function named without the types of its arguments where they tell which one is meant."""
    return SnowflakeError(90208, "42601", f"Argument types of function '{name}' must be specified.")


def ambiguous_overload(name: str) -> SnowflakeError:
    """Two functions of a name that a call without its optional arguments could both mean."""
    return SnowflakeError(
        949,
        "42723",
        f"SQL compilation error:\nCannot overload FUNCTION '{name}' as it would cause ambiguous"
        " FUNCTION overloading.",
    )


def bind_missing(key: str) -> SnowflakeError:
    """A mark for which no value was sent."""
    return SnowflakeError(2049, "42601", f"SQL compilation error:\nBind variable :{key} not set")


def missing_result(query_id: str) -> SnowflakeError:
    """A query whose rows are not kept, or never were."""
    return SnowflakeError(
        709, "02000", f"Statement {query_id} not found or its result is no longer available"
    )


def unknown_function(name: str) -> SnowflakeError:
    """A function that is not there, or that the role may not use."""
    return SnowflakeError(2140, "42601", f"SQL compilation error:\nUnknown function {name}")


def invalid_value(detail: str) -> SnowflakeError:
    """A property or argument with a value that it cannot have."""
    return SnowflakeError(1008, "22023", f"SQL compilation error:\ninvalid value {detail}")


def cortex_failure(detail: str) -> SnowflakeError:
    """A Cortex function that reached its service and was refused there."""
    return SnowflakeError(100351, "P0000", f"Request failed for external function {detail}")
