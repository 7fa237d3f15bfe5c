"""Reads case files: each holds a list of cases, a case opens with its claim."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from cortex_resources.model.effects import Statement
from cortex_resources.plan.verdict import Plan, Verdict

Case = dict[str, Any]

HERE = Path(__file__).parent


def cases(kind: str) -> dict[str, Case]:
    """Every case of one kind by its claim; a claim that is made twice is an error."""
    found: dict[str, Case] = {}
    for path in sorted((HERE / kind).glob("*.yaml")):
        for case in yaml.safe_load(path.read_text(encoding="utf-8")):
            claim = f"{path.stem}: {case.pop('claim')}"
            assert claim not in found
            found[claim] = case
    assert found
    return found


def lines(items: Sequence[str] | None) -> str:
    return "".join(f"{item}\n" for item in items or ())


def shown(statements: Sequence[Statement]) -> list[str]:
    """Statements as case files write them: the effect, then the text."""
    assert all(statement.why for statement in statements)
    return [f"{statement.effect} {statement.text}" for statement in statements]


def require(plan: Plan, case: Case, default: Verdict = Verdict.UPDATE) -> None:
    """The whole plan is what the case says; what it leaves out is empty."""
    assert shown(plan.statements) == case.get("statements", [])
    assert plan.notes == tuple(case.get("notes", ()))
    assert plan.verdict == case.get("verdict", default)
