"""Snowflake identifiers: how they are written, stored, compared and printed.

Unquoted text folds to upper case, quoted text keeps its case, `""` is a quote inside quotes
(*Identifier requirements*). A stored identifier is printed with quotes only where it needs them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from cortex_resources.errors import InvalidNameError

LONGEST = 255
"""Characters an identifier may have (*Identifier requirements*)."""

_RESERVED = re.compile(
    "ACCOUNT|ALL|ALTER|AND|ANY|AS|BETWEEN|BY|CASE|CAST|CHECK|COLUMN|CONNECT|CONNECTION"
    "|CONSTRAINT|CREATE|CROSS|CURRENT|CURRENT_DATE|CURRENT_TIME|CURRENT_TIMESTAMP"
    "|CURRENT_USER|DATABASE|DELETE|DISTINCT|DROP|ELSE|EXISTS|FALSE|FOLLOWING|FOR|FROM|FULL"
    "|GRANT|GROUP|GSCLUSTER|HAVING|ILIKE|IN|INCREMENT|INNER|INSERT|INTERSECT|INTO|IS|ISSUE"
    "|JOIN|LATERAL|LEFT|LIKE|LOCALTIME|LOCALTIMESTAMP|MINUS|NATURAL|NOT|NULL|OF|ON|OR|ORDER"
    "|ORGANIZATION|QUALIFY|REGEXP|REVOKE|RIGHT|RLIKE|ROW|ROWS|SAMPLE|SCHEMA|SELECT|SET|SOME"
    "|START|TABLE|TABLESAMPLE|THEN|TO|TRIGGER|TRUE|TRY_CAST|UNION|UNIQUE|UPDATE|USING|VALUES"
    "|VIEW|WHEN|WHENEVER|WHERE|WITH"
)
"""Words that name nothing without quotes (*Reserved & limited keywords*)."""

_PLAIN = re.compile(r"[A-Z_][A-Z0-9_$]*")
_VERSION = re.compile(r"__[0-9A-F]{10}\Z")
_PART = re.compile(r'"((?:[^"]|"")+)"|([A-Za-z_][A-Za-z0-9_$]*)')


def quoted(identifier: str) -> str:
    """Print one stored identifier as SQL, in quotes only where it needs them."""
    if _PLAIN.fullmatch(identifier) and not _RESERVED.fullmatch(identifier):
        return identifier
    return '"' + identifier.replace('"', '""') + '"'


def _parts(text: str) -> list[str]:
    found, at = [], 0
    while match := _PART.match(text, at):
        found.append(match[1].replace('""', '"') if match[1] else match[2].upper())
        at = match.end()
        if at == len(text):
            return found
        if text[at] != ".":
            break
        at += 1
    raise InvalidNameError(
        f"{text!r} is not a name",
        hint='Write letters, digits, _ and $, or put the part in double quotes: DB.ML."my model".',
    )


@dataclass(frozen=True, slots=True, order=True)
class QualifiedName:
    """One to three identifiers as stored, outermost first."""

    parts: tuple[str, ...]

    @classmethod
    def parse(cls, text: str, *, depth: int | None = None) -> Self:
        """Read a name as a user writes it.

        Arguments:
            text: `db.schema.name`, each part plain or in double quotes.
            depth: how many parts there must be; None takes one to three.

        Raises:
            InvalidNameError: the text is no name, too deep, too shallow or too long.
        """
        parts = _parts(text.strip())
        if not all(part.isprintable() for part in parts):
            raise InvalidNameError(
                f"{text!r} holds a character that cannot be printed",
                hint="Rename the object: a line break in a name would split a line of grants.",
            )
        if depth is not None and len(parts) != depth:
            shape = ("one name without dots", "database.name", "database.schema.name")[depth - 1]
            raise InvalidNameError(
                f"{text!r} has {len(parts)} part{'' if len(parts) == 1 else 's'}, not {depth}",
                hint=f"Write it as {shape}.",
            )
        if len(parts) > 3 or any(len(part) > LONGEST for part in parts):
            raise InvalidNameError(
                f"{text!r} is longer than an identifier may be",
                hint=f"At most three parts of {LONGEST} characters.",
            )
        return cls(tuple(parts))

    @property
    def name(self) -> str:
        """The innermost identifier."""
        return self.parts[-1]

    @property
    def parent(self) -> QualifiedName:
        """The container, for a name of two or three parts."""
        return QualifiedName(self.parts[:-1])

    @property
    def database(self) -> str:
        """The outermost identifier."""
        return self.parts[0]

    def child(self, name: str) -> QualifiedName:
        """The object of that stored name inside this one."""
        return QualifiedName((*self.parts, name))

    def sibling(self, name: str) -> QualifiedName:
        """The object of that stored name beside this one."""
        return QualifiedName((*self.parts[:-1], name))

    def __str__(self) -> str:
        return ".".join(quoted(part) for part in self.parts)


def versioned(name: QualifiedName, content_hash: str) -> QualifiedName:
    """`<NAME>__<first ten digits of a hash>`: the object of that content.

    Raises:
        InvalidNameError: the name leaves no room for the digits.
    """
    longer = name.name + _version(content_hash)
    if len(longer) > LONGEST:
        raise InvalidNameError(
            f"the name {name.name} is too long",
            hint=f"Its versions carry 12 more characters and may have {LONGEST}.",
        )
    return name.sibling(longer)


def is_version(name: QualifiedName, content_hash: str) -> bool:
    """Whether a name is that of an object of that content."""
    return name.name.endswith(_version(content_hash))


def unversioned(name: QualifiedName) -> QualifiedName:
    """The name without its version; the same where it carries none."""
    return name.sibling(_VERSION.sub("", name.name))


def version_of(name: QualifiedName) -> str:
    """The first digits of the hash that a name carries, in lower case; none where it has none."""
    match = _VERSION.search(name.name)
    return match[0].removeprefix("__").lower() if match else ""


def _version(content_hash: str) -> str:
    return f"__{content_hash[:10].upper()}"
