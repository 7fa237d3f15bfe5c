"""CREATE FUNCTION: scalar functions whose body is SQL; ALTER FUNCTION."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Final

from cortex_resources.emulator import lexer
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Entity, Function, Kind, signature
from cortex_resources.emulator.errors import SnowflakeError, ambiguous_overload, unsupported
from cortex_resources.emulator.lexer import TokenKind
from cortex_resources.emulator.outcome import Outcome
from cortex_resources.emulator.queries import entry
from cortex_resources.emulator.reader import Reader
from cortex_resources.emulator.statements import creation, properties, signatures
from cortex_resources.emulator.statements.creation import Form
from cortex_resources.emulator.statements.marks import has_marks
from cortex_resources.emulator.user_functions import as_called

# Properties of other languages and of functions that a service answers.
_ELSEWHERE: Final = (
    "HANDLER", "IMPORTS", "PACKAGES", "RUNTIME_VERSION", "TARGET_PATH", "SERVICE", "ENDPOINT",
    "EXTERNAL_ACCESS_INTEGRATIONS", "SECRETS", "API_INTEGRATION", "LOG_LEVEL", "TRACE_LEVEL",
)  # fmt: skip


_BLOCKS: Final = ("BEGIN", "DECLARE")


@dataclass(slots=True)
class _Header:
    """What stands between the arguments and AS ("CREATE FUNCTION", SQL handler)."""

    copy_grants: bool = False
    fields: dict[str, Any] = field(default_factory=dict)


def create(call: Call, form: Form) -> Outcome:
    """CREATE [OR REPLACE] [SECURE] FUNCTION name (arguments) RETURNS type … AS 'body'."""
    reader = call.reader
    parts = reader.path()
    arguments = signatures.arguments(reader)
    header = _header(call)
    reader.expect("AS")
    body = reader.string()
    reader.end()
    types = [argument.short for argument in arguments]
    path = call.path(Kind.FUNCTION, parts)
    identity = (*path[:-1], signature(path[-1], types))
    place = creation.claim(call, Kind.FUNCTION, identity, form)
    place = replace(place, path=path)
    if place.stands:
        return place.told()
    fields = {**header.fields, "arguments": arguments, "body": body, "secure": form.secure}
    made = Function(id="", name=path[-1], owner=call.authority.primary, **fields)
    check_overloads(call, made, place.container)
    _check(call, path, made)
    return place.finish(fields, copy_grants=header.copy_grants)


def check_overloads(call: Call, made: Function, schema: Entity | None) -> None:
    """Optional arguments do not tell two functions apart ("Defining arguments for UDFs")."""
    for other in call.catalog.children(schema.id if schema else None, Kind.FUNCTION):
        assert isinstance(other, Function)  # noqa: S101 - chosen by kind
        same = other.signature == made.signature  # it is replaced, or in the way by its name
        if not same and not made.callable_as.isdisjoint(other.callable_as):
            raise ambiguous_overload(made.name)


def _check(call: Call, path: tuple[str, ...], made: Function) -> None:
    """A body is compiled when its function is made, with the rights of the owner to be."""
    body = made.body
    if has_marks(body):
        raise unsupported("bind variables in the body of a function")
    first = lexer.tokenize(body, limit=1)
    if first and first[0].kind is TokenKind.WORD and first[0].value in _BLOCKS:
        raise unsupported("a block of Snowflake Scripting as the body of a function")
    if entry.is_built_in(path[-1]):
        raise SnowflakeError(  # our words: Snowflake refuses such a name too
            2,
            "0A000",
            f"SQL compilation error:\n{path[-1]} is a system-defined function.",
        )
    context = call.account.context(call, place=(path[0], path[1]))
    entry.check_function(as_called(path, made), context, call.connection)


def _header(call: Call) -> _Header:
    reader = call.reader
    header = _Header()
    while not reader.at("AS"):
        if reader.accept("COPY", "GRANTS"):
            header.copy_grants = True
        elif reader.at("RETURNS") and not reader.at("RETURNS", "NULL", "ON"):
            header.fields["returns"] = _returns(reader)
        else:
            header.fields |= _word(call)
    if "returns" not in header.fields:
        raise reader.unexpected()
    return header


def _returns(reader: Reader) -> str:
    """RETURNS type [[NOT] NULL]; of SQL functions NOT NULL is not enforced in Snowflake either."""
    reader.expect("RETURNS")
    if reader.at("TABLE"):
        raise unsupported("table functions (RETURNS TABLE)")
    returns = str(signatures.spelled(reader))
    if reader.accept("NOT"):
        reader.expect("NULL")
    else:
        reader.accept("NULL")
    return returns


def _word(call: Call) -> dict[str, Any]:
    """One of the words and properties after RETURNS, as fields of the function."""
    reader = call.reader
    if reader.accept("LANGUAGE"):
        language = reader.word()
        if language != "SQL":
            raise unsupported(f"functions in {language}")
        return {}
    if volatility := reader.accept_any("VOLATILE", "IMMUTABLE"):
        return {"volatility": volatility}
    if reader.accept("MEMOIZABLE"):
        return {"memoizable": True}
    if reader.accept("CALLED", "ON", "NULL", "INPUT"):
        return {}
    if reader.at("STRICT") or reader.at("RETURNS"):
        raise unsupported("STRICT (RETURNS NULL ON NULL INPUT) of a function in SQL")
    if elsewhere := reader.accept_any(*_ELSEWHERE):
        raise unsupported(f"property {elsewhere} of a function")
    return properties.one(call, Kind.FUNCTION)


def alter(call: Call, function: Entity) -> bool:
    """{SET | UNSET} SECURE; whether the statement was one of these."""
    assert isinstance(function, Function)  # noqa: S101 - chosen by kind
    verb = call.reader.accept_any("SET SECURE", "UNSET SECURE")
    if verb is None:
        return False
    call.reader.end()
    call.catalog.update(replace(function, secure=verb == "SET SECURE"))
    return True
