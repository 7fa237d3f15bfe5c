"""What holds for every test."""

import signal


def pytest_configure() -> None:
    """Let Ctrl-C reach what tests start.

    A shell starts its background jobs with SIGINT ignored, and so is it in all their children: the
    claims about an interrupt would then fail, or wait for an end that never comes.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
