"""Which privilege allows which statement, beside ownership: the one place where the rules live.

Source: *Access control privileges*; what a page of a single statement adds is noted at its line.
A statement that is not listed for a kind needs ownership. CREATE needs the privilege of its own
name on the container, or ownership of that (`Call.require_creation`); SHOW and DESCRIBE need any
privilege (`Authority.sees`); GRANT and REVOKE have rules of their own (`Authority.may_grant`).
"""

from __future__ import annotations

from typing import Final

from cortex_resources.emulator.access.privileges import USAGE
from cortex_resources.emulator.entities import Kind

SET: Final = "SET"  # ALTER … SET and UNSET, COMMENT ON
OPERATE: Final = "OPERATE"  # ALTER WAREHOUSE … SUSPEND and RESUME
OWN: Final = "OWN"  # DROP, RENAME and every other ALTER
USE: Final = "USE"
COPY: Final = "COPY"  # CREATE MODEL … FROM MODEL
INFER: Final = "INFER"  # completion by a tuned model
TRAIN: Final = "TRAIN"  # FINETUNE on the documents of a dataset
CALL: Final = "CALL"  # a function in a query

_READ: Final = ("SELECT",)

# (statement, kind) → the privileges of which one is enough.
_RULES: Final[dict[tuple[str, Kind], tuple[str, ...]]] = {
    (SET, Kind.DATABASE): ("MODIFY",),
    (SET, Kind.SCHEMA): ("MODIFY",),
    (SET, Kind.WAREHOUSE): ("MODIFY",),
    (OPERATE, Kind.WAREHOUSE): ("OPERATE",),
    (USE, Kind.DATABASE): (USAGE,),
    (USE, Kind.SCHEMA): (USAGE,),
    (USE, Kind.WAREHOUSE): (USAGE,),
    ("SELECT", Kind.TABLE): _READ,
    ("SELECT", Kind.VIEW): _READ,
    ("INSERT", Kind.TABLE): ("INSERT",),
    ("UPDATE", Kind.TABLE): ("UPDATE",),
    ("DELETE", Kind.TABLE): ("DELETE",),
    ("TRUNCATE", Kind.TABLE): ("TRUNCATE",),
    (COPY, Kind.MODEL): ("READ",),
    (INFER, Kind.MODEL): (USAGE,),
    (TRAIN, Kind.DATASET): (USAGE,),
    (CALL, Kind.FUNCTION): (USAGE,),
}
# Account privileges that stand in for privileges on every object of a kind.
_EVERYWHERE: Final[dict[Kind, tuple[str, frozenset[str]]]] = {
    Kind.WAREHOUSE: ("MANAGE WAREHOUSES", frozenset({"MODIFY", "MONITOR", "OPERATE"})),
}


def enough(statement: str, kind: Kind) -> tuple[str, ...]:
    """The privileges on an object of which one allows the statement; none means ownership only."""
    return _RULES.get((statement, kind), ())


def stands_in(kind: Kind) -> str | None:
    """The account privilege that counts as privileges on every object of the kind."""
    return _EVERYWHERE[kind][0] if kind in _EVERYWHERE else None


def everywhere(kind: Kind, wanted: tuple[str, ...]) -> str | None:
    """The account privilege that stands in for one of these on every object of the kind."""
    if kind not in _EVERYWHERE:
        return None
    privilege, covered = _EVERYWHERE[kind]
    return privilege if covered & set(wanted) else None
