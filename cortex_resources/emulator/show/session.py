"""SHOW of the session and its parameters: PARAMETERS, VARIABLES, TRANSACTIONS, LOCKS."""

from __future__ import annotations

from typing import Any, Final

from cortex_resources.emulator.call import Call
from cortex_resources.emulator.catalog import DEFAULT_RETENTION_DAYS
from cortex_resources.emulator.entities import Entity, Kind
from cortex_resources.emulator.errors import unsupported
from cortex_resources.emulator.outcome import Outcome, StatementType, columns, listing
from cortex_resources.emulator.sessions import Live, Session
from cortex_resources.emulator.show import like
from cortex_resources.emulator.show.cells import Row, moment
from cortex_resources.emulator.statements import objects, session

_OF_DATA: Final = {
    "DATA_RETENTION_TIME_IN_DAYS": DEFAULT_RETENTION_DAYS,
    "DEFAULT_DDL_COLLATION": "",
    "MAX_DATA_EXTENSION_TIME_IN_DAYS": 14,
}
# The parameters that objects have, with their defaults; none but retention can be set here.
_OF_OBJECTS: Final[dict[Kind, dict[str, Any]]] = {
    Kind.DATABASE: _OF_DATA,
    Kind.SCHEMA: _OF_DATA,
    Kind.TABLE: _OF_DATA,
    Kind.WAREHOUSE: {
        "MAX_CONCURRENCY_LEVEL": 8,
        "STATEMENT_QUEUED_TIMEOUT_IN_SECONDS": 0,
        "STATEMENT_TIMEOUT_IN_SECONDS": 172800,
    },
    Kind.USER: session.PARAMETERS,
}
_DECLARED: Final = columns("key", "value", "default", "level", "description", "type")


def parameters(call: Call) -> Outcome:
    """SHOW PARAMETERS [LIKE …] [{IN | FOR} {SESSION | ACCOUNT | kind name}]."""
    reader = call.reader
    pattern = like.read_like(reader)
    if reader.accept_any("IN", "FOR") and not reader.accept("SESSION"):
        if not reader.accept("ACCOUNT"):
            return _of_object(call, pattern)
        set_here: dict[str, Any] = {}
    else:
        set_here = call.session.parameters
    chosen = like.read_rest(reader, pattern)
    rows = [
        _row(key, set_here.get(key, default), default, "SESSION" if key in set_here else "")
        for key, default in session.PARAMETERS.items()
        if chosen.keeps(key)
    ]
    return listing(_DECLARED, chosen.first(rows), StatementType.SHOW)


def _of_object(call: Call, pattern: Any) -> Outcome:
    kind = objects.kind(call.reader)
    if kind not in _OF_OBJECTS:
        raise unsupported(f"SHOW PARAMETERS IN {kind.value}")
    entity = call.resolve(kind, call.reader.path())
    chosen = like.read_rest(call.reader, pattern)
    rows = [
        _row(key, *_set_on(call, entity, key, default))
        for key, default in _OF_OBJECTS[kind].items()
        if chosen.keeps(key)
    ]
    return listing(_DECLARED, chosen.first(rows), StatementType.SHOW)


def _set_on(call: Call, entity: Entity, key: str, default: Any) -> tuple[Any, Any, str]:
    """Value, default and level of a parameter: the level is the kind that set it."""
    if key == "DATA_RETENTION_TIME_IN_DAYS":
        for holder in (entity, *call.catalog.parents(entity)):
            days = getattr(holder, "retention_days", None)
            if days is not None:
                return days, default, holder.kind.value
    return default, default, ""


def _row(key: str, value: Any, default: Any, level: str) -> Row:
    return key, _plain(value), _plain(default), level, "", _type(default)


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _type(value: object) -> str:
    return {"bool": "BOOLEAN", "int": "NUMBER"}.get(type(value).__name__, "STRING")


def variables(call: Call) -> Outcome:
    """SHOW VARIABLES [LIKE …]."""
    reader = call.reader
    chosen = like.read_rest(reader, like.read_like(reader))
    at = moment(call.session.created_on)
    rows = [
        (call.session.id, at, at, name, str(value), _variable_type(value), "")
        for name, value in sorted(call.session.variables.items())
        if chosen.keeps(name)
    ]
    declared = columns(
        "session_id:number", "created_on:time", "updated_on:time", "name", "value", "type",
        "comment",
    )  # fmt: skip
    return listing(declared, chosen.first(rows), StatementType.SHOW)


def _variable_type(value: object) -> str:
    return {"bool": "boolean", "int": "fixed", "float": "real"}.get(type(value).__name__, "text")


def transactions(call: Call) -> Outcome:
    """SHOW TRANSACTIONS [IN ACCOUNT]: the open ones of this user, or of everybody."""
    rows = [
        (
            live.transaction_id, one.user, one.id, live.transaction_name, moment(live.started_on),
            "running", 0,
        )
        for one, live in _open(call)
    ]  # fmt: skip
    declared = columns(
        "id:number", "user", "session:number", "name", "started_on:time", "state", "scope:number"
    )
    return listing(declared, rows, StatementType.SHOW)


def _open(call: Call) -> list[tuple[Session, Live]]:
    """The sessions with open transactions: this user's, or with IN ACCOUNT everybody's."""
    reader = call.reader
    everybody = reader.accept("IN", "ACCOUNT") and call.authority.manages_grants
    reader.end()
    pairs = [(one, call.account.sessions.live(one)) for one in call.account.sessions.all()]
    return [
        (one, live)
        for one, live in pairs
        if live.transaction is not None and (everybody or one.user == call.session.user)
    ]


def locks(call: Call) -> Outcome:
    """SHOW LOCKS [IN ACCOUNT]: the tables that open transactions changed; nobody waits here, a
    second change of the same rows fails at once.
    """
    rows = [
        (
            call.catalog.qualified(table), "PARTITIONS", live.transaction_id,
            moment(live.started_on), "HOLDING", moment(live.started_on), None,
        )
        for _, live in _open(call)
        for table_id in sorted(live.changed)
        if (table := call.catalog.get(table_id)) is not None
    ]  # fmt: skip
    declared = columns(
        "resource", "type", "transaction:number", "transaction_started_on:time", "status",
        "acquired_on:time", "query_id",
    )  # fmt: skip
    return listing(declared, rows, StatementType.SHOW)
