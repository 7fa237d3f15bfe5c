"""One account and one host for the whole room; a database of its own for each test."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2_grpc

from cortex_resources.emulator.server import LocalAccount
from tests.host.place import LONG_AFTER, SEED, Place
from tests.host.process import NOBODY, Host

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def account() -> Iterator[LocalAccount]:
    with LocalAccount(port=0) as made:
        yield made


@pytest.fixture(scope="session")
def shared_host(account: LocalAccount, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    with Host(account.port, tmp_path_factory.mktemp("host") / "stderr.txt") as host:
        yield host


@pytest.fixture
def place(account: LocalAccount, shared_host: Host) -> Iterator[Place]:
    """A database with pairs and two roles; time stands still, and jobs of earlier tests ended."""
    made = Place(account, shared_host, f"D{next(_numbers)}")
    made.admin.call("clock", {"mode": "frozen", "advance_s": LONG_AFTER})
    made.sql(SEED)
    made.start = made.admin.call("health")["last"]
    yield made
    made.admin.call("faults", method="DELETE")


@pytest.fixture
def new_host(account: LocalAccount, tmp_path: Path) -> Iterator[Callable[..., Host]]:
    """Starts hosts of a test's own."""
    made: list[Host] = []

    def start(engine: str = NOBODY, **environ: str) -> Host:
        log = tmp_path / f"stderr-{len(made)}.txt"
        made.append(Host(account.port, log, engine=engine, **environ))
        return made[-1]

    yield start
    for host in made:
        host.kill()


class Ear(engine_pb2_grpc.EngineServicer):
    """The part of an engine that listens to lines for the user."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.address = ""

    def Log(self, request: Any, context: Any) -> Any:  # noqa: N802 - named by the protocol
        self.lines.append(request.message)
        return empty_pb2.Empty()


@pytest.fixture
def ear() -> Iterator[Ear]:
    """An engine that remembers what the user was told."""
    made = Ear()
    server = grpc.server(ThreadPoolExecutor(max_workers=2))
    engine_pb2_grpc.add_EngineServicer_to_server(made, server)
    made.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    yield made
    server.stop(0).wait(timeout=5)
