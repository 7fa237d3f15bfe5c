"""What proves who logs in, checked before anything is sent and given as both connectors take it."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import Any

from cortex_resources.errors import ConnectError
from cortex_resources.gateway.settings import Settings

_NEEDS_TOKEN = frozenset(["OAUTH", "PROGRAMMATIC_ACCESS_TOKEN"])
_NEEDS_PASSWORD = frozenset(["", "SNOWFLAKE", "USERNAME_PASSWORD_MFA"])


def options(settings: Settings) -> dict[str, Any]:
    """The connector's arguments for these credentials.

    Raises:
        ConnectError: something is missing, or a key cannot be used; nothing was sent.
    """
    found: dict[str, Any] = {
        "account": settings.account,
        "user": settings.user,
        "password": settings.password,
        "authenticator": settings.authenticator,
        "token": settings.token or _from_file(settings, settings.token_file_path).decode().strip(),
    }
    if settings.private_key_raw or settings.private_key_file:
        # read here: the generations take files, texts and passphrases under different names
        found["private_key"] = _key(settings)
    _check(settings, found)
    return found


def _check(settings: Settings, found: dict[str, Any]) -> None:
    way = settings.authenticator.upper()
    if way in _NEEDS_TOKEN and not found["token"]:
        raise _wrong(settings, f"authenticator {way} needs a token", "TOKEN")
    if way in _NEEDS_PASSWORD and not found["password"]:
        raise _wrong(settings, "there is no password, token or private key", "PASSWORD")
    if way == "SNOWFLAKE_JWT" and "private_key" not in found:
        raise _wrong(settings, f"authenticator {way} needs a private key", "PRIVATE_KEY_FILE")


def _key(settings: Settings) -> bytes:
    """The private key, PEM or DER or base64 of DER, decrypted, as PKCS 8."""
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - only with a key

    where = settings.private_key_file or "private_key_raw"
    raw = settings.private_key_raw.encode() or _from_file(settings, settings.private_key_file)
    passphrase = settings.private_key_passphrase.encode() or None
    try:
        if b"-----BEGIN" in raw:
            key = serialization.load_pem_private_key(raw, passphrase)
        else:
            der = base64.b64decode(raw) if settings.private_key_raw else raw
            key = serialization.load_der_private_key(der, passphrase)
    except TypeError:
        wish = "has no passphrase, but one is given" if passphrase else "needs its passphrase"
        raise _wrong(settings, f"the key {where} {wish}", "PRIVATE_KEY_PASSPHRASE") from None
    except (ValueError, binascii.Error):
        wrong = "cannot be opened with this passphrase" if passphrase else "is no private key"
        raise _wrong(settings, f"the key {where} {wrong}", "PRIVATE_KEY_FILE") from None
    return key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _from_file(settings: Settings, path: str) -> bytes:
    try:
        return Path(path).read_bytes() if path else b""
    except OSError as error:
        what = f"{path} cannot be read: {error.strerror}"
        raise _wrong(settings, what, "TOKEN or SNOWFLAKE_PRIVATE_KEY_FILE") from None


def _wrong(settings: Settings, what: str, variable: str) -> ConnectError:
    return ConnectError(
        f"{settings.label}: {what}; nothing was sent",
        hint=f"correct it in {settings.source}, or set SNOWFLAKE_{variable}",
    )
