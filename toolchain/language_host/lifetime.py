"""When the host ends: at the engine's signal, and when the engine has died."""

import os
import signal
import socket
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
    """SIGINT and SIGTERM end the process at once, whatever its main thread is doing.

    The host is in a process group of its own: Ctrl-C in a terminal does not reach it, SIGINT is
    how the engine closes a plugin, five seconds before it kills it.
    """
    endings = (signal.SIGINT, signal.SIGTERM)

    def end(_signum: int, _frame: FrameType | None) -> None:
        _end_process(last_words, 0)

    for signum in endings:
        signal.signal(signum, end)

    # Python runs handlers in the main thread, between two steps of the program. A program that
    # waits inside a library would delay them, so the number also comes through a socket.
    receiver, sender = socket.socketpair()
    sender.setblocking(False)
    signal.set_wakeup_fd(sender.fileno(), warn_on_full_buffer=False)

    def watch() -> None:
        with receiver, sender:
            while not set(receiver.recv(64)) & set(endings):
                pass
            _end_process(last_words, 0)

    threading.Thread(target=watch, name="signal-watch", daemon=True).start()


def end_with_parent(last_words: Callable[[], None], parent: int | None = None) -> None:
    """Ends the process within about a second after the process that started it.

    Arguments:
        last_words: called before the end.
        parent: the process that started this one, where that was known before; it may have died
            meanwhile.
    """
    parent = os.getppid() if parent is None else parent

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_PARENT_POLL_SECONDS)
        _end_process(last_words, 1)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
