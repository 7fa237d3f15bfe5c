"""CREATE MODEL … FROM MODEL, and what ALTER MODEL can do beyond the common forms."""

from __future__ import annotations

from dataclasses import replace

from cortex_resources.emulator.access import rules
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Kind, Model, ModelVersion
from cortex_resources.emulator.errors import SnowflakeError, already_exists, unsupported
from cortex_resources.emulator.outcome import Outcome
from cortex_resources.emulator.reader import Reader
from cortex_resources.emulator.statements import creation, dropping
from cortex_resources.emulator.statements.creation import Form


def create(call: Call, form: Form) -> Outcome:
    """CREATE MODEL x [WITH VERSION v] FROM MODEL y [VERSION v]: a copy with one version."""
    reader = call.reader
    path = call.path(Kind.MODEL, reader.path())
    version = reader.name() if reader.accept("WITH", "VERSION") else "V1"
    if not reader.accept("FROM", "MODEL"):
        raise unsupported("CREATE MODEL other than FROM MODEL")
    source = call.resolve(Kind.MODEL, reader.path())
    chosen = reader.name() if reader.accept("VERSION") else None
    reader.end()
    assert isinstance(source, Model)  # noqa: S101 - resolved by kind
    call.authority.permit(rules.COPY, source)
    if chosen is not None:
        _version(source, chosen)
    existing = creation.place(call, Kind.MODEL, path, "CREATE MODEL", form)
    if existing is not None and form.if_not_exists:
        return creation.exists_already(existing)
    if existing is not None:
        dropping.remove(call.account, existing)
    schema = call.authority.resolve(Kind.SCHEMA, path[:2])
    copy = replace(
        source,
        id=call.catalog.new_id(Kind.MODEL),
        name=path[2],
        parent=schema.id,
        owner=call.authority.primary,
        created_on=call.now,
        versions=(ModelVersion(name=version, created_on=call.now),),
        default_version=version,
    )
    return creation.finish(call, copy)


def alter(call: Call, model: Model) -> bool:
    """DEFAULT_VERSION, version aliases and comments; whether the statement was one of these."""
    reader = call.reader
    if reader.accept("SET", "DEFAULT_VERSION"):
        reader.expect("=")
        version = _version(model, str(reader.scalar()))
        call.catalog.update(replace(model, default_version=version.name))
    elif reader.accept("VERSION"):
        _alter_version(call, model, _version(model, reader.name()))
    elif reader.accept("MODIFY", "VERSION"):
        version = _version(model, reader.name())
        reader.expect("SET", "COMMENT", "=")
        _store(call, model, replace(version, comment=reader.string()))
    else:
        return False
    reader.end()
    return True


def _alter_version(call: Call, model: Model, version: ModelVersion) -> None:
    reader = call.reader
    verb = reader.accept_any("SET", "UNSET")
    if verb is None:
        raise reader.unexpected()
    reader.expect("ALIAS")
    if verb == "UNSET":
        _store(call, model, replace(version, aliases=()))
        return
    reader.expect("=")
    alias = _name(reader)
    for other in model.versions:
        if other.name != version.name and alias in (other.name, *other.aliases):
            raise already_exists(alias)
    _store(call, model, replace(version, aliases=(alias,)))


def _name(reader: Reader) -> str:
    return str(reader.scalar()).upper()


def _store(call: Call, model: Model, version: ModelVersion) -> None:
    versions = tuple(version if v.name == version.name else v for v in model.versions)
    call.catalog.update(replace(model, versions=versions))


def _version(model: Model, name: str) -> ModelVersion:
    """A version by name, alias, or one of the words DEFAULT, FIRST and LAST."""
    name = name.upper()
    if name == "DEFAULT":
        name = model.default_version
    by_word = {"FIRST": model.versions[:1], "LAST": model.versions[-1:]}
    found = by_word.get(name) or [v for v in model.versions if name in (v.name, *v.aliases)]
    if not found:
        raise SnowflakeError(
            2003,
            "42S02",
            f"SQL compilation error:\nVersion '{name}' of model '{model.name}' does not exist"
            " or not authorized.",
        )
    return found[0]
