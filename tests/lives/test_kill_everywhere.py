"""Kill everywhere: every statement of a job's life, every accident, and then `up` until it is calm.

Exactly one CREATE for a spec, no job that runs unknown, no model without a trace, and state and
account agree. The table of statements and accidents is printed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest

from tests.host.process import RefusedError
from tests.lives import accidents
from tests.lives.accidents import Accident
from tests.lives.conftest import Born
from tests.lives.life import Life

Step = Callable[[Life], None]
MOST_STATEMENTS = 60


def _create(life: Life) -> None:
    life.up()


def _trained(life: Life) -> None:
    life.up()


def _replace(life: Life) -> None:
    life.spec = {"max_epochs": 3}
    life.up()


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
    "harvest": (_submitted, _harvest),
    "edit while training": (_submitted, _edit_while_training),
    "destroy": (_trained, _destroy),
    "destroy while training": (_submitted, _destroy),
}


def _statements(life: Life, operation: Step) -> list[str]:
    """What the operation sends when nothing goes wrong: its boundaries."""
    before = life.place.admin.last
    operation(life)
    return [row["sql"] for row in life.place.admin.statements(before)]


def _told(text: str) -> str:
    return " ".join(text.split())[:58]


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


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("accident", accidents.QUICK, ids=lambda accident: accident.name)
def test_every_statement(
    born: Born, name: str, accident: Accident, capsys: pytest.CaptureFixture[str]
) -> None:
    before, operation = OPERATIONS[name]
    whole = born()
    before(whole)
    boundaries = _statements(whole, operation)
    assert 0 < len(boundaries) < MOST_STATEMENTS
    rows = [
        (at, text, _cell(born(), before, operation, accident, at))
        for at, text in enumerate(boundaries)
    ]
    with capsys.disabled():
        print(f"\n{name}, {accident.name}")
        for at, text, wrong in rows:
            print(f"  {at:2} {_told(text):58} {'; '.join(wrong) or 'ok'}")
    assert [row for row in rows if row[2]] == []
