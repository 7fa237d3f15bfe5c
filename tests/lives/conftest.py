"""A life of its own for each test, in an account that forgot the last one."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from cortex_resources.emulator.server import LocalAccount
from tests.host.place import LONG_AFTER, SEED, Place
from tests.host.process import environment
from tests.lives.life import ForkedHost, Life
from tests.lives.nursery import Nursery

DATASET = """
CREATE TABLE {db}.ML.PAGES (F VARCHAR, P VARCHAR, R VARCHAR);
INSERT INTO {db}.ML.PAGES VALUES ('@S/a.pdf', '["What is the total?"]', '{{"total": "5"}}');
CREATE DATASET {db}.ML.INVOICES;
ALTER DATASET {db}.ML.INVOICES ADD VERSION 'v1'
  FROM (SELECT F AS FILE, P AS PROMPT, R AS RESPONSE FROM {db}.ML.PAGES);
ALTER DATASET {db}.ML.INVOICES ADD VERSION 'v2'
  FROM (SELECT F AS FILE, P AS PROMPT, R AS RESPONSE FROM {db}.ML.PAGES)
"""

_numbers = itertools.count(1)


class Born(Protocol):
    """Makes a life of a kind, in an account of its own."""

    def __call__(self, kind: type[Life] = Life) -> Life: ...


@pytest.fixture(scope="module")
def born(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Born]:
    """Makes a life: an account with rows and documents to train on, time standing still."""
    folder: Path = tmp_path_factory.mktemp("lives")
    with LocalAccount() as account, Nursery(environment(account.port)) as nursery:
        first = ForkedHost(nursery, folder)

        def make(kind: type[Life] = Life) -> Life:
            place = Place(account, first, f"L{next(_numbers)}")
            place.admin.call("reset", {})
            place.admin.call("clock", {"mode": "frozen", "advance_s": LONG_AFTER})
            place.sql(SEED)
            place.sql(DATASET)
            place.start = place.admin.call("health")["last"]
            return kind(place, nursery, folder)

        yield make
