"""The admin interface: statements, state, clock, faults, settings, reset."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from cortex_resources.emulator import settings
from cortex_resources.emulator.account import Account
from cortex_resources.emulator.entities import Kind, User
from cortex_resources.emulator.errors import SnowflakeError
from cortex_resources.emulator.finetune import jobs
from cortex_resources.emulator.journal import to_json
from cortex_resources.emulator.wire.incoming import Incoming

Answer = tuple[int, Any]
_PAGE = 5_000


class Admin:
    """Answers requests under /admin/."""

    def __init__(self, account: Account, stop: Callable[[], None]) -> None:
        self.account = account
        self._stop = stop
        self._routes: dict[tuple[str, str], Callable[[Incoming], Any]] = {
            ("GET", "health"): self._health,
            ("GET", "statements"): self._statements,
            ("GET", "state"): self._state,
            ("GET", "logins"): lambda _: {"logins": self.account.sessions.logins},
            ("GET", "clock"): lambda _: self.account.clock.describe(),
            ("POST", "clock"): self._set_clock,
            ("GET", "faults"): lambda _: self.account.faults.all(),
            ("POST", "faults"): self._set_faults,
            ("DELETE", "faults"): self._clear_faults,
            ("GET", "settings"): lambda _: asdict(self.account.settings),
            ("POST", "settings"): self._set_settings,
            ("POST", "collect"): self._collect,
            ("POST", "reset"): self._reset,
            ("POST", "stop"): self._shut_down,
        }

    def answer(self, incoming: Incoming) -> Answer:
        """Status and JSON; a wrong request is a 400 that says what is wrong."""
        name = incoming.parts[1] if len(incoming.parts) == 2 else ""
        route = self._routes.get((incoming.method, name))
        if route is None:
            return 404, {"error": "no such admin path"}
        try:
            with self.account.lock:
                self.account.settle()
                return 200, route(incoming)
        except (ValueError, TypeError, KeyError) as error:
            return 400, {"error": str(error)}
        except SnowflakeError as error:  # what was asked for could not be written
            return 507, {"error": error.message}

    def _health(self, _incoming: Incoming) -> dict[str, Any]:
        state = str(self.account.path) if self.account.path else None
        return {"status": "ok", "pid": os.getpid(), "state": state, "last": self.account.log.last}

    def _statements(self, incoming: Incoming) -> dict[str, Any]:
        since = int(incoming.query.get("since", 0))
        entries = self.account.log.since(since)
        shown = [asdict(entry) for entry in entries[:_PAGE]]
        return {"statements": shown, "last": self.account.log.last, "more": len(entries) > _PAGE}

    def _state(self, _incoming: Incoming) -> dict[str, Any]:
        account = self.account
        return {
            "roles": [role.name for role in account.catalog.all(Kind.ROLE)],
            "objects": [self._object(entity) for entity in account.catalog.everything()],
            "grants": [self._grant(grant) for grant in account.grants.all()],
            "future_grants": [self._grant(grant) for grant in account.future_grants.all()],
            "inherited_grants": [self._grant(grant) for grant in account.inherited_grants.all()],
            "jobs": [self._job(job) for job in account.fine_tuning.jobs.all()],
            "models": [
                account.catalog.qualified(model) for model in account.catalog.all(Kind.MODEL)
            ],
            "sessions": [
                {"id": session.id, "user": session.user, "role": session.role}
                for session in account.sessions.all()
            ],
            "logins": account.sessions.logins,
            "clock": account.clock.describe(),
        }

    def _object(self, entity: Any) -> dict[str, Any]:
        shown = to_json(entity)
        if isinstance(entity, User):
            shown["password"] = "********" if entity.password else None
            shown["tokens"] = [token.name for token in entity.tokens]
        shown["name"] = self.account.catalog.qualified(entity)
        shown["owner"] = self.account.catalog.owner_name(entity)
        return shown

    def _grant(self, grant: Any) -> dict[str, Any]:
        catalog = self.account.catalog
        on, to, by = catalog.get(grant.on), catalog.get(grant.to), catalog.get(grant.by)
        return {
            "privilege": grant.privilege,
            "on": f"{on.kind} {catalog.qualified(on)}" if on else "ACCOUNT",
            "to": f"{to.kind} {catalog.qualified(to)}" if to else None,
            "by": by.name if by else None,
            "option": grant.option,
            "future": grant.future,
        }

    def _job(self, job: jobs.Job) -> dict[str, Any]:
        return {**asdict(job), **asdict(jobs.state(job, self.account.clock.seconds()))}

    def _set_clock(self, incoming: Incoming) -> dict[str, Any]:
        body = incoming.body
        unknown = set(body) - {"mode", "factor", "advance_s"}
        if unknown or not body:
            raise ValueError("give mode (real, scaled, frozen), factor, advance_s")
        if "mode" in body or "factor" in body:
            mode = str(body.get("mode", "scaled"))
            self.account.clock.set_mode(mode, float(body.get("factor", 1)))
        if "advance_s" in body:
            self.account.clock.advance(float(body["advance_s"]))
        self.account.settle()
        return self.account.clock.describe()

    def _set_faults(self, incoming: Incoming) -> list[dict[str, Any]]:
        given = incoming.body.get("list", incoming.body.get("faults", incoming.body))
        rules = given if isinstance(given, list) else [given]
        with self.account.change():
            self.account.faults.set(rules)
        return self.account.faults.all()

    def _clear_faults(self, _incoming: Incoming) -> list[dict[str, Any]]:
        with self.account.change():
            self.account.faults.clear()
        return []

    def _set_settings(self, incoming: Incoming) -> dict[str, Any]:
        account = self.account
        with account.change():
            account.settings = settings.change(account.store, account.settings, incoming.body)
        return asdict(account.settings)

    def _collect(self, incoming: Incoming) -> dict[str, Any]:
        """Forget a job's record, as Snowflake may do at any time; the model stays."""
        job = str(incoming.body.get("job", ""))
        with self.account.change():
            if not self.account.fine_tuning.jobs.collect(job):
                raise ValueError(f"no job {job!r}")
        return {"collected": job}

    def _reset(self, _incoming: Incoming) -> dict[str, Any]:
        self.account.reset()
        return {"status": "reset"}

    def _shut_down(self, _incoming: Incoming) -> dict[str, Any]:
        self._stop()
        return {"status": "stopping"}
