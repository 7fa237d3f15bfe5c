"""How many tokens a text has: one for each four characters, the last one perhaps shorter.

Snowflake says "about four characters"; its tokenizers are not public. This count depends on
nothing but the text, so that budgets, quotas and trained tokens can be foretold.
"""

from __future__ import annotations

from typing import Final

CHARACTERS: Final = 4


def count(text: str) -> int:
    """The tokens of a text."""
    return -(-len(text) // CHARACTERS)


def expression(sql: str) -> str:
    """The same count as a DuckDB expression over a text expression."""
    return f"((length({sql}) + {CHARACTERS - 1}) // {CHARACTERS})"
