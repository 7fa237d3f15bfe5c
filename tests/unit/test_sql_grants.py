"""SHOW GRANTS read by name, whatever the account adds or leaves away."""

from __future__ import annotations

from cortex_resources.model.effects import Effect
from cortex_resources.model.grants import Grantee, Privilege, Securable, privileges_of
from cortex_resources.sql import grants as sql

ON = Securable.parse("SCHEMA DB.ML")
CORTEX_USER = Grantee.parse("DATABASE ROLE SNOWFLAKE.CORTEX_USER")


def a_row(**changes: object) -> dict[str, object]:
    given: dict[str, object] = {
        "created_on": "2026-01-01",
        "privilege": "USAGE",
        "granted_on": "SCHEMA",
        "name": "DB.ML",
        "granted_to": "ROLE",
        "grantee_name": "A",
        "grant_option": "false",
        "granted_by": "ADMIN",
    }
    return given | changes


def test_reads_change_nothing() -> None:
    statements = [sql.show_on(ON), sql.show_of(CORTEX_USER), sql.show_to(CORTEX_USER)]
    assert [s.effect for s in statements] == [Effect.READ] * 3
    assert [s.text for s in statements] == [
        "SHOW GRANTS ON SCHEMA DB.ML",
        "SHOW GRANTS OF DATABASE ROLE SNOWFLAKE.CORTEX_USER",
        "SHOW GRANTS TO DATABASE ROLE SNOWFLAKE.CORTEX_USER",
    ]


def test_every_way_to_write_a_grantee_is_read() -> None:
    rows = [
        a_row(),
        a_row(grantee_name='"my role"', grant_option="TRUE", privilege="modify"),
        a_row(grantee_name="dotted.role"),
        a_row(granted_to="DATABASE_ROLE", grantee_name="READER"),
        a_row(granted_to="DATABASE ROLE", grantee_name="DB.WRITER"),
        a_row(granted_to="DATABASE_ROLE", grantee_name='DB."w r"'),
        a_row(granted_to="USER", grantee_name="ANN"),
    ]
    assert sql.parse_privileges(rows, ON) == privileges_of(
        "USAGE to ROLE A\n"
        'MODIFY to ROLE "my role" with GRANT OPTION\n'
        'USAGE to ROLE "dotted.role"\n'
        "USAGE to DATABASE ROLE DB.READER\n"
        "USAGE to DATABASE ROLE DB.WRITER\n"
        'USAGE to DATABASE ROLE DB."w r"\n'
        "USAGE to USER ANN\n"
    )


def test_ownership_inheritance_shares_and_nameless_rows_are_no_grants_of_the_object() -> None:
    rows = [
        a_row(privilege="OWNERSHIP"),
        a_row(is_inherited="true"),
        a_row(granted_to="SHARE"),
        a_row(granted_to="APPLICATION_ROLE"),
        a_row(grantee_name=None),
    ]
    assert sql.parse_privileges(rows, ON) == frozenset()


def test_unknown_columns_and_their_order_do_not_matter() -> None:
    row = dict(reversed(a_row(new_column=1, is_inherited="false").items()))
    assert sql.parse_privileges([row], ON) == {Privilege("USAGE", Grantee.parse("ROLE A"))}


def test_the_owner_is_found_where_it_is_shown() -> None:
    rows = [a_row(), a_row(privilege="OWNERSHIP", grantee_name="B")]
    assert sql.parse_owner(rows, ON) == Grantee.parse("ROLE B")
    assert sql.parse_owner([a_row(privilege="OWNERSHIP", granted_to="SHARE")], ON) is None


def test_holders_of_a_role() -> None:
    rows: list[dict[str, object]] = [
        {"role": "CORTEX_USER", "granted_to": "ROLE", "grantee_name": "A"},
        {"role": "CORTEX_USER", "granted_to": "DATABASE_ROLE", "grantee_name": "X"},
        {"role": "CORTEX_USER", "granted_to": "SHARE", "grantee_name": "S"},
    ]
    expected = {Grantee.parse("ROLE A"), Grantee.parse("DATABASE ROLE SNOWFLAKE.X")}
    assert sql.parse_holders(rows, CORTEX_USER) == expected


def test_a_role_that_is_only_owned_gives_no_rights() -> None:
    rows = [
        a_row(granted_on="ROLE", name="BELOW"),
        a_row(granted_on="DATABASE_ROLE", name="DB.R"),
        a_row(granted_on="ROLE", name="OWNED", privilege="OWNERSHIP"),
        a_row(granted_on="SCHEMA"),
        a_row(granted_on="USER", name="ANN"),
    ]
    expected = {Grantee.parse("ROLE BELOW"), Grantee.parse("DATABASE ROLE DB.R")}
    assert sql.parse_roles_held(rows) == expected
