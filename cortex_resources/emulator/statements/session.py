"""SET, UNSET and ALTER SESSION; the session parameters that the account knows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from cortex_resources.emulator.call import Call
from cortex_resources.emulator.errors import SnowflakeError, unsupported
from cortex_resources.emulator.outcome import Effect, Outcome, status
from cortex_resources.emulator.reader import Reader

_DONE: Final = "Statement executed successfully."

# name → default. Those in `_FIXED` keep their default: another value would change results, and
# the account would not follow it.
PARAMETERS: Final[dict[str, Any]] = {
    "ABORT_DETACHED_QUERY": False,
    "AUTOCOMMIT": True,
    "BINARY_OUTPUT_FORMAT": "HEX",
    "CLIENT_MEMORY_LIMIT": 1536,
    "CLIENT_PREFETCH_THREADS": 4,
    "CLIENT_RESULT_CHUNK_SIZE": 160,
    "CLIENT_SESSION_KEEP_ALIVE": False,
    "CLIENT_SESSION_KEEP_ALIVE_HEARTBEAT_FREQUENCY": 3600,
    "CLIENT_STAGE_ARRAY_BINDING_THRESHOLD": 0,
    "CLIENT_TELEMETRY_ENABLED": False,
    "DATE_OUTPUT_FORMAT": "YYYY-MM-DD",
    "JSON_INDENT": 2,
    "LOCK_TIMEOUT": 43200,
    "MULTI_STATEMENT_COUNT": 1,
    "PYTHON_CONNECTOR_QUERY_RESULT_FORMAT": "JSON",
    "QUERY_TAG": "",
    "QUOTED_IDENTIFIERS_IGNORE_CASE": False,
    "ROWS_PER_RESULTSET": 0,
    "STATEMENT_QUEUED_TIMEOUT_IN_SECONDS": 0,
    "STATEMENT_TIMEOUT_IN_SECONDS": 172800,
    "TIMESTAMP_OUTPUT_FORMAT": "YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM",
    "TIMEZONE": "UTC",
    "USE_CACHED_RESULT": True,
    "WEEK_START": 0,
}
_FIXED: Final = frozenset(
    {
        "BINARY_OUTPUT_FORMAT", "DATE_OUTPUT_FORMAT", "QUOTED_IDENTIFIERS_IGNORE_CASE",
        "ROWS_PER_RESULTSET", "TIMESTAMP_OUTPUT_FORMAT", "WEEK_START",
    }
)  # fmt: skip
_UTC: Final = frozenset({"UTC", "ETC/UTC", "GMT", "ZULU"})


def typed(name: str, value: Any) -> Any:
    """A parameter value in its own type; login sends every value as text."""
    default: object = PARAMETERS.get(name)
    if isinstance(default, bool):
        return value if isinstance(value, bool) else str(value).strip().lower() in ("true", "1")
    if isinstance(default, int):
        try:
            return int(str(value))
        except ValueError:
            raise SnowflakeError(
                1008, "22023", f"SQL compilation error:\ninvalid value [{value}] for '{name}'"
            ) from None
    return "" if value is None else str(value)


def assign(call: Call, name: str, value: Any) -> None:
    """Set a session parameter; one that would not be honoured is refused."""
    if name not in PARAMETERS:
        raise unsupported(f"session parameter {name}")
    value = typed(name, value)
    if name in _FIXED and value != PARAMETERS[name]:
        raise unsupported(f"{name} other than {PARAMETERS[name]}")
    if name == "TIMEZONE" and value.upper() not in _UTC:
        raise unsupported("a TIMEZONE other than UTC")
    if name == "QUERY_TAG" and len(value) > 2000:
        raise SnowflakeError(
            1008, "22023", "SQL compilation error:\ninvalid value for 'QUERY_TAG': too long"
        )
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
            raise unsupported(f"session parameter {name}")
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
