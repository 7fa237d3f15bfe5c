"""Random histories of one model: what users, accidents and strangers do to it, in any order.

A history trains on pairs, on documents, goes from one to the other and back, or serves what it
trains behind a gate. After each step
the four promises hold. `make proofs` runs hundreds; a failure prints its steps and the seed that
gives them again.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, Phase, given, note, seed, settings
from hypothesis import strategies as st

from tests.host.process import RefusedError
from tests.lives import accidents
from tests.lives.conftest import Born
from tests.lives.life import DOCUMENTS, Life
from tests.lives.served import FAILING, ServedLife

EXAMPLES = int(os.environ.get("CORTEX_RESOURCES_HISTORIES", "8"))
SEED = int(os.environ.get("CORTEX_RESOURCES_SEED", "1"))
KEYS = ("docs", "answers")
PAIRS: tuple[dict[str, Any], ...] = ({}, {"max_epochs": 3}, {"max_epochs": 4})
ON_DOCUMENTS: tuple[dict[str, Any], ...] = (
    DOCUMENTS,
    {**DOCUMENTS, "training_dataset": DOCUMENTS["training_dataset"].replace("v1", "v2")},
    {**DOCUMENTS, "max_epochs": 3},
)
SERVED: tuple[dict[str, Any], ...] = (*PAIRS[:2], FAILING)
SPECS = {
    "pairs": PAIRS,
    "documents": ON_DOCUMENTS,
    "both": (*PAIRS[:2], *ON_DOCUMENTS[:2]),
    "pairs behind a gate": SERVED,
}
MOST_SPECS = max(map(len, SPECS.values()))
OUTSIDE = ("cancel", "collect", "drop", "rename", "wait", "drop function")
RUNS = ("up", "up without waiting", "destroy")


@dataclass
class History:
    """A life and what happened to it."""

    life: Life
    specs: tuple[dict[str, Any], ...]
    """What its user writes, one after the other."""
    told: list[str] = field(default_factory=list)
    is_clean: bool = True
    """Whether nothing outside the stack took something from it."""
    is_leaving: bool = False
    """Whether a destroy began that has not ended: only another one ends it."""
    has_left: bool = False
    """Whether a destroy of what was made was the last command that counted: what it left behind,
    as a renamed model, is nobody's."""

    def run(self, name: str) -> None:
        """One command of the user; it may fail, it may not break a promise."""
        action: dict[str, Callable[[], None]] = {
            "up": self.life.up,
            "up without waiting": lambda: self.life.up(wait=False),
            "destroy": self.life.destroy,
        }
        before = self.life.place.admin.last
        was_made = bool(self.life.artifact.id) or self.has_left
        self.is_leaving, self.has_left = self.is_leaving or name == "destroy", False
        with contextlib.suppress(RefusedError):
            action[name]()
            self.is_leaving = self.is_leaving and name != "destroy"
            self.has_left = was_made and name == "destroy"
        if name != "destroy":
            self._nothing_was_dropped(before)

    def _nothing_was_dropped(self, before: int) -> None:
        """Not even the versions that a key had before it was renamed and edited in one go."""
        dropped = [
            row["sql"]
            for row in self.life.place.admin.statements(before)
            if "DROP MODEL" in row["sql"] and row["outcome"] == "ok"
        ]
        assert dropped == [], "an `up` never drops a model"

    def accident(self, name: str, accident: accidents.Accident, at: int) -> None:
        """A command during which something dies."""
        with accidents.happening(self.life, accident, at):
            self.run(name)

    def edit(self, spec: int) -> None:
        """The user writes another spec, or reverts to an earlier one."""
        self.life.spec = self.specs[spec % len(self.specs)]

    def key(self, key: str) -> None:
        """The user calls the model otherwise in the stack file."""
        self.life.rename(key)

    def outside(self, what: str) -> None:
        """Somebody else touches what the stack made."""
        place = self.life.place
        jobs = [job["id"] for job in place.jobs()]
        models = place.models()
        if what == "cancel" and jobs:
            place.sql(f"SELECT SNOWFLAKE.CORTEX.FINETUNE('CANCEL', '{jobs[-1]}')")
        if what == "collect" and jobs:
            place.admin.call("collect", {"job": jobs[-1]})
        if what == "drop" and models:
            place.sql(f"DROP MODEL {models[-1]}")
            if self.has_left:
                self.life.forget_if_gone()
        if what == "rename" and models:
            place.sql(f"ALTER MODEL {models[-1]} RENAME TO {place.db}.ML.MOVED_{len(self.told)}")
        if what == "drop function":
            place.sql("DROP FUNCTION IF EXISTS {db}.ML.COMPLETE(VARCHAR)")
        if what == "wait":
            place.advance()
            return
        self.is_clean = False


def _steps() -> st.SearchStrategy[tuple[str, Callable[[History], None]]]:
    runs = st.sampled_from(RUNS).map(lambda name: (name, lambda h: h.run(name)))
    struck = st.builds(
        lambda name, accident, at: (
            f"{name}, {accident.name} statement {at}",
            lambda h: h.accident(name, accident, at),
        ),
        st.sampled_from(RUNS),
        st.sampled_from(accidents.QUICK),
        st.integers(0, 12),
    )
    edits = st.integers(0, MOST_SPECS - 1).map(lambda n: (f"spec {n}", lambda h: h.edit(n)))
    keys = st.sampled_from(KEYS).map(lambda key: (f"key {key}", lambda h: h.key(key)))
    outside = st.sampled_from(OUTSIDE).map(
        lambda what: (f"outside: {what}", lambda h: h.outside(what))
    )
    return st.one_of(runs, runs, struck, struck, edits, keys, outside, outside)


def _later(life: Life) -> None:
    """Two commands are never in one millisecond: history tells by time which of them was last."""
    life.place.admin.call("clock", {"advance_s": 1})


@seed(SEED)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    print_blob=True,
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
@given(data=st.sampled_from(sorted(SPECS)), steps=st.lists(_steps(), min_size=3, max_size=10))
def test_no_history_breaks_a_promise(
    born: Born, data: str, steps: list[tuple[str, Callable[[History], None]]]
) -> None:
    note(f"CORTEX_RESOURCES_SEED={SEED} CORTEX_RESOURCES_HISTORIES={EXAMPLES} gives it again")
    note(f"trains on {data}")
    is_served = SPECS[data] is SERVED
    history = History(born(ServedLife if is_served else Life), SPECS[data])
    history.edit(0)
    life = history.life
    for name, step in steps:
        note(name)
        history.told.append(name)
        _later(life)
        step(history)
        assert life.paid_twice() == []
        if name.startswith("destroy"):
            life.forget_if_gone()
    _later(life)
    if life.spec == FAILING and is_served:
        # Its user reverts what does not pass.
        history.edit(0)
    if history.is_clean and history.is_leaving:
        life.until_calm(life.destroy)
        life.forget_if_gone()
    if history.is_clean:
        life.until_calm(life.up)
        assert life.broken_promises() == []
    else:
        _run_thrice(life)
        assert life.paid_twice() == []
        assert life.unknown_jobs() == []
    calm = len(life.place.changes())
    with contextlib.nullcontext() if history.is_clean else contextlib.suppress(RefusedError):
        life.up()
    assert len(life.place.changes()) == calm, "a run after a calm one changes nothing"


def _run_thrice(life: Life) -> None:
    """What others took away may refuse every run: it must refuse to the end and change nothing."""
    for _ in range(3):
        with contextlib.suppress(RefusedError):
            life.up()
