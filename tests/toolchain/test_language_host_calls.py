"""The language host as a process, called the way the engine calls it."""

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import language_pb2, language_pb2_grpc

from tests.toolchain.engine_fixture import CHECKOUT, wait_until
from tests.toolchain.test_choosing_an_engine import script
from toolchain.launchers import DYNAMIC_PLUGIN, LANGUAGE_HOST, write_launchers


@pytest.fixture
def launchers(tmp_path: Path) -> Path:
    folder = tmp_path / "a folder with spaces"
    write_launchers(folder, CHECKOUT, sys.executable)
    return folder


def without_pulumi_settings() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith("PULUMI_")}


@pytest.fixture
def host(launchers: Path) -> Iterator["subprocess.Popen[bytes]"]:
    command = [str(launchers / LANGUAGE_HOST), "--logtostderr", "-v=3", "127.0.0.1:1"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, env=without_pulumi_settings()
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def stub(host: "subprocess.Popen[bytes]") -> Iterator[language_pb2_grpc.LanguageRuntimeStub]:
    assert host.stdout is not None
    with grpc.insecure_channel(f"127.0.0.1:{int(host.stdout.readline())}") as channel:
        yield language_pb2_grpc.LanguageRuntimeStub(channel)


def test_the_host_answers_the_engines_first_questions(
    stub: language_pb2_grpc.LanguageRuntimeStub,
) -> None:
    stub.Handshake(language_pb2.LanguageHandshakeRequest(engine_address="127.0.0.1:1"))
    stub.GetPluginInfo(empty_pb2.Empty())
    about = stub.About(language_pb2.AboutRequest())
    assert about.executable == sys.executable
    assert about.version == ".".join(map(str, sys.version_info[:3]))
    assert not stub.GetRequiredPackages(language_pb2.GetRequiredPackagesRequest()).packages
    assert not stub.RuntimeOptionsPrompts(language_pb2.RuntimeOptionsRequest()).prompts
    stub.Cancel(empty_pb2.Empty())


def test_the_host_lists_the_packages_of_its_environment(
    stub: language_pb2_grpc.LanguageRuntimeStub,
) -> None:
    def names(*, transitive: bool) -> set[str]:
        request = language_pb2.GetProgramDependenciesRequest(transitiveDependencies=transitive)
        return {each.name for each in stub.GetProgramDependencies(request).dependencies}

    everything, direct = names(transitive=True), names(transitive=False)
    assert {"pulumi", "grpcio"} <= everything
    assert direct < everything
    assert "grpcio" not in direct


def test_what_the_host_cannot_do_is_refused_by_name(
    stub: language_pb2_grpc.LanguageRuntimeStub,
) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        stub.Pack(language_pb2.PackRequest())
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
    assert "official Pulumi installation" in str(caught.value.details())


def test_poetry_is_refused_with_the_way_out(
    stub: language_pb2_grpc.LanguageRuntimeStub,
) -> None:
    info = language_pb2.ProgramInfo(root_directory="/nowhere")
    info.options["toolchain"] = "poetry"
    with pytest.raises(grpc.RpcError) as caught:
        list(stub.InstallDependencies(language_pb2.InstallDependenciesRequest(info=info)))
    assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert "virtualenv" in str(caught.value.details())


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_the_host_ends_at_the_engines_signal(
    host: "subprocess.Popen[bytes]",
    stub: language_pb2_grpc.LanguageRuntimeStub,
    signum: signal.Signals,
) -> None:
    stub.GetPluginInfo(empty_pb2.Empty())
    host.send_signal(signum)
    assert host.wait(timeout=5) == 0


@pytest.mark.parametrize("launcher", [LANGUAGE_HOST, DYNAMIC_PLUGIN])
def test_a_host_ends_after_its_parent_even_before_it_was_given_anything(
    launchers: Path, launcher: str
) -> None:
    command = shlex.join([str(launchers / launcher), "127.0.0.1:1"])
    with subprocess.Popen(
        ["/bin/sh", "-c", f"{command} & echo $!; wait"],
        stdout=subprocess.PIPE,
        env=without_pulumi_settings(),
    ) as parent:
        assert parent.stdout is not None
        host = int(parent.stdout.readline())
        assert int(parent.stdout.readline()) > 0  # it serves
        parent.kill()
        assert wait_until(lambda: not Path(f"/proc/{host}").exists(), seconds=5)


@pytest.mark.parametrize("launcher", [LANGUAGE_HOST, DYNAMIC_PLUGIN])
def test_the_launchers_use_the_interpreter_that_the_user_names(
    launchers: Path, tmp_path: Path, launcher: str
) -> None:
    python = script(tmp_path / "my python", 'echo "mine: $1 $2"')
    environment = without_pulumi_settings() | {"PULUMI_PYTHON_CMD": str(python)}
    answer = subprocess.run(
        [launchers / launcher, "127.0.0.1:1"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert answer.stdout.startswith("mine: -u ")


def test_the_plugin_launcher_finds_the_virtualenv_from_a_folder_below(
    launchers: Path, tmp_path: Path
) -> None:
    project = tmp_path / "project"
    script(project / "env" / "bin" / "python", 'echo "$VIRTUAL_ENV" "$@"')
    (project / "infra").mkdir()
    (project / "Pulumi.yaml").write_text("name: small\n")

    def launch(virtualenv: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [launchers / DYNAMIC_PLUGIN, "127.0.0.1:1"],
            cwd=project / "infra",
            env=without_pulumi_settings() | {"PULUMI_RUNTIME_VIRTUALENV": virtualenv},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    words = launch("env").stdout.split()
    assert words[:3] == [str(project / "env"), "-u", "-c"]
    assert "pulumi.dynamic" in " ".join(words)
    assert words[-1] == "127.0.0.1:1"
    missing = launch("nowhere")
    assert missing.returncode == 1
    assert missing.stderr.strip().endswith(f"{project}/nowhere/bin/python")


def test_launchers_are_rewritten_only_when_something_moved(launchers: Path) -> None:
    def written() -> list[int]:
        return [(launchers / n).stat().st_mtime_ns for n in (LANGUAGE_HOST, DYNAMIC_PLUGIN)]

    before = written()
    write_launchers(launchers, CHECKOUT, sys.executable)
    assert written() == before
    write_launchers(launchers, CHECKOUT, "/another/python")
    assert not set(written()) & set(before)
    assert sorted(path.name for path in launchers.iterdir()) == [LANGUAGE_HOST, DYNAMIC_PLUGIN]
