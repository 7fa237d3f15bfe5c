"""The calls that the engine makes on a language host."""

# The protocol fixes the names of the methods and their two arguments.
# ruff: noqa: N802, ARG002

import platform
import queue
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures import wait as wait_for
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import (
    LanguageRuntimeServicer,
    engine_pb2,
    engine_pb2_grpc,
    language_pb2,
    plugin_pb2,
)

from toolchain.language_host.delegate import Delegate
from toolchain.language_host.dependencies import installed_packages
from toolchain.language_host.interpreter import (
    InterpreterError,
    is_running_in,
    python_of,
    wanted_virtualenv,
)
from toolchain.language_host.program import Program

Job = tuple[Program, "Future[language_pb2.RunResponse]"]

# How long a cancelled program may take to unwind before its call is answered without it.
_UNWIND_SECONDS = 2.0
# How long the engine waits for a cancelled program before it goes on to close the host.
_LAST_WORDS_SECONDS = 1.0


class LanguageHost(LanguageRuntimeServicer):
    """Runs one program in this process; another interpreter's, or a second one, in a delegate."""

    def __init__(self, engine_address: str, *, in_place: bool) -> None:
        self.jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()
        self._engine_address = engine_address
        self._in_place = in_place
        self._lock = threading.Lock()
        self._program: Program | None = None
        self._cancelled = False
        self._stirred = threading.Event()
        self._by_python: dict[Path, Delegate] = {}
        self._for_second_runs: list[Delegate] = []

    def Run(
        self, request: language_pb2.RunRequest, context: grpc.ServicerContext
    ) -> language_pb2.RunResponse:
        """Runs the program; answers when it has ended, or soon after it was cancelled."""
        try:
            delegate = self._delegate_for(request.info) or self._delegate_if_busy(request)
        except InterpreterError as error:
            self._report(str(error))
            return language_pb2.RunResponse(bail=True)
        if delegate is not None:
            answer: language_pb2.RunResponse = delegate.stub.Run(request)
            return answer
        reply: Future[language_pb2.RunResponse] = Future()
        reply.add_done_callback(lambda _reply: self._stirred.set())
        assert self._program is not None
        self.jobs.put((self._program, reply))
        self._stirred.wait()
        wait_for([reply], timeout=_UNWIND_SECONDS)
        return reply.result() if reply.done() else language_pb2.RunResponse(bail=True)

    def Cancel(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Ends running programs: the engine sends this on Ctrl-C, and before it closes the host."""
        with self._lock:
            self._cancelled = True
            program = self._program
            delegates = [*self._by_python.values(), *self._for_second_runs]
        if program is not None:
            program.cancel()
            # The engine closes this process next: what the program says as it ends comes before.
            program.ended.wait(_LAST_WORDS_SECONDS)
        for delegate in delegates:
            delegate.stub.Cancel(empty_pb2.Empty(), timeout=_UNWIND_SECONDS)
        self._stirred.set()
        return empty_pb2.Empty()

    def stop(self) -> None:
        """Ends the delegates; to be called once, when the process is about to end."""
        for delegate in (*self._by_python.values(), *self._for_second_runs):
            delegate.stop()

    def Handshake(
        self, request: language_pb2.LanguageHandshakeRequest, context: grpc.ServicerContext
    ) -> language_pb2.LanguageHandshakeResponse:
        """Takes the engine's address when it was not given on the command line."""
        self._engine_address = request.engine_address or self._engine_address
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(
        self, request: empty_pb2.Empty, context: grpc.ServicerContext
    ) -> plugin_pb2.PluginInfo:
        """This host has no version of its own: it belongs to the checkout that built it."""
        return plugin_pb2.PluginInfo()

    def GetRequiredPackages(
        self, request: language_pb2.GetRequiredPackagesRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetRequiredPackagesResponse:
        """Nothing to download in advance: dynamic providers come with the SDK."""
        return language_pb2.GetRequiredPackagesResponse()

    def GetRequiredPlugins(
        self, request: language_pb2.GetRequiredPluginsRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetRequiredPluginsResponse:
        """The older form of the same question."""
        return language_pb2.GetRequiredPluginsResponse()

    def RuntimeOptionsPrompts(
        self, request: language_pb2.RuntimeOptionsRequest, context: grpc.ServicerContext
    ) -> language_pb2.RuntimeOptionsResponse:
        """Nothing to ask a user who starts a new project."""
        return language_pb2.RuntimeOptionsResponse()

    def About(
        self, request: language_pb2.AboutRequest, context: grpc.ServicerContext
    ) -> language_pb2.AboutResponse:
        """The interpreter that runs the program."""
        try:
            delegate = self._delegate_for(request.info)
        except InterpreterError as error:
            return language_pb2.AboutResponse(executable=f"({error})")
        if delegate is not None:
            about: language_pb2.AboutResponse = delegate.stub.About(request)
            return about
        return language_pb2.AboutResponse(
            executable=sys.executable, version=platform.python_version()
        )

    def GetProgramDependencies(
        self, request: language_pb2.GetProgramDependenciesRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetProgramDependenciesResponse:
        """The packages installed beside the program."""
        delegate = self._delegate_or_abort(request.info, context)
        if delegate is not None:
            listed: language_pb2.GetProgramDependenciesResponse
            listed = delegate.stub.GetProgramDependencies(request)
            return listed
        packages = installed_packages(transitive=request.transitiveDependencies)
        return language_pb2.GetProgramDependenciesResponse(
            dependencies=[
                language_pb2.DependencyInfo(name=name, version=version)
                for name, version in packages
            ]
        )

    def InstallDependencies(
        self, request: language_pb2.InstallDependenciesRequest, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.InstallDependenciesResponse]:
        """Installs nothing: says which interpreter must have the packages."""
        delegate = self._delegate_or_abort(request.info, context)
        if delegate is not None:
            yield from delegate.stub.InstallDependencies(request)
            return
        text = f"nothing installed: packages are taken as they are in {sys.prefix}\n"
        yield language_pb2.InstallDependenciesResponse(stdout=text.encode())

    def _unsupported(self, request: Any, context: grpc.ServicerContext) -> Any:
        context.abort(
            grpc.StatusCode.UNIMPLEMENTED, "only the official Pulumi installation can do this"
        )

    RunPlugin = Template = Pack = Link = _unsupported
    GenerateProgram = GenerateProject = GeneratePackage = _unsupported

    def _delegate_for(self, info: language_pb2.ProgramInfo) -> Delegate | None:
        """The host of the interpreter that the project asks for, unless it is this one."""
        virtualenv = wanted_virtualenv(info.root_directory, dict(info.options))
        if virtualenv is None or self._in_place or is_running_in(virtualenv):
            return None
        python = python_of(virtualenv)
        with self._lock:
            if python not in self._by_python:
                self._by_python[python] = Delegate(python, self._engine_address)
            return self._by_python[python]

    def _delegate_if_busy(self, request: language_pb2.RunRequest) -> Delegate | None:
        """A program owns its process (folder, modules, asyncio): a second needs another."""
        with self._lock:
            if self._program is None:
                self._program = Program(request, self._engine_address)
                if self._cancelled:
                    self._program.cancel()
                return None
            delegate = Delegate(Path(sys.executable), self._engine_address)
            self._for_second_runs.append(delegate)
            return delegate

    def _delegate_or_abort(
        self, info: language_pb2.ProgramInfo, context: grpc.ServicerContext
    ) -> Delegate | None:
        try:
            return self._delegate_for(info)
        except InterpreterError as error:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
            raise

    def _report(self, message: str) -> None:
        with grpc.insecure_channel(self._engine_address) as channel:
            engine_pb2_grpc.EngineStub(channel).Log(
                engine_pb2.LogRequest(severity=engine_pb2.ERROR, message=message)
            )
