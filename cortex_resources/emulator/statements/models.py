"""CREATE MODEL … FROM MODEL, and what ALTER MODEL can do beyond the common forms."""

from __future__ import annotations

from dataclasses import fields as dataclass_fields
from dataclasses import replace

from cortex_resources.emulator.access import rules
from cortex_resources.emulator.call import Call
from cortex_resources.emulator.entities import Entity, Kind, Model, ModelVersion
from cortex_resources.emulator.errors import SnowflakeError, already_exists, unsupported
from cortex_resources.emulator.outcome import Outcome
from cortex_resources.emulator.reader import Reader
from cortex_resources.emulator.statements import creation
from cortex_resources.emulator.statements.creation import Form


def create(call: Call, form: Form) -> Outcome:
    """CREATE MODEL x [WITH VERSION v] FROM MODEL y [VERSION v]: a copy with one version."""
    reader = call.reader
    path = call.path(Kind.MODEL, reader.path())
    version = reader.name() if reader.accept("WITH", "VERSION") else "V1"
    source, _ = _source(call)
    fields = {field.name: getattr(source, field.name) for field in dataclass_fields(source)}
    place = creation.claim(call, Kind.MODEL, path, form)
    return place.finish(
        {
            **fields,
            "id": place.new_id(),
            "tags": (),
            "versions": (ModelVersion(name=version, created_on=call.now),),
            "default_version": version,
        }
    )


def _source(call: Call) -> tuple[Model, ModelVersion]:
    """FROM MODEL y [VERSION v]: a model that may be read, and the version that is copied."""
    reader = call.reader
    if not reader.accept("FROM", "MODEL"):
        raise unsupported("models that are not copies (FROM MODEL)")
    source = call.resolve(Kind.MODEL, reader.path())
    chosen = reader.name() if reader.accept("VERSION") else "DEFAULT"
    reader.end()
    assert isinstance(source, Model)  # noqa: S101 - resolved by kind
    call.authority.permit(rules.COPY, source)
    return source, _version(source, chosen)


def alter(call: Call, model: Entity) -> bool:
    """Versions and their aliases, DEFAULT_VERSION; whether the statement was one of these."""
    assert isinstance(model, Model)  # noqa: S101 - chosen by kind
    reader = call.reader
    if reader.accept("SET", "DEFAULT_VERSION"):
        reader.expect("=")
        version = _version(model, str(reader.scalar()))
        call.catalog.update(replace(model, default_version=version.name))
    elif reader.accept("ADD", "VERSION"):
        _add_version(call, model)
    elif reader.accept("DROP", "VERSION"):
        _drop_version(call, model, _version(model, reader.name()))
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


def _add_version(call: Call, model: Model) -> None:
    """ADD VERSION v FROM MODEL y [VERSION w]; all versions here answer from one job's pairs."""
    name = call.reader.name()
    source, _ = _source(call)
    if source.job != model.job:
        raise unsupported("a version made by another job")
    if any(name in (v.name, *v.aliases) for v in model.versions):
        raise already_exists(name)
    version = ModelVersion(name=name, created_on=call.now)
    call.catalog.update(replace(model, versions=(*model.versions, version)))


def _drop_version(call: Call, model: Model, version: ModelVersion) -> None:
    if version.name == model.default_version:
        raise SnowflakeError(
            393313,
            "0A000",
            f"SQL compilation error:\nThe default version '{version.name}' of model"
            f" '{model.name}' cannot be dropped.",
        )
    kept = tuple(v for v in model.versions if v.name != version.name)
    call.catalog.update(replace(model, versions=kept))


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
