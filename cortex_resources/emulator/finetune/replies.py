"""What SHOW and DESCRIBE answer: JSON of a job at a time, in the shape that the settings choose."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from cortex_resources.emulator.finetune import jobs
from cortex_resources.emulator.finetune.jobs import Job, State
from cortex_resources.emulator.settings import Settings

# Seen in clients and payloads instead of the documented words.
_ALTERNATE: Final = {"IN_PROGRESS": "RUNNING", "ERROR": "FAILED", "CANCELLED": "CANCELED"}


def shown(listed: Iterable[Job], now: float, settings: Settings) -> str:
    """FINETUNE('SHOW'): an array, the newest job first."""
    newest = sorted(listed, key=lambda job: (job.created_on, job.number), reverse=True)
    return json.dumps(
        [
            {
                "id": job.id,
                "status": _word(jobs.state(job, now), settings),
                "base_model": job.base_model,
                "created_on": _milliseconds(job.created_on),
            }
            for job in newest
        ]
    )


def described(job: Job, now: float, settings: Settings) -> str:
    """FINETUNE('DESCRIBE').

    The newest page has the inputs always; older payloads have them once a job ended by itself,
    and neither `options` nor the model's database and schema.
    """
    state = jobs.state(job, now)
    full = settings.describe_shape == "full"
    answer: dict[str, Any] = {
        "id": job.id,
        "status": _word(state, settings),
        "progress": state.progress,
    }
    if full or state.status in ("SUCCESS", "ERROR"):
        answer |= _inputs(job)
    if full:
        answer["options"] = job.options or {}
    if state.finished_on is not None:
        answer["finished_on"] = _milliseconds(state.finished_on)
    if state.status == "ERROR" and job.failure is not None:
        answer["error"] = {"code": job.failure.code, "message": job.failure.message}
    if state.status == "SUCCESS":
        answer |= _result(job, full=full)
    return json.dumps(answer)


def _inputs(job: Job) -> dict[str, Any]:
    return {
        "base_model": job.base_model,
        "created_on": _milliseconds(job.created_on),
        "training_data": job.training_data,
        "validation_data": job.validation_data,
    }


def _result(job: Job, *, full: bool) -> dict[str, Any]:
    model = job.model or ""
    return {
        "model": model if full else model.rpartition(".")[2],
        "trained_tokens": job.trained_tokens,
        "training_result": {
            "validation_loss": job.validation_loss,
            "training_loss": job.training_loss,
        },
    }


def _word(state: State, settings: Settings) -> str:
    if settings.status_words == "documented":
        return state.status
    return _ALTERNATE.get(state.status, state.status)


def _milliseconds(seconds: float) -> int:
    return int(seconds * 1000)
