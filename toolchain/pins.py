"""Which versions of the engine and of Go are needed, and how versions compare."""

import re
from typing import NamedTuple

ENGINE_VERSION = "3.259.0"
ENGINE_PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
GO_VERSION = "1.25.11"

_VERSION = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?(?:(-)|([a-z]+)\d)?")


class Version(NamedTuple):
    """A version; `final` is 0 for a pre-release, so that it sorts before its release."""

    major: int
    minor: int
    patch: int
    final: int = 1

    def __str__(self) -> str:
        suffix = "" if self.final else " (pre-release)"
        return f"{self.major}.{self.minor}.{self.patch}{suffix}"


def parse_version(text: str) -> Version | None:
    """The first version in a text, such as `v3.260.0-alpha.1` or `go version go1.26.8`."""
    found = _VERSION.search(text)
    if found is None:
        return None
    major, minor, patch, dash, letters = found.groups()
    return Version(int(major), int(minor), int(patch or 0), 0 if dash or letters else 1)


def required(text: str) -> Version:
    """A pinned version as a value to compare with."""
    version = parse_version(text)
    if version is None:
        raise ValueError(f"not a version: {text!r}")
    return version
