"""One lifecycle for all kinds: the six methods of a dynamic provider, guarded and stateless.

A kind fills in six verbs; this class keeps the contract that the engine forces: `diff` answers
`changes=None` so that the engine shows details, `read` returns live inputs so that drift is seen
and repaired, `check` is called for every resource of every run, and no method lets anything but one
clean one-line error out.
"""

from __future__ import annotations

import functools
import os
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, ParamSpec, TypeVar

from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)

from cortex_resources.errors import CortexError
from cortex_resources.providers import bag
from cortex_resources.providers.bag import Bag

P = ParamSpec("P")
R = TypeVar("R")

Inputs = dict[str, Any]
Failures = list[tuple[str, str]]


class Error(Exception):
    """What leaves a provider: one line, no traceback, no path in front."""


Error.__module__ = "builtins"


def guard(method: Callable[P, R]) -> Callable[P, R]:
    """Turn whatever a method raises into one clean error.

    SystemExit or KeyboardInterrupt out of a provider would hang the engine, so nothing passes.
    """

    @functools.wraps(method)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return method(*args, **kwargs)
        except CortexError as error:
            raise Error(error.line) from None
        except GeneratorExit:
            raise
        except BaseException as error:
            if os.environ.get("CORTEX_RESOURCES_TRACEBACK"):
                raise
            # The text of a foreign error may quote rows or credentials: only its type is safe.
            raise Error(
                f"internal error: {type(error).__name__} in {method.__qualname__};"
                " set CORTEX_RESOURCES_TRACEBACK=1 to see where"
            ) from None

    return guarded


def _end_with_parent(pid: int) -> None:
    while os.getppid() == pid:
        time.sleep(2)
    os._exit(0)


class KindProvider(ResourceProvider, ABC):
    """A provider of one kind of resource.

    Class attributes say which inputs are compared, which `canonical` adds, which only `check` looks
    at and no state keeps, and which of the compared ones cannot change in place;
    instances hold nothing, because Pulumi pickles them into its state by reference.
    """

    serialize_as_secret_always = False
    compared: ClassVar[tuple[str, ...]]
    computed: ClassVar[tuple[str, ...]] = ()
    asked_only: ClassVar[tuple[str, ...]] = ()
    replacing: ClassVar[frozenset[str]]

    @abstractmethod
    def canonical(self, olds: Bag, news: Inputs) -> Inputs:
        """The inputs in their one spelling, with computed names; equal meaning is equal text."""

    @abstractmethod
    def faults(self, olds: Bag, news: Bag) -> Failures:
        """What makes these inputs impossible, as (property, sentence) pairs."""

    @abstractmethod
    def made(self, news: Bag) -> tuple[str, Inputs]:
        """Make or adopt the object; its physical id and its computed outputs."""

    @abstractmethod
    def seen(self, props: Bag) -> tuple[Inputs, Inputs] | None:
        """Look at the object: live values of inputs, and outputs; None when it is gone."""

    @abstractmethod
    def changed(self, olds: Bag, news: Bag) -> Inputs:
        """Change the object in place; the computed outputs."""

    @abstractmethod
    def removed(self, props: Bag) -> None:
        """Remove what is ours."""

    def unfinished(self, _olds: Bag) -> bool:
        """Whether outputs alone call for an update, as after a job ended between two runs."""
        return False

    @guard
    def configure(self, _req: ConfigureRequest) -> None:
        """Ask for one-line errors, and end when the engine dies."""
        if not os.environ.get("CORTEX_RESOURCES_TRACEBACK"):
            sys.tracebacklimit = 0
        _watch_parent()

    @guard
    def check(self, olds: Bag, news: Inputs) -> CheckResult:
        """Validate and canonicalise; asks the account only when paid work is planned."""
        if bag.has_unknown({key: news.get(key) for key in self.compared}):
            return CheckResult(news, [])
        try:
            inputs = self.canonical(olds, dict(news))
            failures = self.faults(olds, inputs)
        except CortexError as error:
            return CheckResult(news, [CheckFailure("", error.line)])
        kept = {key: value for key, value in inputs.items() if key not in self.asked_only}
        return CheckResult(kept, [CheckFailure(key, reason) for key, reason in failures])

    @guard
    def diff(self, _id: str, olds: Bag, news: Bag) -> DiffResult:
        """Compare declared inputs with what the state echoes of them."""
        changes = [key for key in self.compared if olds.get(key) != news.get(key)]
        replaces = [key for key in changes if key in self.replacing]
        if changes:
            return DiffResult(changes=None, replaces=replaces, delete_before_replace=False)
        return DiffResult(changes=self.unfinished(olds))

    @guard
    def create(self, props: Inputs) -> CreateResult:
        """Create or adopt."""
        physical, outputs = self.made(props)
        return CreateResult(physical, {**bag.visible(props), **outputs})

    @guard
    def read(self, id_: str, props: Inputs) -> ReadResult:
        """Read the live object back as inputs and outputs."""
        found = self.seen(props)
        if found is None:
            return ReadResult("", {})
        live, outputs = found
        declared = {*self.compared, *self.computed}
        inputs = {k: v for k, v in props.items() if k in declared or k.startswith("__")} | live
        return ReadResult(id_, {**bag.visible(props), **live, **outputs}, inputs)

    @guard
    def update(self, _id: str, olds: Bag, news: Inputs) -> UpdateResult:
        """Change in place."""
        outputs = self.changed(olds, news)
        kept = {key: value for key, value in bag.visible(olds).items() if key not in self.compared}
        return UpdateResult({**kept, **bag.visible(news), **outputs})

    @guard
    def delete(self, _id: str, props: Inputs) -> None:
        """Remove what is ours; a second call finds nothing and does nothing."""
        self.removed(props)


@functools.cache
def _watch_parent() -> None:
    """A host whose engine was killed must not live on as an orphan."""
    watch = threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True)
    watch.start()
