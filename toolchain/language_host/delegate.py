"""A second language host in another interpreter, to which calls are passed on."""

import subprocess
import sys
import threading
from pathlib import Path

import grpc
from pulumi.runtime.proto import language_pb2_grpc

from toolchain.language_host.interpreter import InterpreterError
from toolchain.launchers import bootstrap

# Tells a host to run programs in its own interpreter, whatever Pulumi.yaml asks for.
IN_PLACE = "--in-place"

_CHECKOUT = Path(__file__).resolve().parents[2]
_SERVER_OPTIONS = [("grpc.max_receive_message_length", 400 * 1024 * 1024)]


class Delegate:
    """A running host in a given interpreter; its output is passed on line by line."""

    def __init__(self, python: Path, engine_address: str) -> None:
        self._process = subprocess.Popen(
            [str(python), "-u", "-c", bootstrap(_CHECKOUT), IN_PLACE, engine_address],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        port = self._process.stdout.readline().strip()
        if not port.isdigit():
            self._process.wait(timeout=10)
            raise InterpreterError(
                f"the language host did not start in {python}: "
                "is the pulumi package installed there?"
            )
        self._pump = threading.Thread(target=self._pass_output_on, daemon=True)
        self._pump.start()
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port.decode()}", options=_SERVER_OPTIONS)
        self.stub = language_pb2_grpc.LanguageRuntimeStub(self._channel)

    def _pass_output_on(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()

    def stop(self) -> None:
        """Ends the other host and passes on what it still had to say."""
        self._process.terminate()
        self._pump.join(timeout=1.0)
