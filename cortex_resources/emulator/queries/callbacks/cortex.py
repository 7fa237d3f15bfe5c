"""Calls back into the account: FINETUNE and completions, by row."""

from __future__ import annotations

import json
from typing import Any

from cortex_resources.emulator.errors import SnowflakeError
from cortex_resources.emulator.queries.callbacks.table import callback
from cortex_resources.emulator.queries.context import QueryContext
from cortex_resources.emulator.queries.faults import Fault

CONTEXTS: dict[int, QueryContext] = {}


def _fault(error: SnowflakeError) -> Fault:
    return Fault(error.errno, error.sqlstate, error.message)


@callback("finetune", "BIGINT BIGINT VARCHAR VARCHAR[]", "VARCHAR", nulls=True, volatile=True)
def finetune(statement: int, site: int, kinds: str, arguments: list[str | None]) -> str:
    """What FINETUNE answers; `kinds` has one letter an argument: t is text, j is JSON."""
    given: list[Any] = [
        json.loads(value) if kind == "j" and value is not None else value
        for kind, value in zip(kinds, arguments, strict=True)
    ]
    try:
        answer = CONTEXTS[statement].cortex("FINETUNE", given, site)
    except SnowflakeError as error:
        raise _fault(error) from None
    return answer if isinstance(answer, str) else json.dumps(answer)


@callback("complete", "BIGINT VARCHAR VARCHAR BOOLEAN VARCHAR BOOLEAN", "VARCHAR", nulls=True)
def complete(  # noqa: PLR0917 - the engine passes arguments by position
    statement: int,
    model: str | None,
    prompt: str | None,
    rich: bool,
    options: str | None,
    attempt: bool,
) -> str | None:
    """What the model answers."""
    if model is None or prompt is None:
        return None
    asked: Any = json.loads(prompt) if rich else prompt
    try:
        return CONTEXTS[statement].complete(model, asked, json.loads(options) if options else None)
    except SnowflakeError as error:
        if attempt:
            return None
        raise _fault(error) from None
