"""The table functions QUERY_HISTORY and QUERY_HISTORY_BY_…, from the statement log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from cortex_resources.emulator.access.authority import Authority
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.errors import invalid_value, unknown_function, unsupported
from cortex_resources.emulator.outcome import columns
from cortex_resources.emulator.queries.context import RowsRelation
from cortex_resources.emulator.records import RUNNING, Entry
from cortex_resources.emulator.show.cells import Row

COLUMNS: Final = (
    "QUERY_ID", "QUERY_TEXT", "DATABASE_NAME", "SCHEMA_NAME", "QUERY_TYPE", "SESSION_ID:number",
    "USER_NAME", "ROLE_NAME", "WAREHOUSE_NAME", "QUERY_TAG", "EXECUTION_STATUS", "ERROR_CODE",
    "ERROR_MESSAGE", "START_TIME:time", "END_TIME:time", "TOTAL_ELAPSED_TIME:number",
    "ROWS_PRODUCED:number",
)  # fmt: skip
_SHARED: Final = ("END_TIME_RANGE_START", "END_TIME_RANGE_END", "RESULT_LIMIT")
# function → the argument of its own, and the field of a log entry that it is compared with
_OWN: Final[dict[str, tuple[str, str]]] = {
    "QUERY_HISTORY": ("", ""),
    "QUERY_HISTORY_BY_SESSION": ("SESSION_ID", "session"),
    "QUERY_HISTORY_BY_USER": ("USER_NAME", "user"),
    "QUERY_HISTORY_BY_WAREHOUSE": ("WAREHOUSE_NAME", "warehouse"),
}
_LONGEST: Final = 10_000
_OPEN: Final = float("inf")
_STATUS: Final = {"ok": "SUCCESS", RUNNING: "RUNNING"}


def table(call: Call, authority: Authority, function: str, args: Sequence[Any]) -> RowsRelation:
    """The newest first; without MANAGE GRANTS only the user's own ("QUERY_HISTORY")."""
    if function not in _OWN:
        raise unknown_function(function)
    given = _arguments(call, function, args)
    argument, field = _OWN[function]
    limit = int(given.get("RESULT_LIMIT", 100))
    if not 1 <= limit <= _LONGEST:
        raise invalid_value(f"[{limit}] for RESULT_LIMIT: from 1 to {_LONGEST}")
    start = _moment(given, "END_TIME_RANGE_START", 0.0)
    end = _moment(given, "END_TIME_RANGE_END", _OPEN)
    everybody = authority.manages_grants
    found = [
        entry
        for entry in reversed([*call.account.log.since(0), *_unended(call)])
        if (everybody or entry.user == call.session.user)
        and (not field or str(getattr(entry, field)) == str(given[argument]))
        and (end == _OPEN if entry.outcome == RUNNING else start <= entry.ended <= end)
    ]
    return RowsRelation(tuple(columns(*COLUMNS)), [_row(entry) for entry in found[:limit]])


def _unended(call: Call) -> list[Entry]:
    """The statements that still run, beside the request that asks; their END_TIME is 1970."""
    return [entry for entry in call.account.log.unended() if not _asks(call, entry)]


def _asks(call: Call, entry: Entry) -> bool:
    asked = f"{entry.session}/{entry.request_id}" if entry.request_id else None
    is_part = asked is not None and call.key.startswith(asked)
    return is_part or entry.query_id == call.query_id


def everything(call: Call) -> list[Row]:
    """Every statement of everybody that the log still has, the newest first."""
    return [_row(entry) for entry in reversed(call.account.log.since(0))]


def _arguments(call: Call, function: str, args: Sequence[Any]) -> dict[str, Any]:
    own, _ = _OWN[function]
    if not all(isinstance(arg, tuple) for arg in args):
        raise unsupported(f"arguments of {function} without their names")
    given = {arg[0]: arg[1] for arg in args}
    for name in given:
        if name not in (own, *_SHARED):
            raise invalid_value(f"[{name}] as an argument of {function}")
    current = {
        "SESSION_ID": call.session.id,
        "USER_NAME": call.session.user,
        "WAREHOUSE_NAME": call.session.warehouse,
    }
    return {own: current.get(own), **given}


def _moment(given: dict[str, Any], name: str, otherwise: float) -> float:
    if name not in given:
        return otherwise
    value = given[name]
    if not isinstance(value, datetime):
        raise invalid_value(f"for {name}: a timestamp is needed")
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()


def _row(entry: Entry) -> Row:
    return (
        entry.query_id, entry.sql, entry.database, entry.schema, _sort(entry.sql), entry.session,
        entry.user, entry.role, entry.warehouse, entry.query_tag,
        _STATUS.get(entry.outcome, "FAILED_WITH_ERROR"),
        None if entry.errno is None else f"{entry.errno:06d}", entry.message,
        datetime.fromtimestamp(entry.at, UTC), datetime.fromtimestamp(entry.ended, UTC),
        max(0, int((entry.ended - entry.at) * 1000)), entry.rows,
    )  # fmt: skip


def _sort(sql: str) -> str:
    words = sql.split(None, 2)
    return words[0].upper() if words else ""
