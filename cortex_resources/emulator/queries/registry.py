"""What is known by name: syntax nodes, scalar functions, aggregates, window functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from cortex_resources.emulator.queries.expression import Expr

if TYPE_CHECKING:
    from sqlglot import exp

    from cortex_resources.emulator.queries.compiler import Compiler, Output

Scalar = Callable[[list[Expr]], Expr]
Special = Callable[["Compiler", "list[exp.Expr]"], Expr]
Node = Callable[["Compiler", "exp.Expr"], Expr]
Query = Callable[["Compiler", "exp.Expr"], "Output"]


@dataclass(frozen=True, slots=True)
class Signature:
    """A function with the number of arguments it takes; `most` None: any number."""

    build: Scalar
    least: int
    most: int | None


NODES: dict[type[exp.Expr], Node] = {}
SCALARS: dict[str, Signature] = {}
SPECIALS: dict[str, Special] = {}
QUERIES: list[Query] = []

AnyNode = TypeVar("AnyNode", bound=Callable[..., Expr])


def node(*kinds: type[exp.Expr]) -> Callable[[AnyNode], AnyNode]:
    """Compile nodes of those classes with the decorated function."""

    def register(build: AnyNode) -> AnyNode:
        NODES.update(dict.fromkeys(kinds, build))
        return build

    return register


def scalar(*names: str, least: int = 0, most: int | None = 0) -> Callable[[Scalar], Scalar]:
    """Compile calls of those names; `most` defaults to `least`."""

    def register(build: Scalar) -> Scalar:
        signature = Signature(build, least, least if most == 0 else most)
        SCALARS.update(dict.fromkeys(names, signature))
        return build

    return register


def special(*names: str) -> Callable[[Special], Special]:
    """Compile calls of those names from their unevaluated arguments."""

    def register(build: Special) -> Special:
        SPECIALS.update(dict.fromkeys(names, build))
        return build

    return register


def query(build: Query) -> Query:
    """Compile queries inside expressions, FROM and views with the decorated function."""
    QUERIES[:] = [build]
    return build
