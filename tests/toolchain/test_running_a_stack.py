"""What `make` sets up around `pulumi`, and what it leaves to the user."""

import json
import subprocess
import sys
from pathlib import Path

from cortex_resources.cli import state_backend
from tests.toolchain.engine_fixture import CHECKOUT
from toolchain import run
from toolchain.pulumi_cli import PulumiCli, environment


def _environment(tmp_path: Path, **variables: str) -> dict[str, str]:
    base = {"PATH": "/bin", "PULUMI_HOME": str(tmp_path / "home"), **variables}
    return environment(tmp_path, Path("/engine"), base)


def test_a_user_without_a_backend_gets_one_in_the_checkout(tmp_path: Path) -> None:
    made = _environment(tmp_path)
    assert made["PULUMI_BACKEND_URL"] == (tmp_path / ".pulumi-state").as_uri()
    assert made["PULUMI_CONFIG_PASSPHRASE"] == ""
    assert made["PATH"].startswith("/engine")


def test_a_backend_of_the_users_own_stays(tmp_path: Path) -> None:
    made = _environment(tmp_path, PULUMI_BACKEND_URL="file:///elsewhere")
    assert made["PULUMI_BACKEND_URL"] == "file:///elsewhere"
    assert "PULUMI_CONFIG_PASSPHRASE" not in made


def test_a_user_who_is_logged_in_keeps_that_backend(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    credentials = json.dumps({"current": "file:///login"})
    (tmp_path / "home" / "credentials.json").write_text(credentials, encoding="utf-8")
    assert "PULUMI_BACKEND_URL" not in _environment(tmp_path)
    assert "PULUMI_BACKEND_URL" not in _environment(tmp_path, PULUMI_ACCESS_TOKEN="token")


def test_a_passphrase_of_the_users_own_stays(tmp_path: Path) -> None:
    assert _environment(tmp_path, PULUMI_CONFIG_PASSPHRASE="x")["PULUMI_CONFIG_PASSPHRASE"] == "x"
    made = _environment(tmp_path, PULUMI_CONFIG_PASSPHRASE_FILE="/file")
    assert "PULUMI_CONFIG_PASSPHRASE" not in made


def test_what_lists_jobs_looks_where_make_keeps_states(tmp_path: Path) -> None:
    variables = {
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_CONFIG_PASSPHRASE_FILE": "/file",
    }
    made = _environment(tmp_path, **variables)
    seen = state_backend.completed(tmp_path, variables)
    asked = ("PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE")
    assert [seen.get(key) for key in asked] == [made.get(key) for key in asked]


def test_the_local_account_is_used_only_by_stacks_that_say_so(tmp_path: Path) -> None:
    (tmp_path / "stacks").mkdir()
    for name, text in (
        ("dev", "config:\n  cortex-resources:connection: local\n"),
        ("prod", "config:\n  cortex-resources:connection: prod\n"),
        ("bare", "encryptionsalt: v1:x\n"),
    ):
        (tmp_path / "stacks" / f"Pulumi.{name}.yaml").write_text(text, encoding="utf-8")
    uses = [
        name
        for name in ("dev", "prod", "bare", "missing")
        if PulumiCli(name, tmp_path, {}).uses_local_account()
    ]
    assert uses == ["dev"]


def _make(*words: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "toolchain.run", *words],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stderr


def test_a_job_that_up_did_not_wait_for_is_told_with_what_takes_over_its_model() -> None:
    training = {"phase": "TRAINING", "model": "", "job_id": "ft_1", "trained_tokens": None}
    assert run.told(training, "six") == (
        "job ft_1 goes on and costs; `make jobs STACK=six` shows how far it is,"
        " `make up STACK=six` takes over its model"
    )
    ready = {"phase": "READY", "model": "DB.ML.M__1", "job_id": "ft_1", "trained_tokens": 1200.0}
    assert run.told(ready, "six") == "DB.ML.M__1 is READY, 1,200 trained tokens"


def test_only_what_can_answer_is_asked_the_closing_question() -> None:
    gone = {"phase": "MISSING", "model": "DB.ML.M__1", "trained_tokens": 1200.0}
    assert not run.answers(gone), "with on_missing: warn the run goes on without it"
    assert run.answers({**gone, "serves": "DB.ML.M__0"})
    assert run.answers({**gone, "phase": "READY"})
    assert not run.answers({"phase": "TRAINING", "model": "", "serves": ""})


def test_a_wrong_call_says_how_to_call_it() -> None:
    verbs = "up|preview|refresh|destroy|unlock|jobs"
    assert _make("fly", "dev") == (1, f"usage: python -m toolchain.run {verbs} STACK\n")


def test_no_stack_is_made_of_a_part_or_of_a_name_without_a_file() -> None:
    choice = "choose one: STACK=dev, prod, seed, staging"
    part = f"error: stacks/common.yaml is a part that others extend, no stack; {choice}\n"
    nothing = f"error: there is no stacks/nope.yaml; write it, or {choice}\n"
    assert _make("preview", "common") == (1, part)
    assert _make("preview", "nope") == (1, nothing)
    assert not (CHECKOUT / "stacks" / "Pulumi.common.yaml").exists()
