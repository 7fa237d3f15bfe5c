"""Strategies: names, privileges and SQL as users and accounts write them."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from cortex_resources.model.grants import Grantee, GranteeType, Privilege
from cortex_resources.model.names import QualifiedName

bounded = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    # How long a busy machine takes to draw a value says nothing about the value.
    suppress_health_check=[HealthCheck.too_slow],
)

printable = st.characters(exclude_categories=["C", "Z"]) | st.just(" ")
identifiers = st.text(printable, min_size=1, max_size=12)
plain = st.from_regex(r"[A-Za-z_][A-Za-z0-9_$]{0,6}", fullmatch=True)


def names(depth: int) -> st.SearchStrategy[QualifiedName]:
    return st.tuples(*[identifiers] * depth).map(QualifiedName)


grantees = st.sampled_from(GranteeType).flatmap(
    lambda kind: names(kind.depth).map(lambda name: Grantee(kind, name))
)

few_grantees = st.sampled_from(
    [Grantee.parse(text) for text in ("ROLE A", "ROLE B", "DATABASE ROLE DB.R", "USER U")]
)

words = st.sampled_from(
    ["USAGE", "MODIFY", "CREATE MODEL", "IMPORTED PRIVILEGES", "CREATE SNOWFLAKE.ML.FORECAST"]
)


def privileges(who: st.SearchStrategy[Grantee]) -> st.SearchStrategy[Privilege]:
    return st.builds(Privilege, words, who, st.booleans())


literals = st.text(max_size=8).map(lambda s: "'" + s.replace("\\", "").replace("'", "''") + "'")
quoted = identifiers.map(lambda s: '"' + s.replace('"', '""') + '"')
marks = st.sampled_from([",", "(", ")", "=", "||", "<=", ".", "+", "*", "::"])
numbers = st.sampled_from(["1", "2.5", "1e5", "07"])
pieces = st.one_of(plain, literals, quoted, marks, numbers)
queries = st.lists(pieces, min_size=1, max_size=10)
gaps = st.sampled_from([" ", "\n", "\t  ", " /* x; 'y */ ", " -- it's\n", " // z\n"])
