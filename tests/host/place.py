"""A place in a local account for one test, and a resource moved through its life by the host."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cortex_resources.emulator.server import LocalAccount
from tests.engine.world import Admin
from tests.host.process import KINDS, Bag, Host, provider_string

SEED = """
CREATE DATABASE {db};
CREATE SCHEMA {db}.ML;
CREATE TABLE {db}.ML.PAIRS (Q VARCHAR, A VARCHAR);
INSERT INTO {db}.ML.PAIRS VALUES ('what is a list', 'a sequence'), ('what is a set', 'a bag');
CREATE ROLE {db}_TRAINER;
CREATE ROLE {db}_APP;
GRANT ROLE {db}_TRAINER TO ROLE SYSADMIN;
GRANT ROLE {db}_APP TO ROLE SYSADMIN
"""

LONG_AFTER = 7200
BESIDE = 0
"""The session of what is run beside the stack."""


def until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait for another process; fail when it does not come true in time."""
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "it did not come true in time"
        time.sleep(0.02)


@dataclass
class Place:
    """One database of a shared account, and a host."""

    account: LocalAccount
    host: Host
    db: str
    start: int = 0

    @property
    def admin(self) -> Admin:
        return Admin(self.account.port)

    def sql(self, text: str) -> None:
        """What somebody beside the stack does, as ACCOUNTADMIN."""
        self.account.seed(text.format(db=self.db))

    def advance(self, seconds: float = LONG_AFTER) -> None:
        """Let time pass in the account."""
        self.admin.call("clock", {"advance_s": seconds})

    def fault(self, **rule: Any) -> None:
        """Something goes wrong from now on."""
        self.admin.call("faults", rule)

    def statements(self, effect: str = "", *, word: str = "") -> list[str]:
        """What the host executed since the test began."""
        return [
            row["sql"]
            for row in self.admin.statements(self.start)
            if row["session"] != BESIDE
            and (not effect or row["effect"] == effect)
            and word in row["sql"]
        ]

    def changes(self) -> list[str]:
        """What the host executed that did not only read."""
        rows = self.admin.statements(self.start)
        return [r["sql"] for r in rows if r["effect"] != "READ" and r["session"] != BESIDE]

    @property
    def spent(self) -> int:
        """How many jobs were paid since the test began."""
        return len(self.statements("SPEND"))

    def jobs(self) -> list[dict[str, Any]]:
        """The jobs of this place."""
        return [j for j in self.admin.call("state")["jobs"] if j["path"][0] == self.db]

    def models(self) -> list[str]:
        """The models of this place."""
        return [m for m in self.admin.call("state")["models"] if m.startswith(f"{self.db}.")]

    def model(self, name: str) -> dict[str, Any]:
        """One model with its comment."""
        objects = self.admin.call("state")["objects"]
        found: dict[str, Any] = next(o for o in objects if o["name"] == name)
        return found

    def grants(self, on: str) -> set[str]:
        """`PRIVILEGE to ROLE X` on one object, without ownership."""
        rows = self.admin.call("state")["grants"]
        return {
            f"{r['privilege']} to {r['to']}"
            for r in rows
            if r["on"] == on and r["privilege"] != "OWNERSHIP"
        }

    # -- declarations --------------------------------------------------------------------

    def declared(self, kind: str, key: str, **inputs: Any) -> Bag:
        """What a program registers."""
        return {
            "__provider": provider_string(KINDS[kind]),
            "__owner": f"proj/dev/{key}",
            "connection": "local",
            **inputs,
        }

    def privileges(self, *lines: str, **more: Any) -> Bag:
        """Privileges on the schema."""
        values = {
            "on": f"SCHEMA {self.db}.ML",
            "privileges": "".join(f"{line}\n" for line in lines),
            "exclusive": False,
            "allow_revoke": True,
            **more,
        }
        return self.declared("privileges", "schema", **values)

    def roles(self, *grantees: str, **more: Any) -> Bag:
        """Holders of the app role."""
        values = {
            "role_granted": f"ROLE {self.db}_APP",
            "grantees": "".join(f"{line}\n" for line in grantees),
            "exclusive": False,
            "allow_revoke": True,
            **more,
        }
        return self.declared("roles", "app", **values)

    def view(self, key: str = "train", **more: Any) -> Bag:
        """A training view."""
        values = {
            "name": f"{self.db}.ML.TRAIN",
            "query": f"SELECT Q AS prompt, A AS completion FROM {self.db}.ML.PAIRS",
            "comment": "",
            "secure": False,
            "allow_drop": True,
            **more,
        }
        return self.declared("view", key, **values)

    def snapshot(self, key: str = "frozen", **more: Any) -> Bag:
        """Frozen rows."""
        values = {
            "name": f"{self.db}.ML.FROZEN",
            "query": f"SELECT Q AS prompt, A AS completion FROM {self.db}.ML.PAIRS",
            "as_of": "",
            "comment": "",
            "allow_drop": True,
            **more,
        }
        return self.declared("snapshot", key, **values)

    def job(self, key: str = "docs", **more: Any) -> Bag:
        """A job."""
        values = {
            "model": f"{self.db}.ML.LLAMA",
            "base_model": "llama3.1-8b",
            "training_query": f"SELECT Q AS prompt, A AS completion FROM {self.db}.ML.PAIRS",
            "max_epochs": 2,
            "definitions": {},
            "retrain_token": "",
            "allow_training": True,
            "allow_drop": True,
            "__declared": "",
            **more,
        }
        return self.declared("job", key, **values)

    def artifact(self, job: Row, key: str = "docs", **more: Any) -> Bag:
        """The model of a job."""
        values = {
            "model": job.inputs["model"],
            "model_name": job.inputs["model_name"],
            "spec_hash": job.inputs["spec_hash"],
            "job": job.id,
            "comment": "",
            "allow_drop": True,
            **more,
        }
        return self.declared("artifact", key, **values)

    def gate(self, job: Row, key: str = "docs", *, is_ready: bool = True, **more: Any) -> Bag:
        """What the model of a job is asked, once it is ready."""
        query = (
            "SELECT 'length' AS name, MIN(LENGTH(AI_COMPLETE($model, q))) AS value"
            f" FROM {self.db}.ML.PAIRS"
        )
        values = {
            "model": job.inputs["model"],
            "model_name": job.inputs["model_name"],
            "spec_hash": job.inputs["spec_hash"],
            "query": query,
            "job": job.id,
            "__cleared": job.inputs["spec_hash"] if is_ready else "",
            **more,
        }
        return self.declared("gate", key, **values)

    def alias(self, job: Row, key: str = "docs", *, is_cleared: bool = True, **more: Any) -> Bag:
        """The function that calls the model of a job."""
        values = {
            "name": f"{self.db}.ML.COMPLETE",
            "comment": "",
            "pin": "",
            "target": job.inputs["model_name"],
            "allow_drop": True,
            "__cleared": job.inputs["spec_hash"] if is_cleared else "",
            "__declared": "",
            **more,
        }
        return self.declared("alias", key, **values)

    # -- lives ---------------------------------------------------------------------------

    def made(self, declared: Bag) -> Row:
        """A resource that exists."""
        row = Row(self)
        assert row.up(declared) == "create"
        return row

    def suffixed(self) -> tuple[Row, str]:
        """A job that ended well while a model of a stranger had the name, and that name."""
        name = Row(self).checked(self.job())["model_name"]
        query = f"SELECT A AS prompt, Q AS completion FROM {self.db}.ML.PAIRS"
        self.account.seed(
            f"SELECT SNOWFLAKE.CORTEX.FINETUNE('CREATE', '{name}', 'llama3.1-8b', '{query}')"
        )
        self.advance()
        job = self.made(self.job())
        self.advance()
        return job, name

    def trained(self, **more: Any) -> tuple[Row, Row]:
        """A job that ended well, and its model."""
        job = self.made(self.job(**more))
        self.advance()
        return job, self.made(self.artifact(job))


@dataclass
class Row:
    """One resource as the engine keeps it: inputs, outputs, id."""

    place: Place
    id: str = ""
    inputs: Bag = field(default_factory=dict)
    outs: Bag = field(default_factory=dict)
    host: Host | None = None

    @property
    def _host(self) -> Host:
        return self.host or self.place.host

    def checked(self, declared: Bag, olds: Bag | None = None) -> Bag:
        """The inputs after a check without failures."""
        inputs, failures = self._host.check(declared, self.inputs if olds is None else olds)
        assert failures == []
        return inputs

    def up(self, declared: Bag) -> str:
        """One run over this resource: what it was, in the engine's words."""
        inputs = self.checked(declared)
        if not self.id:
            return self._created("create", inputs)
        changes, replaces = self._host.diff(self.id, self.outs, inputs)
        if changes == "none":
            return "same"
        if replaces:
            return self._replaced(declared)
        self.outs = self._host.update(self.id, self.outs, inputs)
        self.inputs = inputs
        return "update"

    def _replaced(self, declared: Bag) -> str:
        """A run of its own: the host knows what this run declares, and nothing of earlier ones."""
        before, old, shared = self.inputs, (self.id, self.outs), self.host
        with self._host.another() as self.host:
            self.checked(declared, before)
            self._created("replace", self.checked(declared, {}))
            self.host.delete(*old)
        self.host = shared
        return "replace"

    def _created(self, word: str, inputs: Bag) -> str:
        self.id, self.outs = self._host.create(inputs)
        self.inputs = inputs
        json.dumps(self.outs, allow_nan=False)
        return word

    def refresh(self) -> bool:
        """Read the live object; whether it is still there."""
        id_, inputs, outs = self._host.read(self.id, self.outs)
        if not id_:
            self.id, self.inputs, self.outs = "", {}, {}
            return False
        self.inputs, self.outs = inputs, outs
        return True

    def delete(self) -> None:
        """A destroy: a run that declares nothing. The state is kept, for a second one."""
        with self._host.another() as host:
            host.delete(self.id, self.outs)

    def lost(self) -> None:
        """The state is gone, the account is not."""
        self.id, self.inputs, self.outs = "", {}, {}
