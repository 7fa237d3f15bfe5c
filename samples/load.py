"""Load the sample rows of a stack into an account: `python -m samples.load STACK`.

Meant for the local account. A complete sample is recognised by two reads and left alone; an object
of the same name that does not carry the sample's mark stops the command before it changes anything.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from cortex_resources.errors import (
    AccountError,
    CortexError,
    ObjectMissingError,
    OwnershipError,
    PolicyError,
)
from cortex_resources.gateway.session import Account, account_for, close_all
from cortex_resources.gateway.settings import resolve
from cortex_resources.model.effects import Statement
from cortex_resources.model.names import QualifiedName
from samples import statements, stdlib_pairs
from samples.layout import LAYOUTS, Layout, Rows, SampleTable, without_sample

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Found:
    """What of a sample is in the account: tables with comment and row count, roles with comment."""

    tables: Mapping[str, tuple[str, int]]
    roles: Mapping[str, str]

    def is_loaded(self, table: SampleTable, fingerprint: str) -> bool:
        """Whether the table holds every row, made by this interpreter."""
        comment, rows = self.tables.get(table.name, ("", 0))
        return comment == statements.loaded(rows, fingerprint)


@dataclass(frozen=True, slots=True)
class Loader:
    """One sample on its way into one account."""

    account: Account
    layout: Layout
    say: Say

    def load(self) -> int:
        """Bring the sample to completeness.

        Returns:
            How many rows were inserted; 0 when everything was there.

        Raises:
            OwnershipError: a database or table of that name is not the sample's; nothing changed.
            AccountError: the account refused a statement; the next run goes on from there.
        """
        found = self.look()
        fingerprint = stdlib_pairs.fingerprint()
        missing = [t for t in self.layout.tables if not found.is_loaded(t, fingerprint)]
        if not missing and found.roles.keys() >= set(self.layout.roles):
            self.say(f"{self.layout.home}: the sample rows are there")
            return 0
        self._refuse_foreign(found)
        for statement in statements.containers(self.layout):
            self._run(statement)
        self._create_roles(found)
        if not missing:
            return 0
        pairs = stdlib_pairs.pairs()
        self.say(f"{self.layout.home}: made {len(pairs):,} pairs from {_source()}")
        return sum(self._fill(table, table.rows(pairs), found) for table in missing)

    def look(self) -> Found:
        """See what is there, in two reads."""
        try:
            tables = self._run(statements.shown_tables(self.layout))
        except ObjectMissingError:
            tables = []
        roles = self._run(statements.shown_roles(self.layout))
        return Found(
            {str(r["name"]): (str(r["comment"] or ""), int(str(r["rows"] or 0))) for r in tables},
            {str(r["name"]): str(r["comment"] or "") for r in roles},
        )

    def _run(self, statement: Statement) -> list[dict[str, object]]:
        return self.account.run(statement, tag=f"cortex-resources sample/{self.layout.database}")

    def _refuse_foreign(self, found: Found) -> None:
        shown = self._run(statements.shown_database(self.layout))
        comments = {f"database {r['name']}": str(r["comment"] or "") for r in shown}
        for table in self.layout.tables:
            if table.name in found.tables:
                qualified = self.layout.home.child(table.name)
                comments[f"table {qualified}"] = found.tables[table.name][0]
        for named, comment in comments.items():
            if not comment.startswith(statements.MARK):
                raise OwnershipError(
                    f"{named} exists and is not a sample of this project; nothing was changed",
                    hint="rename or drop it, or use another account",
                )

    def _create_roles(self, found: Found) -> None:
        """Create what is missing; a role that somebody else made is used as it is."""
        for role in self.layout.roles:
            if found.roles.get(role, statements.MARK).startswith(statements.MARK):
                for statement in statements.role(role):
                    self._run(statement)

    def _fill(self, table: SampleTable, rows: Rows, found: Found) -> int:
        name = self.layout.home.child(table.name)
        if table.name in found.tables:
            for statement in statements.emptied(name):
                self._run(statement)
        else:
            self._run(statements.table(name, table))
        done = 0
        for statement, count in statements.inserts(name, rows):
            self._run(statement)
            done += count
            self.say(f"{name}: {done:,} of {len(rows):,} rows")
        self._check(name, len(rows))
        complete = statements.loaded(done, stdlib_pairs.fingerprint())
        self._run(statements.commented(name, complete))
        return done

    def _check(self, name: QualifiedName, expected: int) -> None:
        """Count before the table counts as complete: two loads at a time would double it."""
        counted = int(str(self._run(statements.counted(name))[0]["N"]))
        if counted != expected:
            raise AccountError(
                f"{name} has {counted} rows instead of {expected}",
                hint="run the same command again",
            )


def _source() -> str:
    return f"the documentation of Python {sys.version.split()[0]}"


def _say(line: str) -> None:
    print(line, flush=True)


def one_line(error: CortexError) -> str:
    """What went wrong and what to do next, for a terminal that shows more than this command."""
    return " ".join(f"{error.what}; {error.hint}".split()) if error.hint else error.line


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 when the sample is complete or the stack has none, 1 after an error."""
    parser = argparse.ArgumentParser(prog="python -m samples.load", description=__doc__)
    parser.add_argument("stack", help=f"one of {', '.join(LAYOUTS)}")
    parser.add_argument("--connection", default="local", help="default: the local account")
    parser.add_argument(
        "--yes", action="store_true", help="create databases in an account that is not local"
    )
    asked = parser.parse_args(arguments)
    layout = LAYOUTS.get(asked.stack)
    if layout is None:
        print(without_sample(asked.stack))
        return 0
    try:
        _refuse_remote(asked.connection, layout, allowed=asked.yes)
        Loader(account_for(asked.connection), layout, _say).load()
    except CortexError as error:
        print(f"error: {one_line(error)}", file=sys.stderr)
        return 1
    finally:
        close_all()
    return 0


def _refuse_remote(connection: str, layout: Layout, *, allowed: bool) -> None:
    settings = resolve(connection)
    if not (settings.is_local or allowed):
        raise PolicyError(
            f"{settings.label} is not the local account: the sample would create database "
            f"{layout.database}, roles and a warehouse there; nothing was sent",
            hint="allow it with --yes",
        )


if __name__ == "__main__":
    sys.exit(main())
