"""Every way to log in reaches the account as the connector should send it (5.x or 4.x)."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from cortex_resources.errors import ConnectError
from cortex_resources.gateway.session import Account
from cortex_resources.gateway.settings import resolve
from cortex_resources.model.effects import Effect, Statement
from tests.gateway.wire import Wire, serving

READ = Statement("SHOW ROLES", Effect.READ)
PASSPHRASE = "hunter2-planted"


def key_text(passphrase: str = "") -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        encryption = serialization.BestAvailableEncryption(passphrase.encode())
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
    ).decode()


def logged_in(wire: Wire, folder: Path, keys: str, **variables: str) -> dict[str, object]:
    """What the login sent, after a statement over a connection with these keys."""
    home = folder / ".snowflake"
    home.mkdir()
    file = home / "connections.toml"
    file.write_text(
        f'[team]\naccount = "org-acc"\nuser = "ANN"\nhost = "127.0.0.1"\nport = {wire.port}\n'
        f'protocol = "http"\n{keys}\n'
    )
    file.chmod(0o600)
    account = Account(resolve("team", environ={"HOME": str(folder), **variables}, folder=folder))
    try:
        account.run(READ)
    finally:
        account.close()
    assert len(wire.logins) == 1
    told = wire.logins[0].body["data"]
    assert isinstance(told, dict)
    return told


def test_a_password(tmp_path: Path) -> None:
    with serving() as wire:
        told = logged_in(wire, tmp_path, 'password = "p"')
    assert (told["LOGIN_NAME"], told["PASSWORD"]) == ("ANN", "p")


@pytest.mark.parametrize("passphrase", ["", PASSPHRASE], ids=["plain", "encrypted"])
def test_a_key_pair_from_a_file(tmp_path: Path, passphrase: str) -> None:
    (tmp_path / "key.p8").write_text(key_text(passphrase))
    keys = f'private_key_file = "{tmp_path / "key.p8"}"'
    if passphrase:
        keys += f'\nprivate_key_passphrase = "{passphrase}"'
    with serving() as wire:
        told = logged_in(wire, tmp_path, keys)
    assert told["AUTHENTICATOR"] == "SNOWFLAKE_JWT"
    assert str(told["TOKEN"]).count(".") == 2


@pytest.mark.parametrize("passphrase", ["", PASSPHRASE], ids=["plain", "encrypted"])
def test_a_key_pair_from_a_variable(tmp_path: Path, passphrase: str) -> None:
    with serving() as wire:
        told = logged_in(
            wire,
            tmp_path,
            "",
            SNOWFLAKE_PRIVATE_KEY_RAW=key_text(passphrase),
            SNOWFLAKE_PRIVATE_KEY_PASSPHRASE=passphrase,
        )
    assert told["AUTHENTICATOR"] == "SNOWFLAKE_JWT"
    assert str(told["TOKEN"]).count(".") == 2


def test_a_key_pair_as_base64_of_its_bytes(tmp_path: Path) -> None:
    lines = key_text().splitlines()[1:-1]
    with serving() as wire:
        told = logged_in(wire, tmp_path, "", SNOWFLAKE_PRIVATE_KEY_RAW="".join(lines))
    assert told["AUTHENTICATOR"] == "SNOWFLAKE_JWT"


def test_a_programmatic_access_token(tmp_path: Path) -> None:
    keys = 'authenticator = "PROGRAMMATIC_ACCESS_TOKEN"\ntoken = "pat"'
    with serving() as wire:
        told = logged_in(wire, tmp_path, keys)
    assert (told["AUTHENTICATOR"], told["TOKEN"]) == ("PROGRAMMATIC_ACCESS_TOKEN", "pat")


def test_an_oauth_token(tmp_path: Path) -> None:
    with serving() as wire:
        told = logged_in(wire, tmp_path, "", SNOWFLAKE_TOKEN="tok")
    assert (told["AUTHENTICATOR"], told["TOKEN"]) == ("OAUTH", "tok")


@pytest.mark.parametrize(
    ("passphrase", "given", "told"),
    [
        (PASSPHRASE, "", "needs its passphrase"),
        (PASSPHRASE, "wrong", "cannot be opened with this passphrase"),
        ("", "needless", "has no passphrase, but one is given"),
    ],
)
def test_a_passphrase_that_does_not_fit_is_told_as_such(
    tmp_path: Path, passphrase: str, given: str, told: str
) -> None:
    (tmp_path / "key.p8").write_text(key_text(passphrase))
    keys = f'private_key_file = "{tmp_path / "key.p8"}"'
    with serving() as wire, pytest.raises(ConnectError, match=told) as caught:
        logged_in(wire, tmp_path, keys, SNOWFLAKE_PRIVATE_KEY_PASSPHRASE=given)
    assert "SNOWFLAKE_PRIVATE_KEY_PASSPHRASE" in caught.value.hint
    assert PASSPHRASE not in str(caught.value)


@pytest.mark.parametrize(
    "keys",
    [
        'private_key_file = "/nowhere/key.p8"',
        'private_key_raw = "not a key"',
        'authenticator = "PERHAPS"\npassword = "p"',
        'authenticator = "SNOWFLAKE_JWT"',
        'authenticator = "PROGRAMMATIC_ACCESS_TOKEN"',
        "",
    ],
    ids=[
        "no such file",
        "no key",
        "unknown authenticator",
        "no key at all",
        "no token",
        "no password",
    ],
)
def test_credentials_that_cannot_work_are_one_clear_error(tmp_path: Path, keys: str) -> None:
    with serving() as wire:
        with pytest.raises(ConnectError, match='connection "team"') as caught:
            logged_in(wire, tmp_path, keys)
        assert wire.logins == []
    assert "connections.toml" in caught.value.hint
