"""BEGIN, COMMIT and ROLLBACK, and the commit that comes before every DDL statement.

DuckDB gives up a whole transaction when one statement in it fails, Snowflake only the statement;
so the changes of an open transaction are remembered and made again after a failure.
"""

from __future__ import annotations

from collections.abc import Callable

import duckdb

from cortex_resources.emulator.call import Call
from cortex_resources.emulator.errors import SnowflakeError, unsupported
from cortex_resources.emulator.outcome import Outcome, status
from cortex_resources.emulator.sessions import Live, Session, Sessions


def open_for(sessions: Sessions, session: Session, main: duckdb.DuckDBPyConnection) -> Live:
    """Start a transaction for a session unless one is open."""
    live = sessions.live(session)
    if live.transaction is None:
        live.transaction = main.cursor()
        live.transaction.execute("BEGIN")
        live.changes, live.changed = [], set()
        session.in_transaction = True
        sessions.save(session)
    return live


def finish(sessions: Sessions, session: Session, *, commit: bool) -> bool:
    """End a session's transaction; whether one was open."""
    live = sessions.live(session)
    lost, live.lost_transaction = live.lost_transaction, False
    connection, live.transaction = live.transaction, None
    changed, live.changes, live.changed = live.changed, [], set()
    session.in_transaction = False
    sessions.save(session)
    if lost and commit:
        raise SnowflakeError(
            608,
            "57014",
            "The transaction was rolled back because the account restarted; begin it again.",
        )
    if connection is None:
        return False
    try:
        if commit:
            sessions.committing(changed, connection)
        connection.execute("COMMIT" if commit else "ROLLBACK")
    except duckdb.TransactionException as error:
        raise conflict(error) from None
    finally:
        connection.close()
    return True


def replay(live: Live) -> None:
    """Make the changes of an open transaction again after DuckDB gave it up."""
    connection = live.transaction
    if connection is None:
        return
    connection.execute("ROLLBACK")
    connection.execute("BEGIN")
    for change in live.changes:
        change(connection)


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
    if reader.accept("NAME"):
        reader.name()
    if reader.token is not None:
        raise unsupported("Snowflake Scripting blocks (BEGIN … END)")
    open_for(call.account.sessions, call.session, call.account.store.connection)
    return status("Statement executed successfully.")


def commit(call: Call) -> Outcome:
    """COMMIT [WORK]."""
    call.reader.expect("COMMIT")
    call.reader.accept("WORK")
    call.reader.end()
    finish(call.account.sessions, call.session, commit=True)
    return status("Statement executed successfully.")


def rollback(call: Call) -> Outcome:
    """ROLLBACK [WORK]."""
    call.reader.expect("ROLLBACK")
    call.reader.accept("WORK")
    call.reader.end()
    finish(call.account.sessions, call.session, commit=False)
    return status("Statement executed successfully.")
