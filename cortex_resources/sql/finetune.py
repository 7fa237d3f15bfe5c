"""SNOWFLAKE.CORTEX.FINETUNE: CREATE, DESCRIBE, SHOW, CANCEL.

Every word Snowflake uses for a job ends here. Replies are text that holds JSON; keys may be
missing or new. Source: *FINETUNE (SNOWFLAKE.CORTEX)* and its four verb pages.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence

from cortex_resources.errors import ReplyLostError
from cortex_resources.model.effects import Effect, Statement
from cortex_resources.model.jobs import JobRecord, Status, TrainingJob
from cortex_resources.model.names import QualifiedName
from cortex_resources.sql.literals import block_comment, literal, optional_literal

Row = Mapping[str, object]

CANCELLED_REPLY = "Canceled Cortex Fine-tuning job"
"""How a successful CANCEL begins; no other text is a success."""

_SYNONYMS = {"RUNNING": "IN_PROGRESS", "FAILED": "ERROR", "CANCELED": "CANCELLED"}


def _call(*arguments: str) -> str:
    return f"SELECT SNOWFLAKE.CORTEX.FINETUNE({', '.join(arguments)}) AS REPLY"


def create(job: TrainingJob, key: str) -> Statement:
    """Submit a paid job. A query carries `key` in front, so that the job can be found again.

    In front of a dataset's address nothing can stand; *Fine-tuning arctic-extract models* writes
    the name of such a model with an `@`.
    """
    name, data = str(job.model_name), f"{block_comment(key)} {job.training_data}"
    if job.training_dataset is not None:
        name, data = f"@{name}", job.training_data
    arguments = [literal("CREATE"), literal(name), literal(job.base_model), literal(data)]
    if job.validation_data is not None or job.max_epochs is not None:
        # Options are legal only after a validation argument; NULL holds its place.
        arguments.append(optional_literal(job.validation_data))
    if job.max_epochs is not None:
        arguments.append(literal(json.dumps({"max_epochs": job.max_epochs})))
    why = f"no job and no model of spec {job.spec_hash[:10]} exists"
    return Statement(_call(*arguments), Effect.SPEND, why)


def describe(job_id: str) -> Statement:
    """Read one job."""
    return Statement(_call("'DESCRIBE'", literal(job_id)), Effect.READ, f"status of {job_id}")


def show() -> Statement:
    """Read the list of jobs."""
    return Statement(_call("'SHOW'"), Effect.READ, "jobs of the account")


def cancel(job_id: str) -> Statement:
    """Stop a running job; what it has cost so far is lost."""
    return Statement(
        _call("'CANCEL'", literal(job_id)), Effect.DESTROY, f"job {job_id} left the stack"
    )


def reply(rows: Sequence[Row]) -> str:
    """The one text a FINETUNE call gives."""
    return str(next(iter(rows[0].values()))) if rows else ""


def job_id(rows: Sequence[Row]) -> str:
    """The id that CREATE gave.

    Raises:
        ReplyLostError: there is none in the reply, so nobody knows whether a job was started.
    """
    found = reply(rows)
    if not found or found == "None":
        raise ReplyLostError(
            "FINETUNE CREATE answered without a job id: a job may have been started",
            hint="Run it again: it looks for the job first and submits nothing twice.",
        )
    return found


def is_cancelled(answer: str) -> bool:
    """Whether the reply of a CANCEL says that it stopped the job."""
    return answer.startswith(CANCELLED_REPLY)


def status_of(word: str) -> Status:
    """Fold Snowflake's spellings; a word we have not met is UNKNOWN, which is not terminal."""
    word = word.upper()
    try:
        return Status(_SYNONYMS.get(word, word))
    except ValueError:
        return Status.UNKNOWN


def parse_jobs(text: str) -> list[JobRecord]:
    """The jobs of SHOW."""
    return [_record(item, None) for item in json.loads(text)]


def parse_job(text: str, *, beside: QualifiedName | None = None) -> JobRecord:
    """One job of DESCRIBE.

    Arguments:
        text: the reply.
        beside: the requested model; an unqualified `model` in the reply lies in its schema.
    """
    return _record(json.loads(text), beside)


def _record(item: Mapping[str, object], beside: QualifiedName | None) -> JobRecord:
    word = str(item.get("status", ""))
    error = _mapping(item.get("error"))
    result = item.get("training_result")
    losses = _mapping(result[-1] if isinstance(result, list) and result else result)
    return JobRecord(
        id=str(item["id"]),
        status=status_of(word),
        word=word,
        base_model=_text(item.get("base_model")),
        progress=_number(item.get("progress")),
        model=_model(_text(item.get("model")), beside),
        trained_tokens=_whole(item.get("trained_tokens")),
        training_loss=_number(losses.get("training_loss")),
        validation_loss=_number(losses.get("validation_loss")),
        training_data=_text(item.get("training_data")),
        created_on=_whole(item.get("created_on")),
        finished_on=_whole(item.get("finished_on")),
        error_code=_text(error.get("code")),
        error_message=_text(error.get("message")),
    )


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    return None if value in (None, "") else str(value)


def _number(value: object) -> float | None:
    # Neither JSON nor the engine has a word for a loss that is not finite.
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def _whole(value: object) -> int | None:
    return int(value) if isinstance(value, int | float) else None


def _model(text: str | None, beside: QualifiedName | None) -> QualifiedName | None:
    """The saved model. Snowflake echoes the name as typed, so it is folded here.

    The name of one that was tuned on a dataset was typed with an `@`.

    What the reply leaves out of the name is that of the requested one.
    """
    if text is None:
        return None
    name = QualifiedName.parse(text.removeprefix("@"))
    outer = beside.parts[: -len(name.parts)] if beside else ()
    return QualifiedName((*outer, *name.parts))
