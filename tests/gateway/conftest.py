"""A server of the wire, and an account that talks to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cortex_resources.gateway import session
from tests.gateway.accounts import Clock, account_at
from tests.gateway.wire import Wire, serving


@pytest.fixture
def wire() -> Iterator[Wire]:
    with serving() as wire:
        yield wire


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def account(wire: Wire, clock: Clock) -> Iterator[session.Account]:
    made = account_at(wire.port, clock)
    yield made
    made.close()
