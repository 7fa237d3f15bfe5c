"""Each promise about a paid job has its proofs, and they are tests that run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

CHECKOUT = Path(__file__).resolve().parents[2]
PROOFS: list[dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("proofs.yaml").read_text(encoding="utf-8")
)
OF_THE_PAID_JOB, BESIDE = 18, 8


@pytest.fixture(scope="module")
def collected() -> set[str]:
    """The ids of every test in the files that are named, and each test without its case."""
    files = sorted({name.partition("::")[0] for proof in PROOFS for name in proof.get("tests", ())})
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", *files],
        cwd=CHECKOUT,
        env={k: v for k, v in os.environ.items() if k != "PYTEST_ADDOPTS"},  # they shape the list
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    ids = {line for line in done.stdout.splitlines() if "::" in line}
    return ids | {id_.partition("[")[0] for id_ in ids}


def test_every_promise_has_a_test_that_exists(collected: set[str]) -> None:
    assert len(PROOFS) == OF_THE_PAID_JOB + BESIDE
    for proof in PROOFS:
        named = proof.get("tests", [])
        assert named, proof["claim"]
        assert [name for name in named if name not in collected] == [], proof["claim"]
