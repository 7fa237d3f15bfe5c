"""Random histories of grants against a model of access control that shares no code with it."""

from __future__ import annotations

import random
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import snowflake.connector

from cortex_resources.emulator.server import LocalAccount

ROLES = ("A", "B", "C", "D")
TABLES = ("T1", "T2", "T3")
PRIVILEGES = ("SELECT", "INSERT")


@dataclass
class Model:
    """Who holds what, by name: the rules of the pages in their simplest form."""

    members: dict[str, set[str]] = field(default_factory=lambda: {role: set() for role in ROLES})
    usage: set[str] = field(default_factory=set)  # roles with USAGE on the schema
    held: set[tuple[str, str, str]] = field(default_factory=set)  # privilege, table, role
    future: set[tuple[str, str]] = field(default_factory=set)  # privilege, role
    owner: dict[str, str] = field(default_factory=dict)

    def below(self, role: str) -> set[str]:
        """A role and every role granted to it, all the way down."""
        found: set[str] = set()
        waiting = [role]
        while waiting:
            here = waiting.pop()
            if here not in found:
                found.add(here)
                waiting.extend(self.members[here])
        return found

    def may(self, role: str, privilege: str, table: str) -> bool:
        roles = self.below(role)
        has = self.owner[table] in roles or any((privilege, table, r) in self.held for r in roles)
        return has and bool(self.usage & roles)

    def create(self, table: str) -> None:
        self.owner[table] = "ACCOUNTADMIN"
        self.held -= {grant for grant in self.held if grant[1] == table}
        self.held |= {(privilege, table, role) for privilege, role in self.future}

    def step(self, draw: random.Random) -> str | None:
        """Change the model in one random way; the statement that does the same to the account."""
        role, other = draw.sample(ROLES, 2)
        table, privilege = draw.choice(TABLES), draw.choice(PRIVILEGES)
        kind = draw.choice(
            ("grant", "grant", "revoke", "member", "member", "leave", "usage", "no usage", "future",
             "no future", "replace", "own")
        )  # fmt: skip
        if kind == "grant":
            self.held.add((privilege, table, role))
            return f"GRANT {privilege} ON TABLE W.S.{table} TO ROLE {role}"
        if kind == "revoke":
            self.held.discard((privilege, table, role))
            return f"REVOKE {privilege} ON TABLE W.S.{table} FROM ROLE {role}"
        if kind == "member":
            if other in self.below(role) or role in self.below(other):
                return None
            self.members[other].add(role)
            return f"GRANT ROLE {role} TO ROLE {other}"
        return self._rarer(kind, role, other, table, privilege)

    def _rarer(self, kind: str, role: str, other: str, table: str, privilege: str) -> str:
        if kind == "leave":
            self.members[other].discard(role)
            return f"REVOKE ROLE {role} FROM ROLE {other}"
        if kind == "usage":
            self.usage.add(role)
            return f"GRANT USAGE ON SCHEMA W.S TO ROLE {role}"
        if kind == "no usage":
            self.usage.discard(role)
            return f"REVOKE USAGE ON SCHEMA W.S FROM ROLE {role}"
        if kind == "future":
            self.future.add((privilege, role))
            return f"GRANT {privilege} ON FUTURE TABLES IN SCHEMA W.S TO ROLE {role}"
        if kind == "no future":
            self.future.discard((privilege, role))
            return f"REVOKE {privilege} ON FUTURE TABLES IN SCHEMA W.S FROM ROLE {role}"
        if kind == "own":
            self.owner[table] = role
            return f"GRANT OWNERSHIP ON TABLE W.S.{table} TO ROLE {role} COPY CURRENT GRANTS"
        self.create(table)
        return f"DROP TABLE W.S.{table}; CREATE TABLE W.S.{table} (N NUMBER)"


class Session:
    """One connection that takes each role in turn."""

    def __init__(self, local: LocalAccount) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.connection = snowflake.connector.connect(**local.connection())
        self.run("USE SECONDARY ROLES NONE")

    def run(self, statements: str) -> list[tuple[object, ...]]:
        rows: list[tuple[object, ...]] = []
        for statement in statements.split("; "):
            rows = self.connection.cursor().execute(statement).fetchall()
        return rows

    def allowed(self, statement: str) -> bool:
        try:
            self.run(statement)
        except snowflake.connector.errors.Error as error:
            if error.errno not in (2003, 3001):
                raise
            return False
        return True


@pytest.fixture
def session() -> Iterator[Session]:
    with LocalAccount() as local:
        made = Session(local)
        made.run("CREATE DATABASE W; CREATE SCHEMA W.S")
        for role in ROLES:
            made.run(f"CREATE ROLE {role}; GRANT ROLE {role} TO USER {local.user}")
            made.run(f"GRANT USAGE ON DATABASE W TO ROLE {role}")
        yield made
        made.connection.close()


@pytest.mark.parametrize("seed", range(6))
def test_what_a_role_may_do_follows_from_the_grants_alone(session: Session, seed: int) -> None:
    draw, model = random.Random(seed), Model()
    for table in TABLES:
        model.create(table)
        session.run(f"CREATE TABLE W.S.{table} (N NUMBER)")
    history = []
    for _ in range(12):
        session.run("USE ROLE SECURITYADMIN")
        for _ in range(4):
            statement = model.step(draw)
            if statement is None:
                continue
            history.append(statement)
            replaced = statement.startswith("DROP")
            if replaced:
                name = statement.split(";")[0].split(".")[-1]
                session.run(
                    f"GRANT OWNERSHIP ON TABLE W.S.{name} TO ROLE ACCOUNTADMIN COPY CURRENT GRANTS"
                )
                session.run("USE ROLE ACCOUNTADMIN")
            session.run(statement)
            session.run("USE ROLE SECURITYADMIN")
        for role in ROLES:
            session.run(f"USE ROLE {role}")
            for table in TABLES:
                asked = {
                    "SELECT": f"SELECT COUNT(*) FROM W.S.{table}",
                    "INSERT": f"INSERT INTO W.S.{table} VALUES (1)",
                }
                found = {p: session.allowed(statement) for p, statement in asked.items()}
                expected = {p: model.may(role, p, table) for p in PRIVILEGES}
                assert found == expected, (role, table, history)
