"""What a stack file that is right means."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from cortex_resources.model.fingerprints import DataWatch, FingerprintBy, OnDataChange
from cortex_resources.model.grants import (
    Grantee,
    GranteeType,
    Privilege,
    PrivilegeGrants,
    RoleGrants,
    Securable,
    SecurableType,
    privileges_of,
    role_named,
)
from cortex_resources.model.guard import Pace, Rate
from cortex_resources.model.names import QualifiedName
from cortex_resources.model.policy import Policy
from cortex_resources.model.snapshots import DatasetSnapshot
from cortex_resources.model.stack import DeclaredModel, Stack, Wait
from cortex_resources.model.views import TrainingView
from cortex_resources.specs.load import check, load, load_stack

QUERY = "SELECT question AS prompt, answer AS completion FROM DB.RAW.T"
VIEW_T = Securable(SecurableType.VIEW, QualifiedName(("DB", "ML", "T")))


def declared(tmp_path: Path, text: str, **parts: str) -> Stack:
    for name, content in {"stack": text, **parts}.items():
        (tmp_path / f"{name}.yaml").write_text(content, encoding="utf-8")
    return load_stack("stack", tmp_path)


def the_model(tmp_path: Path, text: str, views: str = "") -> DeclaredModel:
    body = "".join(f"    {line}\n" for line in text.splitlines())
    stack = declared(tmp_path, f"{views}\nmodels:\n  docs:\n    name: DB.ML.M\n{body}")
    return stack.models[0]


def test_an_empty_file_declares_nothing(tmp_path: Path) -> None:
    assert declared(tmp_path, "") == Stack("stack")
    assert declared(tmp_path, "# nothing yet\nmodels:\nviews:\ngrants:\n") == Stack("stack")


def test_on_stays_text_and_no_is_a_name(tmp_path: Path) -> None:
    stack = declared(tmp_path, "grants:\n  - on: {database: no}\n    to: {yes: [usage]}\n")
    assert stack.privileges == (
        PrivilegeGrants(Securable.parse("DATABASE NO"), privileges_of("USAGE to ROLE YES\n")),
    )


def test_entries_of_one_object_become_one(tmp_path: Path) -> None:
    stack = declared(
        tmp_path,
        """
        grants:
          - on: {schema: db.ml}
            to: {A: [USAGE, create  model], DB.READER: [USAGE]}
          - on: {schema: DB.ML}
            to: {B: [{privilege: USAGE, grant_option: true}]}
        """,
    )
    expected = (
        "USAGE to ROLE A\nCREATE MODEL to ROLE A\nUSAGE to DATABASE ROLE DB.READER\n"
        "USAGE to ROLE B with GRANT OPTION\n"
    )
    assert stack.privileges == (
        PrivilegeGrants(Securable.parse("SCHEMA DB.ML"), privileges_of(expected)),
    )


def test_every_type_of_object_takes_its_privileges(tmp_path: Path) -> None:
    stack = declared(
        tmp_path,
        """
        grants:
          - {on: {database: DB}, to: {R: [USAGE]}, exclusive: true}
          - {on: {schema: DB.ML}, to: {R: [USAGE]}}
          - {on: {warehouse: WH}, to: {R: [USAGE]}}
          - {on: {table: DB.RAW.T}, to: {R: [SELECT]}}
          - {on: {view: DB.ML.V}, to: {R: [SELECT]}}
          - {on: {model: 'DB.ML."my model"'}, to: {R: [USAGE]}}
        """,
    )
    assert [str(grants.on) for grants in stack.privileges] == [
        "DATABASE DB",
        "SCHEMA DB.ML",
        "WAREHOUSE WH",
        "TABLE DB.RAW.T",
        "VIEW DB.ML.V",
        'MODEL DB.ML."my model"',
    ]
    assert [grants.exclusive for grants in stack.privileges] == [True] + [False] * 5


def test_roles_are_given_to_roles_database_roles_and_users(tmp_path: Path) -> None:
    stack = declared(
        tmp_path,
        """
        grants:
          - on: {database_role: SNOWFLAKE.CORTEX_USER}
            to: [A]
          - on: {database_role: DB.READER}
            to: [DB.WRITER, {user: anna}]
          - on: {role: R}
            to: [A, {user: '"anna"'}]
            exclusive: true
          - on: {database_role: SNOWFLAKE.CORTEX_USER}
            to: [B]
        """,
    )
    anna, quoted = (Grantee(GranteeType.USER, QualifiedName((n,))) for n in ("ANNA", "anna"))
    assert stack.roles == (
        RoleGrants(role_named("SNOWFLAKE.CORTEX_USER"), frozenset(map(role_named, "AB"))),
        RoleGrants(role_named("DB.READER"), frozenset([role_named("DB.WRITER"), anna])),
        RoleGrants(role_named("R"), frozenset([role_named("A"), quoted]), exclusive=True),
    )


def test_a_view_keeps_its_query_comment_and_secure(tmp_path: Path) -> None:
    stack = declared(
        tmp_path,
        f"views:\n  a: {{name: db.ml.v, query: '{QUERY}', comment: hello, secure: true}}\n",
    )
    name = QualifiedName(("DB", "ML", "V"))
    assert stack.views == {"a": TrainingView(name, QUERY, comment="hello", secure=True)}


def test_a_model_takes_every_key(tmp_path: Path) -> None:
    views = f"views:\n  t: {{name: DB.ML.T, query: '{QUERY}'}}"
    model = the_model(
        tmp_path,
        f"""base_model: llama3.1-8b
training: {{view: t}}
validation: {{query: "{QUERY}"}}
max_epochs: 3
budget: {{max_trained_tokens: 1000}}
run_as: {{role: trainer, warehouse: '"wh"'}}
comment: hello
wait: bounded
wait_minutes: 1.5
retrain_token: again
""",
        views,
    )
    job = model.job
    assert (model.key, model.comment, model.wait, model.wait_minutes, model.reads) == (
        "docs",
        "hello",
        Wait.BOUNDED,
        1.5,
        (VIEW_T,),
    )
    assert (job.model, job.base_model) == (QualifiedName(("DB", "ML", "M")), "llama3.1-8b")
    assert job.training_query == "SELECT PROMPT, COMPLETION FROM DB.ML.T"
    assert (job.validation_query, job.definitions) == (QUERY, (QUERY,))
    assert (job.max_epochs, job.max_trained_tokens, job.retrain_token) == (3, 1000, "again")
    assert (job.role, job.warehouse) == ("TRAINER", '"wh"')


def test_left_out_keys_have_the_model_s_defaults(tmp_path: Path) -> None:
    model = the_model(tmp_path, f"base_model: llama3.1-8b\ntraining: {{query: '{QUERY}'}}\n")
    assert model == DeclaredModel("docs", model.job)
    assert (model.job.validation_query, model.job.max_epochs, model.job.role) == (None, None, None)
    assert declared(tmp_path, "policy: {}").policy == Policy()


def test_a_dataset_takes_the_place_of_the_query(tmp_path: Path) -> None:
    address = "snow://dataset/DB.ML.D/versions/v1"
    job = the_model(
        tmp_path, f"base_model: arctic-extract\ntraining: {{dataset: '{address}'}}\nmax_epochs: 2\n"
    ).job
    assert (str(job.training_dataset), job.validation_dataset) == (address, None)
    assert (job.training_query, job.training_data) == ("", address)


def test_one_view_for_both_is_read_once(tmp_path: Path) -> None:
    views = f"views:\n  t: {{name: DB.ML.T, query: '{QUERY}'}}"
    text = "base_model: llama3.1-8b\ntraining: {view: t}\nvalidation: {view: t}\n"
    model = the_model(tmp_path, text, views)
    assert (model.reads, model.job.definitions) == ((VIEW_T,), (QUERY,))


def test_a_view_s_query_decides_the_hash_and_its_comment_does_not(tmp_path: Path) -> None:
    def spec_hash(view: str) -> str:
        views = f"views:\n  t: {{name: DB.ML.T, {view}}}"
        text = "base_model: llama3.1-8b\ntraining: {view: t}\n"
        return the_model(tmp_path, text, views).job.spec_hash

    plain = spec_hash(f"query: '{QUERY}'")
    assert plain == spec_hash(f"query: '{QUERY}', comment: other")
    assert plain != spec_hash(f"query: '{QUERY} WHERE 1 = 1'")


def test_a_model_and_a_view_may_share_a_name(tmp_path: Path) -> None:
    views = f"views:\n  t: {{name: DB.ML.M, query: '{QUERY}'}}"
    assert the_model(tmp_path, "base_model: llama3.1-8b\ntraining: {view: t}\n", views).reads


def test_policy_is_what_the_file_says(tmp_path: Path) -> None:
    text = "policy: {allow_training: false, allow_drop: true, protect: true, retain: true}"
    assert declared(tmp_path, text).policy == Policy(
        allow_training=False, allow_drop=True, protect=True, retain=True
    )


def test_an_unknown_or_legacy_base_model_is_a_warning(tmp_path: Path) -> None:
    text = "".join(
        f"  {key}:\n    name: DB.ML.{key}\n    base_model: {base}\n"
        f"    training: {{query: '{QUERY}'}}\n"
        for key, base in {"a": "lama3.1-8b", "b": "mistral-7b", "c": "gpt"}.items()
    )
    (tmp_path / "stack.yaml").write_text(f"models:\n{text}")
    warnings = load("stack", tmp_path).warnings
    assert [warning.split("stack.yaml:")[1][:5] for warning in warnings] == [
        "4:17:",
        "8:17:",
        "12:17",
    ]
    assert "is not in the table of" in warnings[0]
    assert warnings[0].endswith("; did you mean llama3.1-8b?")
    assert warnings[1].endswith("or set allow_legacy: true where your account may use it")
    assert warnings[2].endswith("the account decides")


def test_a_model_reads_the_table_that_holds_the_rows_of_its_snapshot(tmp_path: Path) -> None:
    (tmp_path / "stack.yaml").write_text(READERS % "T")
    stack = load("stack", tmp_path).stack
    frozen = stack.snapshots["f"].table
    assert [str(on) for on in stack.models[0].reads] == [f"TABLE {frozen}", "VIEW DB.ML.V"]


READERS = """
grants:
  - {on: {view: DB.ML.V}, to: {T: [SELECT]}}
  - {on: {table: DB.ML.F}, to: {%s: [SELECT]}}
views: {v: {name: DB.ML.V, query: 'SELECT q AS prompt, a AS completion FROM DB.RAW.T'}}
snapshots: {f: {name: DB.ML.F, query: 'SELECT q AS prompt, a AS completion FROM DB.RAW.T'}}
models:
  m:
    name: DB.ML.M
    base_model: llama3.3-70b
    training: {snapshot: f}
    validation: {view: v}
    run_as: {role: T}
"""


@pytest.mark.parametrize(("reader", "told"), [("T", 0), ("PUBLIC", 0), ("OTHER", 1)])
def test_a_role_that_is_not_given_what_its_job_reads_is_a_doubt_of_a_check_and_not_of_a_run(
    tmp_path: Path, reader: str, told: int
) -> None:
    (tmp_path / "stack.yaml").write_text(READERS % reader)
    doubts = check("stack", tmp_path).doubts
    assert len(doubts) == told
    for doubt in doubts:
        assert "stack.yaml:11:26: no grant here gives ROLE T SELECT on TABLE DB.ML.F" in doubt
    assert not any("SELECT" in warning for warning in load("stack", tmp_path).warnings)


@pytest.mark.parametrize(("maker", "told"), [("T", 0), ("PUBLIC", 0), ("OTHER", 1)])
def test_a_role_that_is_not_given_what_makes_its_alias_is_a_doubt(
    tmp_path: Path, maker: str, told: int
) -> None:
    given = f"grants:\n  - {{on: {{schema: DB.ML}}, to: {{{maker}: [CREATE FUNCTION]}}}}"
    text = READERS.replace("grants:", given) % "T" + "    alias: {name: DB.ML.ANSWER}\n"
    (tmp_path / "stack.yaml").write_text(text)
    doubts = check("stack", tmp_path).doubts
    assert len(doubts) == told
    for doubt in doubts:
        assert "stack.yaml:15:19: no grant here gives ROLE T CREATE FUNCTION on SCHEMA" in doubt
        assert doubt.endswith("without it alias DB.ML.ANSWER is not made")


def test_grants_hold_what_was_declared_and_nothing_else(tmp_path: Path) -> None:
    stack = declared(tmp_path, "grants:\n  - {on: {database: DB}, to: {R: [USAGE]}}\n")
    assert stack.privileges[0].privileges == {Privilege("USAGE", role_named("R"))}


def test_the_case_of_a_base_model_is_no_difference(tmp_path: Path) -> None:
    rates = "rates:\n  Llama3.1-8B: {credits_per_million_tokens: 2, as_of: 2026-11-01}\n"
    rest = f"training: {{query: {QUERY!r}}}\nmax_epochs: 1\nbudget: {{max_credits: 5}}\n"
    loud, plain = (
        the_model(tmp_path, f"base_model: {name}\n{rest}", rates).job
        for name in ("LLAMA3.1-8B", "llama3.1-8b")
    )
    assert loud == plain
    assert loud.base_model == "llama3.1-8b"
    assert loud.rate == Rate(2, datetime.date(2026, 11, 1))
    (warning,) = load("stack", tmp_path).warnings
    assert "did you mean" not in warning


def test_rates_and_limits_reach_job_and_policy(tmp_path: Path) -> None:
    stack = declared(
        tmp_path,
        f"""rates:
  llama3.1-8b: {{credits_per_million_tokens: 2, as_of: 2026-11-01}}
models:
  docs:
    name: DB.ML.M
    base_model: llama3.1-8b
    training: {{query: "{QUERY}"}}
    max_epochs: 1
    budget: {{max_credits: 5, max_rows: 10}}
policy: {{max_concurrent_jobs: 2, min_retrain_interval: 7d, max_retrains_30d: 3}}
""",
    )
    rate = Rate(2.0, datetime.date(2026, 11, 1))
    (model,) = stack.models
    assert (model.job.rate, model.job.max_credits, model.job.max_rows) == (rate, 5, 10)
    assert stack.policy.pace == Pace(2, 604_800, 3)


def test_a_model_says_how_its_rows_are_watched(tmp_path: Path) -> None:
    views = f"views:\n  t: {{name: DB.ML.T, query: '{QUERY}'}}"
    valid = "SELECT prompt, completion FROM V"
    head = f"base_model: llama3.1-8b\ntraining: {{view: t}}\nvalidation: {{query: '{valid}'}}\n"
    by_hash = the_model(tmp_path, head + "data: {fingerprint: hash, on_change: retrain}", views)
    assert by_hash.data == DataWatch(
        FingerprintBy.HASH,
        queries=(QUERY, valid),
        on_change=OnDataChange.RETRAIN,
    )
    by_time = the_model(
        tmp_path, head + "data: {fingerprint: commit_time, tables: [db.raw.t]}", views
    )
    assert by_time.data == DataWatch(
        FingerprintBy.COMMIT_TIME, tables=(QualifiedName(("DB", "RAW", "T")),)
    )
    by_text = the_model(tmp_path, head + "data: {fingerprint: text, text: dbt 1}", views)
    assert by_text.data == DataWatch(FingerprintBy.TEXT, "dbt 1")
    assert the_model(tmp_path, head, views).data == DataWatch()


def test_a_model_trains_on_frozen_rows(tmp_path: Path) -> None:
    stack = declared(
        tmp_path,
        f"""snapshots:
  frozen: {{name: db.ml.frozen, query: "{QUERY}", as_of: november, comment: pairs}}
models:
  docs: {{name: DB.ML.M, base_model: llama3.1-8b, training: {{snapshot: frozen}}}}
""",
    )
    snapshot = DatasetSnapshot(QualifiedName(("DB", "ML", "FROZEN")), QUERY, "november", "pairs")
    assert stack.snapshots == {"frozen": snapshot}
    assert stack.models[0].job.training_query == snapshot.training_query
