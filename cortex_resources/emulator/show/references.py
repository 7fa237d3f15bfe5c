"""What hangs on an object: policies and data metric functions. None exist here; the object must."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from cortex_resources.emulator.access.authority import Authority
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Kind
from cortex_resources.emulator.errors import unsupported
from cortex_resources.emulator.outcome import columns
from cortex_resources.emulator.queries.context import RowsRelation
from cortex_resources.emulator.reader import parse_path

_COLUMNS: Final = {
    "POLICY_REFERENCES": (
        "POLICY_DB", "POLICY_SCHEMA", "POLICY_NAME", "POLICY_KIND", "REF_DATABASE_NAME",
        "REF_SCHEMA_NAME", "REF_ENTITY_NAME", "REF_ENTITY_DOMAIN", "REF_COLUMN_NAME",
        "REF_ARG_COLUMN_NAMES", "TAG_DATABASE", "TAG_SCHEMA", "TAG_NAME", "POLICY_STATUS",
    ),
    "DATA_METRIC_FUNCTION_REFERENCES": (
        "METRIC_DATABASE_NAME", "METRIC_SCHEMA_NAME", "METRIC_NAME", "METRIC_SIGNATURE",
        "METRIC_DATA_TYPE", "REF_ENTITY_DATABASE_NAME", "REF_ENTITY_SCHEMA_NAME", "REF_ENTITY_NAME",
        "REF_ENTITY_DOMAIN", "REF_ARGUMENTS", "REF_ID", "SCHEDULE", "SCHEDULE_STATUS",
    ),
}  # fmt: skip
FUNCTIONS: Final = tuple(_COLUMNS)
_DOMAINS: Final = {"TABLE": Kind.TABLE, "VIEW": Kind.VIEW, "USER": Kind.USER}
_ASKED: Final = {"REF_ENTITY_NAME", "REF_ENTITY_DOMAIN"}


def rows(call: Call, authority: Authority, function: str, args: Sequence[Any]) -> RowsRelation:
    """A function of REF_ENTITY_NAME => '…', REF_ENTITY_DOMAIN => 'TABLE' | 'VIEW' | 'USER'."""
    named = {arg[0]: str(arg[1]) for arg in args if isinstance(arg, tuple)}
    if set(named) != _ASKED or len(args) != len(named):
        raise unsupported(f"{function} without REF_ENTITY_NAME and REF_ENTITY_DOMAIN")
    domain = named["REF_ENTITY_DOMAIN"].upper()
    if domain not in _DOMAINS:
        raise unsupported(f"{function} of domain {domain}")
    kind = _DOMAINS[domain]
    authority.resolve(kind, call.path(kind, parse_path(named["REF_ENTITY_NAME"])))
    return RowsRelation(tuple(columns(*_COLUMNS[function])), [])
