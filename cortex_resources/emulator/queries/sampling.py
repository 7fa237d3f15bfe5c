"""SAMPLE: a share of the rows or a number of them, repeatable with a seed."""

from __future__ import annotations

from sqlglot import exp

from cortex_resources.emulator.errors import unsupported
from cortex_resources.emulator.queries.compiler import Compiler, refuse_clauses
from cortex_resources.emulator.queries.faults import compilation

MAX_ROWS = 1_000_000


def sampled(compiler: Compiler, sample: exp.Expr, sql: str, columns: list[str], table: bool) -> str:
    """A relation thinned out."""
    refuse_clauses(sample, {"method", "percent", "size", "seed"}, "SAMPLE")
    seed, method = sample.args.get("seed"), sample.args.get("method")
    block = method is not None and method.name.upper() in ("SYSTEM", "BLOCK")
    listed = ", ".join(columns)
    if sample.args.get("size") is not None:
        if seed is not None or block:
            raise compilation(
                2093, "42601", "SYSTEM, BLOCK and SEED are not supported for fixed-size sampling"
            )
        count = _number(compiler, sample.args["size"])
        if count != int(count) or not 0 <= count <= MAX_ROWS:
            raise compilation(2094, "42601", f"the sample size must be from 0 to {MAX_ROWS}")
        return f"(SELECT {listed} FROM {sql} ORDER BY random() LIMIT {int(count)})"
    share = _number(compiler, sample.args.get("percent"))
    if not 0 <= share <= 100:
        raise compilation(2094, "42601", "the sample percentage must be from 0 to 100")
    if seed is None:
        return f"(SELECT {listed} FROM {sql} WHERE random() * 100 < {share!r})"
    if not table:
        raise compilation(
            2095, "42601", "Sampling with seed is not supported on views or subqueries"
        )
    start = _number(compiler, seed)
    if start != int(start) or not 0 <= start < 2**31:
        raise compilation(2094, "42601", "the seed must be from 0 to 2147483647")
    return _seeded(compiler, sql, listed, share, int(start))


def _seeded(compiler: Compiler, sql: str, listed: str, share: float, seed: int) -> str:
    """Row by row in storage order: the same rows as long as the table stays the same."""
    place = compiler.statement.fresh()
    drawn = f"md5_number_lower(concat({place}, ':', {seed})) / 18446744073709551616.0 * 100"
    return (
        f"(SELECT {listed} FROM (SELECT {listed}, row_number() OVER () AS {place} FROM {sql}) "
        f"WHERE {drawn} < {share!r})"
    )


def _number(compiler: Compiler, tree: exp.Expr | None) -> float:
    if tree is None:
        raise unsupported("this form of SAMPLE")
    value = compiler.constant(tree, "SAMPLE")
    if not isinstance(value, (int, float)) and not hasattr(value, "as_integer_ratio"):
        raise compilation(2094, "42601", "SAMPLE needs a number")
    return float(value)
