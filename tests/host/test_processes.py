"""The host as a process: many calls at once, one login, and an end when its engine dies."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import grpc
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from tests.host.place import Place, until
from tests.host.process import CHECKOUT, COMMAND, NOBODY, Host, environment, packed

MANY = 32


def test_32_creates_at_once_end_with_one_login(place: Place, new_host: Callable[..., Host]) -> None:
    host = new_host()
    logins = place.admin.call("state")["logins"]
    views = [place.view(name=f"{place.db}.ML.V{number}") for number in range(MANY)]
    with ThreadPoolExecutor(MANY) as pool:
        made = list(pool.map(host.create, views))
    assert len({id_ for id_, _ in made}) == MANY
    assert place.admin.call("state")["logins"] - logins == 1


def test_jobs_of_one_run_are_submitted_at_once_each_of_them_once(
    place: Place, new_host: Callable[..., Host]
) -> None:
    host = new_host()
    jobs = [place.job(key=f"m{n}", model=f"{place.db}.ML.M{n}") for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(host.create, jobs))
    assert len({outs["job_id"] for _, outs in made}) == 8
    assert place.spent == 8


_PARENT = """
import subprocess, sys
host = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
print(host.stdout.readline().strip(), flush=True)
sys.stdin.read()
"""


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def test_a_host_whose_engine_was_killed_ends_within_10_seconds(place: Place) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _PARENT, *COMMAND, NOBODY],
        cwd=CHECKOUT,
        env=environment(place.account.port),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as engine:
        assert engine.stdout is not None
        port = int(engine.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub = provider_pb2_grpc.ResourceProviderStub(channel)
            stub.Check(provider_pb2.CheckRequest(news=packed(place.view())), timeout=20)
        assert _listens(port)
        engine.kill()
        began = time.monotonic()
        until(lambda: not _listens(port), seconds=10)
    assert time.monotonic() - began < 10
