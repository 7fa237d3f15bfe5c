"""A version of a Snowflake dataset: documents with questions and answers, frozen for good.

Its address is `snow://dataset/<database>.<schema>.<dataset>/versions/<version>`; a version never
changes, so the address alone says what is in it. Source: *Snowflake Datasets* and *Fine-tuning
arctic-extract models*.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from cortex_resources.errors import InvalidNameError
from cortex_resources.model.names import QualifiedName

SCHEME = "snow://dataset/"
"""How an address begins."""

_ADDRESS = re.compile(SCHEME + r"(?P<name>.+)/versions/(?P<version>[^/\s]+)/?")

UNCOUNTED = "the tokens and rows of a dataset cannot be counted in SQL"
"""Why a job on a dataset has no budget: AI_COUNT_TOKENS counts texts, not documents."""

UNKEPT = "the tokens and rows of a dataset cannot be counted in SQL, so a budget could not be kept"
"""Why one that is written is refused."""


@dataclass(frozen=True, slots=True)
class DatasetVersion:
    """One version; its name is exact, the dataset's is folded as any other."""

    dataset: QualifiedName
    version: str

    def __str__(self) -> str:
        return f"{SCHEME}{self.dataset}/versions/{self.version}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an address.

        Raises:
            InvalidNameError: it is none, or does not name the dataset in full.
        """
        found = _ADDRESS.fullmatch(text.strip())
        if found is None:
            raise InvalidNameError(
                f"{text!r} is no version of a dataset",
                hint="Write snow://dataset/DATABASE.SCHEMA.DATASET/versions/VERSION.",
            )
        return cls(QualifiedName.parse(found["name"], depth=3), found["version"])


def version_in(text: str | None) -> DatasetVersion | None:
    """The version that a job says it trains on; None for anything else."""
    try:
        return DatasetVersion.parse(text or "")
    except InvalidNameError:
        return None
