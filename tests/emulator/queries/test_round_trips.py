"""What goes in through literals, bindings and JSON comes out unchanged."""

from __future__ import annotations

import contextlib
import json
from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cortex_resources.emulator.errors import SnowflakeError
from cortex_resources.emulator.queries import wire
from cortex_resources.emulator.queries.context import Column
from cortex_resources.emulator.queries.parse import unescape
from cortex_resources.emulator.queries.spelling import column_type
from tests.emulator.queries.account import Account

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
QUICK = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


def quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


@QUICK
@given(TEXTS)
def test_a_quoted_literal_keeps_its_text(account: Account, text: str) -> None:
    assert account.value(f"SELECT {quoted(text)}") == text


@QUICK
@given(TEXTS.filter(lambda text: "$$" not in text and not text.endswith("$")))
def test_text_between_dollars_is_kept_as_it_is(account: Account, text: str) -> None:
    assert account.value(f"SELECT $${text}$$") == text


@QUICK
@given(TEXTS)
def test_a_binding_keeps_its_text(account: Account, text: str) -> None:
    account.bindings = {"1": ("TEXT", text)}
    assert account.value("SELECT ?") == text
    account.bindings = {}


@QUICK
@given(st.lists(st.sampled_from(["\\", "n", "x", "4", "1", "u", "'", "''"[:1] * 2, "a"])))
def test_escapes_never_fail(pieces: list[str]) -> None:
    assert isinstance(unescape("".join(pieces)), str)


@QUICK
@given(JSON)
def test_json_keeps_its_value(account: Account, value: object) -> None:
    sql = f"SELECT PARSE_JSON({quoted(json.dumps(value))})"
    found = account.run(sql)
    ((cell,),) = wire.cells(found.columns, found.rows)
    assert cell is not None
    assert json.loads(cell) == value


@QUICK
@given(st.decimals(-(10**12), 10**12, places=4))
def test_a_number_keeps_its_digits(account: Account, number: Decimal) -> None:
    assert account.value(f"SELECT '{number}'::NUMBER(38,4)") == number
    spelled = format(number, "f").replace("-0.0000", "0.0000")
    assert account.value(f"SELECT ({number:f})::VARCHAR") == spelled


@QUICK
@given(st.text("SELECT*(),.'\"$:[]{}=<>|&%-+/ \n0a1t;@#", max_size=40))
def test_no_text_crashes_the_compiler(account: Account, sql: str) -> None:
    with contextlib.suppress(SnowflakeError):
        account.run("SELECT " + sql)


@pytest.mark.parametrize(
    ("spelled", "printed"),
    [
        ("number", "NUMBER(38,0)"),
        ("DECIMAL(10, 2)", "NUMBER(10,2)"),
        ("int", "NUMBER(38,0)"),
        ("STRING", "VARCHAR(16777216)"),
        ("varchar(7)", "VARCHAR(7)"),
        ("CHAR", "VARCHAR(1)"),
        ("double precision", "FLOAT"),
        ("datetime", "TIMESTAMP_NTZ(9)"),
        ("TIMESTAMP_TZ(3)", "TIMESTAMP_TZ(3)"),
        ("variant", "VARIANT"),
        ("BINARY", "BINARY(8388608)"),
    ],
)
def test_a_type_is_printed_as_snowflake_prints_it(spelled: str, printed: str) -> None:
    assert str(column_type(spelled)) == printed
    assert column_type(printed) == column_type(spelled)


def test_cells_travel_as_documented(account: Account) -> None:
    sql = (
        "SELECT 1.50, TRUE, '1970-01-02'::DATE, '00:01:00.5'::TIME,"
        " '1970-01-01 00:00:01.25'::TIMESTAMP, x'ab', PARSE_JSON('{\"a\": [1]}'), NULL"
    )
    found = account.run(sql)
    assert wire.cells(found.columns, found.rows) == [
        [
            "1.50",
            "1",
            "1",
            "60.500000000",
            "1.250000000",
            "AB",
            '{\n  "a": [\n    1\n  ]\n}',
            None,
        ]
    ]
    kinds = [column["type"] for column in wire.rowtype(found.columns)]
    assert kinds == [
        "fixed",
        "boolean",
        "date",
        "time",
        "timestamp_ntz",
        "binary",
        "variant",
        "text",
    ]


def test_moments_before_the_epoch_travel_as_negative_seconds() -> None:
    columns = [Column("A", column_type("TIMESTAMP_NTZ(3)"))]
    cells = wire.cells(columns, [(datetime(1969, 12, 31, 23, 59, 59, 500_000),)])
    assert cells == [["-0.500"]]
