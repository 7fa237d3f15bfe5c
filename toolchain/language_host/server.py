"""The language host as a process: prints its port, serves the engine, runs the program."""

from concurrent.futures import ThreadPoolExecutor
from typing import NoReturn

import grpc
from pulumi.runtime.proto import language_pb2_grpc

from toolchain.language_host.delegate import IN_PLACE
from toolchain.language_host.lifetime import end_on_signals, end_with_parent
from toolchain.language_host.service import LanguageHost

# Config and program options may be large; this is the engine's own limit.
_LARGEST_MESSAGE = 400 * 1024 * 1024


def serve(arguments: list[str]) -> NoReturn:
    """Serves until the engine closes this process; arguments are flags and the engine's address."""
    addresses = [argument for argument in arguments if not argument.startswith("-")]
    host = LanguageHost(addresses[-1] if addresses else "", in_place=IN_PLACE in arguments)
    end_on_signals(host.stop)
    end_with_parent(host.stop)
    server = grpc.server(
        ThreadPoolExecutor(max_workers=8),
        options=[
            ("grpc.max_receive_message_length", _LARGEST_MESSAGE),
            ("grpc.max_send_message_length", _LARGEST_MESSAGE),
        ],
    )
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(host, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    # The program runs here because user code may rely on being in the main thread.
    while True:
        program, reply = host.jobs.get()
        reply.set_result(program.run())
