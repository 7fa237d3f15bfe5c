"""Reads the kind of an object and its name, as GRANT, SHOW, DROP and COMMENT spell them."""

from __future__ import annotations

from typing import Final

from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Entity, Kind, signature
from cortex_resources.emulator.errors import (
    SnowflakeError,
    inoperable,
    unsupported,
    untyped,
    wrong_kind,
)
from cortex_resources.emulator.reader import Reader
from cortex_resources.emulator.statements import signatures

# Longer spellings first: DATABASE ROLE before DATABASE.
_SINGULAR: Final = {
    kind.value: kind
    for kind in (
        Kind.DATABASE_ROLE, Kind.DATABASE, Kind.SCHEMA, Kind.TABLE, Kind.VIEW, Kind.MODEL,
        Kind.DATASET, Kind.FUNCTION,
        Kind.ROLE, Kind.USER, Kind.WAREHOUSE, Kind.TAG,
    )
}  # fmt: skip
# The first words of kinds that are not here, without the S of their plural.
_ELSEWHERE: Final = frozenset(
    {
        "ACCOUNT", "AGENT", "AGGREGATION", "AI", "ALERT", "API", "APPLICATION", "AUTHENTICATION",
        "BUDGET", "BUILTIN", "CATALOG", "CHANNEL", "CLASS", "CLASSE", "COMPUTE", "CONNECTION",
        "CONTACT", "CORTEX", "DATA",
        "DELEGATED", "DYNAMIC", "EVENT", "EXTERNAL", "FAILOVER", "FILE", "GIT",
        "GLOBAL", "HYBRID", "ICEBERG", "IMAGE", "INTEGRATION", "JOIN", "LISTING", "MANAGED",
        "MASKING", "MATERIALIZED", "NETWORK", "NOTEBOOK", "NOTIFICATION", "ORGANIZATION",
        "PACKAGE", "PACKAGES", "PASSWORD", "PIPE", "POLICY", "PRIVACY", "PROCEDURE", "PROJECTION",
        "PROFILE", "REGION", "REPLICATION", "RESOURCE", "RESULT", "ROW", "SECRET", "SECURITY",
        "SEMANTIC", "SEQUENCE", "SERVICE", "SESSION", "SHARE", "SNAPSHOT", "STAGE", "STORAGE",
        "STREAM", "STREAMLIT", "TASK", "TYPE", "USER", "WORKSPACE",
    }
)  # fmt: skip
# Their further words, without the S or IES of their plural.
_FURTHER: Final = frozenset(
    {
        "ACCESS", "ACCOUNT", "AUTHORIZATION", "DATABASE", "FORMAT", "FUNCTION", "GROUP",
        "INTEGRATION", "METRIC", "MODEL", "MONITOR", "PACKAGE", "POLICY", "POLIC", "POOL",
        "PROCEDURE", "PROFILE", "REPOSITORY", "REPOSITOR", "ROLE", "RULE", "SEARCH", "SERVICE",
        "TABLE", "VIEW", "VOLUME",
    }
)  # fmt: skip
_NO_GRANTEES: Final = ("SHARE", "APPLICATION ROLE", "APPLICATION")
_PLURAL: Final = {kind.plural: kind for kind in _SINGULAR.values()}


def kind(reader: Reader) -> Kind:
    """The singular noun that comes next."""
    found = reader.accept_any(*_SINGULAR)
    if found is None:
        raise unknown(reader)
    return _SINGULAR[found]


def named(reader: Reader) -> tuple[Kind | None, tuple[str, ...]]:
    """An object as GRANT … ON names it: kind and name, or the name of a table or view alone.

    The bare name is what dbt sends: `grant select on db.schema.name to role`.
    """
    found = reader.accept_any(*_SINGULAR)
    if found is not None:
        return _SINGULAR[found], path(reader, _SINGULAR[found])
    start = reader.position
    parts = reader.path()
    if reader.token is not None and not any(map(reader.at, ("TO", "FROM", "LIMIT"))):
        reader.position = start
        raise unknown(reader)
    return None, parts


def path(reader: Reader, kind: Kind) -> tuple[str, ...]:
    """The name that comes next; that of a function with the types of its arguments."""
    parts = reader.path()
    if kind is not Kind.FUNCTION:
        return parts
    if not reader.at("("):
        raise untyped(parts[-1])
    return (*parts[:-1], signature(parts[-1], signatures.types(reader)))


def parsed(text: str, kind: Kind) -> tuple[str, ...]:
    """The same, of a name given as text."""
    reader = Reader(text)
    parts = path(reader, kind)
    reader.end()
    return parts


def plural(reader: Reader) -> Kind:
    """The plural noun that comes next."""
    found = reader.accept_any(*_PLURAL)
    if found is None:
        raise unknown(reader)
    return _PLURAL[found]


def found(call: Call, kind: Kind, parts: tuple[str, ...]) -> Entity:
    """The visible object of a kind; a view where a table is meant (or the reverse) is 2203."""
    path = call.path(kind, parts)
    other = call.catalog.find_in_namespace(kind, path)
    if other is not None and other.kind is not kind and call.authority.sees(other):
        raise wrong_kind(kind.value, other.kind.value)
    return call.authority.resolve(kind, path)


def found_if(call: Call, kind: Kind, parts: tuple[str, ...], *, if_exists: bool) -> Entity | None:
    """The same, or None where IF EXISTS forgives that there is none."""
    try:
        return found(call, kind, parts)
    except SnowflakeError as error:
        if if_exists and error.errno == 2003:
            return None
        raise


def opened(call: Call, kind: Kind, parts: tuple[str, ...]) -> Entity:
    """A container to look into; one that is missing or hidden is error 2043."""
    try:
        return call.resolve(kind, parts)
    except SnowflakeError as error:
        if error.errno == 2003:
            raise inoperable() from None
        raise


def container(call: Call, reader: Reader) -> Entity:
    """The DATABASE or SCHEMA that comes next, as a visible entity."""
    found = reader.accept_any("DATABASE", "SCHEMA")
    if found is None:
        raise reader.unexpected()
    return call.resolve(Kind(found), reader.path())


def role(call: Call, reader: Reader) -> Entity:
    """The grantee that comes next: [ROLE] r, DATABASE ROLE d.r or USER u.

    A role is found by name alone: whoever may grant needs no privilege on the grantee.
    """
    found = reader.accept_any("DATABASE ROLE", "ROLE", "USER", *_NO_GRANTEES) or "ROLE"
    if found in _NO_GRANTEES:
        raise unsupported(f"grants to {found}")
    grantee_kind = Kind(found)
    path = call.path(grantee_kind, reader.path())
    entity = call.catalog.find(grantee_kind, path)
    if entity is None:
        raise call.authority.missing(grantee_kind, path)
    return entity


def unknown(reader: Reader, verb: str = "objects of type") -> Exception:
    """What Snowflake has and the local account has not is named; another word is none."""
    token = reader.token
    if token is None or token.value.removesuffix("S") not in _ELSEWHERE:
        return reader.unexpected()
    return unsupported(f"{verb} {_spelled(reader)}")


def _spelled(reader: Reader) -> str:
    """The words of a kind that is not here, as they come next: FILE FORMAT, ROW ACCESS POLICIES."""
    words = [token.value for token in reader.tokens[reader.position : reader.position + 4]]
    count = 1
    while count < len(words) and _FURTHER & {words[count], _singular(words[count])}:
        count += 1
    return " ".join(words[:count])


def _singular(word: str) -> str:
    return word.removesuffix("S").removesuffix("IE")
