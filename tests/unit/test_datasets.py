"""Jobs on a version of a dataset: its address, its statement, and how such a job is proved ours."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cortex_resources.errors import (
    InvalidNameError,
    NoDatasetError,
    ObjectMissingError,
    PrivilegeMissingError,
)
from cortex_resources.model.datasets import DatasetVersion, version_in
from cortex_resources.model.effects import Statement
from cortex_resources.model.grants import role_named
from cortex_resources.model.job_policy import JobPolicy, OnFailure
from cortex_resources.model.jobs import JobRecord, Marker, ModelRecord, Status, TrainingJob
from cortex_resources.model.names import QualifiedName
from cortex_resources.model.orders import Order
from cortex_resources.plan import adoption, guard, job_failures, privileges
from cortex_resources.preflight import datasets as preflight
from cortex_resources.preflight.presence import Viewer
from cortex_resources.sql import datasets, finetune
from cortex_resources.sql.history import Outcome, Trace

VERSION = DatasetVersion.parse("snow://dataset/DB.ML.D/versions/v1")
WISH = QualifiedName.parse("DB.ML.M")
JOB = TrainingJob(WISH, "arctic-extract", training_dataset=VERSION)
ORDER = Order(JOB, Marker("p", "s", "k", JOB.spec_hash))
NOON = 1_000_000


def a_record(status: Status = Status.IN_PROGRESS, **changes: Any) -> JobRecord:
    given = {"training_data": str(VERSION), "created_on": NOON, **changes}
    return JobRecord("ft_1", status, str(status), **given)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("snow://dataset/db.ml.d/versions/V1", "snow://dataset/DB.ML.D/versions/V1"),
        (' snow://dataset/DB.ML."my set"/versions/2/ ', 'snow://dataset/DB.ML."my set"/versions/2'),
    ],
)
def test_an_address_has_one_spelling(text: str, shown: str) -> None:
    assert str(DatasetVersion.parse(text)) == shown


@pytest.mark.parametrize(
    "text",
    ["", "DB.ML.D", "snow://dataset/DB.ML.D", "snow://dataset/D/versions/1", "SELECT 1"],
)
def test_anything_else_is_no_address(text: str) -> None:
    assert version_in(text) is None
    with pytest.raises(InvalidNameError):
        DatasetVersion.parse(text)


def test_a_validation_dataset_stands_where_a_query_would() -> None:
    held_out = DatasetVersion.parse("snow://dataset/DB.ML.D/versions/v2")
    job = replace(JOB, validation_dataset=held_out)
    assert finetune.create(job, "key").text.count(f"'{held_out}'") == 1
    assert job.spec_hash != JOB.spec_hash


def test_the_name_in_a_reply_may_carry_its_at_sign() -> None:
    told = finetune.parse_job('{"id": "ft_1", "status": "SUCCESS", "model": "@DB.ML.M"}')
    assert told.model == WISH


def test_the_cost_of_documents_is_said_to_be_unknown() -> None:
    assert "of an unknown cost" in guard.ceiling(JOB)
    assert guard.uncounted_faults(JOB) == []
    (fault,) = guard.uncounted_faults(replace(JOB, max_rows=5))
    assert fault.startswith("the budget of DB.ML.M cannot be kept")


def test_what_a_role_needs_is_told_once() -> None:
    held_out = DatasetVersion.parse("snow://dataset/RAW.DOCS.D/versions/v2")
    needed = privileges.requirements(replace(JOB, validation_dataset=held_out))
    assert [f"{item.privilege} {item.on}" for item in needed] == [
        "USAGE DATABASE DB",
        "USAGE SCHEMA DB.ML",
        "CREATE MODEL SCHEMA DB.ML",
        "USAGE DATASET DB.ML.D",
        "USAGE DATABASE RAW",
        "USAGE SCHEMA RAW.DOCS",
        "USAGE DATASET RAW.DOCS.D",
    ]


def test_a_signature_reads_as_the_comment_in_front_of_a_query() -> None:
    for attempt in (1, 2):
        key = adoption.key_of(ORDER)
        proof = Trace("q", Outcome.DONE, NOON, attempt=attempt, signature=key)
        record = a_record(training_data=adoption.signed(str(VERSION), proof))
        assert adoption.is_signed(record)
        assert adoption.attempt_of(record, ORDER) == attempt
        assert version_in(record.training_data) is None


@pytest.mark.parametrize(
    ("record", "is_doubtful"),
    [
        (a_record(), True),
        (a_record(training_data=None), True),
        (a_record(Status.ERROR), False),
        (a_record(training_data="snow://dataset/DB.ML.D/versions/v2"), False),
        (a_record(training_data=f"/* cortex-resources p/t/k spec=0 */ {VERSION}"), False),
    ],
)
def test_only_a_running_unsigned_job_on_the_same_documents_is_in_doubt(
    record: JobRecord, is_doubtful: bool
) -> None:
    assert (adoption.found(ORDER, [record], {}).doubt is not None) is is_doubtful


def test_an_unsigned_job_that_names_our_model_does_not_make_it_a_strangers() -> None:
    model = ModelRecord(JOB.model_name, adoption.TUNED, "R", "")
    ended = a_record(Status.SUCCESS, model=model.name)
    doubt = adoption.found(ORDER, [ended], {model.name: model}).doubt
    assert doubt is not None
    assert "nobody's marker" in doubt.what
    signed = replace(ended, training_data=f"/* cortex-resources p/t/k spec=0 */ {VERSION}")
    assert adoption.found(ORDER, [signed], {model.name: model}).doubt is None


def test_versions_are_read_by_name_and_a_reply_without_names_tells_nothing() -> None:
    assert datasets.parse_versions([{"version": "v1"}, {"name": "v2"}, {"other": 1}]) == [
        "v1",
        "v2",
    ]
    preflight.require_versions((VERSION, None), lambda _: [{"other": 1}])
    with pytest.raises(NoDatasetError, match="it has none yet"):
        preflight.require_versions((VERSION,), lambda _: [])


def _viewer(**replies: list[dict[str, object]]) -> Viewer:
    """A role that is told this by SHOW DATASETS, DATABASES, …; any other question is refused."""

    def read(statement: Statement) -> list[dict[str, object]]:
        noun = statement.text.split()[1].lower()
        if noun not in replies:
            raise PrivilegeMissingError("no")
        return replies[noun]

    return Viewer(read, lambda: role_named("R"))


def _hidden(_: Statement) -> list[dict[str, object]]:
    raise ObjectMissingError("not there, or not for you")


MANAGES: list[dict[str, object]] = [
    {"privilege": "MANAGE GRANTS", "granted_to": "ROLE", "grantee_name": "R"}
]


@pytest.mark.parametrize(
    "viewers",
    [
        [],
        [_viewer(datasets=[])],
        [_viewer(datasets=[{"name": "D"}], grants=MANAGES)],
        [_viewer(databases=[])],
    ],
    ids=["nobody looks", "no proof", "listed", "hidden database"],
)
def test_a_dataset_that_may_only_be_hidden_is_not_called_gone(viewers: list[Viewer]) -> None:
    with pytest.raises(ObjectMissingError):
        preflight.require_versions((VERSION,), _hidden, viewers)


@pytest.mark.parametrize(
    "viewer",
    [
        _viewer(datasets=[{"name": "D_OLD"}], grants=MANAGES),
        _viewer(grants=MANAGES),
        _viewer(databases=[{"name": "DB"}], schemas=[]),
    ],
    ids=["not listed", "no schema seen by all", "schema gone"],
)
def test_a_dataset_that_is_provably_gone_is_named_with_the_way_to_make_it(viewer: Viewer) -> None:
    told = r"DB.ML.D is not there(?s:.*)CREATE DATASET DB.ML.D; ALTER DATASET DB.ML.D ADD VERSION"
    with pytest.raises(NoDatasetError, match=told):
        preflight.require_versions((VERSION,), _hidden, [_viewer(), viewer])


def test_documents_that_could_not_be_read_are_mended_by_another_version() -> None:
    failed = a_record(Status.ERROR, error_code="INVALID_PARAMETER_VALUE")
    for policy in (JobPolicy(), JobPolicy(on_failure=OnFailure.RETRY)):
        assert (
            "Name another version of the dataset"
            in job_failures.failed(WISH, failed, 1, policy).hint
        )
