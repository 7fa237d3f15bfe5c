"""The way into the compiler of data statements; importing it loads the parser and all functions."""

from cortex_resources.emulator.queries.changes import described
from cortex_resources.emulator.queries.dml import delete, truncate, update
from cortex_resources.emulator.queries.engine import install
from cortex_resources.emulator.queries.functions.calls import is_built_in
from cortex_resources.emulator.queries.merge import merge
from cortex_resources.emulator.queries.multi_inserts import insert
from cortex_resources.emulator.queries.spelling import column_type
from cortex_resources.emulator.queries.statements import frozen_columns, select, stage_text
from cortex_resources.emulator.queries.tables import (
    column_definitions,
    create_table_as,
    table_ddl,
)
from cortex_resources.emulator.queries.user_functions import check as check_function

__all__ = [
    "check_function",
    "column_definitions",
    "column_type",
    "create_table_as",
    "delete",
    "described",
    "frozen_columns",
    "insert",
    "install",
    "is_built_in",
    "merge",
    "select",
    "stage_text",
    "table_ddl",
    "truncate",
    "update",
]
