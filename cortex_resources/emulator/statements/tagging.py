"""Tags on objects and columns: `TAG name = 'value'` lists, SET TAG and UNSET TAG."""

from __future__ import annotations

from typing import Final

from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Entity, Kind, Tag
from cortex_resources.emulator.errors import SnowflakeError, insufficient

Tags = tuple[tuple[str, str], ...]
_MOST: Final = 50
_LONGEST: Final = 256


def assigned(call: Call) -> Tags:
    """The list that comes next: `name = 'value' [, …]`, each as (id of the tag, value)."""
    reader = call.reader
    found: dict[str, str] = {}
    while True:
        parts = reader.path()
        reader.expect("=")
        tag_id, value = checked(call, parts, reader.string())
        found[tag_id] = value
        if not reader.accept(","):
            return tuple(found.items())


def checked(call: Call, parts: tuple[str, ...], value: str) -> tuple[str, str]:
    """A tag and the value it is to have, if it may be set and may have that value."""
    tag = _applicable(call, parts)
    if tag.allowed_values is not None and value not in tag.allowed_values:
        raise SnowflakeError(
            391801,
            "0A000",
            f"SQL compilation error:\nTag value '{value}' is not allowed. "
            f"Allowed values for the tag are {', '.join(tag.allowed_values)}.",
        )
    if len(value) > _LONGEST:
        raise SnowflakeError(
            391802, "0A000", f"SQL compilation error:\nA tag value is longer than {_LONGEST}."
        )
    return tag.id, value


def bracketed(call: Call) -> Tags:
    """`(name = 'value' [, …])`, as CREATE … WITH TAG has it."""
    call.reader.expect("(")
    found = assigned(call)
    call.reader.expect(")")
    return found


def named(call: Call) -> frozenset[str]:
    """The ids of the tags that UNSET TAG lists."""
    found = set()
    while True:
        found.add(_applicable(call, call.reader.path()).id)
        if not call.reader.accept(","):
            return frozenset(found)


def merged(before: Tags, new: Tags) -> Tags:
    """The tags of an object once more are set."""
    after = tuple({**dict(before), **dict(new)}.items())
    if len(after) > _MOST:
        raise SnowflakeError(
            391803, "0A000", f"SQL compilation error:\nmore than {_MOST} tags on one object."
        )
    return after


def without(before: Tags, gone: frozenset[str]) -> Tags:
    """The tags of an object once some are unset."""
    return tuple((tag_id, value) for tag_id, value in before if tag_id not in gone)


def _applicable(call: Call, parts: tuple[str, ...]) -> Tag:
    """A tag that these roles may set: APPLY on it, its ownership, or APPLY TAG on the account."""
    path = call.path(Kind.TAG, parts)
    found: Entity | None = call.catalog.find(Kind.TAG, path)
    everywhere = call.authority.has_on_account("APPLY TAG")
    if not isinstance(found, Tag) or not (everywhere or call.authority.sees(found)):
        raise call.authority.missing(Kind.TAG, path)
    if not everywhere and not call.authority.has(found, "APPLY"):
        raise insufficient("tag", found.name)
    return found
