"""Data statements with Snowflake's semantics: SELECT, DML, column types, the cells of a reply."""

from cortex_resources.emulator.queries.engine import install
from cortex_resources.emulator.queries.spelling import column_type
from cortex_resources.emulator.queries.statements import frozen_columns, select

__all__ = ["column_type", "frozen_columns", "install", "select"]
