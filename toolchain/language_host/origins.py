"""Where each task of the program failed first.

A future gives the traceback of its exception to the first who asks and forgets it (CPython 3.11,
`Modules/_asynciomodule.c`): whoever awaits the same output second raises the exception again
without the program's frames. Which of the two ends the program is a race.
"""

import asyncio
from types import TracebackType
from typing import Any


class Origins:
    """Keeps, for every exception that ended a task, the traceback it first had."""

    def __init__(self) -> None:
        # the exception is kept beside it: an id alone may be given to another object
        self._first: dict[int, tuple[BaseException, TracebackType | None]] = {}

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """Every task made on `loop` from now on reports how it failed."""
        loop.set_task_factory(self._task)

    def of(self, error: BaseException) -> TracebackType | None:
        """The traceback `error` had when it first ended a task; None when it never did."""
        return self._first.get(id(error), (error, None))[1]

    def _task(
        self, loop: asyncio.AbstractEventLoop, coroutine: Any, **rest: Any
    ) -> asyncio.Task[Any]:
        task = asyncio.Task(coroutine, loop=loop, **rest)
        task.add_done_callback(self._remember)
        return task

    def _remember(self, task: asyncio.Task[Any]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._first.setdefault(id(error), (error, error.__traceback__))
