"""A kind of resource is complete: a place that was forgotten fails here, by its name."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import pkgutil
from types import ModuleType
from typing import Any

import pytest
from pulumi.dynamic import Resource

from cortex_resources import providers, resources
from cortex_resources.model.aliases import ModelAlias
from cortex_resources.model.cost import costs, identity
from cortex_resources.model.gates import ModelGate
from cortex_resources.model.grants import PrivilegeGrants, RoleGrants
from cortex_resources.model.jobs import TrainingJob
from cortex_resources.model.snapshots import DatasetSnapshot
from cortex_resources.model.stack import Stack
from cortex_resources.model.views import TrainingView
from cortex_resources.providers.dataset_snapshot import DatasetSnapshotProvider
from cortex_resources.providers.fine_tune_job import FineTuneJobProvider
from cortex_resources.providers.lifecycle import KindProvider
from cortex_resources.providers.model_alias import ModelAliasProvider
from cortex_resources.providers.model_gate import ModelGateProvider
from cortex_resources.providers.privilege_grants import PrivilegeGrantsProvider
from cortex_resources.providers.role_grants import RoleGrantsProvider
from cortex_resources.providers.training_view import TrainingViewProvider
from cortex_resources.specs import reference
from tests.architecture.test_core import kinds
from tests.architecture.tree import PACKAGE, ROOT, modules
from tests.host import process, test_lives

PROVIDED: dict[type[Any], type[KindProvider]] = {
    PrivilegeGrants: PrivilegeGrantsProvider,
    RoleGrants: RoleGrantsProvider,
    TrainingJob: FineTuneJobProvider,
    TrainingView: TrainingViewProvider,
    DatasetSnapshot: DatasetSnapshotProvider,
    ModelGate: ModelGateProvider,
    ModelAlias: ModelAliasProvider,
}
"""The provider that keeps each declared type in the account."""
RENAMED = {(RoleGrants, "role"): "role_granted"}
"""`role` in a property bag is the role that runs the statements."""
FOLLOWS = {
    (TrainingJob, "definitions"),
    (TrainingJob, "data_fingerprint"),
    (ModelGate, "model"),
    (ModelAlias, "target"),
}
"""Fields that no key of a stack file holds, because they follow from others."""
SAME_KEYS = {RoleGrants: PrivilegeGrants}
"""Types that are written under the keys of another."""
ALONE = {"artifact", "gate", "alias"}
"""Kinds whose life needs another resource, so that tests of their own move them."""


def _classes(package: ModuleType, base: type[Any]) -> list[type[Any]]:
    found = []
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        for _, cls in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if cls.__module__ == module.name and issubclass(cls, base):
                found.append(cls)
    return found


PROVIDERS = [cls for cls in _classes(providers, KindProvider) if not inspect.isabstract(cls)]
RESOURCES = _classes(resources, Resource)
MODULES = sorted({cls.__module__.rpartition(".")[2] for cls in RESOURCES})


def _name(cls: type[Any]) -> str:
    return cls.__name__.removesuffix("Provider")


def _given(module: str) -> set[str]:
    """The visible properties with a value in the maps that a module of `resources` writes."""
    tree = ast.parse((PACKAGE / "resources" / f"{module}.py").read_text(encoding="utf-8"))
    return {
        key.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Dict)
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
        if not key.value.startswith("__")
        if not (isinstance(value, ast.Constant) and value.value is None)
    }


def _imported(module: str) -> list[type[KindProvider]]:
    source = importlib.import_module(f"{resources.__name__}.{module}")
    return [cls for cls in PROVIDERS if vars(source).get(cls.__name__) is cls]


def test_every_provider_is_pinned_as_users_states_hold_it() -> None:
    assert set(PROVIDERS) == set(process.KINDS.values())


def test_every_kind_is_moved_through_its_life() -> None:
    assert {*test_lives.KINDS, *ALONE} == set(process.KINDS)


def test_every_provider_has_one_resource_of_its_name() -> None:
    assert sorted(cls.__name__ for cls in RESOURCES) == sorted(map(_name, PROVIDERS))
    tokens = {cls.__name__: cls._resource_type_name for cls in RESOURCES}
    assert tokens == {name: f"dynamic/cortex:{name}" for name in tokens}


def test_a_stack_declares_every_section_and_every_public_class() -> None:
    tree = ast.parse((PACKAGE / "resources" / "stack.py").read_text(encoding="utf-8"))
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert {field.name for field in dataclasses.fields(Stack)} - {"name"} <= attributes
    assert set(resources.__all__) - {"declare_stack"} <= called


@pytest.mark.parametrize("module", MODULES)
def test_what_may_be_kept_is_shown_as_retained(module: str) -> None:
    source = inspect.getsource(importlib.import_module(f"{resources.__name__}.{module}"))
    kept = "retain_on_delete=" in source or "declared.droppable(opts, allow_drop)" in source
    assert ("allow_drop" in _given(module)) is kept


def test_every_declared_type_has_a_provider() -> None:
    assert set(PROVIDED) == set(kinds())


@pytest.mark.parametrize("kind", PROVIDED, ids=lambda kind: kind.__name__)
def test_a_provider_compares_every_field_and_replaces_what_cannot_change(kind: type[Any]) -> None:
    provider = PROVIDED[kind]
    fields = {name: RENAMED.get((kind, name), name) for name in costs(kind)}
    assert set(fields.values()) <= set(provider.compared)
    # Whether another connection replaces is no matter of one kind.
    assert {fields[name] for name in identity(kind)} == provider.replacing - {"connection"}


@pytest.mark.parametrize("module", MODULES)
def test_what_a_program_gives_is_what_a_diff_compares(module: str) -> None:
    compared = {key for provider in _imported(module) for key in provider.compared}
    assert _given(module) == compared


@pytest.mark.parametrize("kind", PROVIDED, ids=lambda kind: kind.__name__)
def test_the_documentation_tells_the_cost_of_every_field(kind: type[Any]) -> None:
    told = {name for owner, name in reference.FIELDS.values() if owner is kind}
    if kind in SAME_KEYS:
        assert not told
        assert list(costs(kind).values()) == list(costs(SAME_KEYS[kind]).values())
        return
    assert told == {f.name for f in dataclasses.fields(kind) if (kind, f.name) not in FOLLOWS}


@pytest.mark.parametrize("kind", PROVIDED, ids=lambda kind: kind.__name__)
def test_the_decisions_of_every_kind_have_golden_cases(kind: type[Any]) -> None:
    folder = ROOT / "tests" / "cases" / PROVIDED[kind].__module__.rpartition(".")[2]
    assert list(folder.glob("*.yaml")), f"{folder.name} has no cases"


def test_every_case_is_read() -> None:
    readers = (ROOT / "tests" / "cases").glob("test_*.py")
    text = "".join(path.read_text(encoding="utf-8") for path in readers)
    folders = {path.parent.name for path in (ROOT / "tests" / "cases").glob("*/*.yaml")}
    assert {name for name in folders if f'cases("{name}")' not in text} == set()


def test_statements_are_written_in_one_room() -> None:
    writers = {
        path.relative_to(PACKAGE).parts[0]
        for path in modules()
        if path.relative_to(PACKAGE).parts[0] != "emulator"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Statement"
        and not isinstance(node.args[0], ast.Name)
    }
    assert writers == {"sql"}
