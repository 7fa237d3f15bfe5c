"""Digests, hexadecimal, Base64, and the ways between text and BINARY."""

from __future__ import annotations

from cortex_resources.emulator.errors import unsupported
from cortex_resources.emulator.queries.casts import integer, literal_text, text
from cortex_resources.emulator.queries.expression import (
    Expr,
    boolean_constant,
    call,
    derive,
    integer_constant,
    text_constant,
)
from cortex_resources.emulator.queries.faults import compilation
from cortex_resources.emulator.queries.registry import scalar
from cortex_resources.emulator.queries.types import BINARY, NUMBER, TEXT, Kind, Type, number


def _bytes(value: Expr) -> Expr:
    """BINARY as it is, everything else as the UTF-8 of its text."""
    if value.type.kind is Kind.BINARY:
        return value
    return call("encode", BINARY, text(value))


def _digest(value: Expr, algorithm: str) -> Expr:
    return call("sf_digest", TEXT, _bytes(value), text_constant(algorithm))


def _sha2(values: list[Expr]) -> str:
    size = values[1].constant if len(values) > 1 else 256
    if size not in (224, 256, 384, 512):
        raise compilation(1007, "22023", "the digest size of SHA2 is 224, 256, 384 or 512")
    return f"sha{size}"


def _register_digests() -> None:
    for name, algorithm in (("MD5", "md5"), ("SHA1", "sha1")):

        def spelled(values: list[Expr], algorithm: str = algorithm) -> Expr:
            return _digest(values[0], algorithm)

        def raw(values: list[Expr], algorithm: str = algorithm) -> Expr:
            return call("sf_unhex", BINARY, _digest(values[0], algorithm))

        scalar(name, f"{name}_HEX", least=1)(spelled)
        scalar(f"{name}_BINARY", least=1)(raw)


_register_digests()


@scalar("SHA2", "SHA2_HEX", least=1, most=2)
def sha2(values: list[Expr]) -> Expr:
    """SHA2 with 224, 256, 384 or 512 bits."""
    return _digest(values[0], _sha2(values))


@scalar("SHA2_BINARY", least=1, most=2)
def sha2_binary(values: list[Expr]) -> Expr:
    """The same as BINARY."""
    return call("sf_unhex", BINARY, _digest(values[0], _sha2(values)))


def _md5_half(value: Expr, upper: bool) -> Expr:
    half = call("sf_md5_half", TEXT, _bytes(value), boolean_constant(upper))
    return derive(f"CAST({half.sql} AS {NUMBER.duck})", number(20), half)


@scalar("MD5_NUMBER_UPPER64", least=1)
def md5_upper(values: list[Expr]) -> Expr:
    """The first half of an MD5 as a number."""
    return _md5_half(values[0], upper=True)


@scalar("MD5_NUMBER_LOWER64", least=1)
def md5_lower(values: list[Expr]) -> Expr:
    """The second half of an MD5 as a number."""
    return _md5_half(values[0], upper=False)


def _alphabet(values: list[Expr], place: int) -> Expr:
    return text(values[place]) if len(values) > place else text_constant("")


@scalar("BASE64_ENCODE", least=1, most=3)
def base64_encode(values: list[Expr]) -> Expr:
    """BASE64_ENCODE(value [, line length [, alphabet]])."""
    width = integer(values[1]) if len(values) > 1 else integer_constant(0)
    return call("sf_base64", TEXT, _bytes(values[0]), width, _alphabet(values, 2))


@scalar("HEX_ENCODE", least=1, most=2)
def hex_encode(values: list[Expr]) -> Expr:
    """HEX_ENCODE(value [, 1 for upper case, 0 for lower])."""
    upper = values[1].constant if len(values) > 1 else 1
    if upper not in (0, 1):
        raise compilation(1007, "22023", "the case of HEX_ENCODE is 0 or 1")
    return call("sf_hex_text", TEXT, _bytes(values[0]), boolean_constant(bool(upper)))


DECODERS = {
    "HEX_DECODE_STRING": ("unhex_text", TEXT, False),
    "HEX_DECODE_BINARY": ("unhex", BINARY, False),
    "BASE64_DECODE_STRING": ("unbase64", TEXT, True),
    "BASE64_DECODE_BINARY": ("unbase64_bytes", BINARY, True),
}


def _register_decoders() -> None:
    for name, (function, kind, signed) in DECODERS.items():
        for prefix, engine in (("", f"sf_{function}"), ("TRY_", f"sf_try_{function}")):

            def build(
                values: list[Expr], engine: str = engine, kind: Type = kind, signed: bool = signed
            ) -> Expr:
                more = [_alphabet(values, 1)] if signed else []
                return call(engine, kind, text(values[0]), *more)

            scalar(f"{prefix}{name}", least=1, most=2 if signed else 1)(build)


_register_decoders()


def _form(value: Expr) -> str:
    """The format of BINARY as text: a word that is known beforehand."""
    form = literal_text(value)
    if form is None:
        raise unsupported("a format of BINARY that is no text constant")
    return form.upper()


def _to_binary(values: list[Expr], prefix: str) -> Expr:
    form = _form(values[1]) if len(values) > 1 else "HEX"
    if values[0].type.kind is Kind.BINARY:
        return values[0]
    if form in ("UTF-8", "UTF8"):
        return call("encode", BINARY, text(values[0]))
    if form == "BASE64":
        return call(f"{prefix}unbase64_bytes", BINARY, text(values[0]), text_constant(""))
    if form != "HEX":
        raise unsupported(f"TO_BINARY with format {form}")
    return call(f"{prefix}unhex", BINARY, text(values[0]))


@scalar("TO_BINARY", least=1, most=2)
def to_binary(values: list[Expr]) -> Expr:
    """TO_BINARY from hexadecimal, Base64 or UTF-8."""
    return _to_binary(values, "sf_")


@scalar("TRY_TO_BINARY", least=1, most=2)
def try_to_binary(values: list[Expr]) -> Expr:
    """TRY_TO_BINARY."""
    return _to_binary(values, "sf_try_")


def binary_text(value: Expr, pattern: Expr) -> Expr:
    """TO_CHAR of BINARY: HEX, BASE64 or UTF-8."""
    form = _form(pattern)
    if form in ("UTF-8", "UTF8"):
        return call("sf_bytes_text", TEXT, value)
    if form == "BASE64":
        return call("sf_base64", TEXT, value, integer_constant(0), text_constant(""))
    if form != "HEX":
        raise unsupported(f"TO_CHAR of BINARY with format {form}")
    return derive(f"hex({value.sql})", TEXT, value)


@scalar("COMPRESS", "DECOMPRESS_BINARY", "DECOMPRESS_STRING", least=1, most=None)
def compress(_: list[Expr]) -> Expr:
    """Compression is not here."""
    raise unsupported("COMPRESS and DECOMPRESS")
