"""Which column a name means: sources in sight, merged columns, aliases, outer queries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from sqlglot import exp

from cortex_resources.emulator.names import qualified
from cortex_resources.emulator.queries.expression import Expr
from cortex_resources.emulator.queries.faults import ambiguous, invalid_identifier


def fold(identifier: exp.Expr | str | None) -> str:
    """The name an identifier stands for: unquoted ones in upper case."""
    if isinstance(identifier, exp.Identifier):
        return identifier.this if identifier.quoted else str(identifier.this).upper()
    if isinstance(identifier, exp.Expr):
        return identifier.name.upper()
    return (identifier or "").upper()


@dataclass(slots=True)
class Field:
    """One column of a source; a hidden one is reachable only with its qualifier."""

    name: str
    expr: Expr
    hidden: bool = False


@dataclass(slots=True)
class Source:
    """Something in FROM: its qualifying names (last one first choice) and its columns."""

    parts: tuple[str, ...]
    fields: list[Field]
    rowid: str = ""
    alias: str = ""

    def answers_to(self, qualifier: tuple[str, ...]) -> bool:
        """Whether `qualifier` is this source's name or the end of its full name."""
        return bool(qualifier) and self.parts[-len(qualifier) :] == qualifier

    def find(self, name: str) -> list[Field]:
        """Columns of that name."""
        return [column for column in self.fields if column.name == name]


@dataclass(slots=True)
class Names:
    """The names of one SELECT; `parent` is the query around it."""

    parent: Names | None = None
    sources: list[Source] = field(default_factory=list)
    aliases: dict[str, Callable[[], Expr]] = field(default_factory=dict)
    drawn: dict[str, str] = field(default_factory=dict)  # values drawn once for each row of FROM
    numbered: bool = False  # whether each source gets a key of its rows
    order: list[str] = field(default_factory=list)  # those keys

    def visible(self) -> Iterator[Field]:
        """Columns in the order of SELECT *."""
        for source in self.sources:
            yield from (column for column in source.fields if not column.hidden)

    def column(
        self, qualifier: tuple[str, ...], name: str, place: tuple[int, int] = (1, 0)
    ) -> Expr:
        """The column of that name, here or in a query around this one; else 904 with its place."""
        names: Names | None = self
        while names is not None:
            found = names._here(qualifier, name)
            if found is not None:
                return found
            names = names.parent
        raise invalid_identifier(qualified((*qualifier, name)), *place)

    def _here(self, qualifier: tuple[str, ...], name: str) -> Expr | None:
        if qualifier:
            matching = [source for source in self.sources if source.answers_to(qualifier)]
            found = [column for source in matching for column in source.find(name)]
        else:
            found = [column for column in self.visible() if column.name == name]
        if len(found) > 1:
            raise ambiguous(name)
        if found:
            return found[0].expr
        if not qualifier and name in self.aliases:
            return self.aliases[name]()
        return None

    def named(self, qualifier: tuple[str, ...]) -> Source:
        """The source of that name, for `t.*`."""
        names: Names | None = self
        while names is not None:
            for source in names.sources:
                if source.answers_to(qualifier):
                    return source
            names = names.parent
        raise invalid_identifier(qualified(qualifier))

    def position(self, qualifier: tuple[str, ...], number: int) -> Expr:
        """`$1`, `t.$2`: a column by its place in its source."""
        sources = [self.named(qualifier)] if qualifier else self.sources
        if len(sources) == 1 and 0 < number <= len(sources[0].fields):
            return sources[0].fields[number - 1].expr
        raise invalid_identifier(f"${number}")
