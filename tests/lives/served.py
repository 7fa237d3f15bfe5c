"""A stack whose model has a gate and an alias: what the program does after the model is ready."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cortex_resources.errors import GateError
from cortex_resources.model.gates import Thresholds
from cortex_resources.model.names import QualifiedName
from cortex_resources.plan import gates
from tests.host.place import Row
from tests.host.process import RefusedError
from tests.lives.life import EngineRow, Life

FAILING: dict[str, Any] = {"max_epochs": 4}
"""The spec whose model does not reach what its gate asks."""


@dataclass
class ServedLife(Life):
    """A life with a gate and an alias behind its model."""

    gate: Row = field(init=False)
    alias: Row = field(init=False)

    def begin(self) -> None:
        """Nothing is made yet under this key."""
        super().begin()
        self.gate, self.alias = EngineRow(self.place), EngineRow(self.place)

    def rows(self) -> list[Row]:
        """The resources in the order in which they are made."""
        return [*super().rows(), self.gate, self.alias]

    def serve(self) -> None:
        """Ask the model, judge it, and let the alias move; RefusedError where it does not pass."""
        is_ready = self.artifact.outs["phase"] == "READY"
        self.gate.up(self.place.gate(self.job, self.key, is_ready=is_ready))
        if is_ready:
            self._judge()
        self.alias.up(self.place.alias(self.job, self.key, is_cleared=is_ready))

    def _judge(self) -> None:
        least = 10**6 if self.spec == FAILING else 1
        name = QualifiedName.parse(self.job.inputs["model_name"])
        try:
            gates.judge(name, self.gate.outs["scores"], Thresholds(at_least={"length": least}))
        except GateError as error:
            raise RefusedError(str(error)) from None

    def broken_promises(self) -> list[str]:
        """Those of every life, and what is wrong with what is served."""
        return [*super().broken_promises(), *self._badly_served(), *self._asked_twice()]

    def _badly_served(self) -> list[str]:
        serves = self._function()
        found = [] if serves == str(self.alias.outs.get("serves") or "") else ["the state errs"]
        if serves and serves not in self.place.models():
            found.append(f"the alias calls {serves}, which is gone")
        if serves and self.spec == FAILING and serves == self.job.inputs["model_name"]:
            found.append(f"the alias calls {serves}, which did not pass")
        return found

    def _function(self) -> str:
        """The model that the function calls."""
        for row in self.place.admin.call("state")["objects"]:
            if row["name"].startswith(f"{self.place.db}.ML.COMPLETE"):
                return str(row["comment"]).rpartition("serves=")[2].rstrip("]")
        return ""

    def _counts(self, row: dict[str, Any]) -> bool:
        """Whether the model that was asked was not taken away since by a destroy."""
        at: int = row["seq"]
        return at > self.ended.get(_asked_of(row), 0)

    def _asked_twice(self) -> list[str]:
        """History is searched for a day: what was asked before that may be asked again."""
        rows = self.place.admin.statements(self.since)
        sent = [row["sql"] for row in rows if _is_asked(row) and self._counts(row)]
        return [f"asked twice: {text}" for text in sorted(set(sent)) if sent.count(text) > 1]


def _asked_of(row: dict[str, Any]) -> str:
    return str(row["sql"]).partition("AI_COMPLETE('")[2].partition("'")[0]


def _is_asked(row: dict[str, Any]) -> bool:
    return "AI_COMPLETE('" in row["sql"] and "FUNCTION" not in row["sql"] and row["outcome"] == "ok"
