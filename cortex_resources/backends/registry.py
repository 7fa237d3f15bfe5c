"""Every backend by the name that a declaration carries."""

from __future__ import annotations

from cortex_resources.backends.finetune import Finetune
from cortex_resources.backends.seam import TrainingBackend
from cortex_resources.errors import InvalidNameError
from cortex_resources.model.jobs import FINETUNE

BACKENDS: dict[str, TrainingBackend] = {FINETUNE: Finetune()}
"""A new service is one entry here; the life of its jobs is the table that all share."""


def named(name: str) -> TrainingBackend:
    """The backend of that name.

    Raises:
        InvalidNameError: there is none.
    """
    try:
        return BACKENDS[name]
    except KeyError:
        known = ", ".join(sorted(BACKENDS))
        raise InvalidNameError(
            f"there is no training backend {name}", hint=f"Choose one of these: {known}."
        ) from None
