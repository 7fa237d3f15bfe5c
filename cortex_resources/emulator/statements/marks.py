"""Marks for bound values in texts that are kept: their values are gone when the text is read."""

from __future__ import annotations

from itertools import pairwise

from cortex_resources.emulator import lexer
from cortex_resources.emulator.lexer import TokenKind


def has_marks(body: str) -> bool:
    """Whether a query or an expression holds `?` or `:1`."""
    tokens = lexer.tokenize(body)
    return any(
        token.kind is TokenKind.PUNCTUATION
        and (token.value == "?" or (token.value == ":" and after.kind is TokenKind.NUMBER))
        for token, after in pairwise([*tokens, *tokens[-1:]])
    )
