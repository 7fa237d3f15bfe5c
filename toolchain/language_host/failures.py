"""What the user is told when the program raises: the frames of the program, and nothing below."""

import sysconfig
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

_MACHINERY = ("pulumi", "grpc", "opentelemetry")


def _machinery_folders() -> tuple[str, ...]:
    library = Path(sysconfig.get_path("stdlib"))
    packages = {Path(sysconfig.get_path(name)) for name in ("purelib", "platlib")}
    folders = [library / "asyncio", library / "concurrent", Path(__file__).parent]
    folders += [folder / name for folder in packages for name in _MACHINERY]
    return tuple(f"{folder}/" for folder in folders)


def _is_machinery(filename: str, folders: tuple[str, ...]) -> bool:
    return filename.startswith(("<frozen ", *folders)) or Path(filename).name == "runpy.py"


def _chain(error: traceback.TracebackException) -> Iterator[traceback.TracebackException]:
    waiting, seen = [error], set[int]()
    while waiting:
        current = waiting.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        waiting += [link for link in (current.__cause__, current.__context__) if link is not None]


def user_traceback(error: BaseException, first: TracebackType | None = None) -> str:
    """The traceback from the program's own first frame on; whole when no frame is the program's.

    Arguments:
        error: what ended the program.
        first: the traceback `error` had where it first ended a task, for when its present one
            has lost the program's frames.
    """
    folders = _machinery_folders()
    summary = traceback.TracebackException.from_exception(error)
    if first is not None and _start(summary, folders) is None:
        summary = traceback.TracebackException(type(error), error, first)
    for link in _chain(summary):
        start = _start(link, folders)
        if start is None and isinstance(error, SyntaxError):
            start = len(link.stack)
        link.stack = traceback.StackSummary.from_list(list(link.stack)[start or 0 :])
    return "".join(summary.format())


def _start(link: traceback.TracebackException, folders: tuple[str, ...]) -> int | None:
    """Where in the stack the program's own frames begin."""
    return next(
        (at for at, f in enumerate(link.stack) if not _is_machinery(f.filename, folders)), None
    )
