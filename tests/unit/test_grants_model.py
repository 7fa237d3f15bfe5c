"""Privileges and grantees as lines of text."""

from __future__ import annotations

import pytest

from cortex_resources.errors import InvalidNameError
from cortex_resources.model.grants import (
    PRIVILEGES,
    Grantee,
    GranteeType,
    Privilege,
    Securable,
    SecurableType,
    grantees_of,
    privileges_of,
    role_named,
    to_lines,
)
from cortex_resources.model.names import QualifiedName


def test_lines_are_sorted_ended_and_unique() -> None:
    one = Privilege("USAGE", Grantee.parse("ROLE B"))
    two = Privilege("CREATE MODEL", Grantee.parse("DATABASE ROLE DB.R"), grant_option=True)
    text = to_lines([one, two, one])
    assert text == "CREATE MODEL to DATABASE ROLE DB.R with GRANT OPTION\nUSAGE to ROLE B\n"
    assert privileges_of(text) == {one, two}


def test_a_role_that_is_named_like_the_option_is_no_option() -> None:
    line = 'USAGE to ROLE "X with GRANT OPTION"'
    assert Privilege.parse(line) == Privilege("USAGE", Grantee.parse('ROLE "X with GRANT OPTION"'))


@pytest.mark.parametrize(
    "line",
    [
        "",
        "USAGE",
        "usage to ROLE R",
        "OWNERSHIP to ROLE R",
        "ALL to ROLE R",
        "ALL PRIVILEGES to ROLE R",
        "USAGE; DROP to ROLE R",
        "USAGE, SELECT to ROLE R",
        "USAGE to SHARE S",
        "USAGE to ROLE A.B",
        "USAGE to DATABASE ROLE R",
        "USAGE to USER A.B",
    ],
)
def test_what_can_never_be_compared_or_granted_is_refused(line: str) -> None:
    with pytest.raises(InvalidNameError) as caught:
        Privilege.parse(line)
    assert caught.value.hint


def test_holders_are_lines_too() -> None:
    text = "DATABASE ROLE DB.R\nROLE R\nUSER U\n"
    assert to_lines(grantees_of(text)) == text


def test_a_dotted_role_is_a_database_role() -> None:
    assert role_named("db.r") == Grantee.parse("DATABASE ROLE DB.R")
    assert role_named('"db.r"') == Grantee(GranteeType.ROLE, QualifiedName(("db.r",)))
    with pytest.raises(InvalidNameError, match="names no role"):
        role_named("a.b.c")


def test_an_object_is_read_with_its_type() -> None:
    assert str(Securable.parse("schema db.ml")) == "SCHEMA DB.ML"
    with pytest.raises(InvalidNameError, match="has 1 part, not 2"):
        Securable.parse("SCHEMA DB")


@pytest.mark.parametrize("text", ["DB.ML", "STAGE DB.ML.S", ""])
def test_an_unknown_type_is_refused_with_the_known_ones(text: str) -> None:
    with pytest.raises(InvalidNameError, match="names no object") as caught:
        Securable.parse(text)
    assert "WAREHOUSE" in caught.value.hint


@pytest.mark.parametrize("kind", SecurableType)
def test_every_type_knows_its_privileges_and_never_ownership(kind: SecurableType) -> None:
    assert PRIVILEGES[kind]
    assert "OWNERSHIP" not in PRIVILEGES[kind]
    assert kind.depth in (1, 2, 3)
