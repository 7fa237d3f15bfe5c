"""Access control: what is granted works, what is not is refused or looks missing."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pytest
import snowflake.connector

from cortex_resources.emulator import settings
from cortex_resources.emulator.server import LocalAccount

Statement = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def as_role(admin: Any, run: Any, sql: Any) -> Callable[..., Any]:
    """Runs a statement in another role, then goes back; an error comes as its number."""

    def attempt(role: str, statement: str) -> Any:
        sql(f"USE ROLE {role}")
        try:
            return run(admin, statement)
        except snowflake.connector.errors.Error as raised:
            return raised.errno
        finally:
            sql("USE ROLE ACCOUNTADMIN")

    return attempt


@pytest.fixture
def world(sql: Any) -> None:
    """A database, a table, a view, and two roles that the administrator holds."""
    sql(
        "CREATE DATABASE D",
        "CREATE SCHEMA D.S",
        "CREATE TABLE D.S.T (N NUMBER)",
        "INSERT INTO D.S.T VALUES (1)",
        "CREATE VIEW D.S.V AS SELECT N FROM T",
        "CREATE ROLE R",
        "CREATE ROLE R2",
        "GRANT ROLE R TO USER LOCAL_ADMIN",
        "GRANT ROLE R2 TO USER LOCAL_ADMIN",
    )


def test_select_needs_usage_on_both_parents_and_select(world: None, sql: Any, as_role: Any) -> None:
    query = "SELECT N FROM D.S.T"
    assert as_role("R", query) == 2003
    sql("GRANT SELECT ON TABLE D.S.T TO ROLE R")
    assert as_role("R", query) == 2003
    sql("GRANT USAGE ON DATABASE D TO ROLE R", "GRANT CREATE VIEW ON SCHEMA D.S TO ROLE R")
    assert as_role("R", query) == 2003, "another privilege does not stand in for USAGE"
    sql("GRANT USAGE ON SCHEMA D.S TO ROLE R")
    assert as_role("R", query) == [{"N": 1}]
    sql("REVOKE SELECT ON TABLE D.S.T FROM ROLE R")
    assert as_role("R", query) == 2003


def test_what_is_seen_but_not_allowed_is_3001(world: None, sql: Any, as_role: Any) -> None:
    sql(
        "GRANT USAGE ON DATABASE D TO ROLE R",
        "GRANT USAGE ON SCHEMA D.S TO ROLE R",
        "GRANT REFERENCES ON TABLE D.S.T TO ROLE R",
    )
    assert as_role("R", "SELECT N FROM D.S.T") == 3001
    assert as_role("R", "CREATE TABLE D.S.X (N NUMBER)") == 3001
    assert as_role("R", "DROP TABLE D.S.T") == 3001


def test_a_view_reads_with_its_owners_rights(world: None, sql: Any, as_role: Any) -> None:
    sql(
        "GRANT USAGE ON DATABASE D TO ROLE R",
        "GRANT USAGE ON SCHEMA D.S TO ROLE R",
        "GRANT SELECT ON VIEW D.S.V TO ROLE R",
    )
    assert as_role("R", "SELECT N FROM D.S.V") == [{"N": 1}]
    assert as_role("R", "SELECT N FROM D.S.T") == 2003


def test_only_the_grant_option_or_ownership_passes_a_privilege_on(
    world: None, sql: Any, as_role: Any
) -> None:
    sql("GRANT USAGE ON DATABASE D TO ROLE R")
    assert as_role("R", "GRANT USAGE ON DATABASE D TO ROLE R2") == 3001
    sql("GRANT USAGE ON DATABASE D TO ROLE R WITH GRANT OPTION")
    assert as_role("R", "GRANT USAGE ON DATABASE D TO ROLE R2") != 3001
    granted = [row for row in sql("SHOW GRANTS TO ROLE R2") if row["privilege"] == "USAGE"]
    assert [row["granted_by"] for row in granted] == ["R"]


def test_a_dependent_grant_needs_cascade(world: None, sql: Any, as_role: Any, error: Any) -> None:
    sql("GRANT USAGE ON DATABASE D TO ROLE R WITH GRANT OPTION")
    as_role("R", "GRANT USAGE ON DATABASE D TO ROLE R2")
    assert error("REVOKE USAGE ON DATABASE D FROM ROLE R") == (3935, "23001")
    sql("REVOKE USAGE ON DATABASE D FROM ROLE R CASCADE")
    assert [row["privilege"] for row in sql("SHOW GRANTS TO ROLE R2")] == []


def test_revoking_the_option_keeps_the_privilege(world: None, sql: Any) -> None:
    sql(
        "GRANT USAGE ON DATABASE D TO ROLE R WITH GRANT OPTION",
        "REVOKE GRANT OPTION FOR USAGE ON DATABASE D FROM ROLE R",
    )
    rows = sql("SHOW GRANTS TO ROLE R")
    assert [(row["privilege"], row["grant_option"]) for row in rows] == [("USAGE", "false")]


def test_revoking_nothing_succeeds(world: None, sql: Any) -> None:
    sql("REVOKE USAGE ON DATABASE D FROM ROLE R")


def test_future_grants_of_a_schema_hide_those_of_its_database(world: None, sql: Any) -> None:
    sql(
        "GRANT SELECT ON FUTURE VIEWS IN DATABASE D TO ROLE R",
        "GRANT SELECT ON FUTURE VIEWS IN SCHEMA D.S TO ROLE R2",
        "CREATE VIEW D.S.W AS SELECT N FROM T",
        "CREATE VIEW D.PUBLIC.W AS SELECT 1 AS N",
    )
    in_schema = {row["grantee_name"] for row in sql("SHOW GRANTS ON VIEW D.S.W")}
    in_public = {row["grantee_name"] for row in sql("SHOW GRANTS ON VIEW D.PUBLIC.W")}
    assert in_schema == {"ACCOUNTADMIN", "R2"}
    assert in_public == {"ACCOUNTADMIN", "R"}


def test_in_a_managed_schema_only_its_owner_grants(world: None, sql: Any, as_role: Any) -> None:
    sql(
        "CREATE SCHEMA D.M WITH MANAGED ACCESS",
        "GRANT USAGE ON DATABASE D TO ROLE R",
        "GRANT USAGE, CREATE TABLE ON SCHEMA D.M TO ROLE R",
    )
    as_role("R", "CREATE TABLE D.M.OWN (N NUMBER)")
    assert as_role("R", "GRANT SELECT ON TABLE D.M.OWN TO ROLE R2") == 3001
    sql("GRANT SELECT ON TABLE D.M.OWN TO ROLE R2")


def test_replacing_a_view_drops_its_grants_unless_they_are_copied(world: None, sql: Any) -> None:
    def grantees() -> set[str]:
        return {row["grantee_name"] for row in sql("SHOW GRANTS ON VIEW D.S.V")}

    sql("GRANT SELECT ON VIEW D.S.V TO ROLE R")
    sql("CREATE OR REPLACE VIEW D.S.V COPY GRANTS AS SELECT N + 1 AS N FROM T")
    assert grantees() == {"ACCOUNTADMIN", "R"}
    sql("CREATE OR REPLACE VIEW D.S.V AS SELECT N FROM T")
    assert grantees() == {"ACCOUNTADMIN"}


def test_a_role_cycle_is_refused(world: None, sql: Any, error: Any) -> None:
    sql("GRANT ROLE R TO ROLE R2")
    assert error("GRANT ROLE R2 TO ROLE R")[1] == "42501"


def test_without_cortex_user_the_function_is_unknown(world: None, sql: Any, as_role: Any) -> None:
    statement = "SELECT SNOWFLAKE.CORTEX.FINETUNE('SHOW')"
    assert as_role("R", statement) != 2140
    sql("REVOKE DATABASE ROLE SNOWFLAKE.CORTEX_USER FROM ROLE PUBLIC")
    assert as_role("R", statement) == 2140
    sql("GRANT DATABASE ROLE SNOWFLAKE.CORTEX_USER TO ROLE R")
    assert as_role("R", statement) != 2140


def test_include_hierarchy_reads_a_role_tree(world: None, sql: Any) -> None:
    sql("GRANT ROLE R TO ROLE R2", "GRANT USAGE ON DATABASE D TO ROLE R")
    rows = sql("SHOW GRANTS TO ROLE R2 INCLUDE HIERARCHY")
    assert {(row["privilege"], row["name"], row["inherited_from"]) for row in rows} == {
        ("USAGE", "R", ""),
        ("USAGE", "D", "R"),
    }


def test_an_unseen_database_looks_missing(world: None, as_role: Any) -> None:
    assert as_role("R", "DROP DATABASE D") == 2003
    assert as_role("R", "SHOW SCHEMAS IN DATABASE D") == 2043
    assert as_role("R", "SHOW DATABASES") == []


def test_ownership_moves_with_the_grants_it_is_told_to_copy(
    world: None, sql: Any, error: Any
) -> None:
    sql("GRANT SELECT ON TABLE D.S.T TO ROLE R2")
    assert error("GRANT OWNERSHIP ON TABLE D.S.T TO ROLE R") == (3036, "23001")
    sql("GRANT OWNERSHIP ON TABLE D.S.T TO ROLE R COPY CURRENT GRANTS")
    rows = {(r["privilege"], r["grantee_name"]) for r in sql("SHOW GRANTS ON TABLE D.S.T")}
    assert rows == {("OWNERSHIP", "R"), ("SELECT", "R2")}


def test_the_right_to_create_comes_from_the_primary_role_alone(
    world: None, sql: Any, run: Any, admin: Any, error: Any
) -> None:
    sql("USE ROLE R", "USE SECONDARY ROLES ALL")
    assert run(admin, "SELECT N FROM D.S.T") == [{"N": 1}], "secondary roles read"
    assert error("CREATE TABLE D.S.X (N NUMBER)") == (3001, "42501")
    sql("USE SECONDARY ROLES NONE")


def test_a_session_whose_role_is_taken_away_goes_on_as_public(
    world: None, sql: Any, run: Any, connect: Any
) -> None:
    other = connect()
    run(other, "USE SECONDARY ROLES NONE")
    run(other, "USE ROLE R")
    sql("REVOKE ROLE R FROM USER LOCAL_ADMIN")
    assert run(other, "SELECT CURRENT_ROLE() AS ROLE") == [{"ROLE": "PUBLIC"}]
    run(other, "USE ROLE R2")
    sql("DROP ROLE R2", "CREATE ROLE R2")
    assert run(other, "SELECT CURRENT_ROLE() AS ROLE") == [{"ROLE": "PUBLIC"}]


def test_what_a_dropped_role_owned_goes_to_the_role_that_drops_it(
    world: None, sql: Any, finetune: Any, account: Any
) -> None:
    sql(
        "CREATE OR REPLACE TABLE D.S.P (PROMPT VARCHAR, COMPLETION VARCHAR)",
        "INSERT INTO D.S.P VALUES ('a', 'b'), ('c', 'd')",
        "GRANT USAGE ON DATABASE D TO ROLE R",
        "GRANT USAGE, CREATE MODEL ON SCHEMA D.S TO ROLE R",
        "GRANT SELECT ON TABLE D.S.P TO ROLE R",
        "GRANT OWNERSHIP ON TABLE D.S.T TO ROLE R",
        "USE ROLE R",
    )
    finetune("CREATE", "D.S.M", "llama3.1-8b", "SELECT PROMPT, COMPLETION FROM D.S.P")
    sql("USE ROLE ACCOUNTADMIN", "DROP ROLE R")
    account.account.clock.advance(3600)
    assert [row["owner"] for row in sql("SHOW TABLES LIKE 'T' IN SCHEMA D.S")] == ["ACCOUNTADMIN"]
    assert [row["owner"] for row in sql("SHOW MODELS IN SCHEMA D.S")] == ["ACCOUNTADMIN"]


def test_completion_needs_use_ai_functions_and_training_does_not(
    world: None, sql: Any, as_role: Any, error: Any
) -> None:
    ask = "SELECT AI_COMPLETE('llama3.1-8b', 'x') AS A"
    assert as_role("R", ask) != 2140
    assert as_role("SECURITYADMIN", "GRANT USE AI FUNCTIONS ON ACCOUNT TO ROLE R") == 3001
    sql("REVOKE USE AI FUNCTIONS ON ACCOUNT FROM ROLE PUBLIC")
    assert as_role("R", ask) == 2140
    assert as_role("R", "SELECT SNOWFLAKE.CORTEX.FINETUNE('SHOW')") != 2140
    sql("GRANT USE AI FUNCTIONS ON ACCOUNT TO ROLE R")
    assert as_role("R", ask) != 2140


def test_imported_privileges_bring_cortex_along(world: None, sql: Any, as_role: Any) -> None:
    statement = "SELECT SNOWFLAKE.CORTEX.FINETUNE('SHOW')"
    sql(
        "GRANT IMPORTED PRIVILEGES ON DATABASE SNOWFLAKE TO ROLE PUBLIC",
        "REVOKE DATABASE ROLE SNOWFLAKE.CORTEX_USER FROM ROLE PUBLIC",
    )
    assert as_role("R", statement) != 2140
    sql("REVOKE IMPORTED PRIVILEGES ON DATABASE SNOWFLAKE FROM ROLE PUBLIC")
    assert as_role("R", statement) == 2140


def test_privileges_of_a_user_count_only_with_all_secondary_roles(
    world: None, sql: Any, run: Any, admin: Any, error: Any
) -> None:
    sql(
        "REVOKE ROLE ACCOUNTADMIN FROM USER LOCAL_ADMIN",
        "USE ROLE SECURITYADMIN",
        "GRANT USAGE ON DATABASE D TO USER LOCAL_ADMIN",
        "GRANT USAGE ON SCHEMA D.S TO USER LOCAL_ADMIN",
        "GRANT SELECT ON TABLE D.S.T TO USER LOCAL_ADMIN",
        "USE ROLE R",
    )
    assert error("SELECT N FROM D.S.T")[0] == 2003
    sql("USE SECONDARY ROLES ALL")
    assert run(admin, "SELECT N FROM D.S.T") == [{"N": 1}]


def test_a_renamed_role_stays_active_in_every_session(
    world: None, sql: Any, run: Any, connect: Any
) -> None:
    other = connect()
    run(other, "USE ROLE R")
    sql("ALTER ROLE R RENAME TO R9")
    assert run(other, "SELECT CURRENT_ROLE() AS ROLE") == [{"ROLE": "R9"}]


def test_secondary_roles_at_login_are_those_of_the_user(
    world: None, sql: Any, run: Any, connect: Any, error: Any
) -> None:
    sql(
        "CREATE USER ANN PASSWORD = 'p' DEFAULT_ROLE = R",
        "GRANT ROLE R TO USER ANN",
        "GRANT ROLE R2 TO USER ANN",
    )
    asked = "SELECT CURRENT_SECONDARY_ROLES() AS ROLES"
    with_all = connect(user="ANN", password="p")
    assert run(with_all, asked) == [{"ROLES": '{"roles":"R,R2","value":"ALL"}'}]
    sql("ALTER USER ANN SET DEFAULT_SECONDARY_ROLES = ()")
    assert run(connect(user="ANN", password="p"), asked) == [{"ROLES": '{"roles":"","value":""}'}]
    assert error("ALTER USER ANN SET DEFAULT_SECONDARY_ROLES = ('R')")[0] == 1008


def test_the_grantee_of_a_database_role_may_be_shown_with_its_database(
    world: None, sql: Any, account: Any
) -> None:
    sql("CREATE DATABASE ROLE D.READER", "GRANT USAGE ON SCHEMA D.S TO DATABASE ROLE D.READER")
    shown = "SHOW GRANTS ON SCHEMA D.S"
    assert [row["grantee_name"] for row in sql(shown)] == ["ACCOUNTADMIN", "READER"]
    changed = settings.change(
        account.account.store, account.account.settings, {"database_role_grantee": "qualified"}
    )
    account.account.settings = changed
    assert [row["grantee_name"] for row in sql(shown)] == ["ACCOUNTADMIN", "D.READER"]


def test_grants_of_every_sort_outlive_a_restart(tmp_path: Any, run: Any) -> None:
    def opened(local: LocalAccount) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return snowflake.connector.connect(**local.connection())

    asked = (
        "SHOW GRANTS ON DATABASE D",
        "SHOW FUTURE GRANTS IN DATABASE D",
        "SHOW GRANTS TO ROLE R",
        "SHOW GRANTS OF ROLE R",
        "SHOW GRANTS TO DATABASE ROLE D.READER",
    )
    with LocalAccount(tmp_path / "account.duckdb") as local:
        connection = opened(local)
        for statement in (
            "ALTER ACCOUNT SET FEATURE_RBAC_INHERITED_GRANTS = 'ENABLED'",
            "CREATE DATABASE D",
            "CREATE ROLE R",
            "CREATE DATABASE ROLE D.READER",
            "GRANT ROLE R TO USER LOCAL_ADMIN",
            "GRANT USAGE, MONITOR ON DATABASE D TO ROLE R WITH GRANT OPTION",
            "GRANT SELECT ON FUTURE TABLES IN DATABASE D TO ROLE R",
            "GRANT INHERITED SELECT ON ALL VIEWS IN DATABASE D TO ROLE R",
            "GRANT OWNERSHIP ON SCHEMA D.PUBLIC TO ROLE R",
        ):
            run(connection, statement)
        before = [run(connection, statement) for statement in asked]
        connection.close()
    with LocalAccount(tmp_path / "account.duckdb") as local:
        connection = opened(local)
        assert [run(connection, statement) for statement in asked] == before
        connection.close()


def test_anybody_may_describe_oneself_and_nobody_else(world: None, sql: Any, as_role: Any) -> None:
    sql("CREATE USER BOB")
    assert as_role("R", "DESCRIBE USER LOCAL_ADMIN") != 2003
    assert as_role("R", "DESCRIBE USER BOB") == 2003
