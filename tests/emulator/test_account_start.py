"""What the start of the local account does, and what it leaves for the first statement."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cortex_resources.emulator import passwords
from cortex_resources.emulator.access import bootstrap
from cortex_resources.emulator.server import LocalAccount

_LOGIN = """
import json, sys, urllib.request
from cortex_resources.emulator.server import LocalAccount
with LocalAccount(sys.argv[1]) as local:
    address = f"http://{local.host}:{local.port}/session/v1/login-request"
    who = {"data": {"LOGIN_NAME": local.user, "PASSWORD": local.password}}
    request = urllib.request.Request(address, json.dumps(who).encode())
    answer = json.load(urllib.request.urlopen(request))
    print(json.dumps([answer["success"], sorted(sys.modules)]))
"""


def test_starting_and_logging_in_loads_no_compiler(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _LOGIN, str(tmp_path / "account.duckdb")]
    success, loaded = json.loads(
        subprocess.run(command, check=True, capture_output=True, timeout=60).stdout
    )
    assert success
    assert "cortex_resources.emulator.executor" not in loaded
    assert {"sqlglot", "numpy", "duckdb", "http.server"}.isdisjoint(loaded)
    assert "cortex_resources.emulator.queries.entry" not in loaded


def test_the_stored_hash_of_the_first_user_is_that_of_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(passwords._verified, bootstrap.PROTECTED)  # derived, not remembered
    assert not passwords.matches("Local", bootstrap.PROTECTED)
    assert passwords.matches(bootstrap.PASSWORD, bootstrap.PROTECTED)


def test_an_account_that_was_stopped_before_it_was_prepared_stays_stopped(tmp_path: Path) -> None:
    local = LocalAccount(tmp_path / "account.duckdb")
    local.start()
    local.stop()
    local.prepare()
    with LocalAccount(tmp_path / "account.duckdb") as again:
        assert not again.account.is_new
