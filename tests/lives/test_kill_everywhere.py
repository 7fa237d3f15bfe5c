"""Kill everywhere: every statement of a job's life, every accident, and then `up` until it is calm.

Exactly one CREATE for a spec, no job that runs unknown, no model without a trace, and state and
account agree. The suite takes the statements that change something, the first and the last read,
on documents and behind a gate the accident after which nobody knows what was paid; `make proofs`
takes every statement and every accident, and prints the table.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.host.process import RefusedError
from tests.lives import accidents
from tests.lives.accidents import Accident
from tests.lives.conftest import Born
from tests.lives.life import DOCUMENTS, Life
from tests.lives.served import FAILING, ServedLife

Step = Callable[[Life], None]
Row = dict[str, Any]
MOST_STATEMENTS = 60
IS_WHOLE = os.environ.get("CORTEX_RESOURCES_EVERYWHERE") == "1"
ACCIDENTS = (*accidents.QUICK, *accidents.SLOW) if IS_WHOLE else accidents.QUICK


def _create(life: Life) -> None:
    life.up()


def _trained(life: Life) -> None:
    life.up()


def _replace(life: Life) -> None:
    life.spec = {"max_epochs": 3}
    life.up()


def _on_documents(life: Life) -> None:
    life.spec = DOCUMENTS


def _trained_on_documents(life: Life) -> None:
    _on_documents(life)
    life.up()


def _another_version(life: Life) -> None:
    version = DOCUMENTS["training_dataset"].replace("v1", "v2")
    life.spec = {**DOCUMENTS, "training_dataset": version}
    life.up()


def _fails_its_gate(life: Life) -> None:
    """The run ends with the gate's error, and with no other one."""
    life.spec = FAILING
    try:
        life.up()
    except RefusedError as error:
        if "does not pass its gate" not in str(error):
            raise
        return
    raise AssertionError("a version passed that does not reach its bound")


def _submitted(life: Life) -> None:
    life.up(wait=False)


def _harvest(life: Life) -> None:
    life.place.advance()
    life.up()


def _edit_while_training(life: Life) -> None:
    life.spec = {"max_epochs": 3}
    life.up()


def _nothing(_life: Life) -> None:
    return


def _destroy(life: Life) -> None:
    life.destroy()


OPERATIONS: dict[str, tuple[Step, Step]] = {
    "create": (_nothing, _create),
    "replace": (_trained, _replace),
    "create on documents": (_on_documents, _create),
    "replace on documents": (_trained_on_documents, _another_version),
    "create served": (_nothing, _create),
    "replace served": (_trained, _replace),
    "replace served by none": (_trained, _fails_its_gate),
    "destroy served": (_trained, _destroy),
    "harvest": (_submitted, _harvest),
    "edit while training": (_submitted, _edit_while_training),
    "destroy": (_trained, _destroy),
    "destroy while training": (_submitted, _destroy),
}


def _statements(life: Life, operation: Step) -> list[Row]:
    """What the operation sends when nothing goes wrong: its boundaries."""
    before = life.place.admin.last
    operation(life)
    return life.place.admin.statements(before)


def _taken(sent: list[Row], accident: Accident) -> Iterator[tuple[int, str]]:
    """The statements at which the accident strikes, with their numbers.

    What dies after a read dies as before it: where not everything is taken, two accidents are
    enough for reads.
    """
    reads = [at for at, row in enumerate(sent) if row["effect"] == "READ"]
    inner = reads[1:-1] if accident in (accidents.HOST_BEFORE, accidents.REPLY_ONCE) else reads
    left_out = set() if IS_WHOLE else set(inner)
    return ((at, row["sql"]) for at, row in enumerate(sent) if at not in left_out)


def _told(text: str) -> str:
    return " ".join(text.split())[:58]


def _kind(name: str) -> type[Life]:
    return ServedLife if "served" in name else Life


def _cell(life: Life, before: Step, operation: Step, accident: Accident, at: int) -> list[str]:
    before(life)
    with accidents.happening(life, accident, at), contextlib.suppress(RefusedError):
        operation(life)
    life.until_calm(lambda: operation(life))
    wrong = life.broken_promises()
    calm = len(life.place.changes())
    life.until_calm(lambda: operation(life))
    if len(life.place.changes()) != calm:
        wrong.append("a further run changed something")
    return wrong


IN_SUITE = {"create on documents", "replace served by none"}
"""What the suite tries, beside the life of every model, of documents, gates and aliases."""


def _is_tried(name: str, accident: Accident) -> bool:
    is_special = "documents" in name or "served" in name
    return not is_special or (name in IN_SUITE and accident == accidents.HOST_AFTER)


CELLS = [
    pytest.param(name, accident, id=f"{accident.name}-{name}")
    for accident in ACCIDENTS
    for name in OPERATIONS
    if IS_WHOLE or _is_tried(name, accident)
]


@pytest.mark.parametrize(("name", "accident"), CELLS)
def test_every_statement(
    born: Born, name: str, accident: Accident, capsys: pytest.CaptureFixture[str]
) -> None:
    before, operation = OPERATIONS[name]
    kind = _kind(name)
    whole = born(kind)
    before(whole)
    boundaries = _statements(whole, operation)
    assert 0 < len(boundaries) < MOST_STATEMENTS
    rows = [
        (at, text, _cell(born(kind), before, operation, accident, at))
        for at, text in _taken(boundaries, accident)
    ]
    if IS_WHOLE:
        with capsys.disabled():
            print(f"\n{name}, {accident.name}")
            for at, text, wrong in rows:
                print(f"  {at:2} {_told(text):58} {'; '.join(wrong) or 'ok'}")
    assert rows
    assert [row for row in rows if row[2]] == []
