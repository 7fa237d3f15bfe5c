"""A job's record as DESCRIBE gives it, its error safe to show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from cortex_resources.gateway import redaction
from cortex_resources.model.jobs import JobRecord
from cortex_resources.model.names import QualifiedName
from cortex_resources.sql import finetune


def of(rows: Sequence[Mapping[str, object]], beside: QualifiedName) -> JobRecord:
    """Read the reply of DESCRIBE; what an error quotes from training rows is taken out.

    Arguments:
        rows: the reply.
        beside: the requested model; an unqualified name in the reply lies in its schema.
    """
    job = finetune.parse_job(finetune.reply(rows), beside=beside)
    if job.error_message is None:
        return job
    query = job.training_data or ""
    return replace(
        job, error_message=redaction.message(job.error_message, query, errno=0, sqlstate="")
    )
