"""HTTP: reads requests, refuses foreign ones, writes replies."""

from __future__ import annotations

import gzip
import io
import json
import logging
import socket
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import parse_qsl, urlsplit

from cortex_resources.emulator.faults import DropFaultError, HttpFaultError
from cortex_resources.emulator.wire import body, origin, replies
from cortex_resources.emulator.wire.body import BodyError
from cortex_resources.emulator.wire.incoming import Incoming, parts_of
from cortex_resources.emulator.wire.pace import MESSAGE_S, PacedReader

if TYPE_CHECKING:
    from cortex_resources.emulator.server import Server

_GZIP_ABOVE: Final = 2_000
# A 5xx makes clients repeat the request; what is wrong with it would still be wrong.
_INSTEAD: Final = {501: 405, 505: 400}
_log: Final = logging.getLogger("cortex_resources.emulator")


class RequestHandler(BaseHTTPRequestHandler):
    """One connection of a client."""

    protocol_version = "HTTP/1.1"
    default_request_version = "HTTP/1.0"  # a reply to HTTP/0.9 has no status to refuse with
    server: Server
    wbufsize = -1
    disable_nagle_algorithm = True

    def setup(self) -> None:
        """Read the connection with a time limit for each message."""
        super().setup()
        self.rfile.close()
        self._paced = PacedReader(
            self.connection, lambda: self.server.connections.busy(self.connection)
        )
        self.rfile = cast("io.BufferedIOBase", io.BufferedReader(self._paced, 65_536))

    def handle_one_request(self) -> None:
        """Serve the next message of the connection."""
        self._paced.await_message()
        self.server.connections.idle(self.connection)
        super().handle_one_request()

    def do_GET(self) -> None:
        """GET."""
        self._serve("GET")

    def do_POST(self) -> None:
        """POST."""
        self._serve("POST")

    def do_DELETE(self) -> None:
        """DELETE."""
        self._serve("DELETE")

    def _serve(self, method: str) -> None:
        taken = 0
        try:
            self._check_origin()
            lengths = self.headers.get_all("Content-Length") or []
            size = body.length(self.headers.get("Transfer-Encoding"), lengths, self._most())
            self.server.allowance.take(size)
            taken = size
            self._answer(self._incoming(method, size))
        except BodyError as error:
            self.close_connection = True
            self._reply(error.status, replies.refusal(390_142, str(error)))
        finally:
            self.server.allowance.give(taken)

    def _incoming(self, method: str, size: int) -> Incoming:
        raw = body.read(cast("Any", self.rfile), size)
        encoding = (self.headers.get("Content-Encoding") or "").strip().lower()
        try:
            url = urlsplit(self.path)
            query = dict(parse_qsl(url.query, max_num_fields=100))
        except ValueError:
            raise BodyError(400, "the address of the request cannot be read") from None
        found = body.parsed(raw, encoding, body.LARGEST)
        return Incoming(method, parts_of(url.path), query, found, self._token())

    def _answer(self, incoming: Incoming) -> None:
        try:
            if incoming.parts[:1] == ("admin",):
                status, answer = self._admin(incoming)
            else:
                found = self.server.protocol.answer(incoming)
                status, answer = (404, _not_found()) if found is None else (200, found)
        except HttpFaultError as fault:
            status, answer = fault.status, replies.refusal(390_000, "fault on purpose")
        except DropFaultError:
            self._drop()
            return
        except Exception:  # noqa: BLE001
            # A 5xx would make the client repeat the statement; the log has the cause.
            _log.exception("internal error on /%s", "/".join(incoming.parts))
            status, answer = 200, _internal()
        self._reply(status, answer)

    def _admin(self, incoming: Incoming) -> tuple[int, Any]:
        if not origin.is_loopback(self.client_address[0]):
            return 403, {"error": "the admin interface answers only local requests"}
        return self.server.admin.answer(incoming)

    def _check_origin(self) -> None:
        host, page = self.headers.get("Host"), self.headers.get("Origin")
        if origin.is_foreign(host, page, self.server.bound):
            raise BodyError(403, "the local account answers only requests of this machine")

    def _most(self) -> int:
        """Who has no session needs no large body."""
        known = self.server.protocol.knows(self._token())
        return body.LARGEST if known else body.LARGEST_STRANGER

    def _token(self) -> str:
        header = self.headers.get("Authorization") or ""
        return header.partition('Token="')[2].rstrip('"')

    def _reply(self, status: int, answer: Any) -> None:
        self.connection.settimeout(MESSAGE_S)
        raw = json.dumps(answer, separators=(",", ":")).encode()
        self.send_response_only(status)
        self.send_header("Content-Type", "application/json")
        if len(raw) > _GZIP_ABOVE and "gzip" in (self.headers.get("Accept-Encoding") or ""):
            raw = gzip.compress(raw, 1)
            self.send_header("Content-Encoding", "gzip")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)
        self.wfile.flush()

    def send_error(
        self,
        code: int,
        message: str | None = None,
        explain: str | None = None,  # noqa: ARG002 - the base class calls it so
    ) -> None:
        """What the base class refuses: an unknown method, too long a line, too many headers."""
        self.close_connection = True
        self.headers = getattr(self, "headers", None) or cast("Any", {})
        status = _INSTEAD.get(code, code)
        self._reply(status, replies.refusal(390_142, message or "the request cannot be read"))

    def _drop(self) -> None:
        """Cut the connection without a word."""
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - named by the base class
        """Statements are on record in the account; requests are not logged."""


def _not_found() -> dict[str, Any]:
    return replies.refusal(390_404, "the local account has no such path")


def _internal() -> dict[str, Any]:
    return {
        "data": {"errorCode": "000603", "sqlState": "XX000", "queryId": None},
        "code": "000603",
        "message": "SQL execution internal error: the local account failed; see its log.",
        "success": False,
    }
