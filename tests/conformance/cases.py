"""Reads the files of conformance cases and runs their statements over the real connector.

The format is that of the public cases (told at the top of a file), with three words more for an
area or a case: `family` is the row of `docs/local-account.md` it belongs to, `source` the page that
says what to expect, `standing` (`deviating` or `refused`, with `because`) marks what Snowflake does
otherwise. A setup step `{tick: seconds}` moves the clock.
"""

from __future__ import annotations

import json
import re
import uuid
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import snowflake.connector
import yaml

from cortex_resources.emulator.server import LocalAccount

HERE = Path(__file__).parent


def areas() -> list[tuple[Path, dict[str, Any]]]:
    """Every area of every file, in the order of the files."""
    return [
        (file, area)
        for file in sorted(HERE.glob("*.yaml"))
        for area in yaml.safe_load(file.read_text(encoding="utf-8"))["areas"]
    ]


class Endpoint:
    """The account under test: one connection per parameter style, and its clock."""

    def __init__(self, local: LocalAccount) -> None:
        self.local = local
        self._open: dict[str, Any] = {}

    def execute(self, step: Mapping[str, Any]) -> tuple[list[dict[str, Any]], list[str], Any]:
        """Rows, column names, and the error if there was one."""
        cursor = self._connection(step.get("paramstyle", "pyformat")).cursor()
        try:
            if step.get("describe_only"):
                return [], [column.name for column in cursor.describe(step["sql"])], None
            count = {"num_statements": step["statements"]} if "statements" in step else {}
            cursor.execute(step["sql"], step.get("binds"), **count)
            for _ in range(step.get("statements", 1) - 1):
                cursor.nextset()
            names = [column[0] for column in cursor.description or ()]
            rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        except snowflake.connector.errors.Error as error:
            return [], [], error
        return rows, names, None

    def _connection(self, paramstyle: str) -> Any:
        if paramstyle not in self._open:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                options = self.local.connection(paramstyle=paramstyle)
                self._open[paramstyle] = snowflake.connector.connect(**options)
            self._open[paramstyle].cursor().execute("USE SECONDARY ROLES NONE")
        return self._open[paramstyle]

    def close(self) -> None:
        """End the sessions."""
        for connection in self._open.values():
            connection.close()


def filled(value: Any, names: Mapping[str, str]) -> Any:
    """Names in place of {placeholders}; other braces stay."""
    if isinstance(value, str):
        return re.sub(r"\{(\w+)\}", lambda found: names.get(found[1], found[0]), value)
    if isinstance(value, dict):
        return {key: filled(item, names) for key, item in value.items()}
    return [filled(item, names) for item in value] if isinstance(value, list) else value


def same(expected: Any, actual: Any) -> bool:
    """Whether a value fits: dictionaries and lists as subsets, ~text as a regular expression."""
    if isinstance(expected, dict):
        return isinstance(actual, dict) and all(
            same(item, actual.get(key)) for key, item in expected.items()
        )
    if isinstance(expected, list):
        return isinstance(actual, list) and all(
            any(same(wanted, item) for item in actual) for wanted in expected
        )
    if expected is None:
        return actual is None
    if isinstance(expected, str) and expected.startswith("~"):
        return re.fullmatch(expected[1:], str(actual), re.DOTALL) is not None
    return str(expected) == str(actual)


def problem(expect: Mapping[str, Any], rows: list[dict[str, Any]], names: list[str]) -> str:
    """What is not as expected; nothing when all is."""
    value = next(iter(rows[0].values())) if rows else None
    checks = [
        ("columns", set(expect.get("columns", ())) <= set(names)),
        ("rows", expect.get("rows", len(rows)) == len(rows)),
        ("match", all(any(same(want, row) for row in rows) for want in expect.get("match", ()))),
        ("absent", not any(same(no, row) for no in expect.get("absent", ()) for row in rows)),
        ("value", "value" not in expect or same(expect["value"], value)),
        ("json", "json" not in expect or same(expect["json"], json.loads(str(value)))),
    ]
    wrong = [name for name, holds in checks if not holds]
    return f"{wrong}: {names} {rows}" if wrong else ""


def outcome(endpoint: Endpoint, step: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Run the statement of a case; what is wrong with its reply."""
    expect = filled(step["expect"], names)
    rows, columns, error = endpoint.execute(filled(dict(step), names))
    wanted = expect.get("error")
    if wanted is None:
        return f"unexpected error: {error}" if error else problem(expect, rows, columns)
    if error is None:
        return "an error was expected"
    got = {"errno": error.errno, "sqlstate": error.sqlstate}
    text = wanted.pop("message", "") if isinstance(wanted, dict) else ""
    fits = wanted == "any" or (same(wanted, got) and re.search(text, str(error), re.I))
    return "" if fits else f"expected {wanted} {text!r}, got {error}"


def prepare(endpoint: Endpoint, steps: list[Any], names: dict[str, str]) -> None:
    """Run fixture statements; `{tick: seconds}` moves the clock."""
    for raw in steps:
        step = filled(raw if isinstance(raw, dict) else {"sql": raw}, names)
        if "tick" in step:
            endpoint.local.account.clock.advance(float(step["tick"]))
            continue
        rows, _, error = endpoint.execute(step)
        assert error is None or step.get("may_fail"), f"{step['sql']}: {error}"
        if "save" in step:
            names[step["save"]] = str(next(iter(rows[0].values())))


def failures(endpoint: Endpoint, area: Mapping[str, Any]) -> list[str]:
    """Run the cases of an area on names of its own; a line for each that does not hold."""
    names = {"p": f"CF{uuid.uuid4().hex[:6].upper()}", "user": "LOCAL_ADMIN"}
    prepare(endpoint, ["USE ROLE ACCOUNTADMIN", *area.get("setup", ())], names)
    failed = []
    for case in area["cases"]:
        own = dict(names)
        prepare(endpoint, ["USE ROLE ACCOUNTADMIN", *case.get("setup", ())], own)
        prepare(endpoint, [f"USE ROLE {case.get('role', 'ACCOUNTADMIN')}"], own)
        wrong = outcome(endpoint, case, own)
        if wrong:
            failed.append(f"{case['name']}: {wrong}")
    prepare(endpoint, ["USE ROLE ACCOUNTADMIN"], names)
    return failed
