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
from collections.abc import Callable

from cortex_resources.cli.engine_state import StateError
from cortex_resources.errors import CortexError, SpecError
from cortex_resources.specs.load import load_stack, stacks_in
from toolchain import hard_kill
from toolchain.choice import EngineError
from toolchain.engine import CHECKOUT, engine_folder
from toolchain.local_account import LocalAccount
from toolchain.pulumi_cli import Ended, PulumiCli, environment, kept, still_allowed

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
    if hint := hard_kill.hint(cli.stack, ended.said, pending):
        sys.stderr.write(f"{hint}\n")
    return ended.code


def _show_models(cli: PulumiCli, account: LocalAccount | None) -> int:
    for key, model in cli.outputs().items():
        if not isinstance(model, dict) or not model.get("model"):
            continue
        tokens = model.get("trained_tokens")
        counted = "an unknown number of" if tokens is None else f"{int(tokens):,}"
        print(f"{key}: {model['model']} is {model['phase']}, {counted} trained tokens", flush=True)
        alias = str(model.get("alias") or "") if model.get("serves") else ""
        if alias:
            print(f"{key}: {alias} calls {model['serves']}", flush=True)
        code = 0 if account is None else account.ask(str(model["model"]), alias)
        if code != 0:
            return code
    return 0


def preview(cli: PulumiCli, _account: LocalAccount | None) -> int:
    """Show what would change, line by line."""
    return _shown(cli, lambda: cli.run("preview", "--diff"))


def refresh(cli: PulumiCli, _account: LocalAccount | None) -> int:
    """Read the account back into the state."""
    return _shown(cli, lambda: cli.run("refresh", "--yes", "--skip-pending-creates"))


def destroy(cli: PulumiCli, _account: LocalAccount | None) -> int:
    """Take everything of the stack out of the account, and name what stays."""
    deployment = cli.deployment()
    resources = deployment.get("resources") or []
    if unseen := hard_kill.unseen_by_a_destroy(deployment):
        sys.stderr.write(
            f"error: creates of {cli.stack} have no end ({hard_kill.called(unseen)}): another run"
            " is at them, or was killed. A destroy does not see what they made, such as a job that"
            f" costs. After a kill run `make unlock STACK={cli.stack}`, then `make up"
            f" STACK={cli.stack}`, which adopts it. Nothing was destroyed\n"
        )
        return 1
    if words := still_allowed(resources, _withheld(cli.stack)):
        sys.stderr.write(
            f"error: stacks/{cli.stack}.yaml forbids more than at the last `up`"
            f" ({', '.join(words)}), and a destroy does not read it: run `make up"
            f" STACK={cli.stack}` first. Nothing was destroyed\n"
        )
        return 1
    code = _shown(cli, lambda: cli.run("destroy", "--yes"))
    if code == 0:
        for name in kept(resources):
            print(f"kept: {name} (the stack's policy does not allow to drop it)", flush=True)
    return code


def _withheld(stack: str) -> str:
    """What the stack file of today forbids; a file that cannot be read forbids nothing."""
    try:
        return load_stack(stack).policy.withheld
    except SpecError:
        return ""


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


def _unknown(stack: str) -> str:
    """Why there is no such stack, before Pulumi makes one of the name."""
    folder = CHECKOUT / "stacks"
    stacks = stacks_in(folder)
    if stack in stacks:
        return ""
    if (folder / f"{stack}.yaml").exists():
        why = f"stacks/{stack}.yaml is a part that others extend, no stack; choose one"
    else:
        why = f"there is no stacks/{stack}.yaml; write it, or choose one"
    return f"{why}: STACK={', '.join(stacks)}"


def main(arguments: list[str]) -> int:
    """Run one command for one stack."""
    if len(arguments) != 2 or arguments[0] not in _COMMANDS:
        sys.stderr.write(_USAGE)
        return 1
    command, stack = arguments
    os.chdir(CHECKOUT)
    if unknown := _unknown(stack):
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
    cli.select()
    return _COMMANDS[command](cli, account)


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
