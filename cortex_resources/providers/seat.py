"""Where a provider sits: the account, the role, and the tag its statements carry."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from cortex_resources.errors import AccountError
from cortex_resources.gateway.session import Account, account_for
from cortex_resources.model.aliases import AliasMarker
from cortex_resources.model.effects import Statement
from cortex_resources.model.grants import Grantee, role_named
from cortex_resources.model.jobs import Marker
from cortex_resources.model.names import QualifiedName
from cortex_resources.plan.verdict import Plan
from cortex_resources.preflight.presence import Viewer
from cortex_resources.providers import bag, engine_log

Rows = list[dict[str, object]]


@dataclass(frozen=True, slots=True)
class Owner:
    """The declaration behind a resource: project, stack and its key in the stack file."""

    project: str
    stack: str
    key: str

    @classmethod
    def of(cls, properties: bag.Bag) -> Owner:
        """Read the hidden property that every resource of ours carries."""
        project, _, rest = bag.text(properties, "__owner").partition("/")
        stack, _, key = rest.partition("/")
        return cls(project, stack, key)

    @property
    def tag(self) -> str:
        """QUERY_TAG of every statement sent for this resource."""
        return self.text_marker

    @property
    def text_marker(self) -> str:
        """What proves a view ours: it stands in accounts, so its form never changes."""
        return f"cortex-resources {self.project}/{self.stack}/{self.key}"

    def alias_marker(self, serves: QualifiedName) -> AliasMarker:
        """The marker of a function made for this resource."""
        return AliasMarker(self.project, self.stack, self.key, serves)

    def marker(self, spec_hash: str, job: str = "") -> Marker:
        """The marker of a model made for this resource."""
        return Marker(self.project, self.stack, self.key, spec_hash, job)


@dataclass(frozen=True, slots=True)
class Seat:
    """The account as one resource uses it."""

    account: Account
    tag: str
    role: str | None = None
    warehouse: str | None = None
    is_fresh: bool = False
    """Every read is sent anew: what another process waited for, or somebody changed, is seen."""

    @classmethod
    def of(cls, properties: bag.Bag) -> Seat:
        """Open nothing yet: the gateway logs in at the first statement."""
        return cls(
            account_for(bag.text(properties, "connection")),
            Owner.of(properties).tag,
            bag.optional(properties, "role"),
            bag.optional(properties, "warehouse"),
        )

    @classmethod
    def fresh(cls, properties: bag.Bag) -> Seat:
        """The seat of a verb that decides by what it reads: nothing read before counts."""
        return replace(cls.of(properties), is_fresh=True)

    @property
    def of_connection(self) -> Seat:
        """The same with the connection's own role and warehouse."""
        return replace(self, role=None, warehouse=None)

    @property
    def viewers(self) -> list[Viewer]:
        """Who may look for a model: this role, then the connection's where that is another."""
        seats = [self] if self.role is None else [self, self.of_connection]
        return [Viewer(seat.read, partial(_running_role, seat)) for seat in seats]

    def tagged(self, more: str) -> Seat:
        """The same, with more in the query tag of its statements."""
        return replace(self, tag=f"{self.tag} {more}")

    @classmethod
    def for_removal(cls, properties: bag.Bag, probe: Statement) -> Seat:
        """The seat that removes: the job's role, or the connection's where that lost its rights.

        Privileges are revoked before objects are removed, so a stack that gives up a role and its
        model in one change would otherwise lock itself out.
        """
        seat = cls.fresh(properties)
        if seat.role is None:
            return seat
        try:
            seat.read(probe)
        except AccountError:
            return seat.of_connection
        return seat

    def read(self, statement: Statement) -> Rows:
        """Run a READ; equal reads of one process are sent once, unless the seat is fresh."""
        if self.is_fresh:
            return self.run(statement)
        return self.account.read(statement, tag=self.tag, role=self.role, warehouse=self.warehouse)

    def run(self, statement: Statement) -> Rows:
        """Run one statement."""
        return self.account.run(statement, tag=self.tag, role=self.role, warehouse=self.warehouse)

    def columns(self, query: str) -> list[str]:
        """The columns a query would give, without running it."""
        return self.account.describe(query, tag=self.tag, role=self.role, warehouse=self.warehouse)

    def carry_out(self, plan: Plan) -> None:
        """Run a plan's statements in order, then say what the user should know."""
        for statement in plan.statements:
            self.run(statement)
        self.tell(plan)

    def tell(self, plan: Plan) -> None:
        """Say what the user should know beside a plan's statements."""
        for note in plan.notes:
            engine_log.info(note)

    @property
    def wanted_role(self) -> Grantee:
        """The same, without a login where the resource names it: it may be yet to be made."""
        return self.running_role if self.role is None else role_named(self.role)

    @property
    def running_role(self) -> Grantee:
        """The role that runs the statements."""
        return role_named(self.account.current_role(role=self.role))


def _running_role(seat: Seat) -> Grantee:
    return seat.running_role
