"""Snowflake's own connection files: where they are, what they hold, whether they may be trusted."""

from __future__ import annotations

import os
import re
import stat
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cortex_resources.errors import ConnectError

_POSITION = re.compile(r"\(at line (\d+), column (\d+)\)")


@dataclass(frozen=True)
class Connections:
    """What the connection files hold.

    Arguments:
        named: connection name to its keys, in the order of the file.
        default: the connection that is meant when none is named.
        source: the file the connections came from, or the place where one was looked for.
        chosen: whether somebody chose the default, rather than its being Snowflake's fallback.
    """

    named: Mapping[str, Mapping[str, object]]
    default: str
    source: Path
    chosen: bool


def load(environ: Mapping[str, str]) -> Connections:
    """Read `config.toml` and `connections.toml` the way the connector does.

    `connections.toml` replaces the whole section of `config.toml`; the variable
    SNOWFLAKE_CONNECTIONS, TOML text, replaces both.
    """
    folder = _folder(environ)
    config_file, connections_file = folder / "config.toml", folder / "connections.toml"
    config = _read(config_file)
    in_file = _read(connections_file)
    section, source = config.get("connections"), config_file
    if in_file or not isinstance(section, dict):
        section, source = in_file, connections_file
    if text := environ.get("SNOWFLAKE_CONNECTIONS"):
        section, source = _parse(text, Path("SNOWFLAKE_CONNECTIONS")), Path("SNOWFLAKE_CONNECTIONS")
    chosen = environ.get("SNOWFLAKE_DEFAULT_CONNECTION_NAME") or config.get(
        "default_connection_name"
    )
    return Connections(
        named={name: keys for name, keys in section.items() if isinstance(keys, dict)},
        default=str(chosen or "default"),
        source=source,
        chosen=bool(chosen),
    )


def _folder(environ: Mapping[str, str]) -> Path:
    """SNOWFLAKE_HOME or ~/.snowflake if there is that folder, else the system's own place."""
    home = Path(environ.get("HOME") or Path.home())
    asked = environ.get("SNOWFLAKE_HOME", "~/.snowflake")
    folder = home / asked.removeprefix("~/") if asked.startswith("~/") else Path(asked)
    if folder.exists():
        return folder
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "snowflake"
    if sys.platform == "win32":
        return Path(environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "snowflake"
    return Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "snowflake"


def _read(file: Path) -> dict[str, object]:
    try:
        mode = file.stat().st_mode
        if os.name == "posix" and mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise ConnectError(
                f"{file} may be written by its group or by others "
                f"(mode {stat.S_IMODE(mode):04o}), so it is not used",
                hint=f"chmod 0600 {file}",
            )
        text = file.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise ConnectError(f"{file} cannot be read: {reason}") from None
    return _parse(text, file)


def _parse(text: str, file: Path) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _POSITION.search(str(error))
        line, column = found.groups() if found else (str(text.count("\n") + 1), "1")
        what = str(error).split(" (at ")[0]
        # the message of the parser may quote the text around the mistake, a password perhaps
        what = re.sub(r"(['\"]).*?\1", "…", what)
        raise ConnectError(
            f"{file}:{line}:{column}: this is not TOML: {what}", hint="correct that line"
        ) from None
