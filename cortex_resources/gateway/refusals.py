"""An error of the connector as one of ours: what, what it means, what to do next, on one line."""

from __future__ import annotations

from cortex_resources.errors import (
    AccountError,
    ConnectError,
    ObjectExistsError,
    ObjectMissingError,
    PrivilegeMissingError,
    ReplyLostError,
    StatementRefusedError,
)
from cortex_resources.gateway import errnos, local, redaction
from cortex_resources.gateway.settings import Settings
from cortex_resources.model.effects import Effect, Statement

_AGAIN = "run the command again"
_SLOW = "allow it more seconds with CORTEX_RESOURCES_QUERY_TIMEOUT"
_NEXT: dict[type[AccountError], str] = {
    ObjectMissingError: "create it, correct the name, or grant the role what it needs to see it",
    ObjectExistsError: "take another name, or adopt what is there",
    PrivilegeMissingError: "grant the role what it lacks, or use another role",
}


def number(error: Exception) -> int:
    """The errno, -1 where the connector gives none."""
    found = getattr(error, "errno", None)
    return found if isinstance(found, int) else -1


def state(error: Exception) -> str:
    """The SQLSTATE, "" where there is none."""
    found = getattr(error, "sqlstate", None)
    return "" if found in (None, "n/a") else str(found)


def of_login(error: Exception, settings: Settings, role: str) -> ConnectError:
    """A login that failed."""
    errno = number(error)
    who = f"user {settings.user}" if settings.user else "this user"
    where = f" at {settings.host}:{settings.port}" if settings.host and settings.port else ""
    meaning = errnos.CREDENTIALS.get(errno)
    if errno == errnos.ROLE_REFUSED:
        what = f"role {role or '(none)'} does not exist or is not granted to {who}"
        hint = f"GRANT ROLE {role} TO USER {settings.user}"
    elif meaning:
        what, hint = f"{who}: {meaning}", f"correct it in {settings.source}"
    elif errno in errnos.SETTINGS:
        what = "the connector refuses these settings; nothing was sent"
        hint = f"check authenticator, user, host and protocol in {settings.source}"
    elif settings.is_local:
        what, hint = f"the local account{where} did not answer the login", local.START
    else:
        what = f"no login to account {settings.account}{where}"
        hint = f"check account, host and network; the login came from {settings.source}"
    return ConnectError(f"{settings.label}: {what} (error {errno})", hint=hint, errno=errno)


def of_statement(error: Exception, statement: Statement, role: str) -> AccountError:
    """A statement that did not succeed."""
    errno, sqlstate = number(error), state(error)
    shown = redaction.statement(statement.text)
    if errno in errnos.SESSION_GONE:
        return ConnectError(
            f"the session ended before this was run: {shown} (error {errno})",
            hint=_AGAIN,
            errno=errno,
            statement=shown,
        )
    if not errnos.is_answer(errno, sqlstate):
        return _unanswered(errno, statement, shown)
    made = errnos.CLASSES.get(errno, StatementRefusedError)
    text = redaction.message(str(error), statement.text, errno=errno, sqlstate=sqlstate)
    by = f" as role {role}" if role else ""
    return made(
        f"{text.rstrip('.')} (error {errno}){by}: {shown}",
        hint=_NEXT.get(made, "correct the statement or what it works on"),
        errno=errno,
        statement=shown,
    )


def _unanswered(errno: int, statement: Statement, shown: str) -> AccountError:
    """No answer of the account: harmless for a READ, unknown for anything else."""
    made: type[AccountError]
    if errno in errnos.TIMEOUTS:
        why, made, hint = "it took too long and was stopped", StatementRefusedError, _SLOW
    elif errno in errnos.INTERNAL:
        why, made, hint = "the account failed inside", StatementRefusedError, _AGAIN
    else:
        why, made, hint = "no reply came", ConnectError, f"check the network; {_AGAIN}"
    if statement.effect is Effect.READ:
        return made(f"{why}: {shown} (error {errno})", hint=hint, errno=errno, statement=shown)
    again = "it was sent once and is not sent again"
    hint = f"{_AGAIN}: it looks at the account first"
    if statement.effect is Effect.SPEND:
        hint += " and takes over a job that did start"
    return ReplyLostError(
        f"{why}, so this may have taken effect; {again}: {shown} (error {errno})",
        hint=hint,
        errno=errno,
        statement=shown,
    )
