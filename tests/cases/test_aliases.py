"""Golden cases of model aliases."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cortex_resources.errors import CortexError, ObjectMissingError, OwnershipError
from cortex_resources.model.aliases import AliasMarker, ModelAlias, may_move, pin_of
from cortex_resources.model.grants import Privilege, Securable, role_named
from cortex_resources.model.jobs import Marker, ModelRecord
from cortex_resources.model.names import QualifiedName, unversioned, version_of
from cortex_resources.plan import aliases as plan
from cortex_resources.plan.privileges import not_made, of_function
from cortex_resources.sql import functions as sql
from tests.cases.reading import Case, cases, require

NAME = QualifiedName.parse("DB.ML.SUPPORT_COMPLETE")
TARGET = QualifiedName.parse("DB.ML.SUPPORT__27AA01C9F0")
ALL = cases("model_alias")
BRING = {claim: case for claim, case in ALL.items() if claim.startswith("bring: ")}
DROP = {claim: case for claim, case in ALL.items() if claim.startswith("drop: ")}
KEPT = {claim: case for claim, case in ALL.items() if claim.startswith("kept: ")}
VERSION = {claim: case for claim, case in ALL.items() if claim.startswith("version: ")}


def _marker(by: str, serves: str) -> AliasMarker:
    project, stack, key = by.split("/")
    return AliasMarker(project, stack, key, QualifiedName.parse(serves))


def _found(case: Case | None) -> sql.FoundFunction | None:
    """What SHOW and DESCRIBE would tell; markers are read back out of the text."""
    if case is None:
        return None
    by = case.get("by", "p/s/support")
    says = str(case.get("says", case["serves"]))
    marker = str(_marker(by, says)) if by else ""
    row = {
        "catalog_name": "DB",
        "schema_name": "ML",
        "name": "SUPPORT_COMPLETE",
        "arguments": "SUPPORT_COMPLETE(VARCHAR) RETURN VARCHAR",
        "description": "\n".join(filter(None, (case.get("comment", ""), marker))),
    }
    body = f"AI_COMPLETE('{case['serves']}', PROMPT)::VARCHAR"
    serves = sql.parse_body([{"property": "body", "value": body}])
    return replace(sql.parse([row])[NAME], serves=serves)


@pytest.mark.parametrize("case", BRING.values(), ids=list(BRING))
def test_an_alias_is_brought_to_what_it_shall_call(case: Case) -> None:
    desired = ModelAlias(NAME, **case.get("desired", {}))
    found, marker = _found(case.get("found")), _marker("p/s/support", case["serves"])
    if "error" in case:
        with pytest.raises(OwnershipError) as caught:
            plan.bring(desired, found, marker)
        assert caught.value.what == case["error"]
        assert "DROP FUNCTION DB.ML.SUPPORT_COMPLETE(VARCHAR)" in caught.value.hint
        return
    require(plan.bring(desired, found, marker), case)


@pytest.mark.parametrize("case", DROP.values(), ids=list(DROP))
def test_what_becomes_of_an_alias_that_leaves(case: Case) -> None:
    allow_drop = case.get("allow_drop", False)
    step = plan.drop(NAME, _found(case.get("found")), "p/s/support", allow_drop=allow_drop)
    require(step, case)


def _served(case: Case) -> plan.Served:
    serves = case.get("serves")
    return plan.Served(case.get("target", ""), QualifiedName.parse(serves) if serves else None)


@pytest.mark.parametrize("case", KEPT.values(), ids=list(KEPT))
def test_what_an_alias_calls_while_a_new_version_waits(case: Case) -> None:
    kept = plan.kept(_found(case.get("found")), _served(case.get("before", {})))
    assert kept == _served(case.get("kept", {}))


def _models(case: Case) -> dict[QualifiedName, ModelRecord]:
    found = {}
    for at, model in enumerate(case["models"]):
        name = TARGET.sibling(model["name"])
        digits = model.get("digits", model["name"][-10:].lower())
        project, stack, key = (model["by"] or "a/b/c").split("/")
        marker = Marker(project, stack, key, digits.ljust(64, "0")) if model["by"] else ""
        found[name] = ModelRecord(name, "CORTEX_FINETUNED", "R", f"{marker}", created_on=at)
    return found


@pytest.mark.parametrize("case", VERSION.values(), ids=list(VERSION))
def test_which_model_a_version_is(case: Case) -> None:
    owner, digits = Marker("p", "s", "support", ""), case.get("digits", "27aa01c9f0")
    if "error" in case:
        with pytest.raises(ObjectMissingError) as caught:
            plan.version(TARGET, digits, owner, _models(case))
        assert (caught.value.what, caught.value.hint) == (case["error"], case["hint"])
        return
    assert plan.version(TARGET, digits, owner, _models(case)).name == case["serves"]


@pytest.mark.parametrize(
    ("pin", "cleared", "may"),
    [
        ("", "27aa01c9f0".ljust(64, "0"), True),
        ("", "9f1c22d0ab".ljust(64, "0"), False),
        ("", "", False),
        ("27aa01c9f0", "", True),
    ],
)
def test_only_a_cleared_or_a_pinned_version_is_moved_to(pin: str, cleared: str, may: bool) -> None:
    assert may_move(TARGET, pin, cleared) is may


@pytest.mark.parametrize(
    "serves", ["DB.ML.M", 'DB."a]b"."x serves=y]"', 'DB.ML."it\'s \\ $$ ""quoted"""']
)
@pytest.mark.parametrize("comment", ["", "one\ntwo", "[cortex-resources alias a/b/c serves=D.E.F]"])
def test_a_marker_and_a_body_are_read_back_as_they_were_written(serves: str, comment: str) -> None:
    marker = _marker("p/s/k]", serves)
    assert sql.marker_of(f"{comment}\n{marker}") == marker
    assert sql.without_marker(f"{comment}\n{marker}") == comment
    text = str(serves).replace("\\", "\\\\").replace("'", "''")
    body = f" ai_complete ( '{text}' ,PROMPT)  :: varchar "
    assert sql.parse_body([{"property": "body", "value": body}]) == marker.serves


@pytest.mark.parametrize(
    "comment",
    [
        "",
        "mine [cortex-resources alias a/b/c serves=D.E.F]",
        "[cortex-resources alias a/b/c serves=D.E.F]\nmine",
        "[cortex-resources alias a/b/c serves=F]",
        "[cortex-resources a/b/c]",
    ],
)
def test_what_is_no_last_line_of_ours_is_no_marker(comment: str) -> None:
    assert sql.marker_of(comment) is None
    assert sql.without_marker(comment) == comment


@pytest.mark.parametrize("body", ["", "PROMPT", "AI_COMPLETE('M', PROMPT)::VARCHAR"])
def test_another_body_calls_no_model_that_we_know(body: str) -> None:
    assert sql.parse_body([{"property": "body", "value": body}]) is None


def test_functions_of_other_types_are_left_out() -> None:
    row = {"catalog_name": "DB", "schema_name": "ML", "name": "F"}
    rows = [{**row, "arguments": f"F({types}) RETURN VARCHAR"} for types in ("", "NUMBER")]
    assert sql.parse(rows) == {}


def test_a_model_that_an_alias_of_any_stack_calls_is_not_dropped() -> None:
    found = _found({"serves": str(TARGET), "by": "p/prod/app"})
    assert found is not None
    error = plan.called(TARGET, [found])
    assert error is not None
    assert "function DB.ML.SUPPORT_COMPLETE of p/prod/app" in error.what
    assert plan.called(TARGET.sibling("OTHER"), [found]) is None


def test_a_model_that_an_alias_calls_by_its_body_or_its_marker_is_not_dropped() -> None:
    other = TARGET.sibling("OTHER")
    found = _found({"serves": str(other), "says": str(TARGET)})
    assert found is not None
    assert plan.called(other, [found])
    assert plan.called(TARGET, [found])


@pytest.mark.parametrize("text", ["27aa01c9f", "27aa01c9fg", "a" * 65, ""])
def test_a_pin_is_ten_digits_of_a_hash_or_more(text: str) -> None:
    with pytest.raises(CortexError, match="is no version"):
        pin_of(text)
    assert pin_of(" 27AA01C9F0 ") == "27aa01c9f0"


@pytest.mark.parametrize("parts", [("a/b", "s", "k"), ("p", " s", "k"), ("p", "s", "k serves=x")])
def test_what_a_marker_cannot_carry_is_refused(parts: tuple[str, str, str]) -> None:
    with pytest.raises(CortexError, match="cannot be part of the marker"):
        AliasMarker(*parts, TARGET)


def test_what_is_read_of_functions_is_read_once_for_a_schema_or_a_database() -> None:
    assert [
        sql.show_in(NAME.parent).text,
        sql.show_beside(TARGET).text,
        sql.describe(NAME).text,
    ] == [
        "SHOW USER FUNCTIONS IN SCHEMA DB.ML",
        "SHOW USER FUNCTIONS IN DATABASE DB",
        "DESCRIBE FUNCTION DB.ML.SUPPORT_COMPLETE(VARCHAR)",
    ]
    assert ModelAlias(NAME).function == Securable.parse("FUNCTION DB.ML.SUPPORT_COMPLETE(VARCHAR)")


def test_the_digits_of_a_version_are_read_out_of_its_name() -> None:
    assert version_of(TARGET) == "27aa01c9f0"
    assert unversioned(TARGET) == QualifiedName.parse("DB.ML.SUPPORT")
    assert (version_of(NAME), unversioned(NAME)) == ("", NAME)


def test_a_body_that_names_no_whole_model_calls_none_that_we_know() -> None:
    rows = [{"property": "body", "value": "AI_COMPLETE('no name', PROMPT)::VARCHAR"}]
    assert sql.parse_body(rows) is None
    assert sql.marker_of("[cortex-resources alias p/s/k serves=no name]") is None


def test_making_a_function_needs_its_schema_and_create_function() -> None:
    role = role_named("TRAINER")
    assert [item.grant_to(role) for item in of_function(NAME)] == [
        "GRANT USAGE ON DATABASE DB TO ROLE TRAINER",
        "GRANT USAGE ON SCHEMA DB.ML TO ROLE TRAINER",
        "GRANT CREATE FUNCTION ON SCHEMA DB.ML TO ROLE TRAINER",
    ]


def test_what_a_role_lacks_to_make_a_function_is_told_as_it_stands() -> None:
    role, needed = role_named("TRAINER"), of_function(NAME)
    assert not_made(NAME, role, needed[2:], frozenset()).line == (
        "ROLE TRAINER may not make function DB.ML.SUPPORT_COMPLETE; where the objects exist run:"
        " GRANT CREATE FUNCTION ON SCHEMA DB.ML TO ROLE TRAINER"
    )
    revoked = frozenset({(needed[2].on, Privilege("CREATE FUNCTION", role))})
    told = not_made(NAME, role, needed, revoked)
    assert told.what == (
        "ROLE TRAINER needs CREATE FUNCTION on SCHEMA DB.ML to make function"
        " DB.ML.SUPPORT_COMPLETE, and this run revokes it"
    )


def test_what_waits_is_told_with_what_is_called_meanwhile() -> None:
    assert plan.waits("F", "OLD", "NEW") == "F keeps calling OLD until NEW is ready and has passed"
    assert plan.waits("F", "", "NEW") == "F is created once NEW is ready and has passed"


def test_a_function_of_another_role_is_regained_by_a_grant_that_keeps_its_grants() -> None:
    told = plan.regain(NAME, role_named("TRAINER"))
    grant = "GRANT OWNERSHIP ON FUNCTION DB.ML.SUPPORT_COMPLETE(VARCHAR) TO ROLE TRAINER"
    assert f"{grant} COPY CURRENT GRANTS" in told
