"""Mutated statements: a corpus of cases, taken apart into words and put together otherwise."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

TESTS = Path(__file__).parents[1]
DATABASE = "FUZZ"
WORD = re.compile(
    r"'(?:[^'\\]|''|\\.)*'|\$\$.*?\$\$|\"(?:[^\"]|\"\")*\"|\d+(?:\.\d+)?|[A-Za-z_][\w$]*"
    r"|::|=>|->|\|\||<>|!=|<=|>=|\s+|.",
    re.DOTALL,
)
LITERALS = (
    "NULL", "0", "-1", "1.5", "1e300", "99999999999999999999999999999999999999", "''", "'x'",
    "'%'", "'\\\\'", "'\\u0000'", "$$a'b$$", "TRUE", "'2024-02-30'", "'NaN'", "[]", "{}", "[NULL]",
    "{'a': 1}", "PARSE_JSON('[1, {\"a\": null}]')", "'[[[['", "(SELECT 1)", "?", ":1", "$1", "X'0'",
    "INTERVAL '1 day'", "DATE '9999-12-31'", "'é☕'", "\"\"", "*", "t.*", "1::NUMBER(38,37)",
)  # fmt: skip
TYPES = (
    "NUMBER", "NUMBER(38,37)", "NUMBER(0)", "FLOAT", "VARCHAR(1)", "BOOLEAN", "DATE", "TIME(0)",
    "TIMESTAMP_TZ", "TIMESTAMP_LTZ(3)", "VARIANT", "OBJECT", "ARRAY", "BINARY", "NOPE", "VECTOR",
)  # fmt: skip
CLAUSES = (
    "WHERE 1 = 1", "GROUP BY 1", "GROUP BY ALL", "HAVING COUNT(*) > 0", "ORDER BY 1",
    "ORDER BY ALL", "LIMIT 0", "LIMIT NULL", "OFFSET 1", "SAMPLE (1)",
    "QUALIFY ROW_NUMBER() OVER (ORDER BY 1) = 1",
    "UNION ALL SELECT 1", "MINUS SELECT 1", "OVER ()", "OVER (PARTITION BY 1 ORDER BY 1)",
    "WITHIN GROUP (ORDER BY 1)", "IGNORE NULLS", "ESCAPE '^'", "AT (OFFSET => -60)", "AS A (B, C)",
    "CROSS JOIN (SELECT 1)", ", LATERAL FLATTEN(INPUT => [1])", "NATURAL JOIN (SELECT 1 AS ID)",
    "COPY GRANTS", "IF EXISTS", "IF NOT EXISTS", "CASCADE", "WITH GRANT OPTION", ";",
)  # fmt: skip
# What no statement may be made of: waits of the clock, and the account's own end.
SKIPPED = re.compile(r"SYSTEM\$WAIT|DROP\s+USER|ALTER\s+USER|STATEMENT_TIMEOUT", re.IGNORECASE)


def _cases(file: Path) -> Iterator[str]:
    """The statements of a file of cases, their preparations among them."""
    content: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    for area in content.get("areas") or ():
        steps = [*area.get("setup", ())]
        for case in area["cases"]:
            steps += [*case.get("setup", ()), case]
        for step in steps:
            sql = step if isinstance(step, str) else step.get("sql")
            if isinstance(sql, str):
                yield sql.replace("{p}_DB", DATABASE).replace("{p}", DATABASE)


def _expressions(file: Path) -> Iterator[str]:
    content: dict[str, list[list[Any]]] = yaml.safe_load(file.read_text(encoding="utf-8"))
    for cases in content.values():
        for expression, _ in cases:
            yield f"SELECT {expression} AS X FROM {DATABASE}.PUBLIC.T"


def corpus() -> list[str]:
    """Everything that cases of ours say to an account."""
    found: list[str] = []
    for file in sorted((TESTS / "conformance").glob("*.yaml")):
        found += _cases(file)
    for file in sorted((TESTS / "emulator" / "queries" / "expressions").glob("*.yaml")):
        found += _expressions(file)
    return [sql for sql in dict.fromkeys(found) if not SKIPPED.search(sql) and len(sql) < 4000]


def tables() -> Iterator[str]:
    """What the cases of queries prepare: their tables and rows."""
    for file in sorted((TESTS / "conformance").glob("queries_*.yaml")):
        for area in yaml.safe_load(file.read_text(encoding="utf-8"))["areas"]:
            for sql in area.get("setup", ()):
                if re.match(r"CREATE (TABLE|SCHEMA)|INSERT", sql):
                    made = re.sub(r"^CREATE ", "CREATE OR REPLACE ", sql)
                    yield made.replace("{p}_DB", DATABASE)


class Mutator:
    """Makes statements from a seed."""

    def __init__(self, statements: list[str], seed: int) -> None:
        self.random = random.Random(seed)
        self.statements = [WORD.findall(sql) for sql in statements]
        self.words = sorted(
            {word for words in self.statements for word in words if not word.isspace()}
        )
        self.mutations = (
            self._drop, self._double, self._swap, self._other_word, self._literal, self._literal,
            self._splice, self._splice, self._clause, self._cast, self._call, self._cut, self._wrap,
            self._nest,
        )  # fmt: skip

    def statement(self) -> str:
        """One statement, mutated up to three times."""
        words = list(self.random.choice(self.statements))
        for _ in range(self.random.choice((0, 1, 1, 1, 1, 2, 2, 3))):
            if words:
                words = self.random.choice(self.mutations)(words)
        text = "".join(words)
        return "SELECT 1" if SKIPPED.search(text) else text[:20_000]

    def _place(self, words: list[str]) -> int:
        return self.random.randrange(len(words))

    def _drop(self, words: list[str]) -> list[str]:
        place = self._place(words)
        return words[:place] + words[place + self.random.choice((1, 1, 2, 5)) :]

    def _double(self, words: list[str]) -> list[str]:
        place = self._place(words)
        return [*words[: place + 1], " ", *words[place:]]

    def _swap(self, words: list[str]) -> list[str]:
        first, second = self._place(words), self._place(words)
        words[first], words[second] = words[second], words[first]
        return words

    def _other_word(self, words: list[str]) -> list[str]:
        words[self._place(words)] = self.random.choice(self.words)
        return words

    def _literal(self, words: list[str]) -> list[str]:
        constants = [
            place for place, word in enumerate(words) if word[0] in "'$" or word[0].isdigit()
        ]
        place = self.random.choice(constants) if constants else self._place(words)
        words[place] = self.random.choice(LITERALS)
        return words

    def _group(self, words: list[str]) -> tuple[int, int] | None:
        """From an opening parenthesis to the one that closes it."""
        opened = [place for place, word in enumerate(words) if word == "("]
        if not opened:
            return None
        start, depth = self.random.choice(opened), 0
        for place in range(start, len(words)):
            depth += {"(": 1, ")": -1}.get(words[place], 0)
            if depth == 0:
                return start, place + 1
        return None

    def _splice(self, words: list[str]) -> list[str]:
        """What is between parentheses comes from another statement."""
        other = self.random.choice(self.statements)
        mine, theirs = self._group(words), self._group(other)
        if mine is None or theirs is None:
            return words
        return words[: mine[0]] + other[theirs[0] : theirs[1]] + words[mine[1] :]

    def _clause(self, words: list[str]) -> list[str]:
        place = len(words) if self.random.random() < 0.5 else self._place(words)
        return [*words[:place], " ", self.random.choice(CLAUSES), " ", *words[place:]]

    def _cast(self, words: list[str]) -> list[str]:
        place = self._place(words) + 1
        return [*words[:place], "::", self.random.choice(TYPES), *words[place:]]

    def _call(self, words: list[str]) -> list[str]:
        """A call becomes the call of something else, with the same arguments."""
        calls = [
            place
            for place, word in enumerate(words[:-1])
            if words[place + 1] == "(" and re.match(r"[A-Za-z_]", word)
        ]
        if calls:
            words[self.random.choice(calls)] = self.random.choice(self._functions())
        return words

    def _functions(self) -> list[str]:
        other = self.random.choice(self.statements)
        found = [
            word for word, after in pairwise(other) if after == "(" and re.match(r"[A-Za-z_]", word)
        ]
        return found or ["COALESCE"]

    def _cut(self, words: list[str]) -> list[str]:
        return words[: self._place(words) + 1]

    def _wrap(self, words: list[str]) -> list[str]:
        before, after = self.random.choice(
            (("SELECT * FROM (", ")"), ("SELECT (", ")"), ("WITH A AS (", ") SELECT * FROM A"),
             ("CREATE OR REPLACE VIEW FUZZ.PUBLIC.W AS ", ""), ("INSERT INTO FUZZ.PUBLIC.T ", ""),
             ("CREATE OR REPLACE TABLE FUZZ.PUBLIC.U AS ", ""), ("EXPLAIN ", ""), ("", ";"),
             ("SELECT EXISTS (", ")"), ("(", ")"), ("", " UNION ALL SELECT 1, 2"))
        )  # fmt: skip
        return [word for word in (before, *words, after) if word]

    def _nest(self, words: list[str]) -> list[str]:
        place, depth = self._place(words), self.random.choice((5, 60, 400))
        opening, closing = self.random.choice((("(", ")"), ("[", "]"), ("UPPER(", ")"), ("- ", "")))
        inner = [opening * depth, words[place], closing * depth]
        return [*words[:place], *(word for word in inner if word), *words[place + 1 :]]
