"""The local account as a running server, in this process or as a command."""

from __future__ import annotations

import threading
from pathlib import Path
from socketserver import ThreadingTCPServer
from types import TracebackType
from typing import Any, Self

from cortex_resources.emulator import lexer
from cortex_resources.emulator.access import bootstrap
from cortex_resources.emulator.account import Account
from cortex_resources.emulator.admin import Admin
from cortex_resources.emulator.request import Request
from cortex_resources.emulator.sessions import Session
from cortex_resources.emulator.wire.body import Allowance
from cortex_resources.emulator.wire.connections import Connections
from cortex_resources.emulator.wire.http import RequestHandler
from cortex_resources.emulator.wire.routes import Protocol


class Server(ThreadingTCPServer):
    """The HTTP server of one account."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, account: Account, host: str, port: int) -> None:
        self.protocol = Protocol(account)
        self.admin = Admin(account, self._stop_soon)
        self.bound = host
        self.allowance = Allowance()
        self.connections = Connections()
        super().__init__((host, port), RequestHandler)

    def verify_request(self, request: Any, client_address: Any) -> bool:  # noqa: ARG002
        """Whether there is room for one more connection."""
        return self.connections.admit(request)

    def shutdown_request(self, request: Any) -> None:
        """End a connection."""
        self.connections.ended(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Cut the connections that are still open: they would be served by a closed account."""
        self.connections.cut_all()

    def _stop_soon(self) -> None:
        """Stop after the reply to the request that asks for it."""
        threading.Timer(0.05, self.shutdown).start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error of the account."""


class LocalAccount:
    """An account that answers on a loopback port; a context manager.

    Arguments:
        state: the state file; None keeps everything in memory.
        port: 0 takes a free one.
    """

    user = bootstrap.USER
    password = bootstrap.PASSWORD

    def __init__(
        self, state: Path | str | None = None, port: int = 0, host: str = "127.0.0.1"
    ) -> None:
        self.account = Account(None if state is None else Path(state))
        try:
            self._server = Server(self.account, host, port)
        except OSError:
            self.account.close()
            raise
        self.host = host
        self.port: int = self._server.server_address[1]
        self._thread: threading.Thread | None = None

    def connection(self, **overrides: Any) -> dict[str, Any]:
        """Arguments for `snowflake.connector.connect`."""
        return {
            "account": "local",
            "host": self.host,
            "port": self.port,
            "protocol": "http",
            "user": self.user,
            "password": self.password,
            **overrides,
        }

    def seed(self, script: str) -> None:
        """Run a SQL script as ACCOUNTADMIN; the first error ends it."""
        session = Session(id=0, user=self.user, role="ACCOUNTADMIN", warehouse=bootstrap.WAREHOUSE)
        executor = self._server.protocol.prepare()
        for number, sql in enumerate(lexer.split(script)):
            executor.run(session, Request(sql=sql, request_id="", query_id=f"seed-{number}"))

    def prepare(self) -> None:
        """Load what the first statement would have to wait for."""
        self._server.protocol.prepare()

    def serve(self) -> None:
        """Answer requests until `stop` is called or an admin request says so."""
        try:
            self._server.serve_forever(poll_interval=0.05)
        finally:
            self._server.server_close()
            self._server.hang_up()
            self.account.close()

    def start(self) -> None:
        """Answer requests in a thread."""
        self._thread = threading.Thread(target=self.serve, name="local-account", daemon=True)
        self._thread.start()

    def wait(self) -> None:
        """Block until the account was stopped."""
        thread = self._thread
        while thread is not None and thread.is_alive():
            thread.join(timeout=1)

    def close(self) -> None:
        """Release port and state file of an account that was never started."""
        self._server.server_close()
        self.account.close()

    def stop(self) -> None:
        """Stop answering and release the state file."""
        self._server.shutdown()
        if self._thread is not None:
            self._thread.join(timeout=10)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()
