"""What all resources of ours share: the connection they use and the declaration behind them."""

from __future__ import annotations

from contextvars import ContextVar

import pulumi

from cortex_resources.model.policy import Policy
from cortex_resources.providers import previewed

NAMESPACE = "cortex-resources"
"""Namespace of our settings in Pulumi's stack configuration."""


def connection(chosen: str | None = None) -> str:
    """The connection that the program names; else that of the stack, `cortex-resources:connection`.

    An empty name is Snowflake's own default.
    """
    return chosen if chosen is not None else pulumi.Config(NAMESPACE).get("connection") or ""


def warns() -> bool:
    """Whether what is worth knowing is still to be said: the preview of this `up` may have."""
    key = f"warnings of {owner('')}"
    if pulumi.runtime.is_dry_run():
        previewed.note(key, "said")
        return True
    return previewed.kept(key) is None


def owner(key: str) -> str:
    """The declaration behind a resource, as it travels in a hidden property."""
    return f"{pulumi.get_project()}/{pulumi.get_stack()}/{key}"


_withheld: ContextVar[str] = ContextVar("withheld", default="")


def withhold(policy: Policy) -> None:
    """From here on, every resource of the program tells its provider what the policy forbids.

    A resource that left the stack has no line in the program that could say so.
    """
    _withheld.set(policy.withheld)


def hidden(key: str) -> dict[str, str]:
    """What every resource tells its provider and no diff shows."""
    return {"__owner": owner(key), "__withheld": _withheld.get()}


def droppable(opts: pulumi.ResourceOptions | None, allow_drop: bool) -> pulumi.ResourceOptions:
    """The options of an object that is kept in the account unless the stack may drop it."""
    kept = pulumi.ResourceOptions(retain_on_delete=not allow_drop)
    return pulumi.ResourceOptions.merge(kept, opts)
