"""Whose a job is that trains on a dataset: no comment can stand in front of a dataset's address.

Its signature is in the query tag of the CREATE that gave its id. What query history proves is put
in front of the record's training data, where a query carries it, so that whoever reads a record
need not know the difference. History tells a user's own statements of seven days and their replies
of one; beyond that a job stays unsigned, and what may be ours without a proof is not paid beside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cortex_resources.backends import replies
from cortex_resources.backends.seam import Run
from cortex_resources.model.jobs import JobRecord
from cortex_resources.model.names import QualifiedName
from cortex_resources.plan import adoption
from cortex_resources.sql import history
from cortex_resources.sql.history import Trace


def signed(records: Sequence[JobRecord], database: QualifiedName, run: Run) -> list[JobRecord]:
    """The same jobs, each with what query history tells about its submit.

    Arguments:
        records: jobs on datasets.
        database: one that the role sees; its QUERY_HISTORY shows the whole account.
        run: sends the questions.
    """
    if all(adoption.is_signed(record) for record in records):
        return list(records)
    traces = [trace for trace in history.parse(run(history.submits(database))) if trace.signature]
    return [_signed(record, traces, run) for record in records]


def _signed(record: JobRecord, traces: Sequence[Trace], run: Run) -> JobRecord:
    if adoption.is_signed(record):
        return record
    near = (trace for trace in traces if adoption.is_near(trace, record))
    proof = next(
        (trace for trace in near if replies.job_id(trace.query_id, run) == record.id), None
    )
    if proof is None:
        return record
    return replace(record, training_data=adoption.signed(record.training_data, proof))
