"""The account's time: real, scaled or frozen, moved by hand, kept over a restart."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

MODES = ("real", "scaled", "frozen")


@dataclass(frozen=True, slots=True)
class Setting:
    """Virtual time is `virtual` at the real moment `real`, and runs on by `factor`."""

    mode: str = "real"
    factor: float = 1.0
    real: float = 0.0
    virtual: float = 0.0

    def at(self, real: float) -> float:
        """The virtual time at a real moment, in seconds since 1970."""
        return self.virtual + (real - self.real) * self.factor


class Clock:
    """Tells the account's time; `save` is called with each new setting.

    It never goes back, not even over a restart with a machine whose own clock went back: what is
    on record lies before `floor`, and time runs on from there.
    """

    def __init__(
        self,
        stored: dict[str, Any] | None,
        save: Callable[[dict[str, Any]], None],
        source: Callable[[], float] = time.time,
        floor: float = 0.0,
    ) -> None:
        self._source = source
        self._save = save
        start = source()
        self._setting = Setting(**stored) if stored else Setting(real=start, virtual=start)
        self._latest = max(floor, self._setting.virtual)

    def seconds(self) -> float:
        """Now, in seconds since 1970."""
        real = self._source()
        now = self._setting.at(real)
        if now < self._latest:
            now = self._latest
            self._setting = replace(self._setting, real=real, virtual=now)
        self._latest = now
        return now

    def now(self) -> datetime:
        """Now, as an aware moment in UTC."""
        return datetime.fromtimestamp(self.seconds(), UTC)

    def set_mode(self, mode: str, factor: float = 1.0) -> None:
        """Change how time runs from now on; the present moment stays."""
        if mode not in MODES:
            raise ValueError(f"clock mode must be one of {', '.join(MODES)}, not {mode!r}")
        if not 0 < factor <= 1_000_000:
            raise ValueError("clock factor must be above 0 and at most 1000000")
        speed = {"real": 1.0, "frozen": 0.0}.get(mode, factor)
        now = self.seconds()
        self._change(Setting(mode, speed, self._source(), now))

    def advance(self, seconds: float) -> None:
        """Jump forward."""
        if not 0 <= seconds <= 10 * 366 * 86_400:
            raise ValueError("advance_s must lie between 0 and ten years")
        now, setting = self.seconds(), self._setting
        self._change(replace(setting, real=self._source(), virtual=now + seconds))

    def _change(self, setting: Setting) -> None:
        self._setting = setting
        self._save(asdict(setting))

    def describe(self) -> dict[str, Any]:
        """What `/admin/clock` shows."""
        return {
            "mode": self._setting.mode,
            "factor": self._setting.factor,
            "now": self.now().isoformat(),
            "epoch_s": self.seconds(),
        }
