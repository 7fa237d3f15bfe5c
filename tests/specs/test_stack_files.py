"""The stack files of this project: right, separate, and as careful as their stage asks."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest

from cortex_resources.model.base_models import BASE_MODELS
from cortex_resources.model.grants import Grantee, GranteeType
from cortex_resources.model.names import QualifiedName
from cortex_resources.model.policy import Policy
from cortex_resources.model.stack import Stack
from cortex_resources.specs.load import load_stack, stacks_in

STACKS = Path(__file__).parents[2] / "stacks"
NAMES = ("dev", "prod", "seed", "staging")


def claims(stack: Stack) -> set[tuple[str, str]]:
    """Every (object, grantee) that a stack declares."""
    on_objects = {(str(g.on), str(p.grantee)) for g in stack.privileges for p in g.privileges}
    return on_objects | {(str(g.role), str(holder)) for g in stack.roles for holder in g.grantees}


def test_the_stacks_are_found_and_their_common_part_is_not_one() -> None:
    assert stacks_in(STACKS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_stack_file_loads_and_has_settings_for_pulumi(name: str) -> None:
    assert load_stack(name, STACKS).name == name
    settings = (STACKS / f"Pulumi.{name}.yaml").read_text(encoding="utf-8")
    assert "cortex-resources:connection: local" in settings


@pytest.mark.parametrize("path", sorted(STACKS.glob("[a-z]*.yaml")), ids=lambda path: path.name)
def test_editors_find_the_schema(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    prefix = "# yaml-language-server: $schema="
    assert first.startswith(prefix)
    assert (STACKS / first.removeprefix(prefix)).is_file()


@pytest.mark.parametrize(("one", "other"), list(combinations(NAMES, 2)))
def test_no_two_stacks_claim_the_same_grantee_on_an_object(one: str, other: str) -> None:
    left, right = load_stack(one, STACKS), load_stack(other, STACKS)
    assert not claims(left) & claims(right)
    assert not {v.name for v in left.views.values()} & {v.name for v in right.views.values()}


@pytest.mark.parametrize("name", ["dev", "staging"])
def test_the_trainer_has_what_a_job_needs_and_no_more(name: str) -> None:
    stack = load_stack(name, STACKS)
    (model,) = stack.models
    assert model.job.role is not None
    trainer = Grantee(GranteeType.ROLE, QualifiedName.parse(model.job.role))
    database = model.job.model.database
    held = {
        f"{p.privilege} on {g.on}"
        for g in stack.privileges
        for p in g.privileges
        if p.grantee == trainer
    }
    assert held == {
        f"USAGE on DATABASE {database}",
        f"USAGE on SCHEMA {database}.ML",
        f"CREATE MODEL on SCHEMA {database}.ML",
        f"SELECT on VIEW {database}.ML.DOCS_TRAIN",
        f"SELECT on VIEW {database}.ML.DOCS_VALID",
        f"USAGE on WAREHOUSE {model.job.warehouse}",
    }
    assert all(trainer in roles.grantees for roles in stack.roles)


def test_only_dev_drops_and_production_neither_trains_nor_loses() -> None:
    policies = {name: load_stack(name, STACKS).policy for name in ("dev", "staging", "prod")}
    assert policies == {
        "dev": Policy(allow_drop=True),
        "staging": Policy(),
        "prod": Policy(allow_training=False, protect=True, retain=True),
    }
    assert load_stack("prod", STACKS).models == ()


def test_the_seed_is_the_article_s_example() -> None:
    (model,) = load_stack("seed", STACKS).models
    job = model.job
    assert (model.key, str(job.model)) == ("my_super_llama", "CORTEX_SEED.ML.MY_SUPER_LLAMA")
    assert job.base_model == "llama3-8b"
    assert job.training_query == (
        "SELECT question AS prompt, answer AS completion FROM CORTEX_SEED.ML.TRAINING_TABLE"
    )
    assert job.validation_query == (
        "SELECT prompt, response AS completion FROM CORTEX_SEED.ML.VALIDATION_TABLE"
    )
    assert len(claims(load_stack("seed", STACKS))) == 3


@pytest.mark.parametrize("name", NAMES)
def test_no_sample_asks_for_a_job_that_is_refused_as_legacy(name: str) -> None:
    for model in load_stack(name, STACKS).models:
        assert (
            BASE_MODELS[model.job.base_model].legacy_since is None or model.job_policy.allow_legacy
        )
