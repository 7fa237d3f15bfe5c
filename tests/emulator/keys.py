"""Key pairs for logins, made by the package that the real connector signs with."""

from __future__ import annotations

from functools import lru_cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa


@lru_cache(maxsize=4)
def pair(number: int) -> tuple[bytes, str]:
    """Private half (DER, PKCS#8) and public half (PEM); the same for the same number."""
    assert number >= 0
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private, public.decode()


def body(public: str) -> str:
    """A PEM file's base64, as ALTER USER takes it."""
    return "".join(public.splitlines()[1:-1])
