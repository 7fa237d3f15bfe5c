"""Which privileges exist on which kind of object."""

from __future__ import annotations

from typing import Final

from cortex_resources.emulator.entities import Kind

OWNERSHIP: Final = "OWNERSHIP"
USAGE: Final = "USAGE"
IMPORTED: Final = "IMPORTED PRIVILEGES"
MANAGE_GRANTS: Final = "MANAGE GRANTS"

_CREATE_IN_SCHEMA = (
    "TABLE", "VIEW", "MODEL", "STAGE", "FUNCTION", "PROCEDURE", "SEQUENCE", "STREAM", "TASK",
    "PIPE", "FILE FORMAT", "DYNAMIC TABLE", "MATERIALIZED VIEW", "TAG", "DATASET", "NOTEBOOK",
    "MASKING POLICY", "ROW ACCESS POLICY", "CORTEX SEARCH SERVICE", "ALERT", "EVENT TABLE",
    "EXTERNAL TABLE", "GIT REPOSITORY", "HYBRID TABLE", "ICEBERG TABLE", "IMAGE REPOSITORY",
    "NETWORK RULE", "SECRET", "SEMANTIC VIEW", "SERVICE", "STREAMLIT", "TEMPORARY TABLE", "AGENT",
    "AGGREGATION POLICY", "AUTHENTICATION POLICY", "PASSWORD POLICY", "PROJECTION POLICY",
    "SESSION POLICY",
)  # fmt: skip

_BY_KIND: Final[dict[Kind, frozenset[str]]] = {
    Kind.ACCOUNT: frozenset(
        {
            MANAGE_GRANTS, "CREATE DATABASE", "CREATE ROLE", "CREATE USER", "CREATE WAREHOUSE",
            "CREATE INTEGRATION", "CREATE SHARE", "CREATE NETWORK POLICY", "EXECUTE TASK",
            "EXECUTE MANAGED TASK", "IMPORT SHARE", "MONITOR EXECUTION", "MONITOR USAGE",
            "APPLY MASKING POLICY", "APPLY ROW ACCESS POLICY", "APPLY TAG", "USE AI FUNCTIONS",
            "MANAGE WAREHOUSES", "BIND SERVICE ENDPOINT", "APPLY PASSWORD POLICY",
            "APPLY SESSION POLICY", "ATTACH POLICY", "AUDIT", "CREATE API INTEGRATION",
            "CREATE APPLICATION", "CREATE APPLICATION PACKAGE", "CREATE COMPUTE POOL",
            "CREATE EXTERNAL VOLUME", "CREATE FAILOVER GROUP", "CREATE REPLICATION GROUP",
            "EXECUTE ALERT", "MONITOR SECURITY", "MANAGE USER SUPPORT CASES", "RESOLVE ALL",
        }
    ),
    Kind.DATABASE: frozenset(
        {
            USAGE, "MONITOR", "MODIFY", "CREATE SCHEMA", "CREATE DATABASE ROLE", "APPLYBUDGET",
            "REFERENCE_USAGE", IMPORTED, MANAGE_GRANTS,
        }
    ),
    Kind.SCHEMA: frozenset(
        {USAGE, "MONITOR", "MODIFY", "APPLYBUDGET", "ADD SEARCH OPTIMIZATION", MANAGE_GRANTS}
        | {f"CREATE {noun}" for noun in _CREATE_IN_SCHEMA}
    ),
    Kind.TABLE: frozenset(
        {
            "SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "REBUILD",
            "EVOLVE SCHEMA", "APPLYBUDGET",
        }
    ),
    Kind.VIEW: frozenset({"SELECT", "REFERENCES"}),
    Kind.MODEL: frozenset({USAGE, "READ"}),
    Kind.DATASET: frozenset({USAGE}),
    Kind.FUNCTION: frozenset({USAGE}),
    Kind.TAG: frozenset({"APPLY", "READ"}),
    Kind.WAREHOUSE: frozenset({USAGE, "OPERATE", "MODIFY", "MONITOR", "APPLYBUDGET"}),
    Kind.ROLE: frozenset(),  # only OWNERSHIP: who has a role is told by GRANT ROLE
    Kind.DATABASE_ROLE: frozenset(),
    Kind.USER: frozenset({"MONITOR"}),
}  # fmt: skip

LONGEST_FIRST: Final = sorted(
    {privilege for known in _BY_KIND.values() for privilege in known} | {OWNERSHIP},
    key=lambda privilege: (-len(privilege.split()), privilege),
)


def known(kind: Kind) -> frozenset[str]:
    """Every privilege that can be granted on a kind, OWNERSHIP aside."""
    return _BY_KIND[kind]


def all_of(kind: Kind) -> list[str]:
    """What ALL PRIVILEGES means on a kind, in a stable order."""
    left_out = {IMPORTED, "APPLYBUDGET", "REFERENCE_USAGE"}
    if kind is not Kind.ACCOUNT:
        left_out.add(MANAGE_GRANTS)
    return sorted(_BY_KIND[kind] - left_out)


def effective(privilege: str) -> str:
    """The privilege as it is kept: IMPORTED PRIVILEGES reads back as USAGE."""
    return USAGE if privilege == IMPORTED else privilege
