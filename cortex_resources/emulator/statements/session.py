"""SET, UNSET and ALTER SESSION; the session parameters that the account knows."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

from cortex_resources.emulator import search_path
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Kind
from cortex_resources.emulator.errors import (
    SnowflakeError,
    invalid_value,
    no_current,
    unsupported,
)
from cortex_resources.emulator.outcome import Effect, Outcome, status
from cortex_resources.emulator.queries.text_formats import PARAMETERS as _TEXT_FORMATS
from cortex_resources.emulator.queries.types import Kind as TypeKind
from cortex_resources.emulator.reader import Reader
from cortex_resources.emulator.sessions import Session

_DONE: Final = "Statement executed successfully."

# name → default. Those in `_FIXED` keep their default: another value would change results, and
# the account would not follow it.
PARAMETERS: Final[dict[str, Any]] = {
    "ABORT_DETACHED_QUERY": False,
    "AUTOCOMMIT": True,
    "BINARY_INPUT_FORMAT": "HEX",
    "BINARY_OUTPUT_FORMAT": "HEX",
    "CLIENT_MEMORY_LIMIT": 1536,
    "CLIENT_PREFETCH_THREADS": 4,
    "CLIENT_RESULT_CHUNK_SIZE": 160,
    "CLIENT_SESSION_KEEP_ALIVE": False,
    "CLIENT_SESSION_KEEP_ALIVE_HEARTBEAT_FREQUENCY": 3600,
    "CLIENT_STAGE_ARRAY_BINDING_THRESHOLD": 0,
    "CLIENT_TELEMETRY_ENABLED": False,
    "DATE_INPUT_FORMAT": "AUTO",
    "DATE_OUTPUT_FORMAT": "YYYY-MM-DD",
    "ERROR_ON_NONDETERMINISTIC_MERGE": True,
    "ERROR_ON_NONDETERMINISTIC_UPDATE": False,
    "JSON_INDENT": 2,
    "LOCK_TIMEOUT": 43200,
    "MULTI_STATEMENT_COUNT": 1,
    "PYTHON_CONNECTOR_QUERY_RESULT_FORMAT": "JSON",
    "QUERY_TAG": "",
    "QUOTED_IDENTIFIERS_IGNORE_CASE": False,
    "ROWS_PER_RESULTSET": 0,
    "SEARCH_PATH": search_path.DEFAULT,
    "STATEMENT_QUEUED_TIMEOUT_IN_SECONDS": 0,
    "STATEMENT_TIMEOUT_IN_SECONDS": 172800,
    "TIMESTAMP_INPUT_FORMAT": "AUTO",
    "TIMESTAMP_LTZ_OUTPUT_FORMAT": "",
    "TIMESTAMP_NTZ_OUTPUT_FORMAT": "YYYY-MM-DD HH24:MI:SS.FF3",
    "TIMESTAMP_OUTPUT_FORMAT": "YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM",
    "TIMESTAMP_TYPE_MAPPING": "TIMESTAMP_NTZ",
    "TIMESTAMP_TZ_OUTPUT_FORMAT": "",
    "TIMEZONE": "America/Los_Angeles",
    "TIME_INPUT_FORMAT": "AUTO",
    "TIME_OUTPUT_FORMAT": "HH24:MI:SS",
    "TRANSACTION_ABORT_ON_ERROR": False,
    "TRANSACTION_DEFAULT_ISOLATION_LEVEL": "READ COMMITTED",
    "USE_CACHED_RESULT": True,
    "WEEK_OF_YEAR_POLICY": 0,
    "WEEK_START": 0,
}
_FIXED: Final = frozenset(
    {
        "BINARY_INPUT_FORMAT", "BINARY_OUTPUT_FORMAT", "DATE_INPUT_FORMAT", "TIME_INPUT_FORMAT",
        "TIMESTAMP_INPUT_FORMAT", "TIMESTAMP_TYPE_MAPPING", "TRANSACTION_ABORT_ON_ERROR",
        "TRANSACTION_DEFAULT_ISOLATION_LEVEL", "ERROR_ON_NONDETERMINISTIC_MERGE",
        "ERROR_ON_NONDETERMINISTIC_UPDATE", "WEEK_OF_YEAR_POLICY", "WEEK_START",
    }
)  # fmt: skip
_LONGEST_TAG: Final = 2000


def typed(name: str, value: Any) -> Any:
    """A parameter value in its own type; login sends every value as text."""
    default: object = PARAMETERS.get(name)
    text = "" if value is None else str(value)
    if isinstance(default, bool):
        if text.strip().lower() not in _TRUTH:
            raise _wrong(name, value)
        return _TRUTH[text.strip().lower()]
    if isinstance(default, int):
        if not text.strip().isdecimal() or len(text) > 12:
            raise _wrong(name, value)
        return int(text)
    return text


_TRUTH: Final = {"true": True, "1": True, "on": True, "false": False, "0": False, "off": False}


def checked(name: str, value: Any) -> Any:
    """A value that the account honours; another one is refused by name.

    Numbers of errors: *Parameters*, and what public clients report for unknown names (1006).
    """
    if name not in PARAMETERS:
        raise unknown(name)
    value = typed(name, value)
    if name in _FIXED and str(value).upper() != str(PARAMETERS[name]).upper():
        raise unsupported(f"{name} other than {PARAMETERS[name]}")
    if name == "TIMEZONE" and not _is_zone(value):
        raise _wrong(name, value)
    if name == "SEARCH_PATH":
        search_path.entries(value)
    if name == "QUERY_TAG" and len(value) > _LONGEST_TAG:
        raise _wrong(name, f"{value[:40]}…")
    return value


def unknown(name: str) -> SnowflakeError:
    """A parameter that there is not."""
    return SnowflakeError(1006, "22023", f"SQL compilation error:\ninvalid parameter '{name}'")


def _wrong(name: str, value: Any) -> SnowflakeError:
    return invalid_value(f"[{value}] for parameter '{name}'")


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return False
    return bool(name)


def value_of(session: Session, name: str, request: Mapping[str, Any] = MappingProxyType({})) -> Any:
    """What a parameter is for one statement: of its request, its session, or the default."""
    if name in request:
        return checked(name, request[name])
    return session.parameters.get(name, PARAMETERS[name])


def text_formats(session: Session, request: Mapping[str, Any]) -> dict[TypeKind, str]:
    """The formats of dates and times in text that the session or the request chose.

    A timestamp without a format of its own follows TIMESTAMP_OUTPUT_FORMAT (*Parameters*); AUTO
    is the default.
    """
    if not any("OUTPUT_FORMAT" in name for name in (*session.parameters, *request)):
        return {}
    shared = value_of(session, "TIMESTAMP_OUTPUT_FORMAT", request)
    found: dict[TypeKind, str] = {}
    for name, kind in _TEXT_FORMATS.items():
        pattern = value_of(session, name, request) or shared
        standard = PARAMETERS[name] or PARAMETERS["TIMESTAMP_OUTPUT_FORMAT"]
        if pattern not in ("AUTO", "", standard):
            found[kind] = pattern
    return found


def assign(call: Call, name: str, value: Any) -> None:
    """Set a session parameter."""
    value = checked(name, value)
    if name == "SEARCH_PATH":
        for schema in search_path.named(value, call.session.database):
            if schema is None:
                raise no_current("database", 90105)
            call.authority.resolve(Kind.SCHEMA, schema)
    call.session.parameters[name] = value


def alter(call: Call) -> Outcome:
    """ALTER SESSION SET k = v [k = v …] | UNSET k [, k …]."""
    reader = call.reader
    verb = reader.accept_any("SET", "UNSET")
    if verb is None:
        raise reader.unexpected()
    _assignments(call, verb)
    return status(_DONE, Effect.READ)


def _assignments(call: Call, verb: str) -> None:
    reader = call.reader
    if reader.at_end:
        raise reader.unexpected()
    while not reader.at_end:
        name = reader.word()
        if verb == "SET":
            reader.expect("=")
            assign(call, name, reader.scalar())
        elif name not in PARAMETERS:
            raise unknown(name)
        else:
            call.session.parameters.pop(name, None)
        reader.accept(",")


def set_variable(call: Call) -> Outcome:
    """SET x = literal | expression, SET (x, y) = (…, …)."""
    reader = call.reader
    reader.expect("SET")
    if reader.accept("("):
        names = [reader.name()]
        while reader.accept(","):
            names.append(reader.name())
        reader.expect(")", "=", "(")
        values = [reader.scalar()]
        while reader.accept(","):
            values.append(reader.scalar())
        reader.expect(")")
        reader.end()
        if len(names) != len(values):
            raise reader.unexpected()
    else:
        names = [reader.name()]
        reader.expect("=")
        values = [_value(call, reader)]
    call.session.variables.update(zip(names, map(_storable, values), strict=True))
    return status(_DONE, Effect.READ)


def _storable(value: Any) -> Any:
    """A value that the session's row in the state file can hold."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return str(value)


def _value(call: Call, reader: Reader) -> Any:
    start = reader.position
    try:
        value = reader.scalar()
        reader.end()
    except SnowflakeError:
        reader.position = start
        return call.account.evaluate(call, reader.rest())
    return value


def unset_variable(call: Call) -> Outcome:
    """UNSET x, UNSET (x, y)."""
    reader = call.reader
    reader.expect("UNSET")
    reader.accept("(")
    while reader.token is not None and not reader.accept(")"):
        call.session.variables.pop(reader.name(), None)
        reader.accept(",")
    reader.end()
    return status(_DONE, Effect.READ)
