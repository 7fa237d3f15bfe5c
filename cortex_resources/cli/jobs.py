"""`cortex-resources jobs`: paid jobs and their models, and what of them is in no state."""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from cortex_resources.cli import engine_state, options, table
from cortex_resources.errors import CortexError, SpecError
from cortex_resources.gateway import session
from cortex_resources.gateway.settings import resolve
from cortex_resources.model.effects import Statement
from cortex_resources.model.grants import Grantee, role_named
from cortex_resources.model.stack import Stack
from cortex_resources.plan import inventory
from cortex_resources.plan.inventory import Entry, Orphan
from cortex_resources.preflight import inventory as account_inventory
from cortex_resources.specs import load

_SETTING = "cortex-resources:connection"
_COLUMNS = (
    "stack", "key", "phase", "progress", "model", "served as", "job", "base model", "tokens",
    "credits", "created",
)  # fmt: skip
_UNSEEN = "NOT_VISIBLE"
"""The model is there for others, or gone: no role that was asked sees it, and none sees all."""
_EXAMPLE = """\b
Example:
  $ cortex-resources jobs dev
  $ cortex-resources jobs --orphans --json
  $ cortex-resources jobs dev --orphans --state exported.json"""


@dataclass(slots=True)
class _Report:
    """What was found, and what is worth saying beside it."""

    entries: list[Entry] = field(default_factory=list)
    orphans: list[Orphan] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@click.command(short_help="List jobs and models, find orphans.", epilog=_EXAMPLE)
@click.argument("stack", required=False)
@click.option("--orphans", "only_orphans", is_flag=True, help="What is in no state of Pulumi.")
@click.option(
    "--state",
    type=click.Path(dir_okay=False, path_type=Path),
    help="With --orphans: the exported state of STACK, instead of asking pulumi.",
)
@options.folder
@options.as_json
@click.pass_context
def jobs(
    ctx: click.Context,
    *,
    stack: str | None,
    only_orphans: bool,
    state: Path | None,
    folder: Path,
    as_json: bool,
) -> None:
    """List the paid jobs and the models of STACK, or of all stacks whose files are fine.

    The account is asked, not Pulumi's state: what carries our marker is listed, each version with
    the alias that calls it. With --orphans, only what runs or stands there and is in no state, with
    the command that adopts or removes it. Nothing is changed. Exit codes: 0 fine, 1 error,
    2 --orphans found some.
    """
    try:
        if state is not None and not (stack and only_orphans):
            raise engine_state.StateError(
                "--state is the state of one stack", hint="Name the STACK and give --orphans."
            )
        report = _look(stack, folder)
        if only_orphans:
            _judge(report, stack, state, folder)
    except CortexError as error:
        _fail(ctx, error, as_json)
        return
    finally:
        session.close_all()
    click.echo(_as_json(report, only_orphans) if as_json else _as_text(report, only_orphans))
    for note in () if as_json else report.notes:
        click.echo(f"note: {note}", err=True)
    ctx.exit(2 if report.orphans else 0)


def _fail(ctx: click.Context, error: CortexError, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"error": error.what, "hint": error.hint}, indent=2))
    else:
        click.echo(f"error: {error}", err=True)
    ctx.exit(1)


def _look(stack: str | None, folder: Path) -> _Report:
    """The entries of the asked stacks, and of every stack of the project where none is named."""
    report = _Report()
    stacks = [load.load_stack(stack, folder)] if stack else _readable(folder, report)
    project = _project(folder)
    seen: set[tuple[object, ...]] = set()
    for connection in dict.fromkeys(_connection(item.name, folder) for item in stacks):
        place = resolve(connection)
        here = [item for item in stacks if _connection(item.name, folder) == connection]
        roles = (model.job.role for item in here for model in item.models if model.job.role)
        read = _reader(connection)
        found = account_inventory.look(read, roles)
        report.notes += found.notes
        entries = inventory.entries(project, found.jobs.values(), found.models, stacks)
        asked = [entry for entry in entries if stack in (None, entry.owner.stack)]
        proved = account_inventory.proved(asked, found.roles, read, _namer(connection))
        for entry in account_inventory.served(proved, found.roles, read):
            name = str(entry.model.name) if entry.model else ""
            identity = (place.account.lower(), place.host, place.port, entry.job_id, name)
            if identity not in seen:
                seen.add(identity)
                report.entries.append(entry)
                report.notes += _unseen(entry)
    return report


def _unseen(entry: Entry) -> Iterable[str]:
    if entry.unseen_by:
        yield (
            f"model {entry.model_name} is not visible to {entry.unseen_by}: let the role that owns"
            " it grant USAGE on it, or look in SHOW MODELS with a role that sees every model"
        )


def _readable(folder: Path, report: _Report) -> list[Stack]:
    found = []
    names = load.stacks_in(folder)
    if not names:
        raise SpecError([f"there are no stack files in {folder.as_posix()}; write dev.yaml there"])
    for name in names:
        checked = load.check(name, folder)
        if checked.stack is None:
            text = f"stack {name} is left out: run `cortex-resources validate {name}`"
            report.notes.append(text)
        else:
            found.append(checked.stack)
    return found


def _reader(connection: str) -> account_inventory.ReadAs:
    account = session.account_for(connection)

    def read(statement: Statement, role: str | None) -> list[dict[str, object]]:
        return account.run(statement, tag="cortex-resources jobs", role=role)

    return read


def _namer(connection: str) -> Callable[[str | None], Grantee]:
    account = session.account_for(connection)
    return lambda role: role_named(account.current_role(role))


def _yaml(file: Path) -> dict[str, Any]:
    try:
        found = YAML(typ="safe").load(file) or {}
    except FileNotFoundError:
        return {}
    except (OSError, YAMLError) as error:
        raise SpecError([f"{file.as_posix()} cannot be read: {type(error).__name__}"]) from None
    return found if isinstance(found, dict) else {}


def _connection(stack: str, folder: Path) -> str:
    """The connection of a stack; nothing means Snowflake's default one."""
    config = _yaml(folder / f"Pulumi.{stack}.yaml").get("config") or {}
    return str(config.get(_SETTING) or "")


def _project(folder: Path) -> str:
    """The project's name: part of every marker."""
    file = folder.resolve().parent / "Pulumi.yaml"
    name = _yaml(file).get("name")
    if not isinstance(name, str) or not name:
        raise SpecError([f"{file} names no project; run it in the folder of Pulumi.yaml"])
    return name


def _judge(report: _Report, stack: str | None, state: Path | None, folder: Path) -> None:
    """Find what no state knows. States are asked of all stacks that have anything here."""
    named = {entry.owner.stack for entry in report.entries}
    states: dict[str, inventory.Known] = {}
    for name in sorted(named | ({stack} if stack else set())):
        if state is not None:
            resources: list[Any] | None = engine_state.from_file(name, state)
        else:
            resources = engine_state.from_engine(name, folder.resolve().parent, os.environ)
        if resources is None:
            text = (
                f"the backend holds no stack {name}, so its things count as orphans; name the"
                " backend that does in PULUMI_BACKEND_URL"
            )
            report.notes.append(text)
        states[name] = inventory.known(resources or ())
    report.orphans = inventory.orphans(report.entries, states)


# -- printed -----------------------------------------------------------------------------


def _as_text(report: _Report, only_orphans: bool) -> str:
    if not only_orphans:
        return table.render(_COLUMNS, [_row(entry) for entry in report.entries])
    if not report.orphans:
        return "no orphans: everything that carries our marker is in a state"
    return "\n\n".join(_orphan_lines(report.orphans))


def _orphan_lines(orphans: Iterable[Orphan]) -> Iterable[str]:
    for orphan in orphans:
        entry = orphan.entry
        yield (
            f"{_what(entry)} of {entry.owner.stack}/{entry.owner.model} is in no state:"
            f"\n  adopt:  {orphan.adopt}\n  remove: {orphan.remove.text}"
        )


def _what(entry: Entry) -> str:
    if entry.model is None:
        return f"running job {entry.job_id}"
    return f"model {entry.model.name}" + ("" if entry.is_claimed else " (unclaimed)")


def _row(entry: Entry) -> Sequence[str]:
    progress = entry.job.progress if entry.job else None
    return (
        entry.owner.stack,
        entry.owner.model,
        f"not visible to {entry.unseen_by}" if entry.unseen_by else str(entry.phase),
        "" if progress is None else f"{progress:.0%}",
        str(entry.model_name or ""),
        ", ".join(map(str, entry.served_as)),
        entry.job_id,
        entry.base_model or "",
        "" if entry.tokens is None else f"{entry.tokens:,}",
        "" if entry.credits is None else f"{entry.credits:,.2f}",
        _moment(entry.created_on)[:16].replace("T", " "),
    )


def _moment(milliseconds: int | None) -> str:
    if milliseconds is None:
        return ""
    return datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.UTC).isoformat()


def _as_json(report: _Report, only_orphans: bool) -> str:
    found: dict[str, Any] = {"notes": report.notes}
    if only_orphans:
        found["orphans"] = [
            {**_item(o.entry), "adopt": o.adopt, "remove": o.remove.text} for o in report.orphans
        ]
    else:
        found["jobs"] = [_item(entry) for entry in report.entries]
    return json.dumps(found, indent=2)


def _item(entry: Entry) -> dict[str, Any]:
    job = entry.job
    return {
        "stack": entry.owner.stack,
        "key": entry.owner.model,
        "spec_hash": entry.owner.spec_hash,
        "phase": _UNSEEN if entry.unseen_by else str(entry.phase),
        "unseen_by": entry.unseen_by or None,
        "status": job.word if job else None,
        "progress": job.progress if job else None,
        "model": str(entry.model_name) if entry.model_name else None,
        "served_as": [str(name) for name in entry.served_as],
        "claimed": entry.is_claimed,
        "declared": entry.declared is not None,
        "job": entry.job_id or None,
        "base_model": entry.base_model,
        "trained_tokens": entry.tokens,
        "credits": entry.credits,
        "rate": str(entry.rate) if entry.rate else None,
        "created_on": _moment(entry.created_on) or None,
        "finished_on": _moment(job.finished_on if job else None) or None,
    }
