"""The errors of access control in one table, each with where its wording comes from.

*Observed*: number and text stand in reports of public clients. *Our words*: Snowflake refuses
too, but the text or the number is not public.
"""

from __future__ import annotations

from collections.abc import Iterable

from cortex_resources.emulator.errors import SnowflakeError


def dependent_grant(privilege: str, securable: str, grantee: str) -> SnowflakeError:
    """Observed: ownership moves while others hold grants that the owner gave."""
    return SnowflakeError(
        3036,
        "23001",
        f"SQL execution error: Dependent grant of privilege '{privilege}' on securable"
        f" '{securable}' to role '{grantee}' exists.  It must be revoked first.  More than one"
        " dependent grant may exist: use 'SHOW GRANTS' command to view them.  To revoke all"
        " dependent grants while transferring object ownership, use convenience command"
        " 'GRANT OWNERSHIP ON <target_objects> TO <target_role> REVOKE CURRENT GRANTS'.",
    )


def skipped(count: int) -> SnowflakeError:
    """Observed: others hold what the grantee passed on, and CASCADE is not said."""
    return SnowflakeError(
        3935,
        "23001",
        f"Revoke partially executed: 0 grant(s) revoked, {count} grant(s) skipped due to"
        " dependent grants and no CASCADE is specified.",
    )


def only_transferred() -> SnowflakeError:
    """Observed: REVOKE OWNERSHIP on an object."""
    return SnowflakeError(3937, "23001", "SQL execution error: OWNERSHIP can only be transferred.")


def partial(privileges: Iterable[str]) -> SnowflakeError:
    """Observed: some privileges of a GRANT may be passed on, these not; none is granted."""
    return SnowflakeError(
        3011,
        "42501",
        f"Grant partially executed: privileges [{', '.join(sorted(privileges))}] not granted.",
    )


def system_role(name: str, verb: str) -> SnowflakeError:
    """Observed of REVOKE: taking a system role from the one above it, or giving one away."""
    return SnowflakeError(
        3042,
        "42501",
        f"SQL compilation error:\nRole '{name}' is a system object. {verb} cannot be performed.",
    )


def current_role(name: str) -> SnowflakeError:
    """The text of *DROP ROLE*, our number: a session drops its own primary role."""
    return SnowflakeError(
        3001,
        "42501",
        f"SQL execution error: Cannot drop role {name} as it is the current primary role.",
    )


def imported(verb: str) -> SnowflakeError:
    """Observed text, our number: a single privilege on a shared database."""
    doing = {"GRANT": "Granting", "REVOKE": "Revoking"}[verb]
    return SnowflakeError(
        3001,
        "42501",
        f"SQL access control error:\n{doing} individual privileges on imported database is not"
        f" allowed. Use '{verb} IMPORTED PRIVILEGES' instead.",
    )


def not_imported(name: str) -> SnowflakeError:
    """Our words: IMPORTED PRIVILEGES on a database that is not shared."""
    return SnowflakeError(
        3001,
        "42501",
        "SQL access control error:\nIMPORTED PRIVILEGES can be granted only on a shared"
        f" database; '{name}' is none.",
    )


def beyond_schema_owner() -> SnowflakeError:
    """Observed text, our number: ownership of an object in a managed-access schema."""
    return SnowflakeError(
        3001,
        "42501",
        "SQL access control error:\nOwnership restriction violation in a managed access schema."
        " Grantee need to be a subordinate role of the schema owner.",
    )


def future_owner(kind: str, grantee: str) -> SnowflakeError:
    """Observed number and beginning: a second role is to own the objects to come."""
    return SnowflakeError(
        3504,
        "01000",
        f"A future grant with privilege OWNERSHIP on {kind} to role '{grantee}' already exists."
        " It must be revoked first.",
    )


def exists_unseen(title: str, name: str) -> SnowflakeError:
    """Observed: the name is taken by something that the role does not see."""
    return SnowflakeError(
        3041,
        "42710",
        f"SQL compilation error:\n{title} '{name}' already exists, but current role has no"
        " privileges on it. If this is unexpected and you cannot resolve this problem, contact your"
        " system administrator. ACCOUNTADMIN role may be required to manage the privileges on the"
        " object.",
    )


def cycle(role: str, grantee: str) -> SnowflakeError:
    """Our words: the roles would grant each other."""
    return SnowflakeError(
        3054,
        "42501",
        f"SQL compilation error:\nRole '{role}' cannot be granted to '{grantee}': the roles"
        " would form a cycle.",
    )


def outside_database(what: str) -> SnowflakeError:
    """Our words: a database role and something outside its database."""
    return SnowflakeError(3078, "42501", f"SQL compilation error:\nA database role {what}.")


def invalid_privilege(privilege: str, kind: str) -> SnowflakeError:
    """Our words: a privilege that the kind has not."""
    return SnowflakeError(
        1003,
        "42000",
        f"SQL compilation error:\nsyntax error unexpected privilege '{privilege}' for a {kind}.",
    )
