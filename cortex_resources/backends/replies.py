"""What a statement of ours answered, read again from the account."""

from __future__ import annotations

from cortex_resources.backends.seam import Run
from cortex_resources.errors import AccountError, ObjectMissingError, StatementRefusedError
from cortex_resources.gateway import errnos
from cortex_resources.sql import finetune, history


def is_unanswered(error: AccountError) -> bool:
    """Whether the account gave up on a question: that says nothing about what was asked for."""
    return error.errno in errnos.TIMEOUTS or error.errno in errnos.INTERNAL


def job_id(query_id: str, run: Run) -> str:
    """The job id that a CREATE gave; nothing when its result is no longer kept."""
    try:
        return finetune.reply(run(history.result(query_id)))
    except (StatementRefusedError, ObjectMissingError) as error:
        if is_unanswered(error):
            raise
        return ""
