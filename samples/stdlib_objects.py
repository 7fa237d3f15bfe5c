"""Which objects of the running interpreter's standard library are documented, each once.

Modules that print, open windows, change the terminal or are on their way out are left alone; what
is not part of the interpreter's own library is never read.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import pkgutil
import sys
import sysconfig
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from typing import Any


class Sort(StrEnum):
    """What an object is."""

    MODULE = "module"
    FUNCTION = "function"
    CLASS = "class"
    EXCEPTION = "exception"
    METHOD = "method"
    PROPERTY = "property"


@dataclass(frozen=True, slots=True)
class Documented:
    """One object with a docstring, under the name that users know it by."""

    name: str
    module: str
    sort: Sort
    doc: str
    raw: Any

    @property
    def short(self) -> str:
        """The last part of the name."""
        return self.name.rpartition(".")[2]


_ACTIVE = "antigravity this idlelib turtle turtledemo tkinter readline rlcompleter ensurepip site"
"""Modules that do something when imported, or are programs and their parts."""
_LEAVING = (
    "aifc asynchat asyncore audioop cgi cgitb chunk crypt distutils imghdr imp lib2to3 mailcap "
    "msilib nis nntplib nturl2path ossaudiodev pipes smtpd sndhdr spwd sre_compile sre_constants "
    "sre_parse sunau telnetlib uu xdrlib"
)
"""Modules that a Python of the supported range has removed or is about to."""
_NO_DOCUMENTATION = "test pydoc_data encodings posix posixpath ntpath nt genericpath pyexpat"
"""Tables and tests, and modules whose contents users know by another name: os, os.path."""
_LEFT_ALONE = frozenset(f"{_ACTIVE} {_LEAVING} {_NO_DOCUMENTATION}".split())
_EMPTY_PHRASES = ("Alias for field number", "An enumeration.", "Partially supports")


def documented(only: str = "") -> Iterator[Documented]:
    """Every documented public object, modules first and well-known names before deep ones.

    Arguments:
        only: one top-level module to read; nothing else is imported.
    """
    seen_objects: set[int] = set()
    seen_texts: set[str] = set()
    modules = [(only, importlib.import_module(only))] if only else list(_modules())
    for found in (*_top_level(modules), *_members(modules)):
        identity = id(inspect.unwrap(getattr(found.raw, "__func__", found.raw), stop=_is_partial))
        # A text that serves several objects is kept for the first: it says little about the rest,
        # and would stand in more than one split.
        if identity in seen_objects or found.doc in seen_texts:
            continue
        seen_objects.add(identity)
        seen_texts.add(found.doc)
        yield found


def _is_partial(wrapped: Any) -> bool:
    return not hasattr(wrapped, "__wrapped__")


def _modules() -> Iterator[tuple[str, ModuleType]]:
    names = sorted(n for n in sys.stdlib_module_names if _is_read(n) and _is_ours(n))
    deep: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in ("builtins", *(n for n in names if n != "builtins")):
            module = _imported(name)
            if module is None:
                continue
            yield name, module
            deep.extend(_submodules(name, module))
        yield "os.path", importlib.import_module("os.path")
        for name in sorted(deep, key=lambda n: (n.count("."), n)):
            module = _imported(name)
            if module is not None:
                yield name, module


def _is_read(name: str) -> bool:
    return not name.startswith("_") and name not in _LEFT_ALONE


def _is_ours(name: str) -> bool:
    """Whether importing that top-level name reaches the interpreter's library and nothing else."""
    spec = importlib.util.find_spec(name)
    if spec is None:
        return False
    if spec.origin in ("built-in", "frozen") or spec.origin is None:
        return spec.origin is not None
    homes = {Path(sysconfig.get_path(key)).resolve() for key in ("stdlib", "platstdlib")}
    homes.add(Path(sysconfig.__file__).resolve().parent)
    parents = Path(spec.origin).resolve().parents
    return any(home in parents for home in homes) and "site-packages" not in spec.origin


def _imported(name: str) -> ModuleType | None:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None  # belongs to another platform, or the interpreter was built without it


def _submodules(package: str, module: ModuleType) -> Iterator[str]:
    for found in pkgutil.iter_modules(getattr(module, "__path__", ())):
        if found.name.startswith("_") or found.name in ("test", "tests", "macholib"):
            continue
        name = f"{package}.{found.name}"
        yield name
        if found.ispkg:
            child = _imported(name)
            if child is not None:
                yield from _submodules(name, child)


def _top_level(modules: list[tuple[str, ModuleType]]) -> Iterator[Documented]:
    for name, module in modules:
        if doc := _doc_of(module):
            yield Documented(name, name, Sort.MODULE, doc, module)
    for name, module in modules:
        for attribute, value in _public(name, module):
            sort = _sort_of(value)
            if sort is not None and (doc := _doc_of(value)):
                shown = attribute if name == "builtins" else f"{name}.{attribute}"
                yield Documented(shown, name, sort, doc, value)


def _public(name: str, module: ModuleType) -> Iterator[tuple[str, Any]]:
    contents = vars(module)
    exported = set(contents.get("__all__", ()))
    for attribute, value in sorted(contents.items(), key=_known_first):
        if attribute.startswith("_"):
            continue
        home = getattr(value, "__module__", None)
        own = home in (name, f"_{name}", None)
        if attribute in exported or (own and not exported):
            yield attribute, value


def _known_first(item: tuple[str, Any]) -> tuple[bool, int, str]:
    """Order names so that an alias, or bytearray, never takes a text from its better-known twin."""
    attribute, value = item
    return getattr(value, "__name__", attribute) != attribute, len(attribute), attribute


def _sort_of(value: Any) -> Sort | None:
    if inspect.isclass(value):
        return Sort.EXCEPTION if issubclass(value, BaseException) else Sort.CLASS
    if inspect.isroutine(value):
        return Sort.FUNCTION
    return None


def _members(modules: list[tuple[str, ModuleType]]) -> Iterator[Documented]:
    for name, module in modules:
        for attribute, value in _public(name, module):
            if not inspect.isclass(value):
                continue
            owner = attribute if name == "builtins" else f"{name}.{attribute}"
            yield from _members_of(owner, name, value)


def _members_of(owner: str, module: str, cls: type) -> Iterator[Documented]:
    for attribute, raw in sorted(vars(cls).items(), key=_known_first):
        if attribute.startswith(("_", "do_")):  # do_: commands of shells, documented as such
            continue
        value = getattr(raw, "__func__", raw)
        if isinstance(value, property) or inspect.isgetsetdescriptor(value):
            sort = Sort.PROPERTY
        elif inspect.isroutine(value):
            sort = Sort.METHOD
        else:
            continue
        if doc := _doc_of(value):
            yield Documented(f"{owner}.{attribute}", module, sort, doc, value)


def _doc_of(value: Any) -> str:
    """The object's own docstring, cleaned; empty where it has none or says nothing."""
    doc = getattr(value, "__doc__", None)
    if not isinstance(doc, str):
        return ""
    if inspect.isclass(value) and doc.startswith(f"{value.__name__}("):
        return ""  # a dataclass or named tuple repeats its own signature there
    doc = inspect.cleandoc(doc).strip()
    return "" if doc.startswith(_EMPTY_PHRASES) or "<==>" in doc else doc
