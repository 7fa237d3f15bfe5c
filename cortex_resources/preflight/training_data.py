"""Does a query give what training needs? Asked before anything is paid."""

from __future__ import annotations

from collections.abc import Callable

from cortex_resources.errors import StatementRefusedError
from cortex_resources.model import sqltext
from cortex_resources.model.views import TRAINING_COLUMNS


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
