"""The Pulumi program: everything that `stacks/<stack>.yaml` declares."""

from cortex_resources.resources import declare_stack

declare_stack()
