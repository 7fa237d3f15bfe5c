"""The schema, the model and the documentation say the same, both ways."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from cortex_resources.model.base_models import BASE_MODELS, EPOCHS
from cortex_resources.model.cost import Cost, costs
from cortex_resources.model.gates import ModelGate, Thresholds
from cortex_resources.model.grants import PRIVILEGES, PrivilegeGrants, RoleGrants, SecurableType
from cortex_resources.model.job_policy import JobPolicy
from cortex_resources.model.jobs import TrainingJob
from cortex_resources.model.policy import Policy
from cortex_resources.model.snapshots import DatasetSnapshot
from cortex_resources.model.stack import DeclaredModel, Stack, Wait
from cortex_resources.model.views import TrainingView
from cortex_resources.specs import grants, reference, schema, sentences
from cortex_resources.specs.load import check

ROOT = Path(__file__).parents[2]
SCHEMA = schema.for_stacks()
DEFS: dict[str, Any] = SCHEMA["$defs"]

NOT_WRITTEN = {
    Stack: {"name"},
    DeclaredModel: {"key", "job", "job_policy", "reads", "thresholds"},
    TrainingJob: {"definitions", "data_fingerprint"},
    ModelGate: {"model"},
}
"""Fields that follow from others, or from the name of the file."""
ELSEWHERE = {"privileges": "grants", "roles": "grants"}


def properties(name: str) -> dict[str, Any]:
    found: dict[str, Any] = DEFS[name]["properties"]
    return found


def fields(kind: type[Any]) -> set[str]:
    return {field.name for field in dataclasses.fields(kind)} - NOT_WRITTEN.get(kind, set())


def defaults(kind: type[Any]) -> dict[str, Any]:
    return {f.name: f.default for f in dataclasses.fields(kind)}


def parts(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from parts(value)
    elif isinstance(node, list):
        for value in node:
            yield from parts(value)


def described(node: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every property and every definition of the schema, conditions left out."""
    yield from node["$defs"].items()
    for part in _schemas(node):
        if "title" in part:
            yield from part.get("properties", {}).items()


def test_both_forms_of_the_schema_are_valid_schemas() -> None:
    Draft202012Validator.check_schema(schema.for_files())
    Draft202012Validator.check_schema(SCHEMA)
    assert json.loads((ROOT / "schemas" / "stack.schema.json").read_text()) == schema.for_files()


def test_the_strict_form_knows_no_null_no_variable_and_no_rule_put_off() -> None:
    for part in parts({key: value for key, value in SCHEMA.items() if key != "examples"}):
        assert "null" not in part.get("type", ())
        assert not any(key.startswith("x-") for key in part)
        assert not str(part.get("pattern", "")).startswith(r"^\$")


def test_every_property_helps_in_an_editor() -> None:
    for name, part in described(schema.for_files()):
        whole = part if "$ref" not in part else {**DEFS[part["$ref"].rpartition("/")[2]], **part}
        assert whole.get("title"), name
        assert whole["description"].endswith("."), name
        assert whole.get("examples") or name in ("key", "view", "model"), name


def test_every_map_refuses_unknown_keys() -> None:
    for part in parts(schema.for_files()):
        if isinstance(part.get("properties"), dict) and "object" in part.get("type", ()):
            assert part["additionalProperties"] is False


def test_every_rule_of_the_schema_has_a_sentence() -> None:
    silent = {
        *("$schema", "$id", "$defs", "$ref", "title", "description", "examples", "default"),
        *("properties", "items", "propertyNames", "allOf", "anyOf", "if", "then"),
    }
    used = {key for part in _schemas(SCHEMA) for key in part}
    assert used - silent == set(sentences.TOLD)


def _schemas(part: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A schema and every schema inside it."""
    yield part
    for key, value in part.items():
        if key in ("properties", "$defs"):
            for inner in value.values():
                yield from _schemas(inner)
        elif key in ("items", "additionalProperties", "propertyNames", "if", "then"):
            yield from _schemas(value) if isinstance(value, dict) else ()
        elif key in ("allOf", "anyOf"):
            for inner in value:
                yield from _schemas(inner)


def test_the_top_level_is_the_stack() -> None:
    written = {ELSEWHERE.get(name, name) for name in fields(Stack)}
    assert set(SCHEMA["properties"]) == written | {"extends", "vars", "rates"}


def test_policy_is_the_policy_of_the_model() -> None:
    assert {key: part["default"] for key, part in properties("policy").items()} == defaults(Policy)


def test_a_view_has_the_fields_of_the_model() -> None:
    assert set(properties("view")) == fields(TrainingView)
    stated = {key: part["default"] for key, part in properties("view").items() if "default" in part}
    assert stated == {key: defaults(TrainingView)[key] for key in stated}
    assert set(DEFS["view"]["required"]) == fields(TrainingView) - set(stated)


def test_a_snapshot_has_the_fields_of_the_model() -> None:
    assert set(properties("snapshot")) == fields(DatasetSnapshot)
    assert set(DEFS["snapshot"]["required"]) == {"name", "query"}


def test_a_model_has_the_fields_of_job_and_declaration() -> None:
    renamed = {
        "model": "name",
        "training_query": "training",
        "validation_query": "validation",
        "training_dataset": "training",
        "validation_dataset": "validation",
        "max_trained_tokens": "budget",
        "max_credits": "budget",
        "max_rows": "budget",
        "role": "run_as",
        "warehouse": "run_as",
    }
    kinds = (TrainingJob, DeclaredModel, JobPolicy)
    fields_of_all = {name for kind in kinds for name in fields(kind)} - {"rate"}
    written = {renamed.get(name, name) for name in fields_of_all}
    assert set(properties("model")) == written
    assert set(properties("budget")) == {"max_trained_tokens", "max_credits", "max_rows"}
    assert set(properties("run_as")) == {"role", "warehouse"}
    assert set(properties("gate")) == fields(ModelGate) | fields(Thresholds)
    known = {name: value for kind in kinds for name, value in defaults(kind).items()}
    stated = {k: part["default"] for k, part in properties("model").items() if "default" in part}
    assert stated == {key: known[key] for key in stated}


def test_numbers_and_choices_are_those_of_the_model() -> None:
    model = properties("model")
    assert range(model["max_epochs"]["minimum"], model["max_epochs"]["maximum"] + 1) == EPOCHS
    assert model["wait"]["enum"] == [str(wait) for wait in Wait]
    for name in ("on_failure", "on_cancelled", "on_missing", "on_supersede"):
        words: type[StrEnum] = type(defaults(JobPolicy)[name])
        assert model[name]["enum"] == [str(word) for word in words]
    assert set(model["base_model"]["examples"]) == set(BASE_MODELS)


def test_on_names_every_type_of_object_and_role() -> None:
    assert set(properties("on")) == {*grants.OBJECTS, *grants.ROLES}
    assert set(grants.OBJECTS) == {kind.lower() for kind in SecurableType}
    branches = [
        {name for choice in rule["if"]["properties"]["on"]["anyOf"] for name in choice["required"]}
        for rule in DEFS["grant"]["allOf"]
    ]
    assert branches == [set(grants.ROLES), set(grants.OBJECTS)]


def test_editors_offer_every_privilege() -> None:
    offered = {text for text in DEFS["privilege"]["examples"] if isinstance(text, str)}
    assert offered == {name for names in PRIVILEGES.values() for name in names}


def test_a_grant_has_the_fields_of_both_kinds() -> None:
    assert set(properties("grant")) == {"on", "to", "exclusive"}
    assert fields(PrivilegeGrants) == {"on", "privileges", "exclusive"}
    assert fields(RoleGrants) == {"role", "grantees", "exclusive"}
    assert list(costs(PrivilegeGrants).values()) == list(costs(RoleGrants).values())


def test_every_field_with_a_cost_is_told_under_its_key() -> None:
    told = set(reference.FIELDS.values())
    for kind in (PrivilegeGrants, TrainingView, DatasetSnapshot, TrainingJob, ModelGate):
        assert {(kind, name) for name in fields(kind)} <= told
    assert set(reference.FIELDS) <= {path for path, _, _ in reference.every_key()}


@pytest.mark.parametrize(
    ("key", "cost"),
    [
        ("models.*.base_model", Cost.RETRAINS),
        ("models.*.name", Cost.REPLACES),
        ("views.*.comment", Cost.UPDATES),
    ],
)
def test_the_documentation_tells_the_cost_that_the_model_has(key: str, cost: Cost) -> None:
    kind, field = reference.FIELDS[key]
    assert costs(kind)[field] is cost
    (row,) = (line for line in reference.table().splitlines() if f"`{key}`" in line)
    assert row.endswith(f"| {reference.cost_of(key)} |")


def test_the_documentation_is_fresh(tmp_path: Path) -> None:
    document = ROOT / "docs" / "specs.md"
    text = document.read_text(encoding="utf-8")
    copy = tmp_path / "specs.md"
    copy.write_text(text, encoding="utf-8")
    reference.refresh(copy)
    # remedy: python -c "from cortex_resources.specs import reference as r; from pathlib import
    # Path; r.refresh(Path('docs/specs.md'))"
    assert copy.read_text(encoding="utf-8") == text
    assert text.count(reference.BEGIN) == text.count(reference.END) == 1


def test_the_documented_example_is_right(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "specs.md").read_text(encoding="utf-8")
    examples = [part.split("```")[0] for part in text.split("```yaml\n")[1:]]
    whole = [example for example in examples if "\nvars:" in f"\n{example}"]
    assert len(whole) == 2
    (tmp_path / "common.yaml").write_text("")
    for example in whole:
        (tmp_path / "dev.yaml").write_text(example)
        checked = check("dev", tmp_path)
        assert (checked.violations, checked.doubts) == ((), ())
