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
from collections.abc import Callable, Mapping, Sequence
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

from cortex_resources.errors import ConnectError, CortexError
from cortex_resources.gateway import settings
from cortex_resources.providers import bag, declared_now, engine_log
from cortex_resources.providers.bag import Bag

P = ParamSpec("P")
R = TypeVar("R")

Inputs = dict[str, Any]
Failures = list[tuple[str, str]]


class Error(Exception):
    """What leaves a provider: one line, no traceback, no path in front."""


# The host prints module, class and text; the engine writes `error: ` before that.
Error.__module__, Error.__qualname__ = "builtins", "cortex-resources"


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


_HIDDEN = ("__owner", "__provider")
"""Hidden properties that are inputs."""


def _moved(olds: Bag, news: Bag) -> Failures:
    """What is wrong with a connection that leads elsewhere than before.

    A resource cannot move to another account: the old one would be removed after the new one had
    adopted it. Another name for the same account is no difference.
    """
    before, now = bag.text(olds, "connection"), bag.text(news, "connection")
    if not olds or before == now or settings.is_same_account(before, now):
        return []
    text = (
        f"the connection changes from {before or 'the default'} to {now or 'the default'}, another"
        " account: use another stack for it, or destroy this one first. Nothing was changed"
    )
    return [("connection", text)]


def _require_home(props: Bag) -> None:
    """Refuse to read or remove in another account than the one where the object was made.

    The name of a connection may lead elsewhere on another machine, or after an edit.
    """
    name, home = bag.text(props, "connection"), bag.text(props, "__account")
    account = settings.resolve(name).account
    if home and account.lower() != home.lower():
        raise ConnectError(
            f"connection {name or 'default'} leads to account {account}, this was made in {home}",
            hint="Correct the connection, or use another stack for the other account."
            " Nothing was changed.",
        )


def _end_with_parent(pid: int) -> None:
    while os.getppid() == pid:
        time.sleep(2)
    os._exit(0)


class KindProvider(ResourceProvider, ABC):
    """A provider of one kind of resource.

    Class attributes say which input names the object, which inputs are compared, which of these
    count from the next run on without an update, which `canonical` adds, which only `check` looks
    at and no state keeps, which only a read writes to ask for a replacement or to tell the next
    check, what it means that an older state does not hold one, and which cannot change in place;
    instances hold nothing, because Pulumi pickles them into its state by reference.
    """

    serialize_as_secret_always = False
    named: ClassVar[str]
    compared: ClassVar[tuple[str, ...]]
    quiet: ClassVar[tuple[str, ...]] = ()
    computed: ClassVar[tuple[str, ...]] = ()
    asked_only: ClassVar[tuple[str, ...]] = ()
    judged: ClassVar[tuple[str, ...]] = ()
    noted: ClassVar[tuple[str, ...]] = ()
    absent: ClassVar[Mapping[str, object]] = {}
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

    def _note(self, news: Bag) -> None:
        if isinstance(name := news.get(self.named), str):
            declared_now.note(type(self).__name__, name, news)

    def renewed(self, _olds: Bag, _news: Bag, _changes: Sequence[str]) -> list[str]:
        """The changed properties that replace because of how the object ended."""
        return []

    def unfinished(self, _olds: Bag, _news: Bag) -> bool:
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
        self._note(news)
        if bag.has_unknown({key: news.get(key) for key in self.compared}):
            return CheckResult(self._kept(news), [])
        try:
            inputs = self.canonical(olds, dict(news))
            self._note(inputs)
            failures = [*_moved(olds, inputs), *self.faults(olds, inputs)]
        except CortexError as error:
            return CheckResult(self._kept(news), [CheckFailure("", error.line)])
        return CheckResult(
            self._kept(inputs), [CheckFailure(key, reason) for key, reason in failures]
        )

    def _kept(self, inputs: Inputs) -> Inputs:
        only_asked = (*self.asked_only, declared_now.WITHHELD)
        return {key: value for key, value in inputs.items() if key not in only_asked}

    @guard
    def diff(self, _id: str, olds: Bag, news: Bag) -> DiffResult:
        """Compare declared inputs with what the state echoes of them."""
        quiet = {key for key in self.quiet if not bag.has_unknown(news.get(key))}
        told = (key for key in self.compared if key not in quiet)
        changes = [key for key in told if self._differs(key, olds, news)]
        replaces = [key for key in changes if key in self.replacing]
        changes += (ended := [key for key in self.judged if olds.get(key)])
        replaces += [*ended, *self.renewed(olds, news, changes)]
        declared_now.note_difference(
            type(self).__name__, bag.text(olds, self.named), is_open=bool(changes)
        )
        if changes:
            if replaces:
                declared_now.note_replaced(type(self).__name__, olds)
            return DiffResult(changes=None, replaces=replaces, delete_before_replace=False)
        return DiffResult(changes=self.unfinished(olds, news))

    def _differs(self, key: str, olds: Bag, news: Bag) -> bool:
        absent = self.absent.get(key)
        return bool(olds.get(key, absent) != news.get(key, absent))

    @guard
    def create(self, props: Inputs) -> CreateResult:
        """Create or adopt."""
        physical, outputs = self.made(props)
        account = settings.resolve(bag.text(props, "connection")).account
        return CreateResult(physical, {**bag.visible(props), **outputs, "__account": account})

    @guard
    def read(self, id_: str, props: Inputs) -> ReadResult:
        """Read the live object back as inputs and outputs."""
        _require_home(props)
        props = {
            key: value for key, value in props.items() if key not in (*self.judged, *self.noted)
        }
        found = self.seen(props)
        if found is None:
            return ReadResult("", {})
        live, outputs = found
        declared = {*self.compared, *self.computed}
        inputs = {k: v for k, v in props.items() if k in declared or k in _HIDDEN} | live
        return ReadResult(id_, {**bag.visible(props), **live, **outputs}, inputs)

    @guard
    def update(self, _id: str, olds: Bag, news: Inputs) -> UpdateResult:
        """Change in place."""
        _require_home(olds)
        outputs = self.changed(olds, news)
        name = bag.text(olds, self.named)
        declared_now.note_difference(type(self).__name__, name, is_open=False)
        kept = {key: value for key, value in bag.visible(olds).items() if key not in self.compared}
        kept = {key: value for key, value in kept.items() if key not in (*self.judged, *self.noted)}
        return UpdateResult({**kept, **bag.visible(news), **outputs})

    @guard
    def delete(self, _id: str, props: Inputs) -> None:
        """Remove what is ours; a second call finds nothing and does nothing."""
        _require_home(props)
        name = bag.text(props, self.named)
        if declared_now.has_successor(type(self).__name__, name):
            # Its successor has adopted the object: removing it now would take it from there.
            engine_log.info(f"{name} is declared again and stays")
            return
        self.removed(declared_now.restricted(props))


@functools.cache
def _watch_parent() -> None:
    """A host whose engine was killed must not live on as an orphan.

    Beside a `pulumi` that the user installed nobody else watches: the launchers of `toolchain`,
    which do so from a host's first moment on, are not in the package.
    """
    watch = threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True)
    watch.start()
