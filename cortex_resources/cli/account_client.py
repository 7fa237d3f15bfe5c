"""Talks to a running local account: its address file, its admin interface, its SQL protocol."""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class NoAnswerError(Exception):
    """Nothing answers at the address."""


class RejectedError(Exception):
    """The account refused an admin request; the text says why."""


class StatementFailedError(Exception):
    """A statement failed; the text is Snowflake's."""


@dataclass(frozen=True, slots=True)
class Result:
    """Column names and rows as text."""

    columns: list[str]
    rows: list[list[str | None]]


def address_file(state: Path) -> Path:
    """Where a running account of a state file writes its address."""
    return state.with_suffix(".address.json")


def find(state: Path) -> dict[str, Any] | None:
    """The address of the account that runs on a state file, if one answers."""
    try:
        where: dict[str, Any] = json.loads(address_file(state).read_text(encoding="utf-8"))
        health = admin(where, "GET", "health")
    except (OSError, ValueError, NoAnswerError, RejectedError):
        return None
    return where if health.get("pid") == where.get("pid") else None


def is_alive(pid: int) -> bool:
    """Whether a process of this number exists."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, 0)
        return True
    return False


def admin(where: dict[str, Any], method: str, path: str, body: Any = None) -> Any:
    """The answer to an admin request."""
    status, answer = _send(where, method, f"/admin/{path}", body)
    if status != 200:
        raise RejectedError(str(answer.get("error", answer)))
    return answer


def execute(where: dict[str, Any], statements: list[str], role: str | None) -> Result:
    """Log in, run statements one after the other, log out; the last result."""
    query = f"?roleName={role}" if role else ""
    body = {"data": {"LOGIN_NAME": where["user"], "PASSWORD": where["password"]}}
    opened = _checked(_send(where, "POST", f"/session/v1/login-request{query}", body)[1])
    token = opened["token"]
    result = Result([], [])
    try:
        for sql in statements:
            result = _statement(where, token, sql)
    finally:
        _send(where, "POST", "/session?delete=true", None, token)
    return result


def _statement(where: dict[str, Any], token: str, sql: str) -> Result:
    path = f"/queries/v1/query-request?requestId={uuid.uuid4()}"
    body = {"sqlText": sql, "parameters": {"MULTI_STATEMENT_COUNT": 0}}
    data = _checked(_send(where, "POST", path, body, token)[1])
    if "resultIds" in data:
        last = data["resultIds"].split(",")[-1]
        data = _checked(_send(where, "GET", f"/queries/{last}/result", None, token)[1])
    types = data["rowtype"]
    rows = [
        [_shown(cell, kind["type"]) for cell, kind in zip(row, types, strict=True)]
        for row in data["rowset"]
    ]
    return Result([kind["name"] for kind in types], rows)


def _shown(cell: str | None, kind: str) -> str | None:
    if cell is None:
        return None
    if kind == "boolean":
        return "true" if cell in ("1", "true") else "false"
    if not (kind == "date" or kind.startswith("timestamp")):
        return cell
    epoch = datetime.datetime(1970, 1, 1)
    if kind == "date":
        return str((epoch + datetime.timedelta(days=int(cell))).date())
    seconds = float(cell.split(" ")[0])
    return str((epoch + datetime.timedelta(seconds=seconds)).isoformat(" ", "milliseconds"))


def _checked(answer: dict[str, Any]) -> dict[str, Any]:
    if not answer["success"]:
        state = (answer.get("data") or {}).get("sqlState") or "-----"
        raise StatementFailedError(f"{answer['code']} ({state}): {answer['message']}")
    data: dict[str, Any] = answer["data"] or {}
    return data


def _send(
    where: dict[str, Any], method: str, path: str, body: Any = None, token: str | None = None
) -> tuple[int, dict[str, Any]]:
    import http.client  # noqa: PLC0415 - a start that finds no account asks nobody

    connection = http.client.HTTPConnection(where["host"], where["port"], timeout=60)
    headers = {"Content-Type": "application/json"}
    if token is not None:
        headers["Authorization"] = f'Snowflake Token="{token}"'
    raw = None if body is None else json.dumps(body).encode()
    try:
        connection.request(method, path, raw, headers)
        reply = connection.getresponse()
        return reply.status, json.loads(reply.read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NoAnswerError(str(error)) from None
    finally:
        connection.close()
