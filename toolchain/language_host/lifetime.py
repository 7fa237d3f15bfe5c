"""When the host ends: at the engine's signal, and when the engine has died."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType

_PARENT_POLL_SECONDS = 1.0


def _end_process(last_words: Callable[[], None], code: int) -> None:
    # Threads of the gRPC server and of the program may wait for ever: only _exit ends them.
    try:
        last_words()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


def end_on_signals(last_words: Callable[[], None]) -> None:
    """SIGINT and SIGTERM end the process at once.

    The host is in a process group of its own: Ctrl-C in a terminal does not reach it, SIGINT is
    how the engine closes a plugin, five seconds before it kills it.
    """

    def end(_signum: int, _frame: FrameType | None) -> None:
        _end_process(last_words, 0)

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)


def end_with_parent(last_words: Callable[[], None]) -> None:
    """Ends the process within about a second after the process that started it."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_PARENT_POLL_SECONDS)
        _end_process(last_words, 1)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
