"""`KEY = value` lists: which keys each kind of object has, and how they are read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from cortex_resources.emulator import key_pairs, passwords
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Kind
from cortex_resources.emulator.errors import SnowflakeError, invalid_value, unsupported
from cortex_resources.emulator.reader import Reader
from cortex_resources.emulator.statements import tagging

Read = Callable[[Reader], Any]
_MOST_DAYS: Final = 90


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


def _days(reader: Reader) -> int:
    value = reader.integer()
    if value > _MOST_DAYS:
        raise invalid_value(f"[{value}] for parameter 'DATA_RETENTION_TIME_IN_DAYS'")
    return value


def _scaling_policy(reader: Reader) -> str:
    value = str(reader.scalar()).upper()
    if value not in ("STANDARD", "ECONOMY"):
        raise invalid_value(f"[{value}] for parameter 'SCALING_POLICY'")
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


def _generation(reader: Reader) -> str:
    value = str(reader.scalar())
    if value not in ("1", "2"):
        raise invalid_value(f"[{value}] for parameter 'GENERATION'")
    return value


# key → (field of the entity, how its value is read, what UNSET puts back)
_Keys = dict[str, tuple[str, Read, Any]]
_COMMENT: Final[_Keys] = {"COMMENT": ("comment", _text, "")}
_RETENTION: Final[_Keys] = {"DATA_RETENTION_TIME_IN_DAYS": ("retention_days", _days, None)}
_TRACKING: Final[_Keys] = {"CHANGE_TRACKING": ("change_tracking", _boolean, False)}
_KEYS: Final[dict[Kind, _Keys]] = {
    Kind.DATABASE: {**_COMMENT, **_RETENTION},
    Kind.SCHEMA: {**_COMMENT, **_RETENTION},
    Kind.TABLE: {**_COMMENT, **_RETENTION, **_TRACKING},
    Kind.VIEW: {**_COMMENT, **_TRACKING},
    Kind.MODEL: _COMMENT,
    Kind.ROLE: _COMMENT,
    Kind.DATABASE_ROLE: _COMMENT,
    Kind.FUNCTION: _COMMENT,
    Kind.TAG: _COMMENT,
    Kind.WAREHOUSE: {
        **_COMMENT,
        "WAREHOUSE_SIZE": ("size", _size, "X-Small"),
        "WAREHOUSE_TYPE": ("warehouse_type", _warehouse_type, "STANDARD"),
        "MIN_CLUSTER_COUNT": ("min_cluster_count", _whole, 1),
        "MAX_CLUSTER_COUNT": ("max_cluster_count", _whole, 1),
        "SCALING_POLICY": ("scaling_policy", _scaling_policy, "STANDARD"),
        "AUTO_SUSPEND": ("auto_suspend", _seconds, 600),
        "AUTO_RESUME": ("auto_resume", _boolean, True),
        "INITIALLY_SUSPENDED": ("suspended", _boolean, False),
        "ENABLE_QUERY_ACCELERATION": ("query_acceleration", _boolean, False),
        "QUERY_ACCELERATION_MAX_SCALE_FACTOR": ("max_scale_factor", _whole, 8),
        "GENERATION": ("generation", _generation, "1"),
    },
    Kind.USER: {
        **_COMMENT,
        "PASSWORD": ("password", _password, None),
        "LOGIN_NAME": ("login_name", _name_text, ""),
        "DISPLAY_NAME": ("display_name", _text, ""),
        "FIRST_NAME": ("first_name", _text, ""),
        "MIDDLE_NAME": ("middle_name", _text, ""),
        "LAST_NAME": ("last_name", _text, ""),
        "EMAIL": ("email", _text, ""),
        "MUST_CHANGE_PASSWORD": ("must_change_password", _boolean, False),
        "DISABLED": ("disabled", _boolean, False),
        "DEFAULT_ROLE": ("default_role", _name_text, None),
        "DEFAULT_WAREHOUSE": ("default_warehouse", _name_text, None),
        "DEFAULT_NAMESPACE": ("default_namespace", _name_text, None),
        "DEFAULT_SECONDARY_ROLES": ("default_secondary_roles", _secondary_roles, ("ALL",)),
        "RSA_PUBLIC_KEY": ("public_key", _public_key, None),
        "RSA_PUBLIC_KEY_2": ("public_key_2", _public_key, None),
        "TYPE": ("user_type", _user_type, None),
    },
}


# Properties that clients write out with the only value that they have here.
_AS_IS: Final = {Kind.TABLE: {"ENABLE_SCHEMA_EVOLUTION": "FALSE"}}


def read(call: Call, kind: Kind) -> dict[str, Any]:
    """The `KEY = value` pairs up to the end, as fields of the entity; [WITH] TAG (…) is one."""
    found: dict[str, Any] = {}
    while call.reader.token is not None:
        found |= one(call, kind)
        call.reader.accept(",")
    return found


def one(call: Call, kind: Kind) -> dict[str, Any]:
    """The pair that comes next."""
    reader = call.reader
    reader.accept("WITH")
    if reader.accept("TAG"):
        return {"tags": tagging.bracketed(call)}
    key = reader.word()
    if key in _AS_IS.get(kind, {}):
        _read_as_is(reader, kind, key)
        return {}
    field, take, _ = _known(reader, kind, key)
    reader.accept("=")
    return {field: take(reader)}


def _read_as_is(reader: Reader, kind: Kind, key: str) -> None:
    reader.accept("=")
    value = _AS_IS[kind][key]
    if str(reader.scalar()).upper() != value:
        raise unsupported(f"property {key} of a {kind.value.lower()} other than {value}")


def unset(reader: Reader, kind: Kind) -> dict[str, Any]:
    """The keys that UNSET names, each with the value it goes back to."""
    found: dict[str, Any] = {}
    while True:
        key = reader.word()
        field, _, default = _known(reader, kind, key)
        found[field] = default
        if not reader.accept(",") and reader.token is None:
            return found


def _known(reader: Reader, kind: Kind, key: str) -> tuple[str, Read, Any]:
    """What a key means; one that no grammar has is a syntax error, not a gap of the account."""
    found = _KEYS[kind].get(key)
    if found is None and not _is_name_of_a_property(reader, key):
        reader.position -= 1
        raise reader.unexpected()
    if found is None:
        raise unsupported(f"property {key} of a {kind.value.lower()}")
    return found


def _is_name_of_a_property(reader: Reader, key: str) -> bool:
    return "_" in key or reader.at("=")
