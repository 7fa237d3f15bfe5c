"""The table of Python functions that the engine may call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from cortex_resources.emulator.queries.faults import Fault

AnyFunction = TypeVar("AnyFunction", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Callback:
    """One function: its engine name, engine types, and whether NULL arguments reach it."""

    function: Callable[..., Any]
    parameters: tuple[str, ...]
    returns: str
    nulls: bool = False
    volatile: bool = False


CALLBACKS: dict[str, Callback] = {}


def callback(
    name: str, parameters: str, returns: str, *, nulls: bool = False, volatile: bool = False
) -> Callable[[AnyFunction], AnyFunction]:
    """Let the engine call the decorated function as `sf_<name>`.

    `parameters` are engine types separated by blanks. A NULL argument gives NULL without a call,
    unless `nulls`.
    """

    def register(function: AnyFunction) -> AnyFunction:
        types = tuple(parameters.split())
        CALLBACKS[f"sf_{name}"] = Callback(function, types, returns, nulls, volatile)
        return function

    return register


def fallible(name: str, parameters: str, returns: str) -> Callable[[AnyFunction], AnyFunction]:
    """Like `callback`, with a twin `sf_try_<name>` that gives NULL where this one raises."""

    def register(function: AnyFunction) -> AnyFunction:
        @wraps(function)
        def attempt(*arguments: Any) -> Any:
            try:
                return function(*arguments)
            except Fault:
                return None

        callback(name, parameters, returns)(function)
        callback(f"try_{name}", parameters, returns)(attempt)
        return function

    return register
