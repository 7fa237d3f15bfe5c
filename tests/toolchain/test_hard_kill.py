"""What a killed run left is told from the engine's words and the exported state."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cortex_resources.cli.engine_state import StateError, unreadable
from toolchain import hard_kill, run
from toolchain.hard_kill import Lock
from toolchain.pulumi_cli import PulumiCli
from toolchain.state_files import StateFiles

OF_FILES = (
    "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to"
    " end or delete the lock file with `pulumi cancel`.\n"
    "  file:///s/dev/1.json: created by jane@build-7 (pid 42) at 2026-11-27T12:04:05Z\n"
)
OF_THE_SERVICE = "error: [409] Conflict: Another update is currently in progress.\n"
URN = "urn:pulumi:dev::p::cortex-resources:index:FineTunedModel$pulumi-python:dynamic/cortex:{}::{}"


def test_the_holder_of_a_lock_is_read_from_the_engines_refusal() -> None:
    lock = hard_kill.lock_in(OF_FILES)
    assert lock == Lock("jane@build-7", "build-7", 42, "2026-11-27T12:04:05Z")
    assert lock.holder == "jane@build-7 (pid 42) since 2026-11-27T12:04:05Z"
    assert hard_kill.lock_in(OF_THE_SERVICE) == Lock()
    assert hard_kill.lock_in("error: no stack named 'dev' found") is None


@pytest.mark.parametrize("said", [OF_FILES, OF_THE_SERVICE])
def test_a_locked_stack_names_the_way_out_and_that_a_run_may_go_on(said: str) -> None:
    hint = hard_kill.hint("dev", said, [])
    assert hint.endswith("when it was killed, run: make unlock STACK=dev")
    assert "wait for it while it goes on" in hint


def test_creates_without_an_end_are_named_with_the_way_out() -> None:
    hint = hard_kill.hint("dev", "", [URN.format("FineTuneJob", "docs")])
    assert "(FineTuneJob docs)" in hint
    assert "make unlock STACK=dev" in hint
    assert hard_kill.hint("dev", "error: a password is wrong", []) == ""


def _operation(kind: str, urn: str) -> dict[str, Any]:
    return {"type": kind, "resource": {"urn": urn}}


def test_only_a_create_that_no_run_has_adopted_is_unseen_by_a_destroy() -> None:
    adopted, lost = URN.format("FineTuneJob", "a"), URN.format("FineTuneJob", "b")
    deployment = {
        "resources": [{"urn": adopted}],
        "pending_operations": [
            _operation("creating", adopted),
            _operation("creating", lost),
            _operation("deleting", URN.format("TrainingView", "v")),
        ],
    }
    assert hard_kill.pending_creates(deployment) == [adopted, lost]
    assert hard_kill.unseen_by_a_destroy(deployment) == [lost]
    assert hard_kill.pending_creates(json.loads("{}")) == []


def test_a_lock_is_held_only_by_an_engine_that_runs_on_this_machine() -> None:
    here = socket.gethostname()
    assert not Lock("me@there", "elsewhere.example", os.getpid(), "").is_held
    assert not Lock(f"me@{here}", here, os.getpid(), "").is_held, "this process is no engine"
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait(timeout=10)
    assert not Lock(f"me@{here}", here, ended.pid, "").is_held


def test_a_state_is_put_back_only_from_a_copy_that_is_whole(tmp_path: Path) -> None:
    files = StateFiles(tmp_path, "p", "dev")
    assert not files.is_cut(), "a stack without a state has none that is cut"
    state = tmp_path / "stacks" / "p" / "dev.json"
    state.parent.mkdir(parents=True)
    state.write_text("", encoding="utf-8")
    copy = state.with_name("dev.json.bak")
    copy.write_text('{"version": 3', encoding="utf-8")
    assert files.is_cut()
    with pytest.raises(StateError, match="not whole either"):
        files.put_back()
    assert state.read_text(encoding="utf-8") == ""
    copy.write_text('{"version": 3}', encoding="utf-8")
    assert files.put_back() == copy
    assert not files.is_cut()
    assert sorted(each.name for each in state.parent.iterdir()) == [
        "dev.json",
        "dev.json.bak",
        "dev.json.cut",
    ]


def test_a_lock_in_files_tells_who_holds_it(tmp_path: Path) -> None:
    folder = tmp_path / "locks" / "organization" / "p" / "dev"
    folder.mkdir(parents=True)
    told = {"pid": 42, "username": "jane", "hostname": "build-7", "timestamp": "2026-11-27T12:04Z"}
    (folder / "1.json").write_text(json.dumps(told), encoding="utf-8")
    (locked,) = StateFiles(tmp_path, "p", "dev").locks()
    assert Lock.of(locked) == Lock("jane@build-7", "build-7", 42, "2026-11-27T12:04Z")


def test_a_state_that_is_cut_short_names_the_way_out() -> None:
    said = "error: getting snapshot: failed to load checkpoint: EOF\n"
    assert "make unlock STACK=dev" in hard_kill.hint("dev", said, [])
    assert "make unlock STACK=dev" in unreadable("dev", said).line


def test_a_command_whose_engine_is_killed_names_the_way_out(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    engine = tmp_path / "pulumi"
    engine.write_text("#!/bin/sh\nkill -9 $$\n", encoding="utf-8")
    engine.chmod(0o700)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    assert run.preview(PulumiCli("dev", tmp_path, {**os.environ, "PATH": path}), None) == 137
    assert "make unlock STACK=dev" in capfd.readouterr().err
