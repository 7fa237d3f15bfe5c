"""Key pairs and programmatic access tokens: who gets in with what, and what is kept of it."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
import snowflake.connector
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from cortex_resources.emulator import key_pairs
from cortex_resources.emulator.entities import User
from cortex_resources.emulator.server import LocalAccount
from cortex_resources.emulator.wire import jwt
from tests.emulator import keys

DatabaseError = snowflake.connector.errors.DatabaseError


def _by_key(connect: Any, user: str, number: int, **more: Any) -> Any:
    private, _ = keys.pair(number)
    return connect(
        user=user, password=None, authenticator="SNOWFLAKE_JWT", private_key=private, **more
    )


def _by_token(connect: Any, user: str, secret: str, **more: Any) -> Any:
    return connect(
        user=user,
        password=None,
        authenticator="PROGRAMMATIC_ACCESS_TOKEN",
        token=secret,
        **more,
    )


@pytest.fixture
def ann(sql: Any) -> None:
    """A user with a role and two public keys."""
    sql(
        "CREATE ROLE TRAINER",
        f"CREATE USER ANN RSA_PUBLIC_KEY = '{keys.body(keys.pair(0)[1])}' DEFAULT_ROLE = TRAINER",
        f"ALTER USER ANN SET RSA_PUBLIC_KEY_2 = '{keys.pair(1)[1]}'",
        "GRANT ROLE TRAINER TO USER ANN",
    )


def test_each_of_two_key_pairs_lets_a_user_in(connect: Any, run: Any, ann: None) -> None:
    for number in (0, 1):
        rows = run(
            _by_key(connect, "ann", number), "SELECT CURRENT_USER() AS u, CURRENT_ROLE() AS r"
        )
        assert rows == [{"U": "ANN", "R": "TRAINER"}]


def test_a_strange_key_a_removed_key_and_another_user_are_refused(
    connect: Any, sql: Any, ann: None
) -> None:
    with pytest.raises(DatabaseError, match="JWT token is invalid") as refused:
        _by_key(connect, "ann", 2)
    assert "390144" in f"{refused.value.errno} {refused.value}"
    sql("ALTER USER ANN UNSET RSA_PUBLIC_KEY_2")
    for user, number in (("ann", 1), ("LOCAL_ADMIN", 0), ("nobody", 0)):
        with pytest.raises(DatabaseError, match="JWT token is invalid"):
            _by_key(connect, user, number)


def test_describe_user_shows_the_fingerprint_and_no_secret(sql: Any, ann: None) -> None:
    sql("ALTER USER ANN SET PASSWORD = 'S3cret!word'")
    shown = {row["property"]: row["value"] for row in sql("DESCRIBE USER ANN")}
    assert shown["RSA_PUBLIC_KEY_FP"] == key_pairs.parse(keys.pair(0)[1]).fingerprint
    assert shown["RSA_PUBLIC_KEY_2_FP"].startswith("SHA256:")
    assert shown["PASSWORD"] == "********"
    assert shown["EMAIL"] == "null"


def _token(number: int, claims: dict[str, Any], header: dict[str, Any] | None = None) -> str:
    private = serialization.load_der_private_key(keys.pair(number)[0], None)
    assert isinstance(private, rsa.RSAPrivateKey)
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
        for part in (header or {"alg": "RS256", "typ": "JWT"}, claims)
    ]
    signature = private.sign(".".join(parts).encode(), padding.PKCS1v15(), hashes.SHA256())
    return ".".join([*parts, base64.urlsafe_b64encode(signature).decode().rstrip("=")])


NOW = 1_800_000_000.0
ANN = User(id="u", name="ANN", login_name="ANN@EXAMPLE.COM", public_key=keys.body(keys.pair(0)[1]))
PRINT = key_pairs.parse(keys.pair(0)[1]).fingerprint
GOOD = {"sub": "LOCAL.ANN", "iss": f"LOCAL.ANN.{PRINT}", "iat": NOW, "exp": NOW + 60}


def test_a_right_token_is_valid_by_either_name_of_the_user() -> None:
    assert jwt.is_valid(_token(0, GOOD), ANN, "local", NOW)
    mail = {"sub": "LOCAL.ANN@EXAMPLE.COM", "iss": f"LOCAL.ANN@EXAMPLE.COM.{PRINT}"}
    assert jwt.is_valid(_token(0, GOOD | mail), ANN, "local.eu-west-1", NOW)


def test_times_in_milliseconds_are_read_and_the_user_is_named_by_the_token() -> None:
    late = {"iat": int(NOW * 1000), "exp": int((NOW + 60) * 1000)}
    token = _token(0, GOOD | late)
    assert jwt.is_valid(token, ANN, "local", NOW)
    assert not jwt.is_valid(token, ANN, "local", NOW + 200)
    assert jwt.subject_user(token) == "ANN"
    assert [jwt.subject_user(text) for text in ("", "a.b.c", "x")] == ["", "", ""]


@pytest.mark.parametrize(
    ("change", "header"),
    [
        ({"sub": "OTHER.ANN", "iss": f"OTHER.ANN.{PRINT}"}, None),
        ({"sub": "LOCAL.BOB", "iss": f"LOCAL.BOB.{PRINT}"}, None),
        ({"iss": "LOCAL.ANN.SHA256:x"}, None),
        ({"iss": f"LOCAL.BOB.{PRINT}"}, None),
        ({"exp": NOW - 61}, None),
        ({"iat": NOW + 120, "exp": NOW + 180}, None),
        ({"iat": NOW - 4_000, "exp": NOW + 9_000}, None),
        ({"exp": "soon"}, None),
        ({"exp": None}, None),
        ({"sub": ["LOCAL.ANN"]}, None),
        ({}, {"alg": "none"}),
        ({}, {"alg": "HS256"}),
    ],
)
def test_a_wrong_claim_is_refused(change: dict[str, Any], header: dict[str, Any] | None) -> None:
    assert not jwt.is_valid(_token(0, GOOD | change, header), ANN, "local", NOW)


def test_a_signature_of_another_key_or_a_changed_text_is_refused() -> None:
    assert not jwt.is_valid(_token(1, GOOD), ANN, "local", NOW)
    head, claims, signature = _token(0, GOOD).split(".")
    other = _token(0, GOOD | {"exp": NOW + 61}).split(".")[1]
    for damaged in (
        f"{head}.{other}.{signature}", f"{head}.{claims}.", f"{head}.{claims}", "", "a.b.c",
        f"{head}.{claims}.{'A' * 342}", f"{head}.{claims}.{signature}x",
    ):  # fmt: skip
        assert not jwt.is_valid(damaged, ANN, "local", NOW)


@pytest.mark.parametrize("text", ["x", "AAAA", "MIIB", keys.body(keys.pair(0)[1])[:-8], "MA=="])
def test_text_that_is_no_public_key_is_refused(error: Any, text: str) -> None:
    assert error(f"CREATE USER BOB RSA_PUBLIC_KEY = '{text}'") == (1008, "22023")


def test_an_access_token_lets_in_in_its_role_alone(connect: Any, sql: Any, run: Any) -> None:
    sql("CREATE ROLE A", "CREATE ROLE B", "CREATE USER ANN DEFAULT_ROLE = B")
    sql("GRANT ROLE A TO USER ANN", "GRANT ROLE B TO USER ANN")
    added = sql("ALTER USER ANN ADD PROGRAMMATIC ACCESS TOKEN CI ROLE_RESTRICTION = 'A'")
    assert list(added[0]) == ["token_name", "token_secret"]
    connection = _by_token(connect, "ann", added[0]["token_secret"])
    rows = run(connection, "SELECT CURRENT_ROLE() AS r, CURRENT_SECONDARY_ROLES() AS s")
    assert rows[0]["R"] == "A"
    assert json.loads(rows[0]["S"])["value"] == ""
    with pytest.raises(snowflake.connector.errors.ProgrammingError, match="B"):
        run(connection, "USE ROLE B")
    run(connection, "USE SECONDARY ROLES ALL")
    assert run(connection, "SELECT IS_ROLE_IN_SESSION('B') AS b") == [{"B": False}]
    with pytest.raises(DatabaseError, match="not granted"):
        _by_token(connect, "ann", added[0]["token_secret"], role="B")


def test_an_access_token_stands_for_a_password(connect: Any, sql: Any, run: Any) -> None:
    sql("CREATE USER ANN")
    secret = sql("ALTER USER ANN ADD PAT CI")[0]["token_secret"]
    rows = run(connect(user="ann", password=secret), "SELECT CURRENT_USER() AS u")
    assert rows == [{"U": "ANN"}]


def test_an_access_token_ends_by_the_accounts_clock(
    account: LocalAccount, connect: Any, sql: Any
) -> None:
    sql("CREATE USER ANN")
    secret = sql("ALTER USER ANN ADD PAT CI DAYS_TO_EXPIRY = 2")[0]["token_secret"]
    _by_token(connect, "ann", secret)
    account.account.clock.advance(2 * 86_400)
    with pytest.raises(DatabaseError, match="access token is invalid"):
        _by_token(connect, "ann", secret)
    shown = sql("SHOW USER PROGRAMMATIC ACCESS TOKENS FOR USER ANN")
    assert [(row["name"], row["status"]) for row in shown] == [("CI", "EXPIRED")]
    account.account.clock.advance(31 * 86_400)
    assert sql("SHOW USER PATS FOR USER ANN") == []


def test_a_disabled_a_removed_and_anothers_token_are_refused(connect: Any, sql: Any) -> None:
    sql("CREATE USER ANN", "CREATE USER BOB")
    secret = sql("ALTER USER ANN ADD PAT CI")[0]["token_secret"]
    with pytest.raises(DatabaseError):
        _by_token(connect, "bob", secret)
    sql("ALTER USER ANN MODIFY PAT CI SET DISABLED = TRUE")
    with pytest.raises(DatabaseError):
        _by_token(connect, "ann", secret)
    sql("ALTER USER ANN MODIFY PAT CI UNSET DISABLED", "ALTER USER ANN MODIFY PAT CI RENAME TO CD")
    _by_token(connect, "ann", secret)
    sql("ALTER USER ANN REMOVE PAT CD")
    with pytest.raises(DatabaseError):
        _by_token(connect, "ann", secret)


def test_a_rotated_token_leaves_the_old_secret_some_hours(
    account: LocalAccount, connect: Any, sql: Any
) -> None:
    sql("CREATE USER ANN")
    old = sql("ALTER USER ANN ADD PAT CI DAYS_TO_EXPIRY = 10")[0]["token_secret"]
    rotated = sql("ALTER USER ANN ROTATE PAT CI EXPIRE_ROTATED_TOKEN_AFTER_HOURS = 1")[0]
    assert rotated["token_name"] == "CI"
    for secret in (old, rotated["token_secret"]):
        _by_token(connect, "ann", secret)
    account.account.clock.advance(3_601)
    _by_token(connect, "ann", rotated["token_secret"])
    with pytest.raises(DatabaseError):
        _by_token(connect, "ann", old)


def test_users_have_tokens_of_their_own_and_others_need_ownership(
    connect: Any, sql: Any, run: Any
) -> None:
    sql("CREATE USER ANN PASSWORD = 'Abcdefg1'", "CREATE USER BOB")
    connection = connect(user="ann", password="Abcdefg1")
    added = run(connection, "ALTER USER ADD PROGRAMMATIC ACCESS TOKEN MINE COMMENT = 'ci'")
    assert added[0]["token_name"] == "MINE"
    assert [row["comment"] for row in run(connection, "SHOW USER PATS")] == ["ci"]
    with pytest.raises(snowflake.connector.errors.ProgrammingError):
        run(connection, "ALTER USER BOB ADD PAT THEIRS")


def test_neither_secrets_nor_passwords_reach_the_state_file_or_the_log(
    account: LocalAccount, connect: Any, sql: Any
) -> None:
    sql("CREATE USER ANN PASSWORD = 'hidden-word-1'", "ALTER USER ANN SET PASSWORD='hidden-word-2'")
    secret = sql("ALTER USER ANN ADD PAT CI")[0]["token_secret"]
    store = account.account.store
    with account.account.change():
        pass
    everything = str(
        store.connection.execute(
            "SELECT value FROM control.journal UNION ALL SELECT value FROM control.statements"
        ).fetchall()
    )
    log = str([entry.sql for entry in account.account.log])
    assert "ADD PAT CI" in log
    for word in ("hidden-word", secret):
        assert word not in everything + log


def test_a_disabled_user_is_refused_and_a_service_has_no_password(
    connect: Any, sql: Any, error: Any
) -> None:
    sql("CREATE USER ANN PASSWORD = 'Abcdefg1' DISABLED = TRUE")
    with pytest.raises(DatabaseError, match="disabled"):
        connect(user="ann", password="Abcdefg1")
    assert error("CREATE USER ROBOT TYPE = SERVICE PASSWORD = 'x'") == (1008, "22023")
    assert error("ALTER USER ANN SET TYPE = SERVICE") == (1008, "22023")
    sql("CREATE USER ROBOT TYPE = SERVICE")
    assert error("ALTER USER ROBOT ADD PAT CI") == (1008, "22023")


def test_other_ways_to_log_in_are_refused_by_name(account: LocalAccount, connect: Any) -> None:
    with pytest.raises(DatabaseError, match="OAUTH"):
        connect(password=None, authenticator="oauth", token="x")
