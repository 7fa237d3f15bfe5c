"""What a login needs: from Snowflake's connection files, SNOWFLAKE_* variables, or `local`.

Secrets live here and nowhere else: they are no part of `repr`, of an error, of a log or of a state.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from cortex_resources.errors import ConnectError
from cortex_resources.gateway import connections, local

LOCAL = local.NAME

_TIMEOUTS = {
    "login_timeout": "CORTEX_RESOURCES_LOGIN_TIMEOUT",
    "query_timeout": "CORTEX_RESOURCES_QUERY_TIMEOUT",
    "reply_timeout": "CORTEX_RESOURCES_REPLY_TIMEOUT",
}
_INTERACTIVE = frozenset(
    ["EXTERNALBROWSER", "OAUTH_AUTHORIZATION_CODE", "USERNAME_PASSWORD_MFA"],
)
_ALIASES = {
    "username": "user",
    "accountname": "account",
    "warehousename": "warehouse",
    "rolename": "role",
    "databasename": "database",
    "schemaname": "schema",
    "private_key_path": "private_key_file",
    "private_key_file_pwd": "private_key_passphrase",
    "private_key_password": "private_key_passphrase",
    "private_key": "private_key_raw",
    "network_timeout": "query_timeout",
}
_IN_ENVIRON = (
    "account",
    "user",
    "password",
    "role",
    "warehouse",
    "database",
    "schema",
    "host",
    "port",
    "protocol",
    "authenticator",
    "token",
    "token_file_path",
    "private_key_file",
    "private_key_path",
    "private_key_raw",
    "private_key_passphrase",
    "private_key_file_pwd",
)


@dataclass(frozen=True)
class Settings:
    """One way to log in; two equal settings share one session.

    Arguments:
        name: the connection as the stack names it, for messages.
        source: the file or the variables it came from, for messages.
        is_local: the local account, which is probed before a login.
        login_timeout: seconds for a login with all it does.
        query_timeout: seconds for one statement from the first byte to the last row.
        reply_timeout: seconds without an answer after which a request counts as lost.
        extra: keys of the connection file that are passed to the connector as they are.
    """

    name: str
    source: str
    account: str
    user: str = ""
    role: str = ""
    warehouse: str = ""
    database: str = ""
    schema: str = ""
    host: str = ""
    port: int = 0
    protocol: str = ""
    authenticator: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    token_file_path: str = ""
    private_key_file: str = ""
    private_key_raw: str = field(default="", repr=False)
    private_key_passphrase: str = field(default="", repr=False)
    is_local: bool = False
    login_timeout: int = 60
    query_timeout: int = 900
    reply_timeout: int = 120
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False, hash=False)

    @property
    def is_interactive(self) -> bool:
        """Whether a login asks a person, who must not be asked again by a repetition."""
        return self.authenticator.upper() in _INTERACTIVE

    @property
    def label(self) -> str:
        """How messages call this connection."""
        return f'connection "{self.name}"' if self.name else "the default connection"


def resolve(
    connection: str, *, environ: Mapping[str, str] = os.environ, folder: Path | None = None
) -> Settings:
    """The settings that a connection's name stands for.

    Arguments:
        connection: `local`, a name in Snowflake's connection files, or "" for the default one.
        environ: SNOWFLAKE_* here override the named connection, field by field.
        folder: where a local account that this project started left its address.

    Raises:
        ConnectError: no such connection, a file that cannot be used, a key that makes no sense.
    """
    if connection == LOCAL:
        found = local.fields(environ, folder or Path.cwd(), _overrides(environ))
        source = f"the local account{_mentioned(environ)}"
        return _settings(connection, source, found, environ, is_local=True)
    known = connections.load(environ)
    overrides = _overrides(environ)
    name = connection or known.default
    keys = known.named.get(name)
    if keys is None and not connection and not known.chosen and "account" in overrides:
        return _settings("", "SNOWFLAKE_* variables", overrides, environ)
    if keys is None:
        raise _unknown(name, known)
    source = f"{known.source}{_mentioned(environ)}"
    return _settings(name, source, {**_renamed(keys), **overrides}, environ)


def _unknown(name: str, known: connections.Connections) -> ConnectError:
    names = ", ".join([*known.named, LOCAL])
    there = "" if known.source.exists() or not known.source.suffix else " (there is no such file)"
    return ConnectError(
        f'no connection "{name}" in {known.source}{there}; known: {names}',
        hint=f"add [{name}] there, or name another one, as {LOCAL} for the local account, with"
        " `pulumi config set cortex-resources:connection NAME`; by hand it is the line"
        " `cortex-resources:connection: NAME` under `config:` in the stack's Pulumi.<stack>.yaml",
    )


def _overrides(environ: Mapping[str, str]) -> dict[str, object]:
    found = {key: environ.get(f"SNOWFLAKE_{key.upper()}", "") for key in _IN_ENVIRON}
    return _renamed({key: value for key, value in found.items() if value})


def _mentioned(environ: Mapping[str, str]) -> str:
    """The variables that take part, by name: a forgotten one is the usual reason for a surprise."""
    names = [f"SNOWFLAKE_{key.upper()}" for key in _IN_ENVIRON]
    used = [name for name in names if environ.get(name)]
    return f" with {', '.join(used)}" if used else ""


def _renamed(keys: Mapping[str, object]) -> dict[str, object]:
    lowered = {key.lower(): value for key, value in keys.items()}
    return {_ALIASES.get(key, key): value for key, value in lowered.items()}


def _settings(
    name: str,
    source: str,
    found: Mapping[str, object],
    environ: Mapping[str, str],
    *,
    is_local: bool = False,
) -> Settings:
    """The fields we know with their types checked, the rest as it came."""
    values = dict(found)
    for key, variable in _TIMEOUTS.items():
        if environ.get(variable):
            values[key] = environ[variable]
    numbers: dict[str, Any] = {
        key: _number(key, values.pop(key), source) for key in ("port", *_TIMEOUTS) if key in values
    }
    texts: dict[str, Any] = {k: str(values.pop(k)) for k in _TEXTS if k in values}
    if not texts.get("account"):
        raise ConnectError(f'{source}: connection "{name}" has no account', hint="add account = …")
    for key in ("private_key_file", "token_file_path"):
        if key in texts:
            texts[key] = str(Path(texts[key]).expanduser())
    made = Settings(name, source, is_local=is_local, extra=values, **texts)
    made = replace(made, authenticator=made.authenticator or _authenticator(made))
    if made.is_interactive and "login_timeout" not in numbers:
        numbers["login_timeout"] = 180
    return replace(made, **numbers)


_TEXTS = tuple(
    f.name for f in fields(Settings) if f.type == "str" and f.name not in ("name", "source")
)


def _authenticator(made: Settings) -> str:
    """What the credentials at hand mean where nobody said it."""
    if made.private_key_file or made.private_key_raw:
        return "SNOWFLAKE_JWT"
    if (made.token or made.token_file_path) and not made.password:
        return "OAUTH"
    return ""


def _number(key: str, value: object, source: str) -> int:
    try:
        number = int(str(value))
    except ValueError:
        number = 0
    if number > 0:
        return number
    where = _TIMEOUTS.get(key, f"SNOWFLAKE_{key.upper()}")
    raise ConnectError(
        f"{key} of {source} is not a positive whole number", hint=f"correct it, or {where}"
    )


def is_same_account(left: str, right: str) -> bool:
    """Whether two connections lead to the same account; False where one of them is unknown."""
    try:
        found = [resolve(name) for name in (left, right)]
    except ConnectError:
        return False
    places = {(s.account.lower(), s.host.lower(), s.port) for s in found}
    return len(places) == 1
