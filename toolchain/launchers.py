"""The two programs that the engine starts: language host and dynamic resource plugin."""

import os
import shlex
from pathlib import Path

LANGUAGE_HOST = "pulumi-language-python"
DYNAMIC_PLUGIN = "pulumi-resource-pulumi-python"

# PULUMI_PYTHON_CMD names the interpreter in the official installation too.
_LANGUAGE_HOST_TEXT = """\
#!/bin/sh
# Written by `python -m toolchain.engine`, and again when the checkout or the interpreter moves.
python={python}
exec "${{PULUMI_PYTHON_CMD:-$python}}" -u -c {bootstrap} "$@"
"""

# The engine hands the options of Pulumi.yaml on as PULUMI_RUNTIME_*; a relative virtualenv counts
# from the folder of Pulumi.yaml, which is above the working directory when `main` names a folder.
# exec, so that the provider's parent is the engine itself and SIGINT reaches Python directly.
_DYNAMIC_PLUGIN_TEXT = """\
#!/bin/sh
# Written by `python -m toolchain.engine`, and again when the checkout or the interpreter moves.
python={python}
python="${{PULUMI_PYTHON_CMD:-$python}}"
virtualenv="${{PULUMI_RUNTIME_VIRTUALENV:-}}"
if [ -z "$virtualenv" ] && [ "${{PULUMI_RUNTIME_TOOLCHAIN:-}}" = uv ]; then
    virtualenv=.venv
fi
if [ -n "$virtualenv" ]; then
    root="$PWD"
    while [ "$root" != / ] && [ ! -e "$root/Pulumi.yaml" ] && [ ! -e "$root/Pulumi.yml" ]; do
        root="$(dirname "$root")"
    done
    case "$virtualenv" in
        /*) ;;
        *) virtualenv="$root/$virtualenv" ;;
    esac
    python="$virtualenv/bin/python"
    if [ ! -x "$python" ]; then
        echo "the virtualenv that Pulumi.yaml names has no interpreter: $python" >&2
        exit 1
    fi
    VIRTUAL_ENV="$virtualenv"
    PATH="$virtualenv/bin:$PATH"
    export VIRTUAL_ENV PATH
    unset PYTHONHOME
fi
# The engine may die before Python runs: the host must know whose child it was meant to be.
CORTEX_RESOURCES_ENGINE_PID=$PPID
export CORTEX_RESOURCES_ENGINE_PID
exec "$python" -u -c {bootstrap} "$@"
"""

_BOOTSTRAP = (
    "import sys; sys.path[0] = {checkout!r}; from toolchain.language_host.start import main; main()"
)


# A host that the engine starts twice may never be given a provider of ours, so the watch over the
# engine cannot wait for one; nor can the answer to an import, which brings none. Then everything is
# as `python -m pulumi.dynamic` has it.
_PLUGIN_BOOTSTRAP = (
    "import os, runpy, sys; sys.path[0] = {checkout!r};"
    " from toolchain.language_host.lifetime import end_with_parent;"
    " from toolchain.language_host.imports import refuse_imports; refuse_imports();"
    " end_with_parent(lambda: None, int(os.environ['CORTEX_RESOURCES_ENGINE_PID']));"
    " sys.path[0] = os.getcwd();"
    " runpy.run_module('pulumi.dynamic', run_name='__main__', alter_sys=True)"
)


def bootstrap(checkout: Path) -> str:
    """Python code that starts the language host of this checkout in any interpreter."""
    return _BOOTSTRAP.format(checkout=str(checkout))


def launcher_texts(checkout: Path, python: str) -> dict[str, str]:
    """The launchers by file name, for one checkout and the interpreter used by default."""
    quoted = shlex.quote(python)
    return {
        LANGUAGE_HOST: _LANGUAGE_HOST_TEXT.format(
            python=quoted, bootstrap=shlex.quote(bootstrap(checkout))
        ),
        DYNAMIC_PLUGIN: _DYNAMIC_PLUGIN_TEXT.format(
            python=quoted,
            bootstrap=shlex.quote(_PLUGIN_BOOTSTRAP.format(checkout=str(checkout))),
        ),
    }


def write_launchers(folder: Path, checkout: Path, python: str) -> None:
    """Puts the launchers into the folder; files that are already right are left alone."""
    for name, text in launcher_texts(checkout, python).items():
        path = folder / name
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        folder.mkdir(parents=True, exist_ok=True)
        fresh = folder / f".{name}.{os.getpid()}"
        fresh.write_text(text, encoding="utf-8")
        fresh.chmod(0o755)
        fresh.replace(path)
