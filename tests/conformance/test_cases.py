"""Conformance cases over the real connector: our own, and the public ones where they are."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cortex_resources.emulator.server import LocalAccount
from tests.conformance import cases
from tests.conformance.cases import Endpoint

PUBLIC = cases.HERE.parents[2] / "shared" / "conformance"
PUBLIC_FILES = sorted(PUBLIC.glob("*.yaml")) if (PUBLIC / "run.py").exists() else []
AREAS = [
    pytest.param(area, id=f"{file.stem}-{area['area']}".replace(" ", "_"))
    for file, area in cases.areas()
]


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    with LocalAccount() as local:
        local.account.clock.set_mode("frozen")
        made = Endpoint(local)
        yield made
        made.close()


@pytest.mark.parametrize("area", AREAS)
def test_area(endpoint: Endpoint, area: dict[str, Any]) -> None:
    assert cases.failures(endpoint, area) == []


if PUBLIC_FILES:

    @pytest.mark.parametrize("public", PUBLIC_FILES, ids=lambda path: path.stem)
    def test_public_cases(public: Path) -> None:
        with LocalAccount() as local:
            tick = (
                f'{sys.executable} -c "import urllib.request as u; u.urlopen(u.Request('
                f"'http://127.0.0.1:{local.port}/admin/clock', b'{{\\\"advance_s\\\": 600}}'))\""
            )
            command = [
                *(sys.executable, str(PUBLIC / "run.py"), str(public), "--host", "127.0.0.1"),
                *("--port", str(local.port), "--user", local.user, "--account", "local"),
                *("--password", local.password, "--tick", tick),
            ]
            done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stdout
