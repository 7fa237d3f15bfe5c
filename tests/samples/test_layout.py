"""The sample stacks find in the account what they build on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cortex_resources.model.grants import GranteeType, SecurableType
from cortex_resources.model.stack import Stack
from cortex_resources.specs.load import load_stack
from samples import statements
from samples.layout import LAYOUTS
from samples.stdlib_pairs import Pair

STACKS = Path(__file__).parents[2] / "stacks"
PAIRS = [
    Pair(f"What does f{n} do?", f"It does what f{n} always did.", "m", split)
    for n, split in enumerate(("train", "valid", "test") * 20)
]


@pytest.fixture(params=sorted(LAYOUTS))
def stack(request: pytest.FixtureRequest) -> Stack:
    return load_stack(request.param, STACKS)


def test_every_role_that_a_sample_stack_grants_to_is_made(stack: Stack) -> None:
    privileges = {p.grantee for grants in stack.privileges for p in grants.privileges}
    holders = {grantee for grants in stack.roles for grantee in grants.grantees}
    roles = {g.name.name for g in privileges | holders if g.type is GranteeType.ROLE}
    assert roles == set(LAYOUTS[stack.name].roles)


def test_every_table_that_a_sample_stack_reads_is_made(stack: Stack) -> None:
    layout = LAYOUTS[stack.name]
    made = {str(layout.home.child(table.name)) for table in layout.tables}
    views = {str(view.name) for view in stack.views.values()}
    queries = [view.query for view in stack.views.values()]
    for model in stack.models:
        queries += [model.job.training_query, model.job.validation_query or ""]
    read = {name for query in queries for name in re.findall(r"FROM ([\w.]+)", query)}
    assert read - views <= made
    assert read & made


def test_every_container_that_a_sample_stack_grants_on_is_made(stack: Stack) -> None:
    layout = LAYOUTS[stack.name]
    made = {layout.database, layout.warehouse, *(f"{layout.database}.{s}" for s in layout.schemas)}
    kinds = (SecurableType.DATABASE, SecurableType.SCHEMA, SecurableType.WAREHOUSE)
    named = {str(g.on.name) for g in stack.privileges if g.on.type in kinds}
    assert named <= made


def test_no_two_sample_stacks_share_a_database_or_a_role() -> None:
    names = [name for layout in LAYOUTS.values() for name in (layout.database, *layout.roles)]
    assert len(names) == len(set(names))


def test_the_small_example_never_validates_on_what_it_trains_on() -> None:
    training, validation = (table.rows(PAIRS) for table in LAYOUTS["seed"].tables)
    assert training
    assert validation
    assert not set(training) & set(validation)


def test_rows_travel_in_statements_far_below_the_limits_of_the_account() -> None:
    layout = LAYOUTS["dev"]
    rows = [(f"q{n}", "x" * 400, "m", "train") for n in range(2500)]
    sent = list(statements.inserts(layout.home.child("DOC_PAIRS"), rows))
    assert sum(count for _, count in sent) == 2500
    assert max(count for _, count in sent) <= 1000
    assert max(len(statement.text) for statement, _ in sent) < 250_000


def test_quotes_and_backslashes_of_an_answer_stay_inside_their_literal() -> None:
    layout = LAYOUTS["seed"]
    ((statement, _),) = statements.inserts(layout.home.child("T"), [("it's", "C:\\new")])
    assert statement.text == r"INSERT INTO CORTEX_SEED.ML.T VALUES ('it''s', 'C:\\new')"
