"""The local account as `make` uses it: started, its clock quickened, the sample loaded."""

import json
import subprocess
import sys
import urllib.request
from pathlib import Path

from samples import answer, load
from samples.layout import LAYOUTS

FACTOR = 30
"""How much faster the clock runs: a job of five minutes takes about ten seconds."""


class LocalAccount:
    """The account of one checkout, for one stack."""

    def __init__(self, checkout: Path, stack: str) -> None:
        self.checkout, self.stack = checkout, stack
        self.ready_file = checkout / ".local-account" / "ready.json"

    def start(self) -> None:
        """Start it unless it answers; the first start also sets its clock."""
        if self._answers():
            return
        command = ("account", "start", "--ready-file", str(self.ready_file))
        subprocess.run(
            [sys.executable, "-m", "cortex_resources", *command],
            cwd=self.checkout,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        if self._call("clock").get("mode") == "real":
            self._call("clock", {"mode": "scaled", "factor": FACTOR})

    def _answers(self) -> bool:
        try:
            return bool(self._call("health"))
        except (OSError, ValueError, KeyError):
            return False

    def _call(self, path: str, body: dict[str, object] | None = None) -> dict[str, object]:
        ready = json.loads(self.ready_file.read_text(encoding="utf-8"))
        request = urllib.request.Request(
            f"http://{ready['host']}:{ready['port']}/admin/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as reply:
            found: dict[str, object] = json.load(reply)
        return found

    def load_sample(self) -> int:
        """Load the sample's rows, for a stack that has any; loaded rows are left alone."""
        return load.main([self.stack]) if self.stack in LAYOUTS else 0

    def ask(self, model: str, alias: str = "") -> int:
        """Ask the tuned model, or the alias that consumers call, what was not trained on."""
        if self.stack not in LAYOUTS:
            return 0
        through = ["--alias", alias] if alias else []
        return answer.main([self.stack, "--model", model, *through])
