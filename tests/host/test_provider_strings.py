"""What Pulumi keeps of a provider: where its class is, and nothing else."""

from __future__ import annotations

import base64
import os
import pickletools
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.host.process import CHECKOUT, KINDS, Host, provider_string

FROZEN = {
    "privileges": ("cortex_resources.providers.privilege_grants", "PrivilegeGrantsProvider"),
    "roles": ("cortex_resources.providers.role_grants", "RoleGrantsProvider"),
    "view": ("cortex_resources.providers.training_view", "TrainingViewProvider"),
    "snapshot": ("cortex_resources.providers.dataset_snapshot", "DatasetSnapshotProvider"),
    "job": ("cortex_resources.providers.fine_tune_job", "FineTuneJobProvider"),
    "artifact": ("cortex_resources.providers.fine_tuned_artifact", "FineTunedArtifactProvider"),
    "gate": ("cortex_resources.providers.model_gate", "ModelGateProvider"),
    "alias": ("cortex_resources.providers.model_alias", "ModelAliasProvider"),
}
"""In the state of every user: a renamed module or class makes delete, refresh and diff fail."""

LONGEST = 140


def _texts(string: str) -> list[str]:
    operations = pickletools.genops(base64.b64decode(string))
    return [str(argument) for _, argument, _ in operations if isinstance(argument, str)]


def test_module_and_class_names_in_users_state_never_change() -> None:
    found = {name: (kind.__module__, kind.__name__) for name, kind in KINDS.items()}
    assert found == FROZEN


@pytest.mark.parametrize("name", KINDS)
def test_the_provider_string_is_module_and_class_name_and_nothing_else(name: str) -> None:
    string = provider_string(KINDS[name])
    assert _texts(string) == list(FROZEN[name])
    assert len(string) < LONGEST
    assert "secret" not in string


def test_a_file_that_is_only_reformatted_gives_the_same_string(tmp_path: Path) -> None:
    module, name = FROZEN["view"]
    shutil.copytree(
        CHECKOUT / "cortex_resources",
        tmp_path / "cortex_resources",
        ignore=shutil.ignore_patterns("emulator", "cli", "__pycache__"),
    )
    file = tmp_path / f"{module.replace('.', '/')}.py"
    source = file.read_text(encoding="utf-8")
    file.write_text(f"# moved down\n\n\n{source}\n\nLATER = 1\n", encoding="utf-8")
    program = (
        "from pulumi.dynamic.dynamic import serialize_provider\n"
        f"import {module} as moved\n"
        f"print(moved.LATER, serialize_provider(moved.{name}()))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert done.stdout.strip() == f"1 {provider_string(KINDS['view'])}"


def test_the_first_line_of_output_is_the_port(new_host: Callable[..., Host]) -> None:
    assert new_host().first_line.isdigit()
