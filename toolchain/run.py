"""`python -m toolchain.run COMMAND STACK`: what `make` does with a stack.

Commands: up, preview, refresh, destroy, unlock, jobs.

Finds or builds the engine, chooses the backend, starts the local account when the stack uses it,
then hands over to `pulumi`. Everything it sets up can be set up by hand; plain `pulumi` commands
work the same.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping

from cortex_resources.cli.engine_state import StateError
from cortex_resources.errors import CortexError
from cortex_resources.model.jobs import Phase
from cortex_resources.specs.load import stacks_in
from toolchain import destroying, hard_kill
from toolchain.choice import EngineError
from toolchain.engine import CHECKOUT, engine_folder
from toolchain.local_account import LocalAccount
from toolchain.pulumi_cli import Ended, PulumiCli, environment

_USAGE = "usage: python -m toolchain.run up|preview|refresh|destroy|unlock|jobs STACK\n"


def up(cli: PulumiCli, account: LocalAccount | None) -> int:
    """Bring the account to what the stack declares; then show what came of it."""
    loaded = 0 if account is None else account.load_sample()
    return loaded or _shown(cli, cli.up) or _show_models(cli, account)


def _shown(cli: PulumiCli, command: Callable[[], Ended]) -> int:
    """Run a command of the engine; name the way out where a killed run stands in it."""
    ended = command()
    try:
        pending = hard_kill.pending_creates(cli.deployment())
    except (subprocess.CalledProcessError, StateError):
        pending = []  # the command has its own end, which counts
    if hint := hard_kill.hint(cli.stack, ended.said, pending, was_killed=ended.was_killed):
        sys.stderr.write(f"{hint}\n")
    return ended.code


def _show_models(cli: PulumiCli, account: LocalAccount | None) -> int:
    for key, model in cli.outputs().items():
        if not isinstance(model, dict) or not model.get("phase"):
            continue
        print(f"{key}: {told(model, cli.stack)}", flush=True)
        alias = str(model.get("alias") or "") if model.get("serves") else ""
        if alias:
            print(f"{key}: {alias} calls {model['serves']}", flush=True)
        code = 0
        if account is not None and answers(model):
            code = account.ask(str(model["model"]), alias)
        if code != 0:
            return code
    return 0


def answers(model: Mapping[str, object]) -> bool:
    """Whether there is something to ask: where a model is gone, only what its alias calls."""
    return bool(model.get("model")) and bool(model["phase"] == Phase.READY or model.get("serves"))


def told(model: Mapping[str, object], stack: str) -> str:
    """What came of one model, from its outputs; a job that was not waited for is not forgotten."""
    phase = model["phase"]
    if phase == Phase.TRAINING:
        return (
            f"job {model.get('job_id')} goes on and costs; `make jobs STACK={stack}` shows how far"
            f" it is, `make up STACK={stack}` takes over its model"
        )
    if not model.get("model"):
        return f"{phase}, no model"
    tokens = model.get("trained_tokens")
    counted = f"{tokens:,.0f}" if isinstance(tokens, int | float) else "an unknown number of"
    return f"{model['model']} is {phase}, {counted} trained tokens"


def preview(cli: PulumiCli, _account: LocalAccount | None) -> int:
    """Show what would change, line by line."""
    return _shown(cli, lambda: cli.run("preview", "--diff"))


def refresh(cli: PulumiCli, _account: LocalAccount | None) -> int:
    """Read the account back into the state."""
    return _shown(cli, lambda: cli.run("refresh", "--yes", "--skip-pending-creates"))


def destroy(cli: PulumiCli, _account: LocalAccount | None) -> int:
    """Take everything of the stack out of the account, and name what stays."""
    deployment = cli.deployment()
    if why := destroying.refusal(cli.stack, cli.project / "stacks", deployment):
        sys.stderr.write(f"error: {why}. Nothing was destroyed\n")
        return 1
    code = _shown(cli, lambda: cli.run("destroy", "--yes"))
    if code == 0:
        for name in destroying.kept(deployment.get("resources") or []):
            print(f"kept: {name} (the stack's policy does not allow to drop it)", flush=True)
    return code


def unlock(cli: PulumiCli, _account: LocalAccount | None) -> int:
    """After a hard kill: release the stack's lock and forget creates that never ended."""
    return hard_kill.unlock(cli)


def jobs(cli: PulumiCli, _account: LocalAccount | None) -> int:
    """List the stack's jobs and models, then what of them is in no state."""
    command = [sys.executable, "-m", "cortex_resources", "jobs", cli.stack]
    for more in ([], ["--orphans"]):
        code = subprocess.run(
            [*command, *more], cwd=cli.project, env=cli.environ, check=False
        ).returncode
        if code != 0:
            return code
    return 0


_COMMANDS: dict[str, Callable[[PulumiCli, LocalAccount | None], int]] = {
    "up": up,
    "preview": preview,
    "refresh": refresh,
    "destroy": destroy,
    "unlock": unlock,
    "jobs": jobs,
}


_WITHOUT_A_FILE = ("destroy", "unlock")
"""What needs Pulumi's stack alone: its file may be gone."""


def _unknown(command: str, stack: str) -> str:
    """Why there is no such stack, before Pulumi makes one of the name."""
    folder = CHECKOUT / "stacks"
    stacks = stacks_in(folder)
    if stack in stacks:
        return ""
    if (folder / f"{stack}.yaml").exists():
        why = f"stacks/{stack}.yaml is a part that others extend, no stack; choose one"
    elif command in _WITHOUT_A_FILE:
        return ""
    else:
        why = f"there is no stacks/{stack}.yaml; write it, or choose one"
    return f"{why}: STACK={', '.join(stacks)}"


def _selected(cli: PulumiCli) -> PulumiCli:
    """Select the stack, which is made only where it has a file."""
    has_file = (CHECKOUT / "stacks" / f"{cli.stack}.yaml").exists()
    if not has_file:
        sys.stderr.write(
            f"there is no stacks/{cli.stack}.yaml: what the last `up` of {cli.stack} left in"
            " Pulumi's state counts\n"
        )
    cli.select(create=has_file)
    return cli


def main(arguments: list[str]) -> int:
    """Run one command for one stack."""
    if len(arguments) != 2 or arguments[0] not in _COMMANDS:
        sys.stderr.write(_USAGE)
        return 1
    command, stack = arguments
    os.chdir(CHECKOUT)
    if unknown := _unknown(command, stack):
        sys.stderr.write(f"error: {unknown}\n")
        return 1
    try:
        engine = engine_folder()
    except EngineError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    cli = PulumiCli(stack, CHECKOUT, environment(CHECKOUT, engine, os.environ))
    account = LocalAccount(CHECKOUT, stack) if cli.uses_local_account() else None
    if account is not None:
        account.start()
    return _COMMANDS[command](_selected(cli), account)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
    except subprocess.CalledProcessError as failure:
        sys.exit(failure.returncode or 1)
    except CortexError as refusal:
        sys.exit(f"error: {refusal.line}")
    except json.JSONDecodeError:
        sys.exit("error: pulumi answered something that is not JSON")
