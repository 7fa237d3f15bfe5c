"""`KEY = value` lists: which keys each kind of object has, and how they are read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from cortex_resources.emulator import key_pairs, passwords
from cortex_resources.emulator.entities import Kind
from cortex_resources.emulator.errors import SnowflakeError, invalid_value, unsupported
from cortex_resources.emulator.reader import Reader

Read = Callable[[Reader], Any]


def _text(reader: Reader) -> str:
    return str(reader.scalar())


def _whole(reader: Reader) -> int:
    return reader.integer()


def _boolean(reader: Reader) -> bool:
    value = reader.scalar()
    if isinstance(value, str) and value.upper() in ("TRUE", "FALSE"):
        return value.upper() == "TRUE"
    if not isinstance(value, bool):
        raise invalid_value(f"[{value}] for a boolean parameter")
    return value


def _seconds(reader: Reader) -> int | None:
    return None if reader.accept("NULL") else reader.integer()


def _password(reader: Reader) -> str:
    return passwords.protect(reader.string())


def _public_key(reader: Reader) -> str | None:
    text = reader.scalar()
    if text in (None, ""):
        return None
    try:
        key_pairs.parse(str(text))
    except key_pairs.UnusableKeyError as error:
        raise SnowflakeError(
            1008, "22023", f"New public key rejected by current policy. Reason: '{error}'"
        ) from None
    return str(text)


_USER_TYPES: Final = ("PERSON", "SERVICE", "LEGACY_SERVICE")


def _user_type(reader: Reader) -> str | None:
    value = reader.scalar()
    if value is None:
        return None
    folded = str(value).upper()
    if folded not in _USER_TYPES:
        raise invalid_value(f"[{value}] for parameter 'TYPE'")
    return folded


def _name_text(reader: Reader) -> str:
    return ".".join(reader.path()) if not _at_string(reader) else reader.string().upper()


def _at_string(reader: Reader) -> bool:
    token = reader.token
    return token is not None and reader.sql.startswith(("'", "$$"), token.start)


def _secondary_roles(reader: Reader) -> tuple[str, ...]:
    reader.expect("(")
    found: list[str] = []
    while not reader.accept(")"):
        found.append(reader.string().upper())
        reader.accept(",")
    if found not in ([], ["ALL"]):
        raise invalid_value(f"[{found}] for parameter 'DEFAULT_SECONDARY_ROLES'")
    return tuple(found)


_SIZES: Final = {
    "XSMALL": "X-Small", "SMALL": "Small", "MEDIUM": "Medium", "LARGE": "Large",
    "XLARGE": "X-Large", "XXLARGE": "2X-Large", "X2LARGE": "2X-Large", "XXXLARGE": "3X-Large",
    "X3LARGE": "3X-Large", "X4LARGE": "4X-Large", "X5LARGE": "5X-Large", "X6LARGE": "6X-Large",
}  # fmt: skip


def _size(reader: Reader) -> str:
    value = str(reader.scalar())
    folded = value.upper().replace("-", "").replace("2XLARGE", "XXLARGE")
    if folded not in _SIZES:
        raise invalid_value(f"[{value}] for parameter 'WAREHOUSE_SIZE'")
    return _SIZES[folded]


def _warehouse_type(reader: Reader) -> str:
    value = str(reader.scalar()).upper()
    if value not in ("STANDARD", "SNOWPARK-OPTIMIZED"):
        raise invalid_value(f"[{value}] for parameter 'WAREHOUSE_TYPE'")
    return value


# key → (field of the entity, how its value is read, what UNSET puts back)
_Keys = dict[str, tuple[str, Read, Any]]
_COMMENT: Final[_Keys] = {"COMMENT": ("comment", _text, "")}
_KEYS: Final[dict[Kind, _Keys]] = {
    Kind.DATABASE: {**_COMMENT, "DATA_RETENTION_TIME_IN_DAYS": ("retention_days", _whole, 1)},
    Kind.SCHEMA: {**_COMMENT, "DATA_RETENTION_TIME_IN_DAYS": ("retention_days", _whole, 1)},
    Kind.TABLE: _COMMENT,
    Kind.VIEW: {**_COMMENT, "CHANGE_TRACKING": ("change_tracking", _boolean, False)},
    Kind.MODEL: _COMMENT,
    Kind.ROLE: _COMMENT,
    Kind.DATABASE_ROLE: _COMMENT,
    Kind.WAREHOUSE: {
        **_COMMENT,
        "WAREHOUSE_SIZE": ("size", _size, "X-Small"),
        "WAREHOUSE_TYPE": ("warehouse_type", _warehouse_type, "STANDARD"),
        "AUTO_SUSPEND": ("auto_suspend", _seconds, 600),
        "AUTO_RESUME": ("auto_resume", _boolean, True),
        "INITIALLY_SUSPENDED": ("suspended", _boolean, False),
    },
    Kind.USER: {
        **_COMMENT,
        "PASSWORD": ("password", _password, None),
        "LOGIN_NAME": ("login_name", _name_text, ""),
        "DISPLAY_NAME": ("display_name", _text, ""),
        "EMAIL": ("email", _text, ""),
        "DISABLED": ("disabled", _boolean, False),
        "DEFAULT_ROLE": ("default_role", _name_text, None),
        "DEFAULT_WAREHOUSE": ("default_warehouse", _name_text, None),
        "DEFAULT_NAMESPACE": ("default_namespace", _name_text, None),
        "DEFAULT_SECONDARY_ROLES": ("default_secondary_roles", _secondary_roles, ("ALL",)),
        "RSA_PUBLIC_KEY": ("public_key", _public_key, None),
        "RSA_PUBLIC_KEY_2": ("public_key_2", _public_key, None),
        "TYPE": ("user_type", _user_type, None),
        "FIRST_NAME": ("first_name", _text, ""),
        "LAST_NAME": ("last_name", _text, ""),
    },
}


def read(reader: Reader, kind: Kind) -> dict[str, Any]:
    """The `KEY = value` pairs that come next, as fields of the entity."""
    found: dict[str, Any] = {}
    keys = _KEYS[kind]
    reader.accept("WITH")
    while reader.token is not None:
        key = reader.word()
        if key not in keys:
            raise unsupported(f"property {key} of a {kind.value.lower()}")
        reader.accept("=")
        field, take, _ = keys[key]
        found[field] = take(reader)
        reader.accept(",")
    return found


def unset(reader: Reader, kind: Kind) -> dict[str, Any]:
    """The keys that UNSET names, each with the value it goes back to."""
    found: dict[str, Any] = {}
    keys = _KEYS[kind]
    while reader.token is not None:
        key = reader.word()
        if key not in keys:
            raise unsupported(f"property {key} of a {kind.value.lower()}")
        field, _, default = keys[key]
        found[field] = default
        reader.accept(",")
    return found
