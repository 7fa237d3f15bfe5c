"""Accounts over the wire stub, the statements that are sent, and rules for the answers."""

from __future__ import annotations

import threading
from collections.abc import Callable

from cortex_resources.gateway.repetition import Repeater
from cortex_resources.gateway.session import Account
from cortex_resources.gateway.settings import Settings
from cortex_resources.model.effects import Effect, Statement
from tests.gateway.wire import Answer, Request

READ = Statement("SHOW GRANTS ON DATABASE D", Effect.READ)
GRANT = Statement("GRANT USAGE ON DATABASE D TO ROLE R", Effect.CHANGE)
SUBMIT = Statement("SELECT SNOWFLAKE.CORTEX.FINETUNE('CREATE', 'M', 'b', 'q')", Effect.SPEND)
DROPPING = Statement("DROP MODEL D.S.M", Effect.DESTROY)
UNREPEATABLE = [GRANT, SUBMIT, DROPPING]
LOGIN, QUERY = "/session/v1/login-request", "/queries/v1/query-request"
SECRET = "hunter2-planted"


class Clock:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def __call__(self) -> float:
        return self.now


def account_at(port: int, clock: Clock, **changes: object) -> Account:
    settings = Settings(
        name="local",
        source="a test",
        account="local",
        user="U",
        password=SECRET,
        host="127.0.0.1",
        port=port,
        protocol="http",
        **changes,  # type: ignore[arg-type]
    )
    return Account(settings, repeater=Repeater(sleep=clock.sleep, clock=clock))


def answering(path: str, *answers: Answer) -> Callable[[Request], Answer]:
    """A rule: these answers one after the other at a path, then the usual ones."""
    left, lock = list(answers), threading.Lock()

    def rule(request: Request) -> Answer:
        with lock:
            return left.pop(0) if request.path == path and left else None

    return rule


def always(path: str, answer: Answer) -> Callable[[Request], Answer]:
    """A rule: this answer at a path, the usual ones elsewhere."""
    return lambda request: answer if request.path == path else None


def failure(code: str) -> Answer:
    return {"success": False, "code": code, "message": "no", "data": {}}
