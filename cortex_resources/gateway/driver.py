"""The one place that imports snowflake.connector: opens a session, sends a statement.

What the connector repeats by itself, measured over the wire with 5.2.0 and 4.8.1: a reply lost
(408, 429, 5xx, dropped connection; 4.x also 400 and 403) makes it send the statement again with
the **same requestId**, 6 times in 5.x and until its network_timeout in 4.x. Snowflake promises to
run one requestId once, an endpoint that forgets it runs the statement twice, and a second CREATE is
a second paid job. So the connector repeats nothing here and `repetition` decides by effect:

- 5.x: `retry_max_attempts=1` at connect (errno 4 after one request);
- 4.x has no such number; its public `backoff_policy` is asked for a pause before every repetition,
  and ours raises there (errno 299001 after one request).

Left on in both, because the server refused before it ran anything: an expired session token
(390112) is renewed and the statement sent once more with the same requestId.

Silent no-ops that are avoided: `execute(timeout=)` in 5.x (here `query_timeout` at connect, errno
14, and the statement is aborted), `query_timeout` in 4.x (here `network_timeout`, which cancels
the statement), QUERY_TAG with `describe` in 5.x (the session's tag is used there).

Importing this module does not import the connector: 0.3 s that a run without a login never pays.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterator
from typing import Any

from cortex_resources.gateway import credentials, errnos
from cortex_resources.gateway.settings import Settings

SESSION_TAG = "cortex-resources"
_LOGGERS = ("snowflake.connector", "sf_core")


class Driver:
    """The connector, loaded at the first login, whichever generation is installed."""

    def __init__(self) -> None:
        from snowflake import connector  # noqa: PLC0415 - 0.3 s that only a login needs

        self._connector = connector
        self._generation = int(connector.__version__.split(".")[0])
        self.error: type[Exception] = connector.errors.Error
        _keep_quiet()

    def connect(self, settings: Settings, role: str, warehouse: str) -> Any:
        """One login; the session's parameters travel with it and cost no statement."""
        options = {
            **settings.extra,
            **credentials.options(settings),
            **_place(settings),
            **self._limits(settings),
            "role": role,
            "warehouse": warehouse,
            "application": "cortex_resources",
            "secondary_roles": "NONE",
            "session_parameters": {
                **settings.extra.get("session_parameters", {}),
                "QUERY_TAG": SESSION_TAG,
                "CLIENT_TELEMETRY_ENABLED": False,
                "QUOTED_IDENTIFIERS_IGNORE_CASE": False,
            },
        }
        if settings.is_local:
            # The connector asks the cloud's metadata service where it runs: nobody's business here.
            os.environ.setdefault("SNOWFLAKE_DISABLE_PLATFORM_DETECTION", "true")
        return self._connector.connect(**{k: v for k, v in options.items() if v not in ("", None)})

    def _limits(self, settings: Settings) -> dict[str, Any]:
        if self._generation >= 5:
            return {
                "login_timeout": settings.login_timeout,
                "query_timeout": settings.query_timeout,
                "request_timeout": settings.reply_timeout,
                "retry_timeout": settings.reply_timeout,
                "connect_timeout": min(settings.login_timeout, settings.reply_timeout),
                "retry_max_attempts": 1,
                "logout_max_attempts": 1,
                "logout_total_timeout_seconds": 5,
                "enable_server_session_keep_alive_auto_detection": False,
            }
        return {
            "login_timeout": settings.login_timeout,
            "network_timeout": settings.query_timeout,
            "socket_timeout": settings.reply_timeout,
            "backoff_policy": self._never_again,
        }

    def _never_again(self) -> Iterator[int]:
        yield 0
        raise self._connector.errors.OperationalError(
            msg="the request failed", errno=errnos.REPETITION_REFUSED
        )


def execute(connection: Any, text: str, tag: str) -> list[dict[str, object]]:
    """Send one statement, once, and fetch its rows by column name."""
    parameters = {"QUERY_TAG": tag} if tag else None
    with connection.cursor() as cursor:
        cursor.execute(text, _statement_params=parameters)
        columns = [column[0] for column in cursor.description or ()]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def describe(connection: Any, text: str, tag: str) -> list[str]:
    """The columns a query would give; nothing is executed."""
    parameters = {"QUERY_TAG": tag} if tag else None
    with connection.cursor() as cursor:
        columns = cursor.describe(text, _statement_params=parameters) or ()
        return [str(column[0]) for column in columns]


def _place(settings: Settings) -> dict[str, Any]:
    return {
        "host": settings.host,
        "port": settings.port or None,
        "protocol": settings.protocol,
        "database": settings.database,
        "schema": settings.schema,
    }


def _keep_quiet() -> None:
    """Keep statements and credentials out of logs that nobody asked for.

    The connector writes the SQL of a failed request at ERROR. A level that somebody set on these
    loggers stays.
    """
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        if logger.level == logging.NOTSET:
            logger.setLevel(logging.CRITICAL + 1)
    warnings.filterwarnings("ignore", message=".ReauthenticationRequest", category=FutureWarning)
