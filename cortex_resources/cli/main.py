"""The command line: a group whose commands are imported when they are used."""

from __future__ import annotations

import importlib
from typing import Any, Final

import click

# name → (module, attribute, one line for --help).  A new command is one line here.
_COMMANDS: Final[dict[str, tuple[str, str, str]]] = {
    "account": (
        "cortex_resources.cli.account",
        "account",
        "Start, stop and query the local account.",
    ),
    "jobs": ("cortex_resources.cli.jobs", "jobs", "List jobs and models, find orphans."),
    "validate": ("cortex_resources.cli.validate", "validate", "Check stack files."),
}


class LazyGroup(click.Group):
    """A group that knows the names of its commands and imports one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, by name."""
        return sorted({*super().list_commands(ctx), *_COMMANDS})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name."""
        if cmd_name not in _COMMANDS:
            return super().get_command(ctx, cmd_name)
        module, attribute, _ = _COMMANDS[cmd_name]
        command: Any = getattr(importlib.import_module(module), attribute)
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in --help, without importing anything."""
        rows = [(name, _COMMANDS[name][2]) for name in self.list_commands(ctx) if name in _COMMANDS]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="cortex-resources")
def main() -> None:
    """Infrastructure as code for Snowflake Cortex fine-tuning."""
