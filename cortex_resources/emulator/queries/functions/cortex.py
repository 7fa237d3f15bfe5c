"""SNOWFLAKE.CORTEX functions: FINETUNE once per statement, completions and counts by row."""

from __future__ import annotations

import json
from typing import Any

from sqlglot import exp

from cortex_resources.emulator.errors import unsupported
from cortex_resources.emulator.queries.casts import text, to_variant
from cortex_resources.emulator.queries.compiler import Compiler
from cortex_resources.emulator.queries.expression import Expr, derive, text_constant
from cortex_resources.emulator.queries.faults import wrong_arguments
from cortex_resources.emulator.queries.names import fold
from cortex_resources.emulator.queries.registry import special
from cortex_resources.emulator.queries.types import NUMBER, SEMI, TEXT


@special("SNOWFLAKE.CORTEX.FINETUNE")
def finetune(compiler: Compiler, trees: list[exp.Expr]) -> Expr:
    """FINETUNE: asked once, before any row is read; describing a statement asks nothing."""
    arguments: list[Any] = [argument(compiler, tree) for tree in trees]
    if compiler.statement.describe_only:
        return Expr("CAST('' AS VARCHAR)", TEXT)
    answer = compiler.statement.context.cortex("FINETUNE", arguments)
    found = answer if isinstance(answer, str) else json.dumps(answer)
    return Expr(text_constant(found).sql, TEXT, found)


def argument(compiler: Compiler, tree: exp.Expr) -> Any:
    """An argument of FINETUNE: text, NULL, or an object as Python value."""
    value = compiler.expr(tree)
    if value.type.kind in SEMI:
        found = compiler.constant(tree, "FINETUNE")
        return json.loads(found) if isinstance(found, str) else found
    return compiler.constant(tree, "FINETUNE")


NAMED = ("MODEL", "PROMPT", "MODEL_PARAMETERS", "RESPONSE_FORMAT", "SHOW_DETAILS")


def _completion(compiler: Compiler, trees: list[exp.Expr], attempt: bool) -> Expr:
    given: dict[str, exp.Expr] = {}
    for place, tree in enumerate(trees):
        if isinstance(tree, (exp.Kwarg, exp.PropertyEQ)):
            given[fold(tree.this)] = tree.expression
        elif place < len(NAMED):
            given[NAMED[place]] = tree
    unknown = set(given) - set(NAMED[:3])
    if unknown:
        raise unsupported(f"argument {min(unknown)} of COMPLETE")
    if "MODEL" not in given or "PROMPT" not in given:
        raise wrong_arguments("COMPLETE", len(trees), 2, 3)
    model, prompt = text(compiler.expr(given["MODEL"])), compiler.expr(given["PROMPT"])
    rich = prompt.type.kind in SEMI
    options = (
        to_variant(compiler.expr(given["MODEL_PARAMETERS"])).sql
        if "MODEL_PARAMETERS" in given
        else "NULL"
    )
    asked = prompt if rich else text(prompt)
    sql = (
        f"sf_complete({compiler.statement.key}, {model.sql}, {asked.sql}, {str(rich).upper()}, "
        f"CAST({options} AS VARCHAR), {str(attempt).upper()})"
    )
    return derive(sql, TEXT, model, prompt)


@special("AI_COMPLETE")
def ai_complete(compiler: Compiler, trees: list[exp.Expr]) -> Expr:
    """AI_COMPLETE(model, prompt [, parameters]): text."""
    return _completion(compiler, trees, attempt=False)


@special("SNOWFLAKE.CORTEX.COMPLETE")
def complete(compiler: Compiler, trees: list[exp.Expr]) -> Expr:
    """COMPLETE: text, or with options an object with choices."""
    return _completion(compiler, trees, attempt=False)


@special("SNOWFLAKE.CORTEX.TRY_COMPLETE")
def try_complete(compiler: Compiler, trees: list[exp.Expr]) -> Expr:
    """TRY_COMPLETE: NULL where COMPLETE fails."""
    return _completion(compiler, trees, attempt=True)


def _tokens(compiler: Compiler, model: exp.Expr, value: exp.Expr) -> Expr:
    name, found = text(compiler.expr(model)), text(compiler.expr(value))
    sql = f"sf_count_tokens({compiler.statement.key}, {name.sql}, {found.sql})"
    return derive(sql, NUMBER, name, found)


@special("SNOWFLAKE.CORTEX.COUNT_TOKENS")
def count_tokens(compiler: Compiler, trees: list[exp.Expr]) -> Expr:
    """COUNT_TOKENS(model, text)."""
    if len(trees) != 2:
        raise wrong_arguments("COUNT_TOKENS", len(trees), 2, 2)
    return _tokens(compiler, trees[0], trees[1])


@special("AI_COUNT_TOKENS")
def ai_count_tokens(compiler: Compiler, trees: list[exp.Expr]) -> Expr:
    """AI_COUNT_TOKENS('ai_complete', model, text)."""
    if len(trees) != 3:
        raise wrong_arguments("AI_COUNT_TOKENS", len(trees), 3, 3)
    function = compiler.constant(trees[0], "AI_COUNT_TOKENS")
    if function != "ai_complete":
        raise unsupported("AI_COUNT_TOKENS for a function other than 'ai_complete'")
    return _tokens(compiler, trees[1], trees[2])
