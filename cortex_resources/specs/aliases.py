"""`alias:` of a model to the model."""

from __future__ import annotations

from cortex_resources.model.aliases import ModelAlias, pin_of
from cortex_resources.specs.names import qualified
from cortex_resources.specs.nodes import Node
from cortex_resources.specs.violations import Violations


def build(fields: Node, violations: Violations) -> ModelAlias | None:
    """The alias of one model, None where it has none or a wrong one.

    Arguments:
        fields: the model's entry.
        violations: where to note what is wrong.
    """
    entry = fields.entries.get("alias")
    if entry is None:
        return None
    if "dataset" in fields.get("training").entries:
        violations.add(
            entry.key_at,
            "a model tuned on documents answers no text, so it has no alias; take it out:"
            " AI_EXTRACT calls the model by its name",
        )
    written = entry.node
    name = violations.parsed(written.get("name"), qualified)
    pin = violations.parsed(written.get("pin"), pin_of) if written.get("pin").text else ""
    if name is None or pin is None:
        return None
    return ModelAlias(name, comment=written.get("comment").text or "", pin=pin)
