"""DESCRIBE USER: one row per property; what is not set is the text `null`, as Snowflake has it."""

from __future__ import annotations

import json
from typing import Final

from cortex_resources.emulator import key_pairs
from cortex_resources.emulator.entities import User

_UNSET: Final = "null"


def properties(user: User) -> list[tuple[str, str, str, str]]:
    """Property, value, default and description (which is left out)."""
    values = {
        "NAME": user.name,
        "COMMENT": user.comment,
        "DISPLAY_NAME": user.display_name,
        "TYPE": user.user_type,
        "LOGIN_NAME": user.login_name,
        "FIRST_NAME": user.first_name,
        "MIDDLE_NAME": user.middle_name,
        "LAST_NAME": user.last_name,
        "EMAIL": user.email,
        "PASSWORD": "********" if user.password else None,
        "MUST_CHANGE_PASSWORD": _truth(user.must_change_password),
        "DISABLED": _truth(user.disabled),
        "SNOWFLAKE_LOCK": "false",
        "SNOWFLAKE_SUPPORT": "false",
        "DAYS_TO_EXPIRY": None,
        "MINS_TO_UNLOCK": None,
        "DEFAULT_WAREHOUSE": user.default_warehouse,
        "DEFAULT_NAMESPACE": user.default_namespace,
        "DEFAULT_ROLE": user.default_role,
        "DEFAULT_SECONDARY_ROLES": json.dumps(list(user.default_secondary_roles)),
        "EXT_AUTHN_DUO": "false",
        "EXT_AUTHN_UID": None,
        "HAS_MFA": "false",
        "MINS_TO_BYPASS_MFA": None,
        "MINS_TO_BYPASS_NETWORK_POLICY": None,
        "RSA_PUBLIC_KEY": user.public_key,
        "RSA_PUBLIC_KEY_FP": _fingerprint(user.public_key),
        "RSA_PUBLIC_KEY_2": user.public_key_2,
        "RSA_PUBLIC_KEY_2_FP": _fingerprint(user.public_key_2),
    }
    defaults = {"DISABLED": "false", "DEFAULT_SECONDARY_ROLES": '["ALL"]'}
    return [
        (name, value or _UNSET, defaults.get(name, _UNSET), "") for name, value in values.items()
    ]


def _truth(value: bool) -> str:
    return "true" if value else "false"


def _fingerprint(key: str | None) -> str | None:
    return key_pairs.parse(key).fingerprint if key else None
