"""Runs one Pulumi program in this process, on the main thread, and says how it ended."""

import asyncio
import contextlib
import logging
import os
import runpy
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pulumi
from pulumi.runtime import reset_options, run_in_stack, set_all_config
from pulumi.runtime.proto import language_pb2

from toolchain.language_host.failures import user_traceback
from toolchain.language_host.interpreter import activate, wanted_virtualenv
from toolchain.language_host.origins import Origins

# A registration waits in a thread for its reply, so programs need more threads than the engine
# has workers; the bound keeps `--parallel 0` (no limit) from meaning thousands of threads.
_MOST_THREADS = 512


class Program:
    """One run of a program, which another thread may cancel."""

    def __init__(self, request: language_pb2.RunRequest, engine_address: str) -> None:
        self._request = request
        self._engine_address = engine_address
        self._origins = Origins()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self.cancelled = False
        self.ended = threading.Event()

    def cancel(self) -> None:
        """Ends the program at its next await; callable from any thread, at any time."""
        self.cancelled = True
        loop, task = self._loop, self._task
        if loop is not None and task is not None:
            with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile
                loop.call_soon_threadsafe(task.cancel)

    def run(self) -> language_pb2.RunResponse:
        """Runs the program to its end; failures are reported to the engine, not raised."""
        try:
            return self._outcome()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            self.ended.set()

    def _outcome(self) -> language_pb2.RunResponse:
        try:
            self._prepare()
            self._run_until_complete()
        except SystemExit as stop:
            return _stopped(stop)
        except pulumi.RunError as error:
            return self._failed(str(error))
        except (asyncio.CancelledError, KeyboardInterrupt):
            return language_pb2.RunResponse(bail=True)
        except BaseException as error:  # noqa: BLE001 whatever it is, it ended the program
            if _is_engine_gone(error):
                return language_pb2.RunResponse(bail=True)
            frames = user_traceback(error, self._origins.of(error))
            return self._failed(f"Program failed with an unhandled exception:\n{frames}")
        return language_pb2.RunResponse()

    def _failed(self, message: str) -> language_pb2.RunResponse:
        if not self.cancelled:  # the engine then knows why, and may no longer listen
            with contextlib.suppress(grpc.RpcError):
                pulumi.log.error(message)
        return language_pb2.RunResponse(bail=True)

    def _prepare(self) -> None:
        request, info = self._request, self._request.info
        virtualenv = wanted_virtualenv(info.root_directory, dict(info.options))
        if virtualenv is not None:
            activate(virtualenv)
        reset_options(
            project=request.project,
            stack=request.stack,
            root_directory=info.root_directory,
            parallel=request.parallel,
            engine_address=self._engine_address,
            monitor_address=request.monitor_address,
            preview=request.dryRun,
            organization=request.organization or "organization",
        )
        set_all_config(dict(request.config), list(request.configSecretKeys))
        if request.attach_debugger:
            pulumi.log.warn("this language host cannot attach a debugger: the program just runs")

    def _run_until_complete(self) -> None:
        # A program that ends early leaves tasks nobody awaits: asyncio's complaints about them
        # are about this machinery, not about the program.
        logging.getLogger("asyncio").setLevel(logging.CRITICAL)
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        threads = min(max(self._request.parallel, 1) * 4, _MOST_THREADS)
        executor = ThreadPoolExecutor(max_workers=threads)
        loop.set_default_executor(executor)
        self._origins.watch(loop)
        self._loop, self._task = loop, loop.create_task(run_in_stack(self._execute))
        try:
            if self.cancelled:
                self._task.cancel()
            loop.run_until_complete(self._task)
        finally:
            _cancel_rest(loop)
            loop.close()
            executor.shutdown(wait=False, cancel_futures=True)

    def _execute(self) -> None:
        entry = _entry_point(self._request)
        if not entry.is_file():
            raise pulumi.RunError(f"the program's entry point does not exist: {entry}")
        os.chdir(self._request.info.program_directory)
        sys.argv = [str(entry), *self._request.args]
        sys.path.insert(0, str(entry.parent))
        with _zero_is_success():
            runpy.run_path(str(entry), run_name="__main__")


def _entry_point(request: language_pb2.RunRequest) -> Path:
    entry = Path(request.info.program_directory, request.info.entry_point or ".")
    return entry / "__main__.py" if entry.is_dir() else entry


@contextlib.contextmanager
def _zero_is_success() -> Iterator[None]:
    """`sys.exit(0)` ends the program early and well: its stack outputs are still registered."""
    try:
        yield
    except SystemExit as stop:
        if stop.code not in {None, 0}:
            raise


def _stopped(stop: SystemExit) -> language_pb2.RunResponse:
    code = stop.code
    if code is None or code == 0:
        return language_pb2.RunResponse()
    if not isinstance(code, int):
        print(code, file=sys.stderr)
        code = 1
    return language_pb2.RunResponse(error=f"program exited with non-zero exit code: {code}")


def _is_engine_gone(error: BaseException) -> bool:
    return isinstance(error, grpc.Call) and error.code() is grpc.StatusCode.UNAVAILABLE


def _cancel_rest(loop: asyncio.AbstractEventLoop) -> None:
    rest = asyncio.all_tasks(loop)
    for task in rest:
        task.cancel()
    if rest:
        loop.run_until_complete(asyncio.wait(rest, timeout=1.0))
