"""The local account as `make` uses it: started, its clock quickened, the sample loaded."""

import json
import subprocess
import sys
import urllib.request
from pathlib import Path

FACTOR = 30
"""How much faster the clock runs: a job of five minutes takes about ten seconds."""


class LocalAccount:
    """The account of one checkout."""

    def __init__(self, checkout: Path) -> None:
        self.checkout = checkout
        self.ready_file = checkout / ".local-account" / "ready.json"

    def _python(self, *arguments: str, quiet: bool = False) -> None:
        out = subprocess.DEVNULL if quiet else None
        subprocess.run(
            [sys.executable, "-m", *arguments], cwd=self.checkout, stdout=out, check=True
        )

    def start(self) -> None:
        """Start it unless it runs; the first start also sets its clock."""
        arguments = ("account", "start", "--ready-file", str(self.ready_file))
        self._python("cortex_resources", *arguments, quiet=True)
        if self._call("clock").get("mode") == "real":
            self._call("clock", {"mode": "scaled", "factor": FACTOR})

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

    def load_sample(self, stack: str) -> None:
        """Load the sample's rows for a stack that has any; loaded rows are left alone."""
        self._python("samples.load", stack)

    def ask(self, stack: str, model: str) -> None:
        """Ask the tuned model one question that it has not seen in training."""
        self._python("samples.answer", stack, "--model", model)
