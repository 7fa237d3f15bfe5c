"""The JSON of replies."""

from __future__ import annotations

from typing import Any

from cortex_resources.emulator.errors import SnowflakeError
from cortex_resources.emulator.outcome import Outcome, StatementType
from cortex_resources.emulator.queries import wire
from cortex_resources.emulator.sessions import Session


def success(data: Any = None) -> dict[str, Any]:
    """An answer without an error."""
    return {"data": data, "code": None, "message": None, "success": True}


def failure(error: SnowflakeError, query_id: str | None = None) -> dict[str, Any]:
    """An error, which Snowflake sends with HTTP status 200."""
    data = {
        "internalError": False,
        "errorCode": f"{error.errno:06d}",
        "sqlState": error.sqlstate,
        "queryId": query_id,
        "line": -1,
        "pos": -1,
        "type": "COMPILATION",
    }
    return {
        "data": data,
        "code": f"{error.errno:06d}",
        "message": error.message,
        "success": False,
        "headers": None,
    }


def refusal(code: int, message: str) -> dict[str, Any]:
    """A login or token that is not accepted."""
    return {"data": None, "code": f"{code:06d}", "message": message, "success": False}


def query(session: Session, query_id: str, outcome: Outcome) -> dict[str, Any]:
    """The result of a statement."""
    return success(
        {
            "parameters": [],
            "rowtype": wire.rowtype(outcome.columns),
            "rowset": wire.cells(outcome.columns, outcome.rows),
            "total": len(outcome.rows),
            "returned": len(outcome.rows),
            "queryId": query_id,
            "databaseProvider": None,
            "finalDatabaseName": session.database,
            "finalSchemaName": session.schema,
            "finalWarehouseName": session.warehouse,
            "finalRoleName": session.role,
            # A driver describes an INSERT first, and sends its rows one by one unless this is set.
            "numberOfBinds": 0,
            "arrayBindSupported": outcome.type is StatementType.INSERT,
            "statementTypeId": int(outcome.type),
            "version": 1,
            "sendResultTime": 0,
            "queryResultFormat": "json",
            "sqlState": None,
            **({"stats": outcome.stats} if outcome.stats else {}),
        }
    )
