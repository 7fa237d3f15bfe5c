"""One stack with one model, moved as the engine moves it: a host for each run, state after each
call, what was replaced removed last.
"""

from __future__ import annotations

import itertools
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from tests.host.place import Place, Row
from tests.host.process import NOBODY, Bag, Host, RefusedError
from tests.lives.nursery import Nursery

_numbers = itertools.count(1)
DOCUMENTS: dict[str, Any] = {
    "base_model": "arctic-extract",
    "training_query": None,
    "training_dataset": "snow://dataset/{db}.ML.INVOICES/versions/v1",
}
"""A spec that trains on a dataset; the database is filled in."""


class ForkedHost(Host):
    """A host out of the nursery."""

    def __init__(self, nursery: Nursery, folder: Path, engine: str = NOBODY) -> None:
        self._nursery, self._folder, self._engine = nursery, folder, engine
        self._log_path = folder / f"host-{next(_numbers)}.txt"
        self.pid, self.first_line = nursery.host(self._log_path, engine)
        self._channel = grpc.insecure_channel(f"127.0.0.1:{self.first_line}")
        self._stub = provider_pb2_grpc.ResourceProviderStub(self._channel)
        self._lock = threading.Lock()
        self.replies = []
        self.is_engine_gone: Callable[[], bool] = lambda: False

    def another(self) -> ForkedHost:
        """A host like this one."""
        made = ForkedHost(self._nursery, self._folder, self._engine)
        made.is_engine_gone = self.is_engine_gone
        return made

    def kill(self) -> None:
        """kill -9; a second time does nothing."""
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self._channel.close()

    def _call(self, verb: str, request: Any) -> Any:
        reply = super()._call(verb, request)
        if self.is_engine_gone():
            raise RefusedError("the engine died before it could write the state")
        return reply


class EngineRow(Row):
    """A resource as a run meets it: what a check refuses ends the run."""

    def checked(self, declared: Bag, olds: Bag | None = None) -> Bag:
        """The inputs after a check."""
        inputs, failures = self._host.check(declared, self.inputs if olds is None else olds)
        if failures:
            raise RefusedError(str(failures))
        return inputs


@dataclass
class Life:
    """The state of one stack: a job, its model, and what was replaced and is still there."""

    place: Place
    nursery: Nursery
    folder: Path
    key: str = "docs"
    job: Row = field(init=False)
    artifact: Row = field(init=False)
    leaving: list[tuple[str, Bag]] = field(default_factory=list)
    host: ForkedHost | None = None
    spec: dict[str, Any] = field(default_factory=dict)
    is_engine_gone: Callable[[], bool] = lambda: False
    since: int = 0
    """The statement after which this life began."""
    ended: dict[str, int] = field(default_factory=dict)
    """The statement until which a model's payments count no longer: a destroy took it away."""

    def begin(self) -> None:
        """Nothing is made yet under this key."""
        self.job, self.artifact = EngineRow(self.place), EngineRow(self.place)

    def __post_init__(self) -> None:
        self.begin()
        self.since = self.place.start

    # -- what the engine does ------------------------------------------------------------

    @contextmanager
    def _run(self) -> Iterator[ForkedHost]:
        host = ForkedHost(self.nursery, self.folder)
        host.is_engine_gone = self.is_engine_gone
        self.host = host
        for row in self.rows():
            row.host = host
        try:
            yield host
        finally:
            host.kill()
            self.host = None

    def rows(self) -> list[Row]:
        """The resources in the order in which they are made."""
        return [self.job, self.artifact]

    def _refreshed(self) -> None:
        for row in self.rows():
            if row.id:
                row.refresh()

    def up(self, *, wait: bool = True) -> None:
        """`pulumi up`; RefusedError when it fails, with the state as far as it came."""
        with self._run() as host:
            self._refreshed()
            self._job_step(host)
            if wait:
                self.place.advance()
            self.artifact.up(self.place.artifact(self.job, self.key))
            self.serve()
            self._leave(host)

    def serve(self) -> None:
        """What moves to a model that is ready: nothing here."""

    def _job_step(self, host: ForkedHost) -> None:
        declared = self.place.job(self.key, **self._written())
        inputs = self.job.checked(declared)
        if self.job.id:
            changes, replaces = host.diff(self.job.id, self.job.outs, inputs)
            if not replaces:
                if changes != "none":
                    self.job.outs = host.update(self.job.id, self.job.outs, inputs)
                    self.job.inputs = inputs
                return
        inputs = self.job.checked(declared, {})
        id_, outs = host.create(inputs)
        if self.job.id:
            self.leaving.append((self.job.id, self.job.outs))
        self.job.id, self.job.outs, self.job.inputs = id_, outs, inputs

    def _written(self) -> dict[str, Any]:
        """The spec, in this life's database."""
        return {
            name: value.format(db=self.place.db) if isinstance(value, str) else value
            for name, value in self.spec.items()
        }

    def _leave(self, host: ForkedHost) -> None:
        for old in list(self.leaving):
            host.delete(*old)
            self.leaving.remove(old)

    def destroy(self) -> None:
        """`pulumi destroy`: nothing is declared."""
        with self._run() as host:
            self._refreshed()
            for row in reversed(self.rows()):
                if row.id:
                    host.delete(row.id, row.outs)
                    row.lost()
            self._leave(host)

    def rename(self, key: str) -> None:
        """The user gives the model another key; the next run removes what had the old one."""
        if key == self.key:
            return
        self.leaving += [(row.id, row.outs) for row in reversed(self.rows()) if row.id]
        self.key = key
        self.begin()

    def refresh(self) -> None:
        """`pulumi refresh`."""
        with self._run():
            self._refreshed()

    def until_calm(self, action: Callable[[], None], most: int = 4) -> None:
        """Run it again until it succeeds; it must within a few times."""
        for _ in range(most):
            try:
                action()
            except RefusedError as error:
                last = error
                continue
            return
        raise AssertionError(f"not calm after {most} runs: {last}")

    # -- what must hold ------------------------------------------------------------------

    def broken_promises(self) -> list[str]:
        """What is wrong between state and account; nothing when all is well."""
        found = [f"paid twice for {name}" for name in self.paid_twice()]
        models, kept = set(self.place.models()), self._kept()
        found += [f"job {id_} runs and nobody knows it" for id_ in self.unknown_jobs()]
        for name in sorted(models - kept):
            if "cortex-resources" not in str(self.place.model(name).get("comment", "")):
                found.append(f"model {name} is in no state and carries no marker")
        found += [f"the state names {name}, which is gone" for name in sorted(kept - models)]
        return found

    def unknown_jobs(self) -> list[str]:
        """Jobs that run, and cost, and are in no state."""
        running = {j["id"] for j in self.place.jobs() if j["status"] in ("PENDING", "IN_PROGRESS")}
        known = {self.job.outs.get("job_id")} | {outs.get("job_id") for _, outs in self.leaving}
        return sorted(running - known)

    def paid_twice(self) -> list[str]:
        """Models that were paid for more than once since they were taken away."""
        spent = [name for at, name in self._paid() if at > self.ended.get(name, 0)]
        return sorted({name for name in spent if spent.count(name) > 1})

    def _paid(self) -> list[tuple[int, str]]:
        """Each payment: its statement's number, and the model it was for."""
        return [
            (row["seq"], _model_of(row["sql"]))
            for row in self.place.admin.statements(self.since)
            if row["effect"] == "SPEND" and row["outcome"] == "ok"
        ]

    def forget_if_gone(self) -> None:
        """After a destroy, a new `up` pays anew for what nothing is left of, and may."""
        if self.job.id or self.artifact.id or self.leaving:
            return
        left = self._left()
        gone = {name for _, name in self._paid() if not any(_version(name) in it for it in left)}
        self.ended |= dict.fromkeys(gone, self.place.admin.last)

    def _left(self) -> list[str]:
        """What the account still has: jobs that run, models by their names and their markers."""
        running = [j for j in self.place.jobs() if j["status"] in ("PENDING", "IN_PROGRESS")]
        models = self.place.models()
        markers = [str(self.place.model(name).get("comment")) for name in models]
        return [text.upper() for text in (*map(str, running), *models, *markers)]

    def _kept(self) -> set[str]:
        """The models that the artifact's state names."""
        outs = self.artifact.outs
        names = {str(outs.get("saved_as") or ""), *str(outs.get("previous_models", "")).split()}
        return names - {""}


def _model_of(create: str) -> str:
    """The model that a CREATE was sent for: its second argument."""
    return create.partition("'CREATE', '")[2].partition("'")[0].removeprefix("@")


def _version(model: str) -> str:
    """The digits behind a model's name, with which its spec's hash begins."""
    return model.rpartition("__")[2]
