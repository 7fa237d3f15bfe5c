"""BEGIN, COMMIT and ROLLBACK, and the commit that comes before every DDL statement.

DuckDB gives up a whole transaction when one statement in it fails, Snowflake only the statement;
so the changes of an open transaction are remembered and made again after a failure.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable

import _duckdb as duckdb

from cortex_resources.emulator.call import Call
from cortex_resources.emulator.errors import SnowflakeError, unsupported
from cortex_resources.emulator.outcome import Outcome, status
from cortex_resources.emulator.sessions import IDLE, Live, Session, Sessions
from cortex_resources.emulator.store import Store
from cortex_resources.emulator.units import Ending


def open_for(
    sessions: Sessions,
    session: Session,
    main: duckdb.DuckDBPyConnection,
    now: float,
    name: str = "",
) -> Live:
    """Start a transaction for a session unless one is open; its id is its start in nanoseconds."""
    live = sessions.live(session)
    if live.transaction is None:
        live.transaction = main.cursor()
        live.transaction.execute("BEGIN")
        live.changes, live.changed = [], set()
        live.transaction_name = name or str(uuid.uuid4())
        live.started_on = now
        live.transaction_id = max(int(now * 1_000_000_000), live.transaction_id + 1)
        session.in_transaction = True
        sessions.save(session)
    return live


def detach(
    sessions: Sessions, session: Session, *, commit: bool
) -> duckdb.DuckDBPyConnection | None:
    """Take a session out of its transaction, which its caller then ends; None without one."""
    live = sessions.live(session)
    lost, live.lost_transaction = live.lost_transaction, ""
    connection, live.transaction = live.transaction, None
    changed, live.changes, live.changed = live.changed, [], set()
    session.in_transaction = False
    sessions.save(session)
    if lost and commit:
        raise rolled_back(lost)
    if connection is not None and commit:
        sessions.committing(changed)
    return connection


def abandon(sessions: Sessions, session: Session, live: Live) -> None:
    """Roll back a transaction that its session does not come back to; the session is told."""
    connection = detach(sessions, session, commit=False)
    if connection is not None:
        connection.close()
    live.lost_transaction = IDLE
    session.in_transaction = True  # until it has been told, also after a restart
    sessions.save(session)


def rolled_back(why: str) -> SnowflakeError:
    """What a session hears that goes on with a transaction the account has ended."""
    return SnowflakeError(
        608, "57014", f"The transaction was rolled back because {why}; begin it again."
    )


def commit_open(store: Store, sessions: Sessions, session: Session) -> None:
    """Commit a session's transaction before a statement that cannot be part of it."""
    connection = detach(sessions, session, commit=True)
    if connection is None:
        return
    try:
        store.commit(connection)
    except duckdb.TransactionException as error:
        raise conflict(error) from None
    finally:
        connection.close()


def remember(live: Live, change: Callable[[duckdb.DuckDBPyConnection], object]) -> None:
    """Keep a change of the open transaction for `replay`."""
    if live.transaction is not None:
        live.changes.append(change)


def conflict(error: Exception) -> SnowflakeError:
    """Two transactions changed the same rows."""
    reason = str(error).splitlines()[0]
    return SnowflakeError(
        625, "57014", f"Statement was aborted because of another transaction: {reason}"
    )


def begin(call: Call) -> Outcome:
    """BEGIN [WORK | TRANSACTION] [NAME x], START TRANSACTION."""
    reader = call.reader
    if not reader.accept("BEGIN"):
        reader.expect("START", "TRANSACTION")
    reader.accept_any("WORK", "TRANSACTION")
    name = reader.name() if reader.accept("NAME") else ""
    if reader.token is not None:
        raise unsupported("Snowflake Scripting blocks (BEGIN … END)")
    account = call.account
    open_for(account.sessions, call.session, account.store.connection, call.now, name)
    return status("Statement executed successfully.")


def _ended(call: Call, word: str) -> duckdb.DuckDBPyConnection | None:
    """Read `COMMIT [WORK]` or `ROLLBACK [WORK]` and take the session out of its transaction."""
    call.reader.expect(word)
    call.reader.accept("WORK")
    call.reader.end()
    return detach(call.account.sessions, call.session, commit=word == "COMMIT")


def commit(call: Call) -> Outcome:
    """COMMIT [WORK]."""
    connection = _ended(call, "COMMIT")
    if connection is not None:
        call.unit = Ending(call.account.store, connection)
    return status("Statement executed successfully.")


def rollback(call: Call) -> Outcome:
    """ROLLBACK [WORK]."""
    connection = _ended(call, "ROLLBACK")
    if connection is not None:
        connection.close()  # nothing of it was committed
    return status("Statement executed successfully.")
