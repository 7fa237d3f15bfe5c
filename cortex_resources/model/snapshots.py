"""A dataset snapshot: training rows frozen in a table whose name says what they were read by."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from cortex_resources.model import sqltext
from cortex_resources.model.cost import Replaces, Updates
from cortex_resources.model.names import QualifiedName, versioned
from cortex_resources.model.views import TRAINING_COLUMNS

HASH_VERSION = 1
"""Part of every hash: raising it takes every user's snapshots anew."""


@dataclass(frozen=True, slots=True)
class DatasetSnapshot:
    """Rows of a query as they were once, to train on and to train on again.

    `as_of` is any text of the user: the same text is the same snapshot, another one is taken anew.
    """

    name: Replaces[QualifiedName]
    query: Replaces[str]
    as_of: Replaces[str] = ""
    comment: Updates[str] = ""

    @property
    def table(self) -> QualifiedName:
        """`<NAME>__<ten digits>`: the table that holds the rows.

        Raises:
            InvalidNameError: the name leaves no room for the digits.
        """
        content = {
            "version": HASH_VERSION,
            "query": sqltext.canonical(self.query),
            "as_of": self.as_of,
        }
        text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return versioned(self.name, hashlib.sha256(text.encode()).hexdigest())

    @property
    def training_query(self) -> str:
        """What a model reads that trains on it."""
        return f"SELECT {', '.join(TRAINING_COLUMNS)} FROM {self.table}"
