"""Who may do what: each family of statements for each standing towards its object, from a table."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import snowflake.connector
import yaml

from cortex_resources.emulator.server import LocalAccount

TABLE = yaml.safe_load(Path(__file__).with_name("access_matrix.yaml").read_text(encoding="utf-8"))
SQLSTATES = {
    2003: ("42S02", "02000"),
    2043: ("02000",),
    2141: ("42601",),
    3001: ("42501",),
    100351: ("P0000",),
}
STANDINGS = ("owner", "holder", "seer", "blind", "manager", "unreached")


class World:
    """A schema W.S, a role for each standing, and one session that takes each role in turn."""

    def __init__(self, local: LocalAccount) -> None:
        self.local = local
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.connection = snowflake.connector.connect(**local.connection())
        self.made = 0
        self.run("USE SECONDARY ROLES NONE")
        self.run("CREATE DATABASE W")
        for schema in ("S", "FREE", "SHUT"):
            self.run(f"CREATE SCHEMA W.{schema}")
        self.run("CREATE TABLE W.S.QA (PROMPT VARCHAR, COMPLETION VARCHAR)")
        self.run("INSERT INTO W.S.QA VALUES ('a', 'b'), ('c', 'd')")
        for role in ("OTHER", *(standing.upper() for standing in STANDINGS)):
            self.run(f"CREATE ROLE {role}")
            self.run(f"GRANT ROLE {role} TO USER {local.user}")
        self.run("GRANT MANAGE GRANTS ON ACCOUNT TO ROLE MANAGER")
        for role in ("OWNER", "HOLDER", "SEER"):
            self.run(f"GRANT USAGE ON DATABASE W TO ROLE {role}")
            self.run(f"GRANT USAGE ON SCHEMA W.S TO ROLE {role}")
            self.run(f"GRANT SELECT ON TABLE W.S.QA TO ROLE {role}")
            self.run(f"GRANT USAGE, CREATE TABLE, CREATE MODEL ON SCHEMA W.FREE TO ROLE {role}")
            self.run(f"GRANT USAGE ON SCHEMA W.SHUT TO ROLE {role}")

    def run(self, statement: str) -> None:
        self.connection.cursor().execute(statement)

    def outcome(self, role: str, statement: str) -> str | int:
        """`ok`, or the number of the error; afterwards the session is the administrator's."""
        self.run(f"USE ROLE {role}")
        try:
            self.run(statement)
        except snowflake.connector.errors.Error as error:
            assert error.sqlstate in SQLSTATES[error.errno]  # noqa: PT017 - the number is returned
            return error.errno
        finally:
            self.run("USE ROLE ACCOUNTADMIN")
        return "ok"

    def name(self) -> str:
        self.made += 1
        return f"O{self.made}"

    def make(self, family: dict[str, Any], name: str) -> None:
        for statement in family.get("make", ()):
            if statement == "model":
                self.tune(name)
            else:
                self.run(statement.format(o=name))

    def tune(self, name: str) -> None:
        self.run(
            f"SELECT SNOWFLAKE.CORTEX.FINETUNE('CREATE', 'W.S.{name}', 'llama3.1-8b',"
            " 'SELECT PROMPT, COMPLETION FROM W.S.QA')"
        )
        self.local.account.clock.advance(7200)

    def grant(self, family: dict[str, Any], name: str, standing: str) -> None:
        """Bring the role of a standing into it, towards the object of this name."""
        target = family["object"].format(o=name)
        held = {"holder": "privilege", "unreached": "privilege", "seer": "trace"}.get(standing)
        if standing == "owner":
            self.run(f"GRANT OWNERSHIP ON {target} TO ROLE OWNER COPY CURRENT GRANTS")
        elif held is not None:
            option = " WITH GRANT OPTION" if family.get("option") and held == "privilege" else ""
            self.run(f"GRANT {family[held]} ON {target} TO ROLE {standing}{option}")

    def take_back(self, family: dict[str, Any]) -> None:
        """What was granted on the account would help the next family."""
        if family["object"] == "ACCOUNT":
            for role, held in (("HOLDER", "privilege"), ("SEER", "trace"), ("OTHER", "privilege")):
                self.run(f"REVOKE {family[held]} ON ACCOUNT FROM ROLE {role} CASCADE")


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with LocalAccount() as local:
        local.account.clock.set_mode("frozen")
        made = World(local)
        yield made
        made.connection.close()


@pytest.mark.parametrize("family", TABLE["families"], ids=lambda family: family["family"])
def test_each_standing_gets_its_outcome(world: World, family: dict[str, Any]) -> None:
    found = {}
    for standing in family["expect"]:
        name = world.name()
        world.make(family, name)
        world.grant(family, name, standing)
        found[standing] = world.outcome(standing.upper(), family["sql"].format(o=name))
    world.take_back(family)
    assert found == family["expect"]


def test_the_table_knows_only_these_standings() -> None:
    assert all(set(family["expect"]) <= set(STANDINGS) for family in TABLE["families"])
