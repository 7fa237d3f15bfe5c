"""Calls back into the account: FINETUNE and completions, by row."""

from __future__ import annotations

import json
from typing import Any

from cortex_resources.emulator.errors import SnowflakeError
from cortex_resources.emulator.finetune import tokens
from cortex_resources.emulator.queries.callbacks.table import callback
from cortex_resources.emulator.queries.context import Answering
from cortex_resources.emulator.queries.faults import Fault

CONTEXTS: dict[int, Answering] = {}


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


@callback("complete", "BIGINT VARCHAR VARCHAR VARCHAR VARCHAR", "VARCHAR", nulls=True)
def complete(
    statement: int, model: str | None, prompt: str | None, options: str | None, how: str
) -> str | None:
    """What the model answers.

    Letters of `how`: j, the prompt is JSON; d, with details; t, NULL instead of an error.
    """
    if model is None or prompt is None:
        return None
    asked: Any = json.loads(prompt) if "j" in how else prompt
    context = CONTEXTS[statement]
    given: Any = json.loads(options) if options else None
    try:
        answer = context.complete(model, asked, given)
    except SnowflakeError as error:
        if "t" in how:
            return None
        raise _fault(error) from None
    most = given.get("max_tokens") if isinstance(given, dict) else None
    if isinstance(most, int) and most >= 0:
        answer = answer[: most * tokens.CHARACTERS]
    return _detailed(context, model, prompt, answer) if "d" in how else answer


def _detailed(context: Answering, model: str, prompt: str, answer: str) -> str:
    """The object that *COMPLETE (SNOWFLAKE.CORTEX)* returns when options are given."""
    asked, told = tokens.count(prompt), tokens.count(answer)
    usage = {"completion_tokens": told, "prompt_tokens": asked, "total_tokens": asked + told}
    return json.dumps(
        {
            "choices": [{"messages": answer}],
            "created": int(context.now.timestamp()),
            "model": model,
            "usage": usage,
        }
    )
