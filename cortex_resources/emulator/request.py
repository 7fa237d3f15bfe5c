"""What a client asks to execute."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Request:
    """One statement or script with its ids, bindings and parameters."""

    sql: str
    request_id: str
    query_id: str
    bindings: Mapping[str, tuple[str, Any]] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    describe_only: bool = False
