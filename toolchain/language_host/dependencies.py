"""Which packages are installed in this interpreter's environment."""

import importlib.metadata
import re

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _required_names(distribution: importlib.metadata.Distribution) -> set[str]:
    always = [line for line in distribution.requires or () if "extra ==" not in line]
    found = (_NAME.match(line) for line in always)
    return {_normal(name.group()) for name in found if name}


def installed_packages(*, transitive: bool) -> list[tuple[str, str]]:
    """Name and version of every package, or only of those that no other package requires."""
    packages = {_normal(d.name): d for d in importlib.metadata.distributions() if d.name}
    hidden: set[str] = set()
    if not transitive:
        hidden = {name for d in packages.values() for name in _required_names(d)}
    return sorted((d.name, d.version) for key, d in packages.items() if key not in hidden)
