"""Which login a connection's name stands for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cortex_resources.errors import ConnectError
from cortex_resources.gateway.local import is_loopback
from cortex_resources.gateway.settings import Settings, resolve

SECRET = "hunter2-planted"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / ".snowflake").mkdir()
    return tmp_path


def write(home: Path, text: str, name: str = "connections.toml", mode: int = 0o600) -> Path:
    file = home / ".snowflake" / name
    file.write_text(text)
    file.chmod(mode)
    return file


def resolved(home: Path, connection: str, **environ: str) -> Settings:
    return resolve(connection, environ={"HOME": str(home), **environ}, folder=home)


TEAM = """
[team]
account = "org-acc"
user = "ANN"
password = "hunter2-planted"
role = "TRAINER"
warehouse = "WH"
"""


def test_a_named_connection_comes_from_connections_toml(home: Path) -> None:
    write(home, TEAM)
    found = resolved(home, "team")
    assert (found.account, found.user, found.role, found.warehouse) == (
        "org-acc",
        "ANN",
        "TRAINER",
        "WH",
    )
    assert found.password == SECRET
    assert not found.is_local


def test_config_toml_serves_where_there_is_no_connections_toml(home: Path) -> None:
    write(home, '[connections.x]\naccount = "a"\nuser = "u"\n', "config.toml")
    assert resolved(home, "x").user == "u"


def test_connections_toml_replaces_the_section_of_config_toml(home: Path) -> None:
    write(home, '[connections.x]\naccount = "a"\n', "config.toml")
    write(home, TEAM)
    with pytest.raises(ConnectError, match='no connection "x"'):
        resolved(home, "x")


def test_snowflake_home_is_searched_first(home: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere"
    other.mkdir()
    (other / "connections.toml").write_text('[y]\naccount = "b"\n')
    (other / "connections.toml").chmod(0o600)
    assert resolved(home, "y", SNOWFLAKE_HOME=str(other)).account == "b"


def test_without_a_snowflake_folder_the_systems_own_place_is_searched(tmp_path: Path) -> None:
    place = tmp_path / "settings" / "snowflake"
    place.mkdir(parents=True)
    (place / "connections.toml").write_text('[z]\naccount = "c"\n')
    (place / "connections.toml").chmod(0o600)
    environ = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "settings")}
    assert resolve("z", environ=environ, folder=tmp_path).account == "c"


def test_an_unknown_connection_names_the_known_ones_and_the_file(home: Path) -> None:
    file = write(home, TEAM)
    with pytest.raises(ConnectError) as caught:
        resolved(home, "tema")
    assert str(file) in caught.value.what
    assert caught.value.what.endswith("known: team, local")
    assert "pulumi config set cortex-resources:connection" in caught.value.hint
    # Who runs `make` alone may have no `pulumi` on PATH.
    assert "Pulumi.<stack>.yaml" in caught.value.hint


def test_without_any_file_the_error_says_where_one_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(ConnectError, match="there is no such file"):
        resolved(tmp_path, "team")


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_that_others_may_write_is_refused(home: Path, mode: int) -> None:
    file = write(home, TEAM, mode=mode)
    with pytest.raises(ConnectError) as caught:
        resolved(home, "team")
    assert caught.value.hint == f"chmod 0600 {file}"


def test_broken_toml_is_named_with_file_line_and_column(home: Path) -> None:
    file = write(home, '[team]\naccount = "a"\npassword = hunter2-planted"\n')
    with pytest.raises(ConnectError) as caught:
        resolved(home, "team")
    assert caught.value.what.startswith(f"{file}:3:12: this is not TOML")
    assert SECRET not in str(caught.value)


def test_toml_broken_at_its_end_is_named_too(home: Path) -> None:
    write(home, '[team]\naccount = """a\n')
    with pytest.raises(ConnectError, match=r"connections\.toml:3:1"):
        resolved(home, "team")


def test_variables_override_a_named_connection_field_by_field(home: Path) -> None:
    write(home, TEAM)
    found = resolved(home, "team", SNOWFLAKE_ROLE="OTHER", SNOWFLAKE_PASSWORD="new")
    assert (found.role, found.password, found.user) == ("OTHER", "new", "ANN")
    assert found.source.endswith("with SNOWFLAKE_PASSWORD, SNOWFLAKE_ROLE")


def test_the_empty_name_is_the_default_connection(home: Path) -> None:
    write(home, TEAM + '[default]\naccount = "d"\n')
    assert resolved(home, "").account == "d"
    assert resolved(home, "", SNOWFLAKE_DEFAULT_CONNECTION_NAME="team").account == "org-acc"
    write(home, 'default_connection_name = "team"', "config.toml")
    assert resolved(home, "").account == "org-acc"


def test_the_empty_name_without_files_is_what_the_variables_say(tmp_path: Path) -> None:
    found = resolved(tmp_path, "", SNOWFLAKE_ACCOUNT="acc", SNOWFLAKE_USER="u")
    assert (found.account, found.user, found.source) == ("acc", "u", "SNOWFLAKE_* variables")


def test_a_chosen_default_that_is_not_there_is_an_error_even_with_variables(home: Path) -> None:
    write(home, TEAM)
    with pytest.raises(ConnectError, match='no connection "gone"'):
        resolved(home, "", SNOWFLAKE_DEFAULT_CONNECTION_NAME="gone", SNOWFLAKE_ACCOUNT="acc")


def test_connections_may_be_given_as_text_in_one_variable(home: Path) -> None:
    text = '[inline]\naccount = "i"\n'
    assert resolved(home, "inline", SNOWFLAKE_CONNECTIONS=text).account == "i"


def test_a_connection_without_an_account_is_refused(home: Path) -> None:
    write(home, '[x]\nuser = "u"\n')
    with pytest.raises(ConnectError, match="has no account"):
        resolved(home, "x")


def test_no_secret_is_in_the_repr(home: Path) -> None:
    write(
        home,
        f'[x]\naccount = "a"\npassword = "{SECRET}"\ntoken = "{SECRET}"\n'
        f'private_key_raw = "{SECRET}"\nprivate_key_passphrase = "{SECRET}"\n'
        f'oauth_client_secret = "{SECRET}"\n',
    )
    found = resolved(home, "x")
    assert SECRET not in repr(found)
    assert found.extra == {"oauth_client_secret": SECRET}


@pytest.mark.parametrize(
    ("keys", "authenticator"),
    [
        ('private_key_path = "/k.p8"', "SNOWFLAKE_JWT"),
        ('private_key_raw = "x"', "SNOWFLAKE_JWT"),
        ('token = "t"', "OAUTH"),
        ('token = "t"\nauthenticator = "PROGRAMMATIC_ACCESS_TOKEN"', "PROGRAMMATIC_ACCESS_TOKEN"),
        ('password = "p"', ""),
        ('authenticator = "externalbrowser"', "externalbrowser"),
    ],
)
def test_credentials_at_hand_say_how_to_log_in(home: Path, keys: str, authenticator: str) -> None:
    write(home, f'[x]\naccount = "a"\n{keys}\n')
    assert resolved(home, "x").authenticator == authenticator


def test_a_login_through_a_browser_has_time_for_a_person(home: Path) -> None:
    write(home, '[x]\naccount = "a"\nauthenticator = "externalbrowser"\n')
    assert resolved(home, "x").login_timeout == 180


def test_timeouts_come_from_variables_and_must_make_sense(home: Path) -> None:
    write(home, TEAM)
    assert resolved(home, "team", CORTEX_RESOURCES_QUERY_TIMEOUT="7").query_timeout == 7
    with pytest.raises(ConnectError, match="CORTEX_RESOURCES_QUERY_TIMEOUT"):
        resolved(home, "team", CORTEX_RESOURCES_QUERY_TIMEOUT="soon")


# -- the local account ----------------------------------------------------------------------


def ready(folder: Path, **keys: object) -> None:
    file = folder / ".local-account" / "ready.json"
    file.parent.mkdir()
    file.write_text(json.dumps(keys))


def test_local_needs_no_file_at_all(tmp_path: Path) -> None:
    found = resolved(tmp_path, "local")
    assert (found.account, found.user, found.password) == ("local", "LOCAL_ADMIN", "local")
    assert (found.host, found.port, found.protocol) == ("127.0.0.1", 8765, "http")
    assert found.is_local


def test_local_is_where_the_ready_file_says(tmp_path: Path) -> None:
    ready(tmp_path, host="127.0.0.1", port=9001, user="U", password="P", account="local", pid=1)
    found = resolved(tmp_path, "local")
    assert (found.port, found.user, found.password) == (9001, "U", "P")


def test_a_port_in_the_environment_is_stronger_than_the_ready_file(tmp_path: Path) -> None:
    ready(tmp_path, host="127.0.0.1", port=9001, user="U", password="P", account="local", pid=1)
    found = resolved(tmp_path, "local", CORTEX_RESOURCES_LOCAL_PORT="9002")
    assert (found.port, found.user) == (9002, "LOCAL_ADMIN")


def test_a_half_written_ready_file_is_as_good_as_none(tmp_path: Path) -> None:
    (tmp_path / ".local-account").mkdir()
    (tmp_path / ".local-account" / "ready.json").write_text('{"port": 90')
    assert resolved(tmp_path, "local").port == 8765


def test_a_real_accounts_variables_never_reach_the_local_account(tmp_path: Path) -> None:
    found = resolved(
        tmp_path,
        "local",
        SNOWFLAKE_ACCOUNT="org-acc",
        SNOWFLAKE_HOST="org-acc.snowflakecomputing.com",
        SNOWFLAKE_USER="ANN",
        SNOWFLAKE_PASSWORD=SECRET,
        SNOWFLAKE_TOKEN=SECRET,
    )
    assert (found.account, found.host, found.user) == ("local", "127.0.0.1", "LOCAL_ADMIN")
    assert SECRET not in (found.password, found.token)


@pytest.mark.parametrize("account", [{}, {"SNOWFLAKE_ACCOUNT": "local"}])
def test_variables_without_a_real_account_do_reach_the_local_account(
    tmp_path: Path, account: dict[str, str]
) -> None:
    found = resolved(tmp_path, "local", SNOWFLAKE_USER="BOB", SNOWFLAKE_PORT="9003", **account)
    assert (found.user, found.port) == ("BOB", 9003)


def test_a_local_account_is_never_somewhere_else(tmp_path: Path) -> None:
    with pytest.raises(ConnectError, match="not this machine; nothing was sent"):
        resolved(tmp_path, "local", SNOWFLAKE_HOST="org-acc.snowflakecomputing.com")
    ready(tmp_path, host="10.1.2.3", port=1)
    with pytest.raises(ConnectError, match=r"10\.1\.2\.3"):
        resolved(tmp_path, "local")


def test_a_connection_file_cannot_redefine_local(home: Path) -> None:
    write(home, '[local]\naccount = "org-acc"\n')
    assert resolved(home, "local").account == "local"


def test_a_file_that_cannot_be_read_is_told_as_such(home: Path) -> None:
    file = home / ".snowflake" / "connections.toml"
    file.write_bytes(b"\xff\xfe")
    file.chmod(0o600)
    with pytest.raises(ConnectError, match="it is not UTF-8 text"):
        resolved(home, "team")
    file.unlink()
    file.mkdir(mode=0o700)
    with pytest.raises(ConnectError, match="cannot be read: Is a directory"):
        resolved(home, "team")


@pytest.mark.parametrize(
    ("host", "here"),
    [("localhost", True), ("127.8.9.1", True), ("[::1]", True), ("10.0.0.1", False), ("x", False)],
)
def test_only_this_machine_is_local(host: str, here: bool) -> None:
    assert is_loopback(host) is here
