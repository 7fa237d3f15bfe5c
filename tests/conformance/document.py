"""Writes `docs/local-account.md` from a run of the conformance cases.

`python -m tests.conformance.document` runs every case and writes nothing while one does not hold.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cortex_resources.emulator.server import LocalAccount
from tests.conformance import cases

DOCUMENT = cases.HERE.parents[1] / "docs" / "local-account.md"
STANDINGS = ("supported", "deviating", "refused")

_HEAD = """\
# The local account, statement by statement

An embedded Snowflake endpoint for planning, tests and demonstrations, in the scope of this project.
This page is made by `make document` from a run of the cases in `tests/conformance/`: a claim stands
here because it was put to the account through the real connector and held. None of it was compared
with a live account: an expectation comes from the page named beside it.

*Supported*: answers as the page says. *Deviating*: answers, otherwise than Snowflake. *Refused*: an
error that names what is not there; nothing is accepted and ignored. How to start it and connect:
[local-account-admin.md](local-account-admin.md).
"""


@dataclass(slots=True)
class Family:
    """A row of the document: the claims about one family of statements."""

    name: str
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STANDINGS, 0))
    sources: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)

    def take(self, standing: str, source: str, file: str) -> None:
        """Count one claim."""
        self.counts[standing] += 1
        for known, value in ((self.sources, source), (self.files, file)):
            if value not in known:
                known.append(value)


@dataclass(frozen=True, slots=True)
class Difference:
    """A claim in which the local account knowingly is not Snowflake."""

    family: str
    standing: str
    claim: str
    because: str


Areas = Iterable[tuple[Path, dict[str, Any]]]


def claims(areas: Areas) -> tuple[list[Family], list[Difference]]:
    """The families by name, and the differences in the order of the files."""
    families: dict[str, Family] = {}
    differences = []
    for file, area in areas:
        family = families.setdefault(area["family"], Family(area["family"]))
        for case in area["cases"]:
            standing = case.get("standing", "supported")
            family.take(standing, case.get("source", area["source"]), file.stem)
            if standing != "supported":
                found = Difference(family.name, standing, case["name"], case["because"])
                differences.append(found)
    return sorted(families.values(), key=lambda item: item.name.lower()), differences


def text(areas: Areas) -> str:
    """The whole document."""
    families, differences = claims(areas)
    totals = [str(sum(family.counts[one] for family in families)) for one in STANDINGS]
    lines = [_HEAD, "## What was asked\n"]
    lines += ["| statements | supported | deviating | refused | expected by | cases |"]
    lines += ["|---|---|---|---|---|---|"]
    lines += [_row(family) for family in families]
    lines += [f"| **all** | {' | '.join(totals)} | | |", ""]
    lines += [
        "## Where it is not Snowflake\n",
        "| statements | | claim | why |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {_cell(one.family)} | {one.standing} | {_cell(one.claim)} | {_cell(one.because)} |"
        for one in differences
    ]
    return "\n".join(lines) + "\n"


def _row(family: Family) -> str:
    counts = " | ".join(str(family.counts[one] or "") for one in STANDINGS)
    files = ", ".join(f"`{name}`" for name in family.files)
    return f"| {_cell(family.name)} | {counts} | {_cell('; '.join(family.sources))} | {files} |"


def _cell(value: str) -> str:
    words = " ".join(value.split()).replace("|", "\\|")
    return words.replace("<", "&lt;").replace(">", "&gt;")


def main() -> int:
    """Run every case; write the document when all hold."""
    failed = []
    with LocalAccount() as local:
        local.account.clock.set_mode("frozen")
        endpoint = cases.Endpoint(local)
        for file, area in cases.areas():
            wrong = cases.failures(endpoint, area)
            failed += [f"{file.name}: {area['area']}: {line}" for line in wrong]
        endpoint.close()
    if failed:
        print(*failed, sep="\n", file=sys.stderr)
        return 1
    DOCUMENT.write_text(text(cases.areas()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
