"""A stack in a backend of files: its state, the copy beside it, its locks.

The engine writes a state in its place, after it has copied the one before to `.bak`: a kill may cut
it short. What the last seconds made is in neither; it carries our markers, and the next `up` adopts
it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cortex_resources.cli.engine_state import StateError


def _read(file: Path) -> dict[str, Any] | None:
    """What a file of the backend holds; None where it is not whole."""
    try:
        found = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


@dataclass(frozen=True, slots=True)
class StateFiles:
    """Where they are.

    Arguments:
        folder: what the backend keeps, `.pulumi`.
        project: its name in Pulumi.yaml.
        stack: its name.
    """

    folder: Path
    project: str
    stack: str

    @property
    def _state(self) -> Path:
        return self.folder / "stacks" / self.project / f"{self.stack}.json"

    def is_cut(self) -> bool:
        """Whether the state is there and not whole."""
        return self._state.exists() and _read(self._state) is None

    def locks(self) -> Iterator[dict[str, Any]]:
        """What the runs that hold the stack wrote of themselves."""
        folder = self.folder / "locks" / "organization" / self.project / self.stack
        for file in sorted(folder.glob("*.json")):
            if (lock := _read(file)) is not None:
                yield lock

    def put_back(self) -> Path:
        """Let the copy take the place of the state; what was written of it stays as `.cut`.

        Returns:
            The copy.

        Raises:
            StateError: the copy is not whole either; nothing was changed.
        """
        state = self._state
        copy, cut, whole = (
            state.with_name(f"{state.name}.{end}") for end in ("bak", "cut", "whole")
        )
        if _read(copy) is None:
            raise StateError(
                f"{state} is cut short, and its copy {copy.name} is not whole either",
                hint="Take both files away, or put a copy of your own there: the next `make up`"
                " adopts what carries the stack's marker, and pays for nothing that is there.",
            )
        shutil.copyfile(state, cut)
        shutil.copyfile(copy, whole)
        whole.replace(state)
        return copy
