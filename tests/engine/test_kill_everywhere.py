"""Kill everywhere through the real engine: the statement that pays or destroys, every accident.

`pulumi` runs, something dies around the statement, then the user does what `docs` say: `make
unlock` after a killed engine, and the command again until it is calm. The suite takes two cells;
`make proofs` takes all and prints the table. Every other statement: `tests/lives`.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.engine.test_orphans import orphans
from tests.engine.unlocking import ORPHANS_END_SECONDS, unlocked
from tests.engine.world import World, until
from tests.lives import accidents
from tests.lives.accidents import Accident

pytestmark = pytest.mark.engine

Step = Callable[[World], None]
UP = ("up", "--yes", "--skip-preview")
DESTROY = ("destroy", "--yes", "--skip-preview")
PAYING = "'CREATE', 'DOCS"
MOST_RUNS = 4
ACCIDENTS = (
    accidents.HOST_BEFORE,
    accidents.HOST_AFTER,
    accidents.REAL_ENGINE_BEFORE,
    accidents.REAL_ENGINE_AFTER,
    accidents.LINE_BEFORE,
    accidents.LINE_AFTER,
    accidents.REPLY_ONCE,
)


@dataclass(frozen=True)
class Operation:
    """One command of the user.

    Arguments:
        name: as the table prints it.
        command: for `pulumi`.
        at: the statement at which something dies.
        prepare: what comes before it.
        paid: how many specs are paid for in the end.
        is_settled: it begins with a stack that is up.
    """

    name: str
    command: tuple[str, ...]
    at: str
    prepare: Step
    paid: int = 1
    is_settled: bool = True


def _nothing(_world: World) -> None:
    return


def _another_spec(world: World) -> None:
    world.edit("max_epochs: 2", "max_epochs: 3")


def _submitted(world: World) -> None:
    world.admin.call("clock", {"mode": "frozen"})
    world.edit("max_epochs: 2", "max_epochs: 2\n    wait: none")
    world.up()


CREATE = Operation("create", UP, PAYING, _nothing, is_settled=False)
REPLACE = Operation("replace", UP, PAYING, _another_spec, paid=2)
REMOVE = Operation("destroy", DESTROY, "DROP MODEL", _nothing)
STOP = Operation("destroy while training", DESTROY, "'CANCEL'", _submitted, is_settled=False)
OPERATIONS = (CREATE, REPLACE, REMOVE, STOP)

IS_WHOLE = os.environ.get("CORTEX_RESOURCES_EVERYWHERE") == "1"
SAMPLE = {
    (CREATE.name, accidents.REAL_ENGINE_AFTER.name),
    (REPLACE.name, accidents.HOST_AFTER.name),
}
CELLS = [
    pytest.param(
        operation,
        accident,
        id=f"{operation.name}-{accident.name}",
        marks=[pytest.mark.settled] if operation.is_settled else [],
    )
    for operation in OPERATIONS
    for accident in ACCIDENTS
    if IS_WHOLE or (operation.name, accident.name) in SAMPLE
]


def _has_struck(world: World) -> bool:
    return bool(world.admin.call("faults")[0]["seen"])


def _struck(world: World, operation: Operation, accident: Accident) -> int:
    """The command, and what dies with it; its exit code."""
    world.admin.call("faults", {**accident.rule(0), "match": operation.at})
    with world.running(*operation.command) as process:
        until(lambda: _has_struck(world) or process.poll() is not None)
        assert _has_struck(world), process.communicate()[0]
        if accident.kills == "engine":
            process.kill()
        if accident.kills == "host":
            for pid in world.processes("pulumi.dynamic"):
                os.kill(pid, signal.SIGKILL)
        process.communicate(timeout=90)
    until(lambda: not world.processes(), seconds=ORPHANS_END_SECONDS)
    world.admin.call("faults", method="DELETE")
    return process.returncode


def _until_calm(world: World, operation: Operation) -> int:
    """The same command again until it succeeds; how often that was."""
    for number in range(1, MOST_RUNS + 1):
        outcome = world.pulumi(*operation.command)
        if outcome.code == 0:
            return number
    raise AssertionError(f"not calm after {MOST_RUNS} runs: {outcome.text}")


def _paid(world: World) -> Counter[str]:
    """How often each model was paid for."""
    sent = (r for r in world.admin.statements() if r["effect"] == "SPEND" and r["outcome"] == "ok")
    return Counter(r["sql"].partition("'CREATE', '")[2].partition("'")[0] for r in sent)


def _wrong(world: World, operation: Operation) -> list[str]:
    """What state and account disagree about, and what was paid for too often or is lost."""
    found, account = [], world.admin.call("state")
    kept = {
        name
        for row in world.resources("FineTunedArtifact")
        for name in (row["outputs"]["saved_as"], *row["outputs"]["previous_models"].split())
    }
    if sorted(_paid(world).values()) != [1] * operation.paid:
        found.append(f"paid {dict(_paid(world))}")
    if set(account["models"]) != kept:
        found.append(f"models {account['models']} in the account, {sorted(kept)} in state")
    if running := [j["id"] for j in account["jobs"] if j["status"] in ("PENDING", "IN_PROGRESS")]:
        found.append(f"{running} still run")
    if bool(kept) != (operation.command is UP):
        found.append(f"{sorted(kept)} in state after {operation.name}")
    if world.deployment().get("pending_operations"):
        found.append("pending operations")
    if (lost := orphans(world)) != (0, []):
        found.append(f"orphans {lost}")
    return found


@pytest.mark.parametrize(("operation", "accident"), CELLS)
def test_the_statement_that_pays_or_destroys(
    world: World, operation: Operation, accident: Accident, capfd: pytest.CaptureFixture[str]
) -> None:
    operation.prepare(world)
    code = _struck(world, operation, accident)
    if accident.kills == "engine":
        unlocked(world, capfd)
    runs = _until_calm(world, operation)
    wrong = _wrong(world, operation)
    if operation.command is UP and world.pulumi("preview", "--expect-no-changes").code != 0:
        wrong.append("a further preview has differences")
    if IS_WHOLE:
        with capfd.disabled():
            end = "; ".join(wrong) or "ok"
            print(
                f"\n{operation.name:23} {accident.name:21} exit {code:3}, calm after {runs}: {end}"
            )
    assert wrong == []
