"""An account in a process of its own that can be killed and started again on its port."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

_STARTS_WITHIN_S: Final = 60
_LOOKS_EVERY_S: Final = 0.005


class AccountProcess:
    """The command a user would start, over one state file."""

    def __init__(self, folder: Path) -> None:
        self.state = folder / "account.duckdb"
        self._ready = folder / "ready.json"
        self._port = "0"
        self.launch()
        self.await_ready()
        self.where: dict[str, Any] = json.loads(self._ready.read_text(encoding="utf-8"))
        self._port = str(self.where["port"])

    def launch(self) -> None:
        """Start the process; it does not answer yet."""
        self._ready.unlink(missing_ok=True)
        self._launched = time.monotonic()
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "cortex_resources", "account", "start", "--foreground"),
                *("--port", self._port, "--state", str(self.state)),
                *("--ready-file", str(self._ready)),
            ],
            stdout=subprocess.DEVNULL,
        )

    def await_ready(self) -> None:
        """Wait until requests are answered."""
        self._await(lambda: self._ready.exists() and self._ready.stat().st_size > 0)

    def await_answer(self) -> float:
        """Wait for the first answer on the port; how many seconds it took from the launch."""
        self._await(self._answers)
        return time.monotonic() - self._launched

    def kill(self) -> None:
        """SIGKILL."""
        self._process.kill()
        self._process.wait(timeout=10)

    def memory_mb(self) -> int:
        """The resident memory of the process."""
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii")
        (line,) = (line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) // 1024

    def connection(self) -> dict[str, Any]:
        """Arguments for `snowflake.connector.connect` of a client that is patient."""
        named = ("host", "port", "user", "password", "account")
        return {
            **{name: self.where[name] for name in named},
            "protocol": "http",
            "login_timeout": 120,
            "query_timeout": 0,
            "retry_max_attempts": 60,
            "retry_backoff_base_ms": 50,
            "retry_backoff_cap_ms": 1_000,
            "enable_server_session_keep_alive_auto_detection": False,
        }

    def _await(self, done: Any) -> None:
        deadline = time.monotonic() + _STARTS_WITHIN_S
        while not done():
            if self._process.poll() is not None:
                raise RuntimeError(f"the account ended at once with {self._process.returncode}")
            if time.monotonic() > deadline:
                raise RuntimeError("the account did not start")
            time.sleep(_LOOKS_EVERY_S)

    def _answers(self) -> bool:
        line = http.client.HTTPConnection("127.0.0.1", int(self._port), timeout=_STARTS_WITHIN_S)
        try:
            line.request("GET", "/admin/health")
            return line.getresponse().status == http.client.OK
        except OSError:
            return False
        finally:
            line.close()
