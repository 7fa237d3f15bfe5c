"""TIME_SLICE: time in pieces of one width, aligned to the first day of 1970."""

from __future__ import annotations

from sqlglot import exp

from cortex_resources.emulator.queries.casts import integer
from cortex_resources.emulator.queries.compiler import Compiler
from cortex_resources.emulator.queries.expression import Expr
from cortex_resources.emulator.queries.faults import compilation, wrong_arguments, wrong_type
from cortex_resources.emulator.queries.functions.dates import back, temporal, wall
from cortex_resources.emulator.queries.functions.units import fine, unit_of
from cortex_resources.emulator.queries.registry import special
from cortex_resources.emulator.queries.types import Kind

MONTHS = {"year": 12, "quarter": 3, "month": 1}
SECONDS = {"week": 604_800, "day": 86_400, "hour": 3_600, "minute": 60, "second": 1}
MONDAY = "TIMESTAMP '1969-12-29'"  # weeks begin with the one that holds 1970-01-01
EPOCH = "TIMESTAMP '1970-01-01'"


@special("TIME_SLICE")
def time_slice(compiler: Compiler, trees: list[exp.Expr]) -> Expr:
    """TIME_SLICE(value, width, unit [, 'START' | 'END'])."""
    if not 3 <= len(trees) <= 4:
        raise wrong_arguments("TIME_SLICE", len(trees), 3, 4)
    value, unit = temporal(compiler.expr(trees[0])), unit_of(compiler, trees[2])
    width = integer(compiler.expr(trees[1])).constant
    if not isinstance(width, int) or width < 1:
        raise compilation(1007, "22023", "the width of TIME_SLICE is a number from 1 on")
    edge = str(compiler.constant(trees[3], "TIME_SLICE")).upper() if len(trees) > 3 else "START"
    if edge not in ("START", "END"):
        raise compilation(1007, "22023", f"'{edge}' is not START or END")
    known = unit in MONTHS or unit in SECONDS
    day = value.type.kind is Kind.DATE
    if not known or value.type.kind not in (Kind.DATE, Kind.TIMESTAMP_NTZ) or (day and fine(unit)):
        raise wrong_type("TIME_SLICE", f"{value.type}, {unit}")
    return back(_edge(wall(value), unit, width, edge == "END"), value.type, value)


def _edge(clock: str, unit: str, width: int, end: bool) -> str:
    """Where the slice of a moment begins or ends."""
    after = 1 if end else 0
    if unit in MONTHS:
        step = width * MONTHS[unit]
        months = f"((year({clock}) - 1970) * 12 + month({clock}) - 1)"
        return f"sf_months({EPOCH}, CAST((floor({months} / {step}) + {after}) * {step} AS BIGINT))"
    start = MONDAY if unit == "week" else EPOCH
    step = width * SECONDS[unit] * 1_000_000
    passed = f"(epoch_us({clock}) - epoch_us({start}))"
    turns = f"(({passed} - (({passed} % {step}) + {step}) % {step}) + {after * step})"
    return f"({start} + to_microseconds({turns}))"
