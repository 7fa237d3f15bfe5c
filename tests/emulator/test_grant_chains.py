"""What falls with a grant that is taken back: chains, forks and rings of grants passed on."""

from __future__ import annotations

import pytest

from cortex_resources.emulator.access.chains import groundless
from cortex_resources.emulator.access.grants import Grant


def grant(by: str | None, to: str, *, option: bool = True, privilege: str = "SELECT") -> Grant:
    return Grant(privilege, "T", to, option, by)


CHAIN = [grant("OWNER", "A"), grant("A", "B"), grant("B", "C", option=False)]
FORK = [grant("OWNER", "A"), grant("OWNER", "B"), grant("A", "C"), grant("B", "C"), grant("C", "D")]
RING = [grant("OWNER", "A"), grant("A", "B"), grant("B", "A"), grant("B", "C", option=False)]


@pytest.mark.parametrize(
    ("grants", "only_option", "fallen"),
    [
        pytest.param(CHAIN, False, {"A>B", "B>C"}, id="a chain falls to its end"),
        pytest.param(CHAIN, True, {"A>B", "B>C"}, id="without the option nothing stands on it"),
        pytest.param(FORK, False, {"A>C"}, id="a second grantor holds the rest"),
        pytest.param(RING, False, {"A>B", "B>A", "B>C"}, id="a ring holds nothing"),
    ],
)
def test_what_falls_with_the_first_grant(
    grants: list[Grant], only_option: bool, fallen: set[str]
) -> None:
    found = groundless(grants, grants[0], "OWNER", only_option=only_option)
    assert {f"{one.by}>{one.to}" for one in found} == fallen


def test_nothing_falls_with_the_last_grant_of_a_chain() -> None:
    assert groundless(CHAIN, CHAIN[-1], "OWNER", only_option=False) == []


def test_other_privileges_stay() -> None:
    other = grant("A", "B", privilege="INSERT")
    assert other not in groundless([*CHAIN, other], CHAIN[0], "OWNER", only_option=False)


def test_what_was_granted_by_another_right_stands() -> None:
    by_manager = grant("SECURITYADMIN", "D")
    found = groundless([*CHAIN, by_manager], CHAIN[0], "OWNER", only_option=False)
    assert by_manager not in found
    assert groundless([by_manager, grant("D", "E")], by_manager, None, only_option=False) != []


def test_a_long_chain_is_no_burden() -> None:
    links = [grant("OWNER", "R0"), *(grant(f"R{n}", f"R{n + 1}") for n in range(20_000))]
    assert len(groundless(links, links[0], "OWNER", only_option=False)) == 20_000
