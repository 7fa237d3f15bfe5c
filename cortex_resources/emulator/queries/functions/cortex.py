"""SNOWFLAKE.CORTEX functions: FINETUNE once for equal arguments, completions and counts by row."""

from __future__ import annotations

from sqlglot import exp

from cortex_resources.emulator.errors import unsupported
from cortex_resources.emulator.finetune import tokens
from cortex_resources.emulator.queries.casts import json_text, text, to_variant
from cortex_resources.emulator.queries.compiler import Compiler
from cortex_resources.emulator.queries.expression import Expr, derive, quote
from cortex_resources.emulator.queries.faults import wrong_arguments
from cortex_resources.emulator.queries.names import fold
from cortex_resources.emulator.queries.registry import special
from cortex_resources.emulator.queries.types import NUMBER, SEMI, TEXT

MOST_ARGUMENTS = 6
ONCE = ("CREATE", "CANCEL")
"""What FINETUNE does for good; its arguments are not taken from rows."""


@special("SNOWFLAKE.CORTEX.FINETUNE")
def finetune(compiler: Compiler, trees: list[exp.Expr]) -> Expr:
    """FINETUNE: asked when the first row needs it, once for equal arguments.

    Nothing is asked while a statement is compiled: one that is wrong elsewhere starts no job,
    and neither does one that is only described.
    """
    compiler.statement.context.authorise_cortex("SNOWFLAKE.CORTEX.FINETUNE")
    if compiler.environment.asker:
        raise unsupported("FINETUNE in the body of a function")
    if any(isinstance(tree, (exp.Kwarg, exp.PropertyEQ)) for tree in trees):
        raise unsupported("named arguments of FINETUNE")
    if not 1 <= len(trees) <= MOST_ARGUMENTS:
        raise wrong_arguments("SNOWFLAKE.CORTEX.FINETUNE", len(trees), 1, MOST_ARGUMENTS)
    given = compiler.exprs(trees)
    if any(one.aggregate or one.window for one in given):
        raise unsupported("aggregates in arguments of FINETUNE")
    verb = str(given[0].constant).upper() if given and given[0].known else ""
    if verb in ONCE and any(tree.find(exp.Column) for tree in trees):
        raise unsupported(f"FINETUNE('{verb}') with arguments from columns")
    if compiler.statement.describe_only:
        return Expr("CAST('' AS VARCHAR)", TEXT)
    kinds = "".join("j" if one.type.kind in SEMI else "t" for one in given)
    listed = ", ".join(
        f"CAST({(json_text(one) if one.type.kind in SEMI else text(one)).sql} AS VARCHAR)"
        for one in given
    )
    statement = compiler.statement
    site = f"{statement.key}, {next(statement.counter)}"
    return Expr(f"sf_finetune({site}, {quote(kinds)}, CAST([{listed}] AS VARCHAR[]))", TEXT)


NAMED = ("MODEL", "PROMPT", "MODEL_PARAMETERS", "RESPONSE_FORMAT", "SHOW_DETAILS")


def _completion(
    compiler: Compiler, function: str, trees: list[exp.Expr], *, attempt: bool = False
) -> Expr:
    compiler.statement.context.authorise_cortex(function)
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
    how = "j" * rich + "t" * attempt
    if "MODEL_PARAMETERS" in given and function != "AI_COMPLETE":
        how += "d"
    options = (
        to_variant(compiler.expr(given["MODEL_PARAMETERS"])).sql
        if "MODEL_PARAMETERS" in given
        else "NULL"
    )
    asked = json_text(prompt) if rich else text(prompt)
    asker = compiler.environment.asker or compiler.statement.key
    sql = (
        f"sf_complete({asker}, {model.sql}, {asked.sql}, CAST({options} AS VARCHAR), {quote(how)})"
    )
    return derive(sql, TEXT, model, prompt)


@special("AI_COMPLETE")
def ai_complete(compiler: Compiler, trees: list[exp.Expr]) -> Expr:
    """AI_COMPLETE(model, prompt [, parameters]): text."""
    return _completion(compiler, "AI_COMPLETE", trees)


@special("SNOWFLAKE.CORTEX.COMPLETE")
def complete(compiler: Compiler, trees: list[exp.Expr]) -> Expr:
    """COMPLETE: text, or with options an object with choices."""
    return _completion(compiler, "SNOWFLAKE.CORTEX.COMPLETE", trees)


@special("SNOWFLAKE.CORTEX.TRY_COMPLETE")
def try_complete(compiler: Compiler, trees: list[exp.Expr]) -> Expr:
    """TRY_COMPLETE: NULL where COMPLETE fails."""
    return _completion(compiler, "SNOWFLAKE.CORTEX.TRY_COMPLETE", trees, attempt=True)


@special("AI_EXTRACT")
def ai_extract(compiler: Compiler, _trees: list[exp.Expr]) -> Expr:
    """AI_EXTRACT reads documents in a stage, and there are no stages here."""
    compiler.statement.context.authorise_cortex("AI_EXTRACT")
    raise unsupported("AI_EXTRACT, since there are no stages with documents")


def _tokens(compiler: Compiler, function: str, model: exp.Expr, value: exp.Expr) -> Expr:
    """A count that the engine computes by itself; NULL of NULL, an error for an unknown model."""
    compiler.statement.context.authorise_cortex(function)
    name, found = text(compiler.expr(model)), text(compiler.expr(value))
    known = ", ".join(quote(one) for one in compiler.statement.context.countable_models())
    refusal = quote(
        f"@@SF:100351:P0000:Request failed for external function {function.rpartition('.')[2]}"
        " with remote service error: 400 '\"unknown model"
    )
    sql = (
        f"CASE WHEN {name.sql} IS NULL OR {found.sql} IS NULL THEN NULL"
        f" WHEN {name.sql} IN ({known}) THEN {tokens.expression(found.sql)}"
        f" ELSE CAST(error({refusal} || ' ' || {name.sql} || '\"''@@') AS BIGINT) END"
    )
    return derive(sql, NUMBER, name, found)


@special("SNOWFLAKE.CORTEX.COUNT_TOKENS")
def count_tokens(compiler: Compiler, trees: list[exp.Expr]) -> Expr:
    """COUNT_TOKENS(model, text)."""
    if len(trees) != 2:
        raise wrong_arguments("COUNT_TOKENS", len(trees), 2, 2)
    return _tokens(compiler, "SNOWFLAKE.CORTEX.COUNT_TOKENS", trees[0], trees[1])


@special("AI_COUNT_TOKENS")
def ai_count_tokens(compiler: Compiler, trees: list[exp.Expr]) -> Expr:
    """AI_COUNT_TOKENS('ai_complete', model, text)."""
    if len(trees) != 3:
        raise wrong_arguments("AI_COUNT_TOKENS", len(trees), 3, 3)
    function = compiler.constant(trees[0], "AI_COUNT_TOKENS")
    if function != "ai_complete":
        raise unsupported("AI_COUNT_TOKENS for a function other than 'ai_complete'")
    return _tokens(compiler, "AI_COUNT_TOKENS", trees[1], trees[2])
