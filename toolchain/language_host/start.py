"""The first step of the language host, in an interpreter that may lack what the host needs."""

import sys


def main() -> None:
    """Serves the engine, or says in one line why this interpreter cannot."""
    try:
        from toolchain.language_host.server import serve  # noqa: PLC0415
    except ModuleNotFoundError as error:
        line = f"{sys.executable} has no package {error.name!r}: install pulumi there"
        print(f"pulumi-language-python: {line}", file=sys.stderr)
        sys.exit(1)
    del sys.path[0]  # it was there to find this package; the program shall not see it
    serve(sys.argv[1:])
