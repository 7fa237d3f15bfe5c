"""A dynamic resource that does nothing, for programs of the tests."""

import time
from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.dynamic import (
    CheckResult,
    CreateResult,
    DiffResult,
    ReadResult,
    Resource,
    ResourceProvider,
    UpdateResult,
)

Properties = dict[str, Any]


class ThingProvider(ResourceProvider):
    serialize_as_secret_always = False

    def check(self, _olds: Properties, news: Properties) -> CheckResult:
        return CheckResult(news, [])

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> DiffResult:
        return DiffResult(changes=None)

    def create(self, props: Properties) -> CreateResult:
        time.sleep(float(props.get("seconds", 0)))
        return CreateResult(f"thing-{props['label']}", dict(props))

    def read(self, id_: str, props: Properties) -> ReadResult:
        return ReadResult(id_, dict(props), dict(props))

    def update(self, _id: str, _olds: Properties, news: Properties) -> UpdateResult:
        return UpdateResult(dict(news))

    def delete(self, _id: str, _props: Properties) -> None:
        return None


class Thing(Resource, module="small", name="Thing"):
    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions | None = None,
        **inputs: pulumi.Input[Any],
    ) -> None:
        properties: Mapping[str, Any] = {"label": name, **inputs}
        super().__init__(ThingProvider(), name, dict(properties), opts)
