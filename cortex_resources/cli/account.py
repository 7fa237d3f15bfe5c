"""`cortex-resources account`: start, stop, look at and query the local account."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final, NoReturn

import click

from cortex_resources.cli import account_client as client
from cortex_resources.cli.table import render

DEFAULT_STATE: Final = Path(".local-account/account.duckdb")
DEFAULT_PORT: Final = 8765
_START_SECONDS: Final = 30.0
_STOP_SECONDS: Final = 20.0

_state = click.option(
    "--state",
    type=click.Path(path_type=Path, dir_okay=False),
    default=DEFAULT_STATE,
    show_default=True,
    help="State file.",
)
_port = click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=DEFAULT_PORT,
    show_default=True,
    envvar="CORTEX_RESOURCES_LOCAL_PORT",
    show_envvar=True,
    help="Where it listens.",
)
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def account() -> None:
    """A Snowflake endpoint on this machine, for plans, tests and demonstrations."""


@account.command()
@_state
@_port
@click.option(
    "--ready-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Written as JSON once requests are answered.",
)
@click.option(
    "--seed",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="SQL file to run when the state file is new.",
)
@click.option("--foreground", is_flag=True, help="Serve until interrupted.")
@_json
def start(
    *,
    state: Path,
    port: int,
    ready_file: Path | None,
    seed: Path | None,
    foreground: bool,
    as_json: bool,
) -> None:
    """Start the local account; one that runs already on this state file is left alone."""
    running = client.find(state)
    if running is not None:
        _write_ready(ready_file, running)
        _report(running, "already running", as_json=as_json)
        return
    if foreground:
        _serve(state, port, ready_file, seed, as_json=as_json)
        return
    started = _start_in_background(state, port, seed)
    _write_ready(ready_file, started)
    _report(started, "started", as_json=as_json)


def _serve(
    state: Path, port: int, ready_file: Path | None, seed: Path | None, *, as_json: bool
) -> None:
    from cortex_resources.cli import account_server  # noqa: PLC0415 - loads the engine

    def ready(where: dict[str, Any]) -> None:
        _write_ready(ready_file, where)
        _report(where, "started", as_json=as_json)

    try:
        account_server.serve(state, port, seed, ready)
    except account_server.StartError as error:
        _fail(str(error))


def _start_in_background(state: Path, port: int, seed: Path | None) -> dict[str, Any]:
    state.parent.mkdir(parents=True, exist_ok=True)
    log = state.with_suffix(".log")
    command = [
        sys.executable, "-m", "cortex_resources", "account", "start", "--foreground",
        "--state", str(state), "--port", str(port),
    ]  # fmt: skip
    if seed is not None:
        command += ["--seed", str(seed)]
    with log.open("ab") as output:
        begun = output.tell()
        process = subprocess.Popen(  # noqa: S603 - our own command
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    deadline = time.monotonic() + _START_SECONDS
    while (running := client.find(state)) is None:
        if process.poll() is not None:
            _fail(_last_words(log, begun))
        if time.monotonic() > deadline:
            process.terminate()
            _fail(f"the local account did not answer within {_START_SECONDS:.0f} s; see {log}")
        time.sleep(0.02)
    return running


def _last_words(log: Path, begun: int) -> str:
    text = log.read_bytes()[begun:].decode(errors="replace").strip()
    lines = [line.removeprefix("Error: ") for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else f"the local account ended at once; see {log}"


def _write_ready(ready_file: Path | None, where: dict[str, Any]) -> None:
    if ready_file is None:
        return
    ready_file.parent.mkdir(parents=True, exist_ok=True)
    draft = ready_file.with_name(f".{ready_file.name}.{os.getpid()}")
    draft.write_text(json.dumps(where) + "\n", encoding="utf-8")
    draft.replace(ready_file)


def _report(where: dict[str, Any], what: str, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"status": what, **where}))
        return
    click.echo(
        f"Local account {what} on http://{where['host']}:{where['port']}"
        f" (user {where['user']}, password {where['password']}, account {where['account']})."
    )


def _fail(message: str) -> NoReturn:
    raise click.ClickException(message)


@account.command()
@_state
@_json
def stop(*, state: Path, as_json: bool) -> None:
    """Stop the local account of this state file; nothing is lost."""
    running = client.find(state)
    if running is None:
        click.echo(json.dumps({"status": "not running"}) if as_json else "Not running.")
        return
    with contextlib.suppress(client.NoAnswerError):
        client.admin(running, "POST", "stop")
    deadline = time.monotonic() + _STOP_SECONDS
    while client.is_alive(running["pid"]) and client.address_file(state).exists():
        if time.monotonic() > deadline:
            _fail(f"process {running['pid']} did not stop within {_STOP_SECONDS:.0f} s")
        time.sleep(0.02)
    click.echo(json.dumps({"status": "stopped"}) if as_json else "Stopped.")


@account.command()
@_state
@_json
def status(*, state: Path, as_json: bool) -> None:
    """Say whether the local account runs; exit code 1 when it does not."""
    running = client.find(state)
    if running is None:
        click.echo(json.dumps({"status": "not running"}) if as_json else "Not running.")
        raise click.exceptions.Exit(1)
    health = client.admin(running, "GET", "health")
    clock = client.admin(running, "GET", "clock")
    if as_json:
        click.echo(json.dumps({"status": "running", **running, "health": health, "clock": clock}))
        return
    _report(running, "running", as_json=False)
    click.echo(f"Process {running['pid']}, state {health['state']}, {health['last']} statements.")
    click.echo(f"Clock {clock['mode']} (factor {clock['factor']:g}), now {clock['now']}.")


@account.command()
@_state
@_json
def reset(*, state: Path, as_json: bool) -> None:
    """Forget everything: the account is as new."""
    running = client.find(state)
    if running is not None:
        client.admin(running, "POST", "reset")
    else:
        _reset_file(state)
    click.echo(json.dumps({"status": "reset"}) if as_json else "The local account is as new.")


def _reset_file(state: Path) -> None:
    """Empty a state file that nobody has open; a foreign file is refused, not overwritten."""
    if not state.exists():
        return
    from cortex_resources.cli import account_server  # noqa: PLC0415 - loads the engine

    try:
        account_server.reset(state)
    except account_server.StartError as error:
        _fail(str(error))


@account.command()
@_state
@click.argument("statements", nargs=-1, required=True)
@click.option("--role", help="Role to use.")
@_json
def sql(*, state: Path, statements: tuple[str, ...], role: str | None, as_json: bool) -> None:
    """Run SQL statements in the local account and print the last result."""
    running = _running(state)
    try:
        result = client.execute(running, list(statements), role)
    except client.StatementFailedError as error:
        _fail(str(error))
    if as_json:
        rows = [dict(zip(result.columns, row, strict=True)) for row in result.rows]
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    click.echo(render(result.columns, result.rows))


@account.command()
@_state
@click.argument("mode", required=False, type=click.Choice(["real", "scaled", "frozen"]))
@click.option("--factor", type=float, help="Speed of a scaled clock.")
@click.option("--advance", "advance_s", type=float, metavar="SECONDS", help="Jump forward.")
@_json
def clock(
    *, state: Path, mode: str | None, factor: float | None, advance_s: float | None, as_json: bool
) -> None:
    """Show the account's clock, or set it: training takes as long as this clock says."""
    running = _running(state)
    given = {"mode": mode, "factor": factor, "advance_s": advance_s}
    wanted = {name: value for name, value in given.items() if value is not None}
    try:
        shown = client.admin(running, "POST" if wanted else "GET", "clock", wanted or None)
    except client.RejectedError as error:
        _fail(str(error))
    if as_json:
        click.echo(json.dumps(shown))
        return
    click.echo(f"Clock {shown['mode']} (factor {shown['factor']:g}), now {shown['now']}.")


def _running(state: Path) -> dict[str, Any]:
    running = client.find(state)
    if running is None:
        _fail(f"no local account runs on {state}; start it with `cortex-resources account start`")
    return running
