"""Facts that Snowflake's pages leave open: which of the known answers this account gives."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

from cortex_resources.emulator.store import Store

_SHAPES: Final = ("full", "classic")
_MODEL_WORDS: Final = ("MODEL", "MODULE")


@dataclass(frozen=True, slots=True)
class Settings:
    """The choices; the defaults follow the newest pages."""

    describe_shape: str = "full"  # "classic": most keys only on SUCCESS, no options
    granted_on_model: str = "MODEL"  # "MODULE" as older accounts report it
    lifecycle: dict[str, str] = field(default_factory=dict)  # base model → GA, LEGACY, EOL
    inherited_grants: bool = False  # ALTER ACCOUNT SET FEATURE_RBAC_INHERITED_GRANTS
    database_role_grantee: str = "name"  # "qualified" as older accounts report it
    jobs_visible: str = "account"  # "role": SHOW lists only the jobs of active roles


def load(store: Store) -> Settings:
    """The stored choices."""
    return Settings(**(store.get("setting", "all") or {}))


def change(store: Store, current: Settings, wanted: dict[str, Any]) -> Settings:
    """The choices with some replaced; stored. ValueError names what is wrong."""
    unknown = sorted(set(wanted) - set(asdict(current)))
    if unknown:
        raise ValueError(f"unknown setting {unknown[0]!r}")
    made = replace(current, **wanted)
    if made.describe_shape not in _SHAPES:
        raise ValueError(f"describe_shape must be one of {', '.join(_SHAPES)}")
    if made.granted_on_model not in _MODEL_WORDS:
        raise ValueError(f"granted_on_model must be one of {', '.join(_MODEL_WORDS)}")
    if made.database_role_grantee not in ("name", "qualified"):
        raise ValueError("database_role_grantee must be name or qualified")
    if not isinstance(made.inherited_grants, bool):
        raise ValueError("inherited_grants must be true or false")
    if made.jobs_visible not in ("account", "role"):
        raise ValueError("jobs_visible must be account or role")
    store.write("setting", "all", asdict(made))
    return made
