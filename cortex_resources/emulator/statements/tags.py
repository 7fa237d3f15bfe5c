"""CREATE TAG and ALTER TAG."""

from __future__ import annotations

from dataclasses import replace

from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Entity, Kind, Tag
from cortex_resources.emulator.outcome import Outcome
from cortex_resources.emulator.statements import creation, properties
from cortex_resources.emulator.statements.creation import Form


def create(call: Call, form: Form) -> Outcome:
    """CREATE TAG name [ALLOWED_VALUES 'a' [, 'b' …]] [COMMENT = …]."""
    reader = call.reader
    path = call.path(Kind.TAG, reader.path())
    values = _values(call) if reader.accept("ALLOWED_VALUES") else None
    fields = properties.read(call, Kind.TAG)
    place = creation.claim(call, Kind.TAG, path, form)
    return place.finish({**fields, "allowed_values": values})


def alter(call: Call, tag: Entity) -> bool:
    """{ADD | DROP} ALLOWED_VALUES …, UNSET ALLOWED_VALUES; whether it was one of these."""
    assert isinstance(tag, Tag)  # noqa: S101 - chosen by kind
    reader = call.reader
    before = tag.allowed_values or ()
    if reader.accept("UNSET", "ALLOWED_VALUES"):
        after = None
    elif reader.accept("ADD", "ALLOWED_VALUES"):
        after = tuple(dict.fromkeys((*before, *_values(call))))
    elif reader.accept("DROP", "ALLOWED_VALUES"):
        gone = _values(call)
        after = tuple(value for value in before if value not in gone)
    else:
        return False
    reader.end()
    call.catalog.update(replace(tag, allowed_values=after))
    return True


def _values(call: Call) -> tuple[str, ...]:
    found = [call.reader.string()]
    while call.reader.accept(","):
        found.append(call.reader.string())
    return tuple(dict.fromkeys(found))
