"""Whether a request comes from this machine: a web page elsewhere must not reach the account."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

_ANY: Final = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - compared with, never bound


@lru_cache(maxsize=256)
def is_local(host: str, bound: str) -> bool:
    """Whether a Host header means this machine; a name that only resolves to it does not.

    `bound` is where the server listens: that address is its own name, and a server on every
    address accepts each address, but still no foreign name.
    """
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    if name == "localhost" or name.endswith(".localhost") or (name == bound and name):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or bound in _ANY


def is_foreign(host: str | None, origin: str | None, bound: str) -> bool:
    """Whether Host or Origin say that a request was made by somebody else's page."""
    if not is_local(host or "", bound):
        return True
    if origin is None:
        return False
    try:
        return not is_local(urlsplit(origin).netloc, bound)
    except ValueError:
        return True


def is_loopback(peer: str) -> bool:
    """Whether a peer's address is this machine's."""
    try:
        return ipaddress.ip_address(peer).is_loopback
    except ValueError:
        return False
