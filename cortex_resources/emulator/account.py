"""The account: its state and services in one place, and the rules that join them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cortex_resources.emulator import settings
from cortex_resources.emulator.access import authority, bootstrap
from cortex_resources.emulator.access.authority import Authority
from cortex_resources.emulator.access.grants import Grants
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.catalog import Catalog
from cortex_resources.emulator.clock import Clock
from cortex_resources.emulator.commit_times import CommitTimes
from cortex_resources.emulator.entities import Kind, Role
from cortex_resources.emulator.errors import SnowflakeError
from cortex_resources.emulator.faults import Faults
from cortex_resources.emulator.finetune.service import FineTuning
from cortex_resources.emulator.records import Requests, Results, StatementLog
from cortex_resources.emulator.retained import Retained
from cortex_resources.emulator.sessions import Session, Sessions
from cortex_resources.emulator.statements import dropping, transactions
from cortex_resources.emulator.store import Store
from cortex_resources.emulator.turns import Turns
from cortex_resources.emulator.watchdog import Watchdog

if TYPE_CHECKING:
    from cortex_resources.emulator.context import Context


_log: Final = logging.getLogger("cortex_resources.emulator")
_LOOKS_EVERY_S: Final = 1.0


class Account:
    """One account. Its lock is held around statements, but not while the engine works for them."""

    locator: Final = "LOCAL"

    def __init__(self, path: Path | None) -> None:
        self.lock = threading.RLock()
        self.watchdog = Watchdog()
        self.turns = Turns(self.lock)
        self.path = path
        self.store = Store(path)
        self._prepared = self._closed = False
        self._looks_again = 0.0
        self._load()

    def _load(self) -> None:
        store = self.store
        self.log = StatementLog(store)
        self.clock = Clock(store.get("clock", "now"), self._save_clock, floor=self.log.ended)
        self.commit_times = CommitTimes(store, self.clock.seconds)
        self.catalog = Catalog(store, self.commit_times)
        self.grants = Grants(store, "grant")
        self.future_grants = Grants(store, "future")
        self.inherited_grants = Grants(store, "inherited")
        self.retained = Retained(store)
        self.requests = Requests(store)
        self.sessions = Sessions(store, self.commit_times.committed, self.requests.forget)
        self.results = Results(lambda: settings.results_bounds(self.settings))
        self.faults = Faults(store)
        self.settings = settings.load(store)
        self.fine_tuning = FineTuning(self)
        self._authorities: dict[tuple[str | None, ...], Authority] = {}
        self._of_session: dict[int, tuple[tuple[Any, ...], Authority]] = {}
        self._roles_version = -1
        self.is_new = self.catalog.role("ACCOUNTADMIN") is None
        if self.is_new:
            with self.change():
                bootstrap.fill(self)

    def _save_clock(self, setting: dict[str, Any]) -> None:
        with self.change():
            self.store.write("clock", "now", setting)

    def prepare(self) -> None:
        """Load what compiles data statements, and give the engine its functions.

        The account starts and logs its users in without it: the imports take as long as all the
        rest of the start.
        """
        from cortex_resources.emulator.queries import entry  # noqa: PLC0415

        with self.lock:
            if not (self._prepared or self._closed):
                entry.install(self.store.connection)
                self._prepared = True

    @contextmanager
    def change(self) -> Iterator[None]:
        """A transaction of its own around an administrative change."""
        with self.lock:
            try:
                yield
                self.store.commit()
            except BaseException:
                self.store.rollback()
                raise

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Let other statements run while the engine works on this one.

        What the engine reads is a snapshot of its own. A statement that has already noted changes
        keeps the lock: they must reach the file together with its effect.
        """
        if self.store.changed:
            yield
            return
        session = self.catalog.session
        self.lock.release()
        try:
            yield
        finally:
            self.lock.acquire()
            self.catalog.session = session

    def settle(self) -> None:
        """Bring the account to the present: save models of jobs that ended, free what is over."""
        now = self.clock.seconds()
        self._end_idle_transactions()
        due = self.retained.due(now, self.settings.dropped_kept)
        left = [t for t in self.catalog.temporary() if self.sessions.get(t.session or 0) is None]
        if due or left:
            with self.change():
                for dropped in due:
                    dropping.purge(self, dropped)
                for table in left:
                    dropping.remove(self, table)
        if self.fine_tuning.due(now):
            with self.change():
                self.fine_tuning.settle(now)

    def _end_idle_transactions(self) -> None:
        """Roll back what a client has left open: the engine keeps old rows for it."""
        looked = time.monotonic()
        if looked < self._looks_again:
            return
        self._looks_again = looked + _LOOKS_EVERY_S
        for session, live in self.sessions.idle(looked, self.log.last):
            with self.change():
                transactions.abandon(self.sessions, session, live)

    def token_time(self) -> float:
        """The time by which tokens expire.

        Real time, unless the settings ask for the account's: a demonstration in which a day
        passes in a second would otherwise log its clients out.
        """
        return self.clock.seconds() if self.settings.session_clock == "account" else time.time()

    def closure(self, roles: tuple[str, ...]) -> frozenset[str]:
        """These roles with everything granted to them."""
        return authority.closure(self.catalog, self.grants, roles)

    def authority(self, session: Session) -> Authority:
        """The rights of a session's active roles, worked out anew when roles or names changed.

        Privileges that were granted to the user itself count only with all secondary roles
        (*Access control considerations*, user-based access control).
        """
        known = self._of_session.get(session.id)
        key = (
            session.user, session.role, session.secondary_all, tuple(session.secondary_roles),
            self.grants.roles_version, self.catalog.version,
        )  # fmt: skip
        if known is None or known[0] != key:
            known = self._of_session[session.id] = (key, self._work_out(session))
        return known[1]

    def _work_out(self, session: Session) -> Authority:
        role = self.primary_role(session)
        start = [role.id]
        if session.secondary_all:
            user = self.catalog.find(Kind.USER, (session.user,))
            start += [user.id] if user else []
        else:
            start += [other.id for other in self.secondary_roles(session)]
        return self.rights(role.id, tuple(start))

    def primary_role(self, session: Session) -> Role:
        """The session's role; PUBLIC when it was dropped, or taken from the user, meanwhile."""
        role = self.catalog.role(session.role) if session.role else None
        if role is None or not self.may_assume(session.user, role):
            role = self.catalog.role("PUBLIC")
        assert role is not None  # noqa: S101 - PUBLIC cannot be dropped
        return role

    def secondary_roles(self, session: Session) -> list[Role]:
        """The secondary roles that a session named, without those that the user lost."""
        found = (self.catalog.role(name) for name in session.secondary_roles)
        return [role for role in found if role and self.may_assume(session.user, role)]

    def rights(self, primary: str | None, start: tuple[str, ...]) -> Authority:
        """The rights of a primary role and others beside it, kept until a role is granted."""
        if self._roles_version != self.grants.roles_version:
            self._authorities.clear()
            self._roles_version = self.grants.roles_version
        key = (primary, *start)
        if key not in self._authorities:
            roles = self.closure(start)
            self._authorities[key] = Authority(
                self.catalog, self.grants, self.inherited_grants, primary, roles
            )
        return self._authorities[key]

    def may_assume(self, user_name: str, role: Role) -> bool:
        """Whether a user may make this its role."""
        user = self.catalog.find(Kind.USER, (user_name,))
        if user is None:
            return False
        return role.id in self.rights(None, (user.id,)).roles

    def context(
        self, call: Call, place: tuple[str, str] | None = None, *, inside_cortex: bool = False
    ) -> Context:
        """What a data statement of this call sees."""
        from cortex_resources.emulator.context import Context  # noqa: PLC0415 - see `prepare`

        return Context(call, place, inside_cortex=inside_cortex)

    def evaluate(self, call: Call, expression: str) -> Any:
        """The value of an expression, as SET takes it."""
        from cortex_resources.emulator.queries import entry  # noqa: PLC0415 - see `prepare`

        with self.store.connection.cursor() as cursor, self.watchdog.inside(cursor):
            result = entry.select(
                f"SELECT {expression}", self.context(call), cursor, describe_only=call.describe_only
            )
        if call.describe_only:
            return None
        if len(result.rows) != 1 or len(result.columns) != 1:
            raise SnowflakeError(
                1003, "42000", "SQL compilation error:\nan expression must give one value."
            )
        return result.rows[0][0]

    def reset(self) -> None:
        """Forget everything; sessions end too."""
        with self.lock:
            for session in self.sessions.all():
                self.sessions.close(session)
            self.store.wipe()
            self._load()

    def close(self) -> None:
        """Write what waits and release the file."""
        self.watchdog.close()
        with self.lock:
            try:
                with self.change():
                    pass
            except SnowflakeError as error:  # no room for what waits: lines of the statement log
                _log.error("the end of the statement log is lost: %s", error.message)
            finally:
                self._closed = True
                self.store.close()
