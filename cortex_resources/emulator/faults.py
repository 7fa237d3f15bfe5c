"""Faults on purpose: rules that say which statement goes wrong, how, and how often."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from cortex_resources.emulator.errors import SnowflakeError
from cortex_resources.emulator.store import Store

ACTIONS: Final = ("latency_ms", "http_status", "drop", "error", "fail_job", "expire_token")
_KIND: Final = "fault"
_MOST: Final = 100
_MOST_LATENCY_MS: Final = 600_000


class HttpFaultError(Exception):
    """The reply is this HTTP status instead."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class DropFaultError(Exception):
    """The connection is cut without a reply."""


class TokenFaultError(Exception):
    """The session token has expired, whatever its age."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: `match` is a regular expression searched in the statement, without case.

    It skips the first `after_n` matches, then acts `times` times (0: always).
    """

    action: str
    match: str = ""
    when: str = "before"
    times: int = 1
    after_n: int = 0
    latency_ms: int = 0
    http_status: int = 503
    errno: int = 604
    sqlstate: str = "57014"
    code: str = "INTERNAL_ERROR"
    message: str = "fault on purpose"
    progress: float = 0.5
    seen: int = 0

    @property
    def spent(self) -> bool:
        """Whether it will not act again."""
        return self.times > 0 and self.seen >= self.after_n + self.times

    def error(self) -> SnowflakeError:
        """The error of an `error` rule."""
        return SnowflakeError(self.errno, self.sqlstate, self.message)


class Faults:
    """The active rules, in the order in which they were set; kept over a restart."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._rules: list[Rule] = [Rule(**record) for _, record in store.load(_KIND)]

    def set(self, given: list[dict[str, Any]]) -> None:
        """Add rules; ValueError says which one is wrong."""
        made = [_rule(record) for record in given]
        if len(self._rules) + len(made) > _MOST:
            raise ValueError(f"more than {_MOST} rules")
        self._rules += made
        self._save()

    def clear(self) -> None:
        """Remove every rule."""
        for position in range(len(self._rules)):
            self._store.write(_KIND, str(position), None)
        self._rules = []

    def all(self) -> list[dict[str, Any]]:
        """The rules, with how often each one matched."""
        return [asdict(rule) for rule in self._rules]

    def acting(self, sql: str, when: str) -> list[Rule]:
        """The rules that act on this statement now."""
        return list(self._take(sql, lambda rule: rule.action != "fail_job" and rule.when == when))

    def job_failure(self, sql: str) -> Rule | None:
        """The rule that makes the job of this statement fail."""
        return next(self._take(sql, lambda rule: rule.action == "fail_job"), None)

    def _take(self, sql: str, chosen: Any) -> Iterator[Rule]:
        for position, rule in enumerate(self._rules):
            if rule.spent or not chosen(rule) or not re.search(rule.match, sql, re.I | re.S):
                continue
            seen = replace(rule, seen=rule.seen + 1)
            self._rules[position] = seen
            self._save()
            if seen.seen > rule.after_n:
                yield seen

    def _save(self) -> None:
        for position, rule in enumerate(self._rules):
            self._store.write(_KIND, str(position), asdict(rule))


def _rule(record: dict[str, Any]) -> Rule:
    """A rule from JSON; `{"latency_ms": 50}` may leave out the action's name."""
    values = dict(record)
    if "action" not in values:
        named = [action for action in ACTIONS if action in values]
        if len(named) != 1:
            raise ValueError(f"a rule needs an action: {', '.join(ACTIONS)}")
        values["action"] = named[0]
        if named[0] not in ("latency_ms", "http_status"):
            detail = values.pop(named[0])
            values |= detail if isinstance(detail, dict) else {}
    values.pop("seen", None)
    try:
        rule = Rule(**values)
        re.compile(rule.match)
    except (TypeError, re.error) as error:
        raise ValueError(f"bad rule: {error}") from None
    if rule.action not in ACTIONS or rule.when not in ("before", "after"):
        raise ValueError(f"bad rule: action {rule.action!r}, when {rule.when!r}")
    _check_numbers(rule)
    if not 0 <= rule.latency_ms <= _MOST_LATENCY_MS:
        raise ValueError(f"latency_ms must lie between 0 and {_MOST_LATENCY_MS}")
    return rule


_RANGES: Final = {
    "times": (0, 1_000_000),
    "after_n": (0, 1_000_000),
    "http_status": (400, 599),
    "errno": (1, 999_999),
}


def _check_numbers(rule: Rule) -> None:
    """Every number is one, and lies where it means something."""
    for name, (least, most) in _RANGES.items():
        value = getattr(rule, name)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise ValueError(f"{name} must be a whole number from {least} to {most}")
    if not isinstance(rule.progress, (int, float)) or not 0 <= rule.progress <= 1:
        raise ValueError("progress must lie between 0 and 1")
    if not re.fullmatch(r"[0-9A-Z]{5}", str(rule.sqlstate)):
        raise ValueError("sqlstate must have five characters, 0-9 and A-Z")
