"""Every error of FINETUNE and completion in one table, with where its wording comes from.

None of these texts is documented; those marked observed were seen in a payload, the others say
in our words what Snowflake leaves open.
"""

from __future__ import annotations

from cortex_resources.emulator.errors import SnowflakeError, cortex_failure
from cortex_resources.emulator.finetune.jobs import Failure

INVALID: str = "INVALID_PARAMETER_VALUE"


def bad_query(which: str, reason: str) -> Failure:
    """Observed code and beginning; the inner SQL error follows."""
    return Failure(INVALID, f"Failed to query input data for Fine-tuning ({which}): {reason}")


def no_rows(which: str) -> Failure:
    """Our words: a query without usable rows."""
    return Failure(
        INVALID,
        f"Failed to query input data for Fine-tuning ({which}): no row has a PROMPT and a"
        " COMPLETION.",
    )


def too_many_rows(rows: int, limit: int, epochs: int) -> Failure:
    """Our words: beyond the row limit of the base model."""
    return Failure(
        INVALID,
        f"The training and validation data have {rows} rows; the base model allows {limit}"
        f" at {epochs} epochs.",
    )


def refused(reason: str) -> SnowflakeError:
    """Our words: an argument that cannot start a job."""
    return cortex_failure(f"FINETUNE with remote service error: {reason}")


def unknown_base_model(name: str) -> SnowflakeError:
    """Our words behind the observed error number."""
    return refused(f"400 'unsupported base model \"{name}\" for fine-tuning'")


def bad_options(reason: str) -> SnowflakeError:
    """Our words: options that are not a JSON object with max_epochs from 1 to 10."""
    return refused(f"400 'invalid options: {reason}'")


def unknown_job(job: str) -> SnowflakeError:
    """Our words: a job id that is not, or no longer, on record."""
    return refused(f"404 'Cortex Fine-tuning job \"{job}\" not found'")


def unknown_model(name: str) -> SnowflakeError:
    """Observed number: a model that no completion function knows."""
    return cortex_failure(
        f'COMPLETE$V2 with remote service error: 400 \'"unknown model \\"{name}\\""\''
    )
