"""`gate:` of a model to the model."""

from __future__ import annotations

from collections.abc import Mapping

from cortex_resources.model.gates import ANSWERS, ModelGate, Thresholds, is_score, query_faults
from cortex_resources.model.names import QualifiedName
from cortex_resources.specs.nodes import Node
from cortex_resources.specs.violations import Violations

_NOTHING = "a gate without at_least and at_most lets every model pass; add a bound to one of them"
_UNNAMED = "no score has this name: write at most 64 letters, digits, _, - and ., as in exact_match"


def build(model: Node, name: QualifiedName, violations: Violations) -> ModelGate | None:
    """The gate of a model, None where it has none."""
    entry = model.entries.get("gate")
    if entry is None:
        return None
    gate = entry.node
    if not (gate.get("at_least").entries or gate.get("at_most").entries):
        violations.add(entry.key_at, _NOTHING)
    _check_bounds(gate, violations)
    query = gate.get("query")
    if query.text is None and "dataset" in model.get("training").entries:
        violations.add(
            entry.key_at,
            "a gate without a query calls AI_COMPLETE, which a model of documents does not answer;"
            " add query: with AI_EXTRACT",
        )
    for fault in query_faults(query.text) if query.text else ():
        violations.add(query.at, fault)
    return ModelGate(name, query.text.strip() if query.text else ANSWERS)


def thresholds(gate: Node) -> Thresholds:
    """What the scores must reach."""
    return Thresholds(
        at_least=_bounds(gate.get("at_least")),
        at_most=_bounds(gate.get("at_most")),
        override=gate.get("override").text or "",
    )


def _bounds(section: Node) -> Mapping[str, float]:
    found = {key: entry.node.number for key, entry in section.entries.items()}
    # A value of another type is the schema's violation.
    return {key: value for key, value in found.items() if value is not None}


def _check_bounds(gate: Node, violations: Violations) -> None:
    lowest, highest = gate.get("at_least"), gate.get("at_most")
    for key, entry in [*lowest.entries.items(), *highest.entries.items()]:
        if not is_score(key):
            violations.add(entry.key_at, _UNNAMED)
    for key, entry in lowest.entries.items():
        least, most = entry.node.number, highest.get(key).number
        if least is not None and most is not None and least > most:
            violations.add(
                entry.node.at,
                f"no score {key} is at least {least:g} and at most {most:g}; correct one of them",
            )
