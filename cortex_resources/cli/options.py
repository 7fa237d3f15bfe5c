"""Options that more than one command takes."""

from __future__ import annotations

from pathlib import Path

import click

from cortex_resources.specs import load

folder = click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=load.FOLDER,
    show_default=True,
    help="Where the stack files are.",
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
