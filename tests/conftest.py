"""What holds for every test."""

import os
import signal


def pytest_configure() -> None:
    """Let Ctrl-C reach what tests start, and keep the connector on this machine."""
    # A shell starts its background jobs with SIGINT ignored, and so is it in all their children:
    # claims about an interrupt would then fail, or wait for an end that never comes.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # The connector asks the cloud's metadata address where it runs, unless it is told not to. The
    # product tells it for a local account; the clients of the tests are others.
    os.environ.setdefault("SNOWFLAKE_DISABLE_PLATFORM_DETECTION", "true")
