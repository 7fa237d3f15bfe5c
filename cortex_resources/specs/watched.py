"""`data:` of a model: how changed rows are noticed."""

from __future__ import annotations

from collections.abc import Sequence

from cortex_resources.model.fingerprints import DataWatch, FingerprintBy, OnDataChange, volatile
from cortex_resources.specs.names import qualified
from cortex_resources.specs.nodes import Node
from cortex_resources.specs.violations import Violations

_NEEDS = {FingerprintBy.TEXT: "text", FingerprintBy.COMMIT_TIME: "tables"}
"""The key that a fingerprint cannot do without."""


def build(section: Node, queries: Sequence[str], violations: Violations) -> DataWatch:
    """How the rows are watched.

    Arguments:
        section: the value of `data:`.
        queries: what the model's rows are read by.
    """
    wanted, on_change = section.get("fingerprint").text, section.get("on_change").text
    by = FingerprintBy(wanted) if wanted in tuple(FingerprintBy) else FingerprintBy.NONE
    _check_keys(section, by, violations)
    if by is FingerprintBy.HASH:
        _check_stable(section.get("fingerprint"), queries, violations)
    names = (violations.parsed(item, qualified) for item in section.get("tables").items)
    return DataWatch(
        by=by,
        text=section.get("text").text or "",
        tables=tuple(name for name in names if name),
        queries=tuple(queries) if by is FingerprintBy.HASH else (),
        on_change=(
            OnDataChange(on_change) if on_change in tuple(OnDataChange) else OnDataChange.REPORT
        ),
    )


def _check_keys(section: Node, by: FingerprintBy, violations: Violations) -> None:
    for needed_by, key in _NEEDS.items():
        entry = section.entries.get(key)
        if by is needed_by and entry is None and section.entries:
            at = section.entries["fingerprint"].key_at
            violations.add(at, f"fingerprint: {by} needs {key}; add {key}: to data")
        if by is not needed_by and entry is not None:
            violations.add(
                entry.key_at,
                f"{key} has no meaning with fingerprint: {by}; write fingerprint: {needed_by}",
            )


def _check_stable(at: Node, queries: Sequence[str], violations: Violations) -> None:
    for word in filter(None, map(volatile, queries)):
        violations.add(
            at.at,
            f"the query holds {word}, so its rows hash otherwise each time; take it out of the"
            " query, or choose another fingerprint",
        )
