"""The functions that users made, as queries call them, and what answers inside their bodies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cortex_resources.emulator import names
from cortex_resources.emulator.access import rules
from cortex_resources.emulator.access.authority import Authority
from cortex_resources.emulator.catalog import Catalog
from cortex_resources.emulator.entities import Function, Kind
from cortex_resources.emulator.errors import unsupported
from cortex_resources.emulator.queries import entry
from cortex_resources.emulator.queries.context import Column, Scope, UserFunction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cortex_resources.emulator.context import Context

OWNER = "@"  # begins the role of a scope that stands for the owner of a view or function, by id


def in_schemas(
    catalog: Catalog, authority: Authority, schemas: Iterable[tuple[str, str]], name: str
) -> list[UserFunction]:
    """The functions of a name that these roles may call, from the first schema that has one."""
    for path in schemas:
        schema = catalog.find(Kind.SCHEMA, path)
        if schema is None:
            continue
        found = [
            one
            for one in catalog.children(schema.id, Kind.FUNCTION)
            if isinstance(one, Function)
            and one.name == name
            and authority.may(rules.CALL, one)
            and authority.reaches(one)
        ]
        if found:
            return [as_called((*path, one.name), one) for one in found]
    return []


@lru_cache(maxsize=1_000)
def as_called(path: tuple[str, ...], function: Function) -> UserFunction:
    """A function as the query engine wants it, its types read."""
    return UserFunction(
        f"{names.qualified(path[:2])}.{function.signature}",
        path,
        tuple(
            Column(one.name, entry.column_type(one.type), default=one.default)
            for one in function.arguments
        ),
        entry.column_type(function.returns),
        function.body,
        f"{OWNER}{function.owner}",
    )


def scope(function: UserFunction) -> Scope:
    """Names in a body resolve in the function's schema, with its owner's rights."""
    return Scope(function.path[0], function.path[1], function.owner_role)


@dataclass(frozen=True, slots=True)
class Inside:
    """Answers Cortex functions in the body of a function: models are found as its owner."""

    context: Context
    scope: Scope

    @property
    def now(self) -> datetime:
        """The time of the statement."""
        return self.context.now

    def complete(self, model: str, prompt: Any, options: Any) -> str:  # noqa: ARG002 - unused here
        """What a model answers that the owner of the function may use."""
        return self.context.complete_in(self.scope, model, prompt)

    def cortex(self, function: str, args: Sequence[Any], site: int) -> Any:  # noqa: ARG002
        """No function starts a job."""
        raise unsupported(f"{function} in the body of a function")
