"""Which questions one documented object answers, in words a programmer would use."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from hashlib import sha256

from samples import prose, signatures
from samples.stdlib_objects import Documented, Sort

_CALLABLE = (Sort.FUNCTION, Sort.METHOD, Sort.CLASS)
_OFFERED = {Sort.FUNCTION: "a function", Sort.CLASS: "a class", Sort.EXCEPTION: "an exception"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and its answer."""

    question: str
    answer: str


def draw(name: str, purpose: str, sides: int) -> int:
    """A die that falls the same way for that name in every run."""
    return int.from_bytes(sha256(f"{purpose}:{name}".encode()).digest()[:8]) % sides


def asked_of(found: Documented, unique_names: Collection[str]) -> Iterator[Asked]:
    """Every question about the object.

    Arguments:
        found: the object.
        unique_names: last parts of names that one object alone of the library has.
    """
    call, text = "", found.doc
    if found.sort in _CALLABLE:
        call, text = prose.without_call(found.doc, found.short)
    about = prose.summary(prose.without_heading(text, found.name))
    if about.rstrip(".").lower() not in ("", found.short.lower()):
        yield Asked(_purpose(found, about), about if len(about) >= 20 else f"{found.name}: {about}")
        known = found.sort in _OFFERED and found.short in unique_names
        if known and draw(found.name, "home", 2) == 0:
            yield _home(found, about)
    if found.sort in _CALLABLE:
        yield from _calls(found, call)
        yield from _details(found, text)
    if inspect.isclass(found.raw):
        yield from _class(found, found.raw)


def _purpose(found: Documented, about: str) -> str:
    name = found.name
    match found.sort:
        case Sort.MODULE:
            return f"What is the module {name} for?"
        case Sort.CLASS:
            opening = about.startswith(("A ", "An ", "The "))
            return f"What is {name}?" if opening else f"What is the class {name} for?"
        case Sort.EXCEPTION:
            raised = "raised" in about.lower()[:30]
            return f"When is {name} raised?" if raised else f"What does the exception {name} mean?"
        case Sort.PROPERTY:
            return f"What does the attribute {name} hold?"
    verb = "return" if about.startswith(("Return ", "Returns ")) else "do"
    return f"What does {name} {verb}?"


def _home(found: Documented, about: str) -> Asked:
    first = prose.sentences(about)[0]
    offered = f"{found.short} is {_OFFERED[found.sort]} of the module {found.module}"
    return Asked(f"Which module offers {found.short}?", f"{offered}: {first}")


def _calls(found: Documented, call: str) -> Iterator[Asked]:
    bound = found.sort is Sort.METHOD
    if draw(found.name, "call", 4):
        return
    known = signatures.signature_of(found.raw, bound=bound)
    if known is None or not known.parameters:
        if call and "()" not in call:
            shown = found.name + call[call.index("(") :]
            yield Asked(f"How is {found.name} called?", f"The call is {shown}.")
        return
    if draw(found.name, "form", 2):
        shown = f"{found.name}{known}"
        yield Asked(f"What is the signature of {found.name}?", f"The signature is {shown}.")
    else:
        taken = signatures.sentence(found.name, known)
        yield Asked(f"Which arguments does {found.name} take?", taken)


def _details(found: Documented, text: str) -> Iterator[Asked]:
    raising = prose.raising(text)
    if raising:
        question = f"Which exception can {found.name} raise, and when?"
        yield Asked(question, prose.joined(" ".join(raising[:3])))
    known = signatures.signature_of(found.raw, bound=found.sort is Sort.METHOD)
    names = set(known.parameters) if known else set()
    for argument, described in prose.arguments(text):
        if argument in names:
            question = f"What is the argument {argument} of {found.name} for?"
            yield Asked(question, described)


def _class(found: Documented, cls: type) -> Iterator[Asked]:
    bases = [_class_name(base) for base in cls.__bases__ if base is not object]
    if bases and not any("._" in f".{base}" for base in bases):
        named = " and ".join(bases)
        yield Asked(f"What does {found.name} derive from?", f"{found.name} derives from {named}.")
    methods = sorted(n for n, v in vars(cls).items() if n[0] != "_" and inspect.isroutine(v))
    if len(methods) > 2:
        listed = ", ".join(methods[:30]) + (" and more" if len(methods) > 30 else "")
        yield Asked(f"Which methods does {found.name} define?", f"{found.name} defines {listed}.")


def _class_name(cls: type) -> str:
    home = cls.__module__.lstrip("_")
    return cls.__name__ if home == "builtins" else f"{home}.{cls.__name__}"
