"""`grants:` to the model: entries of one object become one, two claims on one grantee are told."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Generic, TypeVar

from cortex_resources.model.grants import (
    PRIVILEGES,
    Grantee,
    GranteeType,
    Privilege,
    PrivilegeGrants,
    RoleGrants,
    Securable,
    SecurableType,
    role_named,
)
from cortex_resources.model.names import QualifiedName
from cortex_resources.specs.nodes import Node, Position
from cortex_resources.specs.violations import Violations, suggestion

K = TypeVar("K", Securable, Grantee)
I = TypeVar("I", Privilege, Grantee)  # noqa: E741

ROLES = {
    "role": (GranteeType.ROLE, 1),
    "database_role": (GranteeType.DATABASE_ROLE, 2),
}
"""Keys of `on:` that name a role, with the depth of its name."""
OBJECTS = {kind.lower(): kind for kind in SecurableType}
"""Keys of `on:` that name an object."""


def build(
    section: Node, violations: Violations
) -> tuple[tuple[PrivilegeGrants, ...], tuple[RoleGrants, ...]]:
    """Every object and every role with what is declared on it, in the order of the file."""
    objects: dict[Securable, _Declared[Privilege]] = {}
    roles: dict[Grantee, _Declared[Grantee]] = {}
    for entry in section.items:
        for key, on in entry.get("on").entries.items():
            if key in ROLES:
                kind, depth = ROLES[key]
                name = violations.parsed(on.node, partial(QualifiedName.parse, depth=depth))
                if name:
                    _held(Grantee(kind, name), on.node, entry, roles, violations)
            elif key in OBJECTS:
                wanted = OBJECTS[key]
                if found := violations.parsed(on.node, partial(Securable.named, wanted)):
                    _granted(found, on.node, entry, objects, violations)
    return (
        tuple(PrivilegeGrants(on, frozenset(d.items), d.exclusive) for on, d in objects.items()),
        tuple(RoleGrants(role, frozenset(d.items), d.exclusive) for role, d in roles.items()),
    )


@dataclass(slots=True)
class _Declared(Generic[I]):
    """What the entries of one object or role say together."""

    at: Position
    exclusive: bool
    claims: dict[Grantee, Position] = field(default_factory=dict)
    items: list[I] = field(default_factory=list)


def _opened(
    on: K, node: Node, entry: Node, found: dict[K, _Declared[I]], violations: Violations
) -> _Declared[I]:
    exclusive = entry.get("exclusive").flag or False
    declared = found.setdefault(on, _Declared(node.at, exclusive))
    if declared.exclusive != exclusive:
        violations.add(
            node.at,
            f"{on} is exclusive in one entry and not in the other, at {declared.at};"
            " write the same exclusive: in both",
        )
    return declared


def _claim(
    on: Securable | Grantee,
    grantee: Grantee,
    at: Position,
    declared: _Declared[I],
    violations: Violations,
) -> bool:
    """Note whose line this is; a second line for one grantee is a violation."""
    first = declared.claims.setdefault(grantee, at)
    if first is at:
        return True
    violations.add(
        at, f"{on} is already granted to {grantee} at {first}; declare both in one place"
    )
    return False


def _granted(
    on: Securable,
    node: Node,
    entry: Node,
    found: dict[Securable, _Declared[Privilege]],
    violations: Violations,
) -> None:
    declared = _opened(on, node, entry, found, violations)
    for name, to in entry.get("to").entries.items():
        grantee = violations.parsed(Node(name, to.key_at), role_named)
        if grantee is None or not _claim(on, grantee, to.key_at, declared, violations):
            continue
        if not _within_reach(on, grantee):
            violations.add(
                to.key_at,
                f"{grantee} can hold privileges only inside its database {grantee.name.database},"
                f" not on {on}; grant to an account role",
            )
        declared.items += _privileges(to.node, on, grantee, violations)


def _within_reach(on: Securable, grantee: Grantee) -> bool:
    """Whether Snowflake lets the grantee hold anything on the object."""
    if grantee.type is not GranteeType.DATABASE_ROLE:
        return True
    return on.type is not SecurableType.WAREHOUSE and on.name.database == grantee.name.database


def _privileges(
    to: Node, on: Securable, grantee: Grantee, violations: Violations
) -> list[Privilege]:
    """The privileges of one grantee, each once."""
    found: dict[str, Privilege] = {}
    for item in to.items:
        word = item if item.text is not None else item.get("privilege")
        name = " ".join((word.text or "").upper().split())
        if not name:
            continue
        if refusal := _refusal(name, on.type):
            violations.add(word.at, refusal)
        elif name in found:
            violations.add(word.at, f"{name} is listed twice; remove one")
        else:
            found[name] = Privilege(name, grantee, item.get("grant_option").flag or False)
    return list(found.values())


def _refusal(name: str, kind: SecurableType) -> str:
    known = PRIVILEGES[kind]
    if name in known:
        return ""
    listed = ", ".join(known)
    if name in ("ALL", "ALL PRIVILEGES"):
        return f"{name} grants what nobody listed; list what is needed of {listed}"
    if name == "OWNERSHIP":
        return "OWNERSHIP moves the object and is never granted here; run GRANT OWNERSHIP yourself"
    if name.endswith(" WITH GRANT OPTION"):
        bare = name.removesuffix(" WITH GRANT OPTION")
        return f"{name} is not a privilege; write {{privilege: {bare}, grant_option: true}}"
    near = suggestion(name, known, f"privileges on a {kind.lower()}")
    tail = f" {kind.lower()}s know {listed}" if near.endswith("?") else ""
    return f"{name} is no privilege on a {kind.lower()}; {near}{tail}"


def _held(
    role: Grantee,
    node: Node,
    entry: Node,
    found: dict[Grantee, _Declared[Grantee]],
    violations: Violations,
) -> None:
    declared = _opened(role, node, entry, found, violations)
    for item in entry.get("to").items:
        grantee = _holder(item, violations)
        if grantee is None or not _claim(role, grantee, item.at, declared, violations):
            continue
        if refusal := _cannot_hold(role, grantee):
            violations.add(item.at, refusal)
        declared.items.append(grantee)


def _holder(item: Node, violations: Violations) -> Grantee | None:
    if item.text is not None:
        return violations.parsed(item, role_named)
    user = violations.parsed(item.get("user"), partial(QualifiedName.parse, depth=1))
    return Grantee(GranteeType.USER, user) if user else None


def _cannot_hold(role: Grantee, grantee: Grantee) -> str:
    if role == grantee:
        return f"{role} cannot be granted to itself; remove it"
    if grantee.type is not GranteeType.DATABASE_ROLE:
        return ""
    if role.type is GranteeType.ROLE:
        return f"{grantee} cannot hold the account role {role.name}; grant it to an account role"
    if role.name.database != grantee.name.database:
        return f"{grantee} cannot hold {role} of another database; grant it to an account role"
    return ""
