"""HTTP: reads requests, refuses foreign ones, writes replies."""

from __future__ import annotations

import gzip
import json
import logging
import socket
import zlib
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlsplit

from cortex_resources.emulator.faults import DropFaultError, HttpFaultError
from cortex_resources.emulator.wire import replies
from cortex_resources.emulator.wire.routes import Incoming, parts_of

if TYPE_CHECKING:
    from cortex_resources.emulator.server import Server

_LARGEST_BODY: Final = 64 * 1024 * 1024
_LOCAL_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_log: Final = logging.getLogger("cortex_resources.emulator")


class BodyError(Exception):
    """A request body that cannot be read."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class RequestHandler(BaseHTTPRequestHandler):
    """One connection of a client."""

    protocol_version = "HTTP/1.1"
    server: Server
    wbufsize = -1
    disable_nagle_algorithm = True
    timeout = 3600

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
        try:
            body = self._body()
        except BodyError as error:
            self.close_connection = True
            self._reply(error.status, replies.refusal(390_000, str(error)))
            return
        url = urlsplit(self.path)
        incoming = Incoming(
            method, parts_of(url.path), dict(parse_qsl(url.query)), body, self._token()
        )
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
            _log.exception("internal error on %s", url.path)
            status, answer = 200, _internal()
        self._reply(status, answer)

    def _admin(self, incoming: Incoming) -> tuple[int, Any]:
        if not self._is_local():
            return 403, {"error": "the admin interface answers only local requests"}
        return self.server.admin.answer(incoming)

    def _is_local(self) -> bool:
        """Loopback peer, local Host, no foreign Origin: a web page must not reach this."""
        peer = self.client_address[0]
        origin = self.headers.get("Origin")
        hosts = [self.headers.get("Host") or ""]
        if origin is not None:
            hosts.append(urlsplit(origin).netloc)
        names = (urlsplit(f"//{host}").hostname for host in hosts)
        return peer in _LOCAL_HOSTS and all(name in _LOCAL_HOSTS for name in names)

    def _token(self) -> str:
        header = self.headers.get("Authorization") or ""
        return header.partition('Token="')[2].rstrip('"')

    def _body(self) -> dict[str, Any]:
        raw = self._raw()
        if not raw:
            return {}
        encoding = (self.headers.get("Content-Encoding") or "").lower()
        try:
            text = _inflated(raw) if encoding == "gzip" else raw
            found = json.loads(text)
        except (ValueError, OSError, EOFError, zlib.error, RecursionError):
            raise BodyError(400, "the request body is not JSON") from None
        return found if isinstance(found, dict) else {"list": found}

    def _raw(self) -> bytes:
        try:
            length = int(self.headers.get("Content-Length") or 0)
        except ValueError:
            raise BodyError(400, "bad Content-Length") from None
        if not 0 <= length <= _LARGEST_BODY:
            raise BodyError(413, f"a request body may have {_LARGEST_BODY} bytes")
        return self.rfile.read(length)

    def _reply(self, status: int, answer: Any) -> None:
        raw = json.dumps(answer, separators=(",", ":")).encode()
        self.send_response_only(status)
        self.send_header("Content-Type", "application/json")
        if len(raw) > 2_000 and "gzip" in (self.headers.get("Accept-Encoding") or ""):
            raw = gzip.compress(raw, 1)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)
        self.wfile.flush()

    def _drop(self) -> None:
        """Cut the connection without a word."""
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - named by the base class
        """Statements are on record in the account; requests are not logged."""


def _inflated(raw: bytes) -> bytes:
    """Unpacked, but not beyond the largest body."""
    unpacker = zlib.decompressobj(wbits=31)
    text = unpacker.decompress(raw, _LARGEST_BODY)
    if unpacker.unconsumed_tail:
        raise BodyError(413, f"a request body may have {_LARGEST_BODY} bytes")
    return text


def _not_found() -> dict[str, Any]:
    return replies.refusal(390_404, "the local account has no such path")


def _internal() -> dict[str, Any]:
    return {
        "data": {"errorCode": "000603", "sqlState": "XX000", "queryId": None},
        "code": "000603",
        "message": "SQL execution internal error: the local account failed; see its log.",
        "success": False,
    }
