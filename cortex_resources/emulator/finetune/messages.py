"""Every error of FINETUNE and completion in one table, with where its wording comes from.

None of these texts is documented. *Observed* was seen in a payload; the others say in our words
what Snowflake leaves open, behind the number that Cortex functions answer with (100351, P0000).
"""

from __future__ import annotations

from typing import Final

from cortex_resources.emulator.errors import SnowflakeError, cortex_failure
from cortex_resources.emulator.finetune.jobs import Failure

INVALID: Final = "INVALID_PARAMETER_VALUE"  # observed
_QUERY_FAILED: Final = "Failed to query input data for Fine-tuning."  # observed


def bad_query(wrapped: str, query_id: str, error: SnowflakeError) -> Failure:
    """Observed: the query as it was run, and the error it ended in."""
    return Failure(
        INVALID,
        f"{_QUERY_FAILED} Failed to execute query: {wrapped}. "
        f"{error.errno:06d} ({error.sqlstate}): {query_id}: {error.message}",
    )


def bad_documents(place: str, problem: str) -> Failure:
    """Our words: a Dataset that arctic-extract cannot be tuned on."""
    return Failure(INVALID, f"{_QUERY_FAILED} {place}: {problem}.")


def no_rows(wrapped: str) -> Failure:
    """Our words: a query without rows to train on."""
    return Failure(INVALID, f"{_QUERY_FAILED} The query returned no rows: {wrapped}.")


def null_values(rows: int) -> Failure:
    """Our words: rows without a prompt or without a completion, where the setting forbids them."""
    return Failure(INVALID, f"{_QUERY_FAILED} {rows} rows have a NULL prompt or completion.")


def too_many_rows(limit: int, epochs: int, base_model: str) -> Failure:
    """Our words: beyond the row limit of the base model."""
    return Failure(
        INVALID,
        f"The training and validation data have more than {limit} rows, the limit of"
        f" {base_model} for {epochs} epochs.",
    )


def save_failed(reason: str) -> Failure:
    """Our words: a trained model that has no place any more."""
    return Failure("MODEL_SAVE_FAILED", reason, 0.99)


def refused(reason: str) -> SnowflakeError:
    """Our words: an argument that cannot start a job."""
    return cortex_failure(f"FINETUNE with remote service error: {reason}")


def unknown_verb(verb: str) -> SnowflakeError:
    """Our words: an operation other than CREATE, SHOW, DESCRIBE and CANCEL."""
    return refused(f"400 'unknown operation \"{verb}\"'")


def unknown_base_model(name: str) -> SnowflakeError:
    """Our words: a base model that nobody knows."""
    return refused(f"400 'unsupported base model \"{name}\" for fine-tuning'")


def retired_base_model(name: str, status: str) -> SnowflakeError:
    """Our words: legacy for an account that never used it, or past its end of life."""
    return refused(f"400 'base model \"{name}\" is no longer available for fine-tuning: {status}'")


def wrong_region(region: str) -> SnowflakeError:
    """Our words: a region in which nothing is trained."""
    return refused(f"400 'fine-tuning is not available in region {region}'")


def bad_name(name: str) -> SnowflakeError:
    """Our words: text that is no identifier."""
    return refused(f"400 'invalid model name \"{name}\"'")


def bad_options(reason: str) -> SnowflakeError:
    """Our words: options that are not a JSON object with max_epochs from 1 to 10."""
    return refused(f"400 'invalid options: {reason}'")


def unknown_job(job: str) -> SnowflakeError:
    """Our words: a job id that is not, or no longer, on record, or another role's."""
    return refused(f"404 'Cortex Fine-tuning job \"{job}\" not found'")


def ended_job(job: str, status: str) -> SnowflakeError:
    """Our words: CANCEL of a job that ended, where the setting makes that an error."""
    return refused(f"400 'Cortex Fine-tuning job \"{job}\" has ended: {status}'")


def unknown_model(name: str) -> SnowflakeError:
    """Observed number: a model that no completion function knows."""
    return cortex_failure(
        f'COMPLETE$V2 with remote service error: 400 \'"unknown model \\"{name}\\""\''
    )
