"""One account and one host for the whole room; a database of its own for each test."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cortex_resources.emulator.server import LocalAccount
from tests.host.place import LONG_AFTER, SEED, Place
from tests.host.process import Host

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

    def start(**environ: str) -> Host:
        made.append(Host(account.port, tmp_path / f"stderr-{len(made)}.txt", **environ))
        return made[-1]

    yield start
    for host in made:
        host.kill()
