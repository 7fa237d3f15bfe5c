"""CREATE: reads the words before the noun and hands over to the noun's module."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from cortex_resources.emulator.call import Call
from cortex_resources.emulator.errors import SnowflakeError, unsupported
from cortex_resources.emulator.outcome import Outcome
from cortex_resources.emulator.statements import (
    databases,
    datasets,
    functions,
    models,
    objects,
    roles,
    schemas,
    tables,
    tags,
    users,
    views,
    warehouses,
)
from cortex_resources.emulator.statements.creation import Form

# A new noun: its module, a row here, and one in alter.py if it has forms of its own there.
_NOUNS: Final[dict[str, Callable[[Call, Form], Outcome]]] = {
    "DATABASE ROLE": roles.create_database_role,
    "DATABASE": databases.create,
    "SCHEMA": schemas.create,
    "TABLE": tables.create,
    "VIEW": views.create,
    "MODEL": models.create,
    "DATASET": datasets.create,
    "FUNCTION": functions.create,
    "ROLE": roles.create_role,
    "USER": users.create,
    "WAREHOUSE": warehouses.create,
    "TAG": tags.create,
}
_MODIFIERS: Final = (
    "SECURE", "TRANSIENT", "RECURSIVE", "TEMPORARY", "TEMP", "VOLATILE", "LOCAL", "GLOBAL",
)  # fmt: skip
_TEMPORARY: Final = frozenset({"TEMPORARY", "TEMP", "VOLATILE", "LOCAL", "GLOBAL"})
_ALLOWED: Final[dict[str, frozenset[str]]] = {
    "DATABASE": frozenset({"TRANSIENT"}),
    "SCHEMA": frozenset({"TRANSIENT"}),
    "TABLE": frozenset({"TRANSIENT"}) | _TEMPORARY,
    "VIEW": frozenset({"SECURE", "RECURSIVE"}) | _TEMPORARY,
    "FUNCTION": frozenset({"SECURE"}),
}
_ALTERED: Final = frozenset({"VIEW"})  # what CREATE OR ALTER is understood of


def run(call: Call) -> Outcome:
    """CREATE [OR REPLACE] [words] noun …"""
    reader = call.reader
    reader.expect("CREATE")
    or_alter = reader.accept("OR", "ALTER")
    or_replace = reader.accept("OR", "REPLACE")
    words = set()
    while word := reader.accept_any(*_MODIFIERS):
        words.add(word)
    noun = reader.accept_any(*_NOUNS)
    if noun is None:
        raise objects.unknown(reader, "CREATE")
    refused = words - _ALLOWED.get(noun, frozenset())
    if refused:
        raise unsupported(f"CREATE {' '.join(sorted(refused))} {noun}")
    if or_alter and noun not in _ALTERED:
        raise unsupported(f"CREATE OR ALTER {noun}")
    if_not_exists = reader.if_not_exists()
    if (or_replace or or_alter) and if_not_exists:
        raise SnowflakeError(
            1003,
            "42000",
            "SQL compilation error:\noptions IF NOT EXISTS and OR REPLACE are incompatible.",
        )
    form = Form(
        or_replace,
        if_not_exists,
        transient="TRANSIENT" in words,
        secure="SECURE" in words,
        temporary=bool(words & _TEMPORARY),
        recursive="RECURSIVE" in words,
        or_alter=or_alter,
    )
    return _NOUNS[noun](call, form)
