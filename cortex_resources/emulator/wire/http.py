"""HTTP: reads requests, refuses foreign ones, writes replies."""

from __future__ import annotations

import gzip
import io
import json
import logging
import socket
from http import HTTPStatus
from socketserver import StreamRequestHandler
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import parse_qsl, urlsplit

from cortex_resources.emulator.faults import DropFaultError, HttpFaultError
from cortex_resources.emulator.wire import body, head, origin, replies
from cortex_resources.emulator.wire.body import RequestError
from cortex_resources.emulator.wire.head import Head
from cortex_resources.emulator.wire.incoming import Incoming, parts_of
from cortex_resources.emulator.wire.pace import MESSAGE_S, PacedReader

if TYPE_CHECKING:
    from cortex_resources.emulator.server import Server

_GZIP_ABOVE: Final = 2_000
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_PHRASES: Final[dict[int, str]] = {status.value: status.phrase for status in HTTPStatus}
_ENCODER: Final = json.JSONEncoder(separators=(",", ":"))
_log: Final = logging.getLogger("cortex_resources.emulator")


class RequestHandler(StreamRequestHandler):
    """One connection of a client."""

    server: Server
    disable_nagle_algorithm = True

    def setup(self) -> None:
        """Read the connection with a time limit for each message."""
        super().setup()
        self.rfile.close()
        self._paced = PacedReader(
            self.connection, lambda: self.server.connections.busy(self.connection)
        )
        self.rfile = cast("io.BufferedIOBase", io.BufferedReader(self._paced, 65_536))
        self._last = False  # the connection ends after this reply

    def handle(self) -> None:
        """Serve the messages of the connection."""
        while not self._last:
            self._paced.await_message()
            self.server.connections.idle(self.connection)
            try:
                self._serve()
            except TimeoutError:
                self._last = True

    def _serve(self) -> None:
        taken = 0
        accepted = ""
        try:
            self._last = True  # until the head says otherwise
            found = head.read(cast("Any", self.rfile))
            if found is None:
                return
            accepted = found.get("accept-encoding") or ""
            self._check_origin(found)
            lengths = found.fields.get("content-length") or []
            token = _token(found)
            size = body.length(found.get("transfer-encoding"), lengths, self._most(token))
            self.server.allowance.take(size)
            taken = size
            if found.waits:
                self.connection.sendall(_CONTINUE)
            incoming = self._incoming(found, size, token)
            self._last = not found.persists
            self._answer(incoming, accepted)
        except RequestError as error:
            self._last = True
            self._reply(error.status, replies.refusal(390_142, str(error)), accepted)
        finally:
            self.server.allowance.give(taken)

    def _incoming(self, found: Head, size: int, token: str) -> Incoming:
        raw = body.read(cast("Any", self.rfile), size)
        encoding = (found.get("content-encoding") or "").lower()
        try:
            path = found.address
            url = urlsplit(f"/{path.lstrip('/')}" if path.startswith("/") else path)
            query = dict(parse_qsl(url.query, max_num_fields=100))
        except ValueError:
            raise RequestError(400, "the address of the request cannot be read") from None
        content = body.parsed(raw, encoding, body.LARGEST)
        return Incoming(found.method, parts_of(url.path), query, content, token)

    def _answer(self, incoming: Incoming, accepted: str) -> None:
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
        self._reply(status, answer, accepted)

    def _admin(self, incoming: Incoming) -> tuple[int, Any]:
        if not origin.is_loopback(self.client_address[0]):
            return 403, {"error": "the admin interface answers only local requests"}
        return self.server.admin.answer(incoming)

    def _check_origin(self, found: Head) -> None:
        if origin.is_foreign(found.get("host"), found.get("origin"), self.server.bound):
            raise RequestError(403, "the local account answers only requests of this machine")

    def _most(self, token: str) -> int:
        """Who has no session needs no large body."""
        return body.LARGEST if self.server.protocol.knows(token) else body.LARGEST_STRANGER

    def _reply(self, status: int, answer: Any, accepted: str) -> None:
        """Write head and body at once."""
        self.connection.settimeout(MESSAGE_S)
        raw = _ENCODER.encode(answer).encode()
        more = ""
        if len(raw) > _GZIP_ABOVE and "gzip" in accepted:
            raw = gzip.compress(raw, 1)
            more = "Content-Encoding: gzip\r\n"
        if self._last:
            more += "Connection: close\r\n"
        told = (
            f"HTTP/1.1 {status} {_PHRASES.get(status, '')}\r\nContent-Type: application/json\r\n"
            f"{more}Content-Length: {len(raw)}\r\n\r\n"
        )
        self.connection.sendall(told.encode() + raw)

    def _drop(self) -> None:
        """Cut the connection without a word."""
        self._last = True
        self.connection.shutdown(socket.SHUT_RDWR)


def _token(found: Head) -> str:
    return (found.get("authorization") or "").partition('Token="')[2].rstrip('"')


def _not_found() -> dict[str, Any]:
    return replies.refusal(390_404, "the local account has no such path")


def _internal() -> dict[str, Any]:
    return {
        "data": {"errorCode": "000603", "sqlState": "XX000", "queryId": None},
        "code": "000603",
        "message": "SQL execution internal error: the local account failed; see its log.",
        "success": False,
    }
