"""The dynamic provider host as the engine sees it: a process, a port, six calls."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import json_format, struct_pb2
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from cortex_resources.providers.dataset_snapshot import DatasetSnapshotProvider
from cortex_resources.providers.fine_tune_job import FineTuneJobProvider
from cortex_resources.providers.fine_tuned_artifact import FineTunedArtifactProvider
from cortex_resources.providers.model_alias import ModelAliasProvider
from cortex_resources.providers.model_gate import ModelGateProvider
from cortex_resources.providers.privilege_grants import PrivilegeGrantsProvider
from cortex_resources.providers.role_grants import RoleGrantsProvider
from cortex_resources.providers.training_view import TrainingViewProvider

CHECKOUT = Path(__file__).resolve().parents[2]
CALL_SECONDS = 60.0
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""How a value that is not known yet travels."""

COMMAND = (sys.executable, "-u", "-m", "pulumi.dynamic")
NOBODY = "127.0.0.1:1"
"""An engine that does not listen: lines for the user go nowhere, as they may."""

KINDS: dict[str, type[Any]] = {
    "privileges": PrivilegeGrantsProvider,
    "roles": RoleGrantsProvider,
    "view": TrainingViewProvider,
    "snapshot": DatasetSnapshotProvider,
    "job": FineTuneJobProvider,
    "artifact": FineTunedArtifactProvider,
    "gate": ModelGateProvider,
    "alias": ModelAliasProvider,
}

Bag = dict[str, Any]


def provider_string(kind: type[Any]) -> str:
    """What Pulumi keeps of a provider in its state."""
    return str(serialize_provider(kind()))


class RefusedError(Exception):
    """The call ended with an error; its text is all that the engine gets."""


def packed(values: Mapping[str, Any]) -> struct_pb2.Struct:
    """A property bag as it travels: numbers become floats, None is left out."""
    made = struct_pb2.Struct()
    made.update({key: value for key, value in values.items() if value is not None})
    return made


def unpacked(struct: struct_pb2.Struct) -> Bag:
    """A property bag that came back; everything in it is JSON."""
    found: Bag = json_format.MessageToDict(struct)
    return found


def environment(port: int, **more: str) -> dict[str, str]:
    """What a host inherits: the address of the local account and nothing of this machine's user."""
    kept = {
        k: v
        for k, v in os.environ.items()
        if not k.startswith(("PULUMI_", "SNOWFLAKE_", "CORTEX_RESOURCES_"))
    }
    return {**kept, "CORTEX_RESOURCES_LOCAL_PORT": str(port), **more}


class Host:
    """One host process; a context manager. `replies` holds the text of everything it answered."""

    def __init__(self, port: int, log: Path, *, engine: str = NOBODY, **more: str) -> None:
        self._log_path = log
        self._made_of = (port, engine, more)
        self._log = log.open("w", encoding="utf-8")
        self.process = subprocess.Popen(
            [*COMMAND, engine],
            cwd=CHECKOUT,
            env=environment(port, **more),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        assert self.process.stdout is not None
        self.first_line = self.process.stdout.readline().strip()
        self._channel = grpc.insecure_channel(f"127.0.0.1:{self.first_line}")
        self._stub = provider_pb2_grpc.ResourceProviderStub(self._channel)
        self._lock = threading.Lock()
        self.replies: list[str] = []

    def another(self) -> Host:
        """A host like this one, as the engine starts one for each run."""
        port, engine, more = self._made_of
        log = self._log_path.with_name(f"{self._log_path.stem}-another.txt")
        return Host(port, log, engine=engine, **more)

    def __enter__(self) -> Host:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def kill(self) -> None:
        """kill -9, as when the machine is gone."""
        self.process.kill()
        self.process.wait(timeout=10)
        self._channel.close()
        if self.process.stdout is not None:
            self.process.stdout.close()
        self._log.close()

    @property
    def said(self) -> str:
        """Everything that left the process: replies, errors, standard error."""
        return "\n".join([*self.replies, self.stderr])

    @property
    def stderr(self) -> str:
        """What it wrote there."""
        return self._log_path.read_text(encoding="utf-8")

    def _call(self, verb: str, request: Any) -> Any:
        try:
            reply = getattr(self._stub, verb)(request, timeout=CALL_SECONDS)
        except grpc.RpcError as error:
            text = f"{error.code().name}: {error.details()}"
            with self._lock:
                self.replies.append(text)
            raise RefusedError(text) from None
        with self._lock:
            self.replies.append(str(reply))
        return reply

    def check(self, news: Bag, olds: Bag | None = None) -> tuple[Bag, list[tuple[str, str]]]:
        """Checked inputs and failures."""
        request = provider_pb2.CheckRequest(olds=packed(olds or {}), news=packed(news))
        reply = self._call("Check", request)
        return unpacked(reply.inputs), [(f.property, f.reason) for f in reply.failures]

    def diff(self, id_: str, olds: Bag, news: Bag) -> tuple[str, list[str]]:
        """`none`, `some` or `unknown` (the engine compares), and the keys that replace."""
        request = provider_pb2.DiffRequest(id=id_, olds=packed(olds), news=packed(news))
        reply = self._call("Diff", request)
        names = {1: "none", 2: "some", 0: "unknown"}
        return names[reply.changes], list(reply.replaces)

    def create(self, inputs: Bag) -> tuple[str, Bag]:
        """Physical id and outputs."""
        reply = self._call("Create", provider_pb2.CreateRequest(properties=packed(inputs)))
        return str(reply.id), unpacked(reply.properties)

    def read(self, id_: str, outs: Bag) -> tuple[str, Bag, Bag]:
        """Id (empty when gone), inputs and outputs."""
        request = provider_pb2.ReadRequest(id=id_, properties=packed(outs))
        reply = self._call("Read", request)
        return str(reply.id), unpacked(reply.inputs), unpacked(reply.properties)

    def update(self, id_: str, olds: Bag, news: Bag) -> Bag:
        """Outputs."""
        request = provider_pb2.UpdateRequest(id=id_, olds=packed(olds), news=packed(news))
        return unpacked(self._call("Update", request).properties)

    def delete(self, id_: str, outs: Bag) -> None:
        """Nothing, or an error."""
        self._call("Delete", provider_pb2.DeleteRequest(id=id_, properties=packed(outs)))
