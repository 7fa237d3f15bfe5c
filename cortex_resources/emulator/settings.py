"""Facts that Snowflake's pages leave open: which of the known answers this account gives.

`/admin/settings` shows and changes them; they are kept in the state file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

from cortex_resources.emulator.finetune import base_models
from cortex_resources.emulator.store import Store

VERSION: Final = "9.38.0"  # of the server, as clients are told


@dataclass(frozen=True, slots=True)
class Settings:
    """The choices; the defaults follow the newest pages."""

    describe_shape: str = "full"
    status_words: str = "documented"
    jobs_visible: str = "account"
    cancel_of_ended: str = "answered"
    job_record_days: float = 0
    null_pairs: str = "skip"
    legacy_base_models: str = "allowed"
    lifecycle: dict[str, str] = field(default_factory=dict)
    region: str = "AWS_US_WEST_2"
    token_credits: dict[str, float] = field(default_factory=dict)
    granted_on_model: str = "MODEL"
    inherited_grants: bool = False  # ALTER ACCOUNT SET FEATURE_RBAC_INHERITED_GRANTS
    database_role_grantee: str = "name"
    session_clock: str = "real"  # "account": tokens of sessions expire by the account's clock
    results_kept: int = 5_000
    results_megabytes: int = 64
    dropped_kept: int = 200


_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "describe_shape": ("full", "classic"),
    "status_words": ("documented", "alternate"),
    "jobs_visible": ("account", "role"),
    "cancel_of_ended": ("answered", "error"),
    "null_pairs": ("skip", "fail"),
    "legacy_base_models": ("allowed", "refused"),
    "granted_on_model": ("MODEL", "MODULE"),
    "database_role_grantee": ("name", "qualified"),
    "session_clock": ("real", "account"),
}


def _days(value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise ValueError("job_record_days must be a number of days; 0 keeps records for good")


def _lifecycle(value: Any) -> None:
    for model, status in _pairs("lifecycle", value).items():
        if base_models.find(model) is None:
            raise ValueError(f"lifecycle: there is no base model {model!r} here")
        if status not in base_models.STATUSES:
            raise ValueError(f"lifecycle must be one of {', '.join(base_models.STATUSES)}")


def _credits(value: Any) -> None:
    for rate in _pairs("token_credits", value).values():
        if isinstance(rate, bool) or not isinstance(rate, int | float) or rate < 0:
            raise ValueError("token_credits must be credits per million trained tokens")


def _pairs(name: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise ValueError(f"{name} must be an object with base models as keys")
    return value


def _inherited(value: Any) -> None:
    if not isinstance(value, bool):
        raise ValueError("inherited_grants must be true or false")


def _region(value: Any) -> None:
    if not isinstance(value, str) or not value.replace("_", "").isalnum():
        raise ValueError("region must be spelled like AWS_US_WEST_2")


def _most(name: str, least: int) -> Callable[[Any], None]:
    def check(value: Any) -> None:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= 1_000_000:
            raise ValueError(f"{name} must be a whole number from {least} to 1000000")

    return check


_CHECKS: Final[dict[str, Callable[[Any], None]]] = {
    "results_kept": _most("results_kept", 1),
    "results_megabytes": _most("results_megabytes", 1),
    "dropped_kept": _most("dropped_kept", 0),
    "job_record_days": _days,
    "lifecycle": _lifecycle,
    "token_credits": _credits,
    "region": _region,
    "inherited_grants": _inherited,
}


def load(store: Store) -> Settings:
    """The stored choices."""
    return Settings(**(store.get("setting", "all") or {}))


def results_bounds(chosen: Settings) -> tuple[int, int]:
    """How many results are kept, and how many bytes of them."""
    return chosen.results_kept, chosen.results_megabytes * 1_000_000


def change(store: Store, current: Settings, wanted: dict[str, Any]) -> Settings:
    """The choices with some replaced; stored. ValueError names what is wrong."""
    for name, value in wanted.items():
        if name in _WORDS and value not in _WORDS[name]:
            raise ValueError(f"{name} must be one of {', '.join(_WORDS[name])}")
        if name not in _WORDS and name not in _CHECKS:
            raise ValueError(f"unknown setting {name!r}")
        if name in _CHECKS:
            _CHECKS[name](value)
    made = replace(current, **wanted)
    store.write("setting", "all", asdict(made))
    return made
