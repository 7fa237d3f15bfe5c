"""Text as SQL literals and as fragments that cannot be escaped from."""

from __future__ import annotations

from cortex_resources.errors import InvalidNameError


def literal(text: str) -> str:
    """Write text as a quoted string; quotes are doubled, backslashes escaped.

    Source: *String & binary data types*, single-quoted string constants.

    Raises:
        InvalidNameError: the text holds a NUL character, which no literal can.
    """
    if "\0" in text:
        raise InvalidNameError(
            "a text holds a NUL character", hint="Remove it: SQL has no form for it."
        )
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def optional_literal(text: str | None) -> str:
    """Write text, or NULL in its place."""
    return "NULL" if text is None else literal(text)


def pattern(name: str) -> str:
    """Write a name for SHOW … LIKE, which may match more than the name: filter the rows exactly.

    A backslash escapes in a pattern, so any character may stand in its place.
    """
    return literal(name.replace("\\", "_"))


def block_comment(text: str) -> str:
    """Write text as a block comment; what would end it early is taken apart."""
    return "/* " + text.replace("*/", "* /") + " */"
