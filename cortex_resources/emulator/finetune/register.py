"""The jobs of the account, written through to the store."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any, Final

from cortex_resources.emulator.finetune.jobs import Failure, Job, next_change
from cortex_resources.emulator.store import Store

_KIND: Final = "job"
_NAMESPACE: Final = uuid.UUID("6f3a3b1e-6d0c-5c49-9d54-0f3e5b7c2a10")


class Register:
    """Every job by id, and when the next one ends."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._jobs: dict[str, Job] = {}
        self._unsettled: set[str] = set()
        for key, record in store.load(_KIND):
            self._keep(key, _from_json(record))
        self._last = max((job.number for job in self._jobs.values()), default=0)

    def new_id(self) -> tuple[int, str]:
        """The next number and the id made from it: the same in every run of the same history."""
        self._last += 1
        return self._last, f"ft_{uuid.uuid5(_NAMESPACE, str(self._last))}"

    def put(self, job: Job) -> None:
        """Add or change a job."""
        before = self._jobs.get(job.id)
        last = self._last
        self._keep(job.id, job)
        self._last = max(self._last, job.number)
        self._store.write(_KIND, job.id, asdict(job), self._undo(job.id, before, last))

    def _undo(self, job_id: str, before: Job | None, last: int) -> Callable[[], None]:
        def undo() -> None:
            self._last = last
            self._keep(job_id, before)

        return undo

    def _keep(self, job_id: str, job: Job | None) -> None:
        self._unsettled.discard(job_id)
        if job is None:
            self._jobs.pop(job_id, None)
            return
        self._jobs[job_id] = job
        if not job.settled:
            self._unsettled.add(job_id)

    def find(self, job_id: str) -> Job | None:
        """A job that is still on record."""
        job = self._jobs.get(job_id)
        return None if job is None or job.collected else job

    def collect(self, job_id: str) -> bool:
        """Take a job off the record, as garbage collection does; whether it was there."""
        job = self.find(job_id)
        if job is None:
            return False
        self.put(replace(job, collected=True))
        return True

    def all(self) -> list[Job]:
        """Every job on record, the oldest first."""
        return [job for job in self._jobs.values() if not job.collected]

    def ever(self) -> list[Job]:
        """Every job there was, on record or not."""
        return list(self._jobs.values())

    def due(self, now: float) -> list[Job]:
        """The jobs that reached their end and are not settled yet, in the order of their end."""
        waiting = (self._jobs[job_id] for job_id in self._unsettled)
        ended = [job for job in waiting if next_change(job) <= now]
        return sorted(ended, key=lambda job: (next_change(job), job.number))


def _from_json(record: dict[str, Any]) -> Job:
    failure = record["failure"]
    return Job(
        **{
            **record,
            "path": tuple(record["path"]),
            "failure": Failure(**failure) if failure else None,
        }
    )
