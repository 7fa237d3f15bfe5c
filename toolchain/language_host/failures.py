"""What the user is told when the program raises: the frames of the program, and nothing below."""

import sysconfig
import traceback
from collections.abc import Iterator
from pathlib import Path

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


def user_traceback(error: BaseException) -> str:
    """The traceback from the program's own first frame on; whole when no frame is the program's."""
    summary = traceback.TracebackException.from_exception(error)
    folders = _machinery_folders()
    for link in _chain(summary):
        frames = list(link.stack)
        first = next(
            (at for at, f in enumerate(frames) if not _is_machinery(f.filename, folders)), None
        )
        if first is None and isinstance(error, SyntaxError):
            first = len(frames)
        link.stack = traceback.StackSummary.from_list(frames[first or 0 :])
    return "".join(summary.format())
