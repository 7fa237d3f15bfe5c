"""An account per module: a catalog in memory around one engine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.emulator.queries.account import Account, new_account


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    found = new_account()
    found.run(
        "CREATE TABLE T (ID NUMBER, NAME VARCHAR(20), V VARIANT, D DATE, TS TIMESTAMP_NTZ,"
        " R NUMBER(10,2), F FLOAT, B BOOLEAN)"
    )
    found.run(
        'INSERT INTO T SELECT 1, \'a\', PARSE_JSON(\'{"k": [1, 2, {"z": "q"}], "s": "x"}\'),'
        " '2024-01-15', '2024-01-15 10:00:00', 1.50, 1.5, TRUE"
    )
    found.run("INSERT INTO T (ID, NAME, D, B) VALUES (2, 'b', '2024-02-15', FALSE)")
    found.run("INSERT INTO T (ID, NAME) VALUES (3, NULL), (4, 'b')")
    yield found
    found.connection.close()
