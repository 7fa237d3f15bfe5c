"""Claims about what is kept of a failed task's traceback."""

import asyncio

from toolchain.language_host.failures import user_traceback
from toolchain.language_host.origins import Origins


async def _fail() -> None:
    await asyncio.sleep(0)
    raise KeyError("lost")


async def _ask(task: asyncio.Task[None]) -> BaseException | None:
    try:
        await task
    except KeyError as error:
        return error
    return None


def test_whoever_awaits_a_failed_task_second_still_learns_the_programs_line() -> None:
    origins = Origins()
    loop = asyncio.new_event_loop()
    try:
        origins.watch(loop)
        task = loop.create_task(_fail())
        for _ in range(2):
            error = loop.run_until_complete(_ask(task))
        assert error is not None
        error.with_traceback(None)  # what CPython 3.11 leaves, on every version
        assert "in _fail" in user_traceback(error, origins.of(error))
    finally:
        loop.close()


def test_an_error_of_no_task_has_no_first_traceback() -> None:
    assert Origins().of(KeyError("new")) is None
