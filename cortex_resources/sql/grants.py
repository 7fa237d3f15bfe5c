"""GRANT, REVOKE and SHOW GRANTS.

Snowflake's oddities end here: MODULE for MODEL, underscores in types, text for booleans, database
roles with or without their database, rows that are inherited or implied. Columns are read by name.
Source: *SHOW GRANTS*, *GRANT <privileges>*, *GRANT ROLE*, *GRANT DATABASE ROLE*.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from cortex_resources.model.effects import Effect, Statement
from cortex_resources.model.grants import Grantee, GranteeType, Privilege, Securable
from cortex_resources.model.names import QualifiedName

Row = Mapping[str, object]

_HOLDERS = {
    "ROLE": GranteeType.ROLE,
    "DATABASE_ROLE": GranteeType.DATABASE_ROLE,
    "DATABASE ROLE": GranteeType.DATABASE_ROLE,
    "USER": GranteeType.USER,
}


def show_on(securable: Securable) -> Statement:
    """Read everything granted on one object."""
    return Statement(f"SHOW GRANTS ON {securable}", Effect.READ, f"privileges on {securable}")


def show_on_account() -> Statement:
    """Read the privileges that are granted on the account."""
    return Statement("SHOW GRANTS ON ACCOUNT", Effect.READ, "privileges on the account")


def show_of(role: Grantee) -> Statement:
    """Read who holds one role or database role."""
    return Statement(f"SHOW GRANTS OF {role}", Effect.READ, f"holders of {role}")


def show_to(role: Grantee) -> Statement:
    """Read what one role or database role holds."""
    return Statement(f"SHOW GRANTS TO {role}", Effect.READ, f"privileges of {role}")


def show_future(container: Securable) -> Statement:
    """Read what objects to come in a database or schema will be born with."""
    return Statement(
        f"SHOW FUTURE GRANTS IN {container}", Effect.READ, f"privileges to come in {container}"
    )


def _batches(
    privileges: Iterable[Privilege],
) -> Iterator[tuple[Grantee, bool, list[str]]]:
    ordered = sorted(privileges, key=lambda p: (p.grantee, p.grant_option, p.privilege))
    for (grantee, option), group in groupby(ordered, key=lambda p: (p.grantee, p.grant_option)):
        yield grantee, option, [item.privilege for item in group]


def grant(on: Securable, privileges: Iterable[Privilege]) -> list[Statement]:
    """Grant privileges on one object, those of one grantee in one statement."""
    return [
        Statement(
            f"GRANT {', '.join(names)} ON {on} TO {grantee}"
            + (" WITH GRANT OPTION" if option else ""),
            Effect.CHANGE,
            f"declared on {on}",
        )
        for grantee, option, names in _batches(privileges)
    ]


def revoke(on: Securable, privileges: Iterable[Privilege]) -> list[Statement]:
    """Revoke privileges on one object, those of one grantee in one statement."""
    return _revoked(on, privileges, "", f"no longer declared on {on}")


def revoke_option(on: Securable, privileges: Iterable[Privilege]) -> list[Statement]:
    """Take back only the right to pass privileges on."""
    why = f"grant option no longer declared on {on}"
    return _revoked(on, privileges, "GRANT OPTION FOR ", why)


def _revoked(
    on: Securable, privileges: Iterable[Privilege], part: str, why: str
) -> list[Statement]:
    plain = {Privilege(item.privilege, item.grantee) for item in privileges}
    return [
        Statement(f"REVOKE {part}{', '.join(names)} ON {on} FROM {grantee}", Effect.DESTROY, why)
        for grantee, _, names in _batches(plain)
    ]


def grant_role(role: Grantee, grantees: Iterable[Grantee]) -> list[Statement]:
    """Grant a role or database role to each grantee."""
    return [
        Statement(f"GRANT {role} TO {grantee}", Effect.CHANGE, f"declared holder of {role}")
        for grantee in sorted(grantees)
    ]


def revoke_role(role: Grantee, grantees: Iterable[Grantee]) -> list[Statement]:
    """Revoke a role or database role from each grantee."""
    return [
        Statement(
            f"REVOKE {role} FROM {grantee}",
            Effect.DESTROY,
            f"no longer a declared holder of {role}",
        )
        for grantee in sorted(grantees)
    ]


def _text(row: Row, column: str) -> str:
    return str(row.get(column) or "")


def _flag(row: Row, column: str) -> bool:
    return _text(row, column).lower() == "true"


def _stored(text: str) -> tuple[str, ...]:
    """A name out of a result: quoted text is parsed, anything else is taken as stored."""
    if '"' in text:
        return QualifiedName.parse(text).parts
    return tuple(text.split("."))


def _holder(row: Row, database: str) -> Grantee | None:
    """Who a row is about; None for kinds of grantee that no spec can name."""
    kind = _HOLDERS.get(_text(row, "granted_to").upper())
    name = _text(row, "grantee_name")
    if kind is None or not name:
        return None
    if kind is not GranteeType.DATABASE_ROLE:
        parts: tuple[str, ...] = QualifiedName.parse(name).parts if name[0] == '"' else (name,)
    else:
        parts = _stored(name)
        # BCR-2371: newer accounts leave the database of a database role away.
        parts = parts if len(parts) == 2 else (database, *parts)
    return Grantee(kind, QualifiedName(parts))


def parse_privileges(
    rows: Sequence[Row], on: Securable, *, with_inherited: bool = False
) -> frozenset[Privilege]:
    """What is granted on the object itself, without OWNERSHIP, and inherited rows only if asked."""
    found = set()
    for row in rows:
        grantee = _holder(row, on.name.database)
        privilege = _text(row, "privilege").upper()
        is_inherited = _flag(row, "is_inherited") and not with_inherited
        if grantee is None or privilege == "OWNERSHIP" or is_inherited:
            continue
        found.add(Privilege(privilege, grantee, _flag(row, "grant_option")))
    return frozenset(found)


def parse_owner(rows: Sequence[Row], on: Securable) -> Grantee | None:
    """Who owns the object, as far as the rows show it."""
    owners = (_holder(r, on.name.database) for r in rows if _text(r, "privilege") == "OWNERSHIP")
    return next((owner for owner in owners if owner), None)


def parse_future(rows: Sequence[Row], on: Securable) -> list[tuple[str, Grantee]]:
    """What an object of this type will be born with, OWNERSHIP too (*SHOW FUTURE GRANTS*)."""
    found = []
    for row in rows:
        grantee = _holder({**row, "granted_to": row.get("grant_to")}, on.name.database)
        if grantee and _text(row, "grant_on").upper() == on.type:
            found.append((_text(row, "privilege").upper(), grantee))
    return found


def parse_account(rows: Sequence[Row], privilege: str) -> frozenset[Grantee]:
    """Who holds a privilege on the account, out of SHOW GRANTS ON ACCOUNT."""
    named = (row for row in rows if _text(row, "privilege").upper() == privilege)
    return frozenset(holder for row in named if (holder := _holder(row, "")))


def parse_holders(rows: Sequence[Row], role: Grantee) -> frozenset[Grantee]:
    """Who holds the role."""
    holders = (_holder(row, role.name.database) for row in rows)
    return frozenset(holder for holder in holders if holder)


def parse_roles_held(rows: Sequence[Row]) -> frozenset[Grantee]:
    """The roles that a role itself was granted, out of SHOW GRANTS TO; owning one is not enough."""
    found = set()
    for row in rows:
        kind = _HOLDERS.get(_text(row, "granted_on").upper())
        is_role = kind in (GranteeType.ROLE, GranteeType.DATABASE_ROLE)
        if kind is not None and is_role and _text(row, "privilege").upper() == "USAGE":
            found.add(Grantee(kind, QualifiedName(_stored(_text(row, "name")))))
    return frozenset(found)


def read_back(privilege: str) -> str:
    """The word under which a granted privilege shows (IMPORTED PRIVILEGES shows as USAGE)."""
    return "USAGE" if privilege == "IMPORTED PRIVILEGES" else privilege
