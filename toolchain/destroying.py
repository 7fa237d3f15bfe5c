"""What stands in the way of a destroy, and what it leaves in the account.

A destroy does not run the program: the engine takes what is in the state, with the policy of the
last `up`. What the stack file forbids since then is compared here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cortex_resources.errors import SpecError
from cortex_resources.model.policy import Policy
from cortex_resources.specs.load import load_stack
from toolchain import hard_kill

Resources = Iterable[Mapping[str, Any]]


def kept(resources: Resources) -> list[str]:
    """What of a state's resources a destroy leaves in the account, as a user calls it."""
    found = []
    for outputs in (each.get("outputs") or {} for each in resources if each.get("retainOnDelete")):
        if outputs.get("saved_as"):
            names = [outputs["saved_as"], *outputs.get("previous_models", "").split()]
            found += [f"model {name}" for name in names]
        elif outputs.get("table"):
            found.append(f"snapshot {outputs['table']}")
        elif outputs.get("query"):
            found.append(f"view {outputs['name']}")
    return found


def still_allowed(resources: Resources, policy: Policy) -> list[str]:
    """Which words of a policy its state does not know, so that a destroy would not obey them.

    Arguments:
        resources: of the state, as the last `up` left them.
        policy: of the stack file of today.
    """
    known = [(each.get("outputs") or {}, bool(each.get("protect"))) for each in resources]
    allows = {"allow_drop": True, "allow_revoke": True, "retain": False}
    words = [
        word
        for word in policy.withheld.split()
        if any(outputs.get(word) is allows[word] for outputs, _ in known)
    ]
    # What a policy protects is exactly what may be dropped.
    is_open = any("allow_drop" in outputs and not protected for outputs, protected in known)
    return [*words, "protect"] if policy.protect and is_open else words


def refusal(stack: str, folder: Path, deployment: Mapping[str, Any]) -> str:
    """Why a stack is not destroyed now, with the way out; empty when nothing is in the way.

    Arguments:
        stack: its name.
        folder: where stack files are.
        deployment: the state as the engine exports it.
    """
    if unseen := hard_kill.unseen_by_a_destroy(deployment):
        return (
            f"creates of {stack} have no end ({hard_kill.called(unseen)}): another run is at"
            " them, or was killed. A destroy does not see what they made, such as a job that"
            f" costs. After a kill run `make unlock STACK={stack}`, then `make up STACK={stack}`,"
            " which adopts it"
        )
    if not (folder / f"{stack}.yaml").exists():
        return ""
    try:
        policy = load_stack(stack, folder).policy
    except SpecError as broken:
        rules = "\n  ".join(broken.violations)
        return (
            f"what stacks/{stack}.yaml forbids cannot be told:\n  {rules}\n"
            "Mend it, or take the file away: without one the policy of the last `up` counts"
        )
    if words := still_allowed(deployment.get("resources") or [], policy):
        return (
            f"stacks/{stack}.yaml forbids more than at the last `up` ({', '.join(words)}), and a"
            f" destroy does not read it: run `make up STACK={stack}` first"
        )
    return ""
