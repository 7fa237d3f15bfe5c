"""The base models of November 2026, with their limits and their lifecycle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class BaseModel:
    """A model that can be tuned or asked; limits in tokens, rows at one epoch."""

    name: str
    prompt_tokens: int
    completion_tokens: int
    rows: int
    status: str = "LEGACY"
    legacy_date: str = "2026-08-12"
    eol_date: str = "not before 2026-10-14"
    tunable: bool = True

    def lifecycle(self, overrides: Mapping[str, str]) -> str:
        """GA, LEGACY or EOL; a setting of the account may say otherwise."""
        return overrides.get(self.name, self.status)


ALL: Final = (
    BaseModel("mistral-7b", 28_000, 4_000, 45_000),
    BaseModel("mixtral-8x7b", 28_000, 4_000, 27_000),
    BaseModel("llama3-8b", 6_000, 2_000, 186_000),
    BaseModel("llama3-70b", 6_000, 2_000, 21_000),
    BaseModel("llama3.1-8b", 20_000, 4_000, 150_000, "GA", "", ""),
    BaseModel("llama3.1-70b", 6_000, 2_000, 13_500),
)
_BY_NAME: Final = {model.name: model for model in ALL}


def find(name: str) -> BaseModel | None:
    """The base model of this name; names are lower case."""
    return _BY_NAME.get(name)
