"""Is the data fit to train on, and what would it cost? Asked before anything is paid.

The answers are counts and column names, never rows.
"""

from __future__ import annotations

from collections.abc import Callable

from cortex_resources.errors import PolicyError, StatementRefusedError
from cortex_resources.model import sqltext
from cortex_resources.model.effects import Statement
from cortex_resources.model.jobs import TrainingJob
from cortex_resources.model.views import TRAINING_COLUMNS
from cortex_resources.sql.training_data import Measure, measure, parse_measure


def require_columns(query: str, columns_of: Callable[[str], list[str]]) -> None:
    """Refuse a query without PROMPT and COMPLETION; asks the account only where the text is silent.

    Arguments:
        query: the query.
        columns_of: gives the columns of a query without running it.

    Raises:
        StatementRefusedError: a column is missing.
    """
    known = sqltext.output_columns(query)
    if known is not None and all(name in known for name in TRAINING_COLUMNS):
        return
    columns = columns_of(query)
    missing = [name for name in TRAINING_COLUMNS if name not in columns]
    if missing:
        raise StatementRefusedError(
            f"the query gives no {' and no '.join(missing)} column; it gives {', '.join(columns)}",
            hint=f"Add an alias: <expression> AS {missing[0]}. Nothing was submitted.",
        )


def measured(job: TrainingJob, run: Callable[[Statement], list[dict[str, object]]]) -> Measure:
    """Pairs and tokens of the training query, counted by the account.

    Raises:
        AccountError: they could not be counted, most often because the base model is unknown.
    """
    try:
        return parse_measure(run(measure(job.training_query, job.base_model)))
    except StatementRefusedError as error:
        raise StatementRefusedError(
            f"the tokens of {job.model} could not be counted: {error.what}",
            hint=f"Check base_model {job.base_model} and the training query; take out the budget to"
            " submit without counting. Nothing was submitted.",
            errno=error.errno,
            statement=error.statement,
        ) from None


def require_budget(job: TrainingJob, measure: Measure) -> int:
    """The tokens the job will train, refused when they exceed its budget.

    Raises:
        PolicyError: there are no pairs, pairs with NULL, or more tokens than the budget.
    """
    if measure.pairs == 0:
        raise PolicyError(
            f"the training query of {job.model} gives no rows", hint="Nothing was submitted."
        )
    if measure.incomplete:
        raise PolicyError(
            f"{measure.incomplete} of {measure.pairs} pairs of {job.model} hold a NULL",
            hint="Filter them: WHERE prompt IS NOT NULL AND completion IS NOT NULL."
            " Nothing was submitted.",
        )
    tokens = measure.tokens * (job.max_epochs or 1)
    if job.max_trained_tokens is not None and tokens > job.max_trained_tokens:
        raise PolicyError(
            f"training {job.model} would cost about {tokens:,} tokens"
            f" ({measure.tokens:,} x {job.max_epochs} epochs), the budget is"
            f" {job.max_trained_tokens:,}",
            hint="Raise budget.max_trained_tokens, train on fewer rows or for fewer epochs."
            " Nothing was submitted.",
        )
    return tokens
