"""Privileges on objects and grants of roles, as sets that two sides of a comparison share.

One privilege of one grantee is one line of text: `CREATE MODEL to ROLE DOCS_TRAINER`. Sorted
lines, each ended, are how a set travels through Pulumi: the engine's own diff then shows one
`+` or `-` line per privilege, and ten thousand grantees cost what ten do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from cortex_resources.errors import InvalidNameError
from cortex_resources.model import signatures
from cortex_resources.model.cost import Replaces, Updates
from cortex_resources.model.names import QualifiedName


class SecurableType(StrEnum):
    """Kinds of objects that privileges are granted on."""

    DATABASE = "DATABASE"
    SCHEMA = "SCHEMA"
    WAREHOUSE = "WAREHOUSE"
    TABLE = "TABLE"
    VIEW = "VIEW"
    MODEL = "MODEL"
    DATASET = "DATASET"
    FUNCTION = "FUNCTION"

    @property
    def depth(self) -> int:
        """How many identifiers a full name of this type has."""
        return {"DATABASE": 1, "WAREHOUSE": 1, "SCHEMA": 2}.get(self.value, 3)


class GranteeType(StrEnum):
    """Who can hold a privilege or a role."""

    ROLE = "ROLE"
    DATABASE_ROLE = "DATABASE ROLE"
    USER = "USER"

    @property
    def depth(self) -> int:
        """How many identifiers a full name of this type has."""
        return 2 if self is GranteeType.DATABASE_ROLE else 1


PRIVILEGES: dict[SecurableType, tuple[str, ...]] = {
    SecurableType.DATABASE: (
        "USAGE",
        "MONITOR",
        "MODIFY",
        "CREATE SCHEMA",
        "CREATE DATABASE ROLE",
        "IMPORTED PRIVILEGES",
    ),
    SecurableType.SCHEMA: (
        "USAGE",
        "MONITOR",
        "MODIFY",
        "CREATE MODEL",
        "CREATE VIEW",
        "CREATE TABLE",
        "CREATE FUNCTION",
    ),
    SecurableType.WAREHOUSE: ("USAGE", "OPERATE", "MODIFY", "MONITOR"),
    SecurableType.TABLE: ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES"),
    SecurableType.VIEW: ("SELECT", "REFERENCES"),
    SecurableType.MODEL: ("USAGE", "READ"),
    SecurableType.DATASET: ("USAGE",),
    SecurableType.FUNCTION: ("USAGE",),
}
"""Privileges that matter to fine-tuning, per type (*Access control privileges*). OWNERSHIP is
left out on purpose: moving it is never a by-product of a grant. Others of the same type may be
granted too: Snowflake adds privileges without notice."""


@dataclass(frozen=True, slots=True, order=True)
class Securable:
    """One object that privileges are granted on.

    `arguments` are the types of a function, which are part of its name; None for all others.
    """

    type: SecurableType
    name: QualifiedName
    arguments: tuple[str, ...] | None = None

    def __str__(self) -> str:
        types = "" if self.arguments is None else f"({', '.join(self.arguments)})"
        return f"{self.type} {self.name}{types}"

    @classmethod
    def named(cls, kind: SecurableType, text: str) -> Self:
        """Read the name of an object of one type; that of a function carries its arguments.

        Raises:
            InvalidNameError: the text names no such object.
        """
        if kind is not SecurableType.FUNCTION:
            return cls(kind, QualifiedName.parse(text, depth=kind.depth))
        name, arguments = signatures.parse(text)
        return cls(kind, name, arguments)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `SCHEMA DB.ML` or `FUNCTION DB.ML.ANSWER(VARCHAR)`."""
        word, _, name = text.strip().partition(" ")
        kind = next((kind for kind in SecurableType if kind == word.upper()), None)
        if kind is None:
            raise InvalidNameError(
                f"{text!r} names no object with its type",
                hint=f"Write one of {', '.join(SecurableType)} and the name: SCHEMA DB.ML.",
            )
        return cls.named(kind, name)


@dataclass(frozen=True, slots=True, order=True)
class Grantee:
    """A role, database role or user that holds something."""

    type: GranteeType
    name: QualifiedName

    def __str__(self) -> str:
        return f"{self.type} {self.name}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `ROLE R`, `DATABASE ROLE DB.R` or `USER U`."""
        for kind in sorted(GranteeType, key=len, reverse=True):
            if text.startswith(f"{kind} "):
                return cls(kind, QualifiedName.parse(text[len(kind) + 1 :], depth=kind.depth))
        raise InvalidNameError(
            f"{text!r} names no grantee", hint="Write ROLE R or DATABASE ROLE DB.R."
        )


_LINE = re.compile(r"([A-Z][A-Z0-9_. ]*?) to (.+?)( with GRANT OPTION)?")
"""Privileges may carry the name of a class: CREATE SNOWFLAKE.ML.FORECAST."""

_NEVER = ("OWNERSHIP", "ALL", "ALL PRIVILEGES")
"""OWNERSHIP moves the object; ALL expands once and could never be compared with what is held."""


def role_named(text: str) -> Grantee:
    """A role as users write it: a dotted name is a database role, a plain one an account role."""
    name = QualifiedName.parse(text)
    if len(name.parts) > 2:
        raise InvalidNameError(f"{text!r} names no role", hint="Write ROLE or DATABASE.ROLE.")
    kind = GranteeType.DATABASE_ROLE if len(name.parts) == 2 else GranteeType.ROLE
    return Grantee(kind, name)


@dataclass(frozen=True, slots=True, order=True)
class Privilege:
    """One privilege that one grantee holds on the object at hand."""

    privilege: str
    grantee: Grantee
    grant_option: bool = False

    def __str__(self) -> str:
        option = " with GRANT OPTION" if self.grant_option else ""
        return f"{self.privilege} to {self.grantee}{option}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read one line back."""
        match = _LINE.fullmatch(text)
        if match is None or match[1] in _NEVER:
            raise InvalidNameError(
                f"{text!r} is no line of privileges",
                hint="Write USAGE to ROLE R, in upper case; OWNERSHIP and ALL cannot be declared.",
            )
        return cls(match[1], Grantee.parse(match[2]), match[3] is not None)


def held_by(role: Grantee, declared: Iterable[RoleGrants]) -> frozenset[Grantee]:
    """The role, PUBLIC, and every role that these grants put below them."""
    below = [(item.role, item.grantees) for item in declared]
    seen, grew = {role, role_named("PUBLIC")}, True
    while grew:
        found = {held for held, grantees in below if seen & grantees} - seen
        seen |= found
        grew = bool(found)
    return frozenset(seen)


def to_lines(items: Iterable[object]) -> str:
    """Sorted text, one item a line, every line ended."""
    return "".join(f"{line}\n" for line in sorted({str(item) for item in items}))


def privileges_of(text: str) -> frozenset[Privilege]:
    """Read the lines of a set of privileges."""
    return frozenset(Privilege.parse(line) for line in text.splitlines() if line)


def grantees_of(text: str) -> frozenset[Grantee]:
    """Read the lines of a set of grantees."""
    return frozenset(Grantee.parse(line) for line in text.splitlines() if line)


@dataclass(frozen=True, slots=True)
class PrivilegeGrants:
    """One object and everything declared, or found, on it.

    `exclusive` revokes what is not declared, but never from the running role and never OWNERSHIP.
    """

    on: Replaces[Securable]
    privileges: Updates[frozenset[Privilege]]
    exclusive: Updates[bool] = False


@dataclass(frozen=True, slots=True)
class RoleGrants:
    """One role or database role and who holds it, declared or found."""

    role: Replaces[Grantee]
    grantees: Updates[frozenset[Grantee]]
    exclusive: Updates[bool] = False
