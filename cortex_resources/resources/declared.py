"""What all resources of ours share: the connection they use and the declaration behind them."""

from __future__ import annotations

import pulumi

NAMESPACE = "cortex-resources"
"""Namespace of our settings in Pulumi's stack configuration."""


def connection() -> str:
    """The connection of this stack: `cortex-resources:connection`, else Snowflake's default."""
    return pulumi.Config(NAMESPACE).get("connection") or ""


def owner(key: str) -> str:
    """The declaration behind a resource, as it travels in a hidden property."""
    return f"{pulumi.get_project()}/{pulumi.get_stack()}/{key}"


def merged(
    opts: pulumi.ResourceOptions | None, own: pulumi.ResourceOptions
) -> pulumi.ResourceOptions:
    """The user's options over ours."""
    return pulumi.ResourceOptions.merge(own, opts)
