"""What a killed run leaves behind: the stack's lock, creates whose end nobody saw, half a state.

The engine refuses a locked stack, and a state that is not whole, in words of its own, and goes on
with creates that never ended; none of it names `make unlock`, which is the way out.
"""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cortex_resources.cli.engine_state import CUT_SHORT
from toolchain.pulumi_cli import PulumiCli
from toolchain.state_files import StateFiles

_LOCKED = re.compile(r"the stack is currently locked|Another update is currently in progress")
"""How a backend of files, and Pulumi's own service, say that somebody has the stack."""
_HOLDER = re.compile(
    r"created by (?P<who>\S+@(?P<host>\S+)) \(pid (?P<pid>\d+)\) at (?P<since>\S+)"
)


@dataclass(frozen=True, slots=True)
class Lock:
    """Who holds the lock of a stack, as far as the backend tells.

    Arguments:
        who: user and host; empty where the backend keeps it to itself.
        host, pid: where that process runs.
        since: when it took the lock.
    """

    who: str = ""
    host: str = ""
    pid: int = 0
    since: str = ""

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Lock:
        """The lock as a backend of files keeps it."""
        host = str(told.get("hostname", ""))
        who = f"{told.get('username', '')}@{host}"
        return cls(who, host, int(told.get("pid", 0)), str(told.get("timestamp", "")))

    @property
    def holder(self) -> str:
        """The same in words."""
        if not self.who:
            return "another run"
        return f"{self.who} (pid {self.pid}) since {self.since}"

    @property
    def is_held(self) -> bool:
        """Whether the process that took it is an engine that runs here and now."""
        if not self.pid or self.host != socket.gethostname():
            return False
        command = ["ps", "-p", str(self.pid), "-o", "comm="]
        found = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        return "pulumi" in found


def lock_in(said: str) -> Lock | None:
    """The lock that the engine's refusal speaks of; None when it is not about a lock."""
    if not _LOCKED.search(said):
        return None
    found = _HOLDER.search(said)
    if found is None:
        return Lock()
    return Lock(found["who"], found["host"], int(found["pid"]), found["since"])


def pending_creates(deployment: Mapping[str, Any]) -> list[str]:
    """The URNs of creates that a state says never ended."""
    operations = deployment.get("pending_operations") or []
    return [each["resource"]["urn"] for each in operations if each.get("type") == "creating"]


def unseen_by_a_destroy(deployment: Mapping[str, Any]) -> list[str]:
    """Of these, what no later run has adopted: what they made is in no state."""
    known = {each.get("urn") for each in deployment.get("resources") or []}
    return [urn for urn in pending_creates(deployment) if urn not in known]


def called(urns: Iterable[str]) -> str:
    """Resources as a user calls them: the last type and the name of each."""
    parts = (urn.split("::") for urn in urns)
    return ", ".join(f"{part[2].rpartition(':')[2]} {part[-1]}" for part in parts)


def hint(stack: str, said: str, pending: Iterable[str], *, was_killed: bool = False) -> str:
    """The way out after a command, when a killed run stands in it; empty when none does.

    Arguments:
        stack: whose command it was.
        said: the errors of the engine.
        pending: URNs of creates that never ended.
        was_killed: the engine of this very command.
    """
    lock, left = lock_in(said), called(pending)
    if lock is not None:
        return (
            f"stack {stack} is locked by {lock.holder}: wait for it while it goes on;"
            f" when it was killed, run: make unlock STACK={stack}"
        )
    if CUT_SHORT in said:
        return (
            f"a run of {stack} was killed while it wrote the state; where states are in files, run:"
            f" make unlock STACK={stack}, which puts back the copy beside it"
        )
    if left:
        return (
            f"creates of {stack} have no end ({left}): another run is at them, or was killed;"
            f" after a kill run: make unlock STACK={stack}; then `make up` adopts what they made"
        )
    if was_killed:
        return f"pulumi was killed; run: make unlock STACK={stack}; then the command again"
    return ""


def unlock(cli: PulumiCli) -> int:
    """Release the lock of a run that is gone and forget creates that never ended; say what it did.

    What the engine prints on the way is shown only when it fails.
    """
    files = cli.states()
    if files is not None and files.is_cut() and (code := _put_back(files)):
        return code
    pending = pending_creates(cli.deployment())
    cleared = cli.clear_pending()
    lock = lock_in(cleared.said)
    if lock is not None and lock.is_held:
        return _goes_on(cli.stack, lock)
    if lock is not None:
        released = cli.quiet("cancel", "--yes")
        if released.code != 0:
            return _failed(released.said, released.code)
        cleared = cli.clear_pending()
    print(f"unlock: {_released(cli.stack, lock)}", flush=True)
    if cleared.code != 0:
        return _failed(cleared.said, cleared.code)
    print(f"unlock: {_cleared(pending)}", flush=True)
    for urn in pending:
        print(f"  {urn}", flush=True)
    return 0


def _put_back(files: StateFiles) -> int:
    """Put the copy of a state in its place, unless a run may just be writing it."""
    for lock in (Lock.of(told) for told in files.locks()):
        if lock.is_held:
            return _goes_on(files.stack, lock)
    copy = files.put_back()
    print(
        f"unlock: a kill had cut the state short; {copy.name} took its place, and the next"
        " `make up` adopts what was made since",
        flush=True,
    )
    return 0


def _goes_on(stack: str, lock: Lock) -> int:
    sys.stderr.write(
        f"error: stack {stack} is locked by {lock.holder}, and that run goes on:"
        " wait for it, or end it with Ctrl-C. Nothing was released\n"
    )
    return 1


def _released(stack: str, lock: Lock | None) -> str:
    return f"released the lock of {lock.holder}" if lock else f"stack {stack} was not locked"


def _cleared(pending: list[str]) -> str:
    if not pending:
        return "no pending creates"
    creates = "1 pending create" if len(pending) == 1 else f"{len(pending)} pending creates"
    return f"cleared {creates}; the next `make up` adopts what was made:"


def _failed(said: str, code: int) -> int:
    sys.stderr.write(said)
    return code
