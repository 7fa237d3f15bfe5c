"""`cortex-resources validate`: are the stack files right, without asking any account."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from cortex_resources.cli import options
from cortex_resources.errors import SpecError
from cortex_resources.model.stack import Stack
from cortex_resources.specs import load
from cortex_resources.specs.load import Checked


@click.command(short_help="Check stack files.")
@click.argument("stacks", nargs=-1, metavar="[STACK]...")
@options.folder
@options.as_json
@click.pass_context
def validate(ctx: click.Context, stacks: tuple[str, ...], folder: Path, as_json: bool) -> None:
    """Check the stack files of each STACK, or of all, and tell every violation.

    Nothing is connected to and nothing is changed. Exit codes: 0 all are fine, 2 violations,
    1 a stack file is missing.
    """
    missing: list[str] = []
    checked: dict[str, Checked] = {}
    names = stacks or load.stacks_in(folder)
    if not names:
        missing.append(f"there are no stack files in {folder.as_posix()}; write dev.yaml there")
    for name in dict.fromkeys(names):
        try:
            checked[name] = load.check(name, folder)
        except SpecError as error:
            missing += error.violations
    if as_json:
        click.echo(_as_json(checked, missing, folder))
    else:
        _print(checked, missing, folder)
    is_broken = any(result.stack is None for result in checked.values())
    ctx.exit(1 if missing else 2 if is_broken else 0)


def _print(checked: dict[str, Checked], missing: list[str], folder: Path) -> None:
    for name, result in checked.items():
        click.echo(_as_text(name, result, folder))
    for line in missing:
        click.echo(f"error: {line}", err=True)


def _as_text(name: str, result: Checked, folder: Path) -> str:
    lines = [str(violation) for violation in result.violations]
    lines += [f"warning: {warning}" for warning in (*result.warnings, *result.doubts)]
    count = len(result.violations)
    outcome = f"{count} violation{'' if count == 1 else 's'}"
    if result.stack:
        outcome = f"fine, {_content(result.stack)}"
    head = f"{(folder / f'{name}.yaml').as_posix()}: {outcome}"
    return "\n  ".join([head, *lines])


def _content(stack: Stack) -> str:
    counts = {
        "grant": len(stack.privileges) + len(stack.roles),
        "view": len(stack.views),
        "model": len(stack.models),
    }
    return ", ".join(f"{n} {noun}{'' if n == 1 else 's'}" for noun, n in counts.items())


def _as_json(checked: dict[str, Checked], missing: list[str], folder: Path) -> str:
    stacks: list[dict[str, Any]] = [
        {
            "stack": name,
            "file": (folder / f"{name}.yaml").as_posix(),
            "valid": result.stack is not None,
            "violations": [
                {"file": v.at.file, "line": v.at.line, "column": v.at.column, "message": v.what}
                for v in result.violations
            ],
            "warnings": [*result.warnings, *result.doubts],
        }
        for name, result in checked.items()
    ]
    return json.dumps({"stacks": stacks, "errors": missing}, indent=2)
