"""Numbers and truth values from text, and back."""

from __future__ import annotations

import re
from decimal import Decimal, localcontext

from cortex_resources.emulator.queries.callbacks.table import callback, fallible
from cortex_resources.emulator.queries.faults import Fault, not_recognized, too_long
from cortex_resources.emulator.queries.types import DIGITS

NUMERAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?", re.ASCII)
SPECIAL_FLOATS = {
    "nan": "nan",
    "inf": "inf",
    "infinity": "inf",
    "-inf": "-inf",
    "-infinity": "-inf",
    "+inf": "inf",
    "+infinity": "inf",
}
TRUE_WORDS = frozenset(("true", "t", "yes", "y", "on", "1"))
FALSE_WORDS = frozenset(("false", "f", "no", "n", "off", "0"))


@fallible("number", "VARCHAR", "VARCHAR")
def number_text(value: str) -> str:
    """A numeral the engine reads as a decimal."""
    found = value.strip()
    if not NUMERAL.fullmatch(found):
        raise not_recognized("Numeric value", value)
    if "e" in found or "E" in found:
        number = Decimal(found)
        if abs(number.adjusted()) > 80:
            if number.adjusted() < 0:
                return "0"
            raise Fault(100039, "22003", "Numeric value is out of range")
        return format(number, "f")
    return found


@fallible("float", "VARCHAR", "VARCHAR")
def float_spelling(value: str) -> str:
    """The text of a FLOAT as the engine reads it, which does not take NaN from a function."""
    found = value.strip()
    special = SPECIAL_FLOATS.get(found.lower())
    if special:
        return special
    if not NUMERAL.fullmatch(found):
        raise not_recognized("Numeric value", value)
    return found


@fallible("boolean", "VARCHAR", "BOOLEAN")
def boolean_value(value: str) -> bool:
    """A truth value from one of the documented words."""
    found = value.strip().lower()
    if found in TRUE_WORDS:
        return True
    if found in FALSE_WORDS:
        return False
    raise not_recognized("Boolean value", value)


@callback("float_text", "DOUBLE", "VARCHAR")
def float_text(value: float) -> str:
    """A FLOAT as text: up to 15 digits, an exponent only where needed."""
    found = format(value, ".15g")
    return {"nan": "NaN", "inf": "inf", "-inf": "-inf", "-0": "-0"}.get(found, found)


@fallible("fit", "VARCHAR BIGINT", "VARCHAR")
def fit(value: str, length: int) -> str:
    """Text that must not be longer than its column."""
    if len(value) > length:
        raise too_long(value)
    return value


@callback("getbit", "BIGINT BIGINT", "BIGINT")
def getbit(value: int, place: int) -> int:
    """GETBIT: the bit at a place counted from 0."""
    if not 0 <= place < 64:
        raise Fault(100046, "22003", "Number out of representable range")
    return value >> place & 1


@callback("product", "VARCHAR VARCHAR INTEGER", "VARCHAR")
def product(left: str, right: str, scale: int) -> str:
    """An exact decimal product, which must fit 38 digits with all of its places."""
    with localcontext() as exact:
        exact.prec = 2 * DIGITS
        found = Decimal(left) * Decimal(right)
        if abs(found.scaleb(scale)) >= 10**DIGITS:
            kind = f"FIXED[SB16]({DIGITS},{min(scale, DIGITS)}){{nullable}}"
            raise Fault(
                100046,
                "22003",
                f"Number out of representable range: type {kind}, value {found:f}",
            )
        return f"{found:f}"


@callback("quotient", "VARCHAR VARCHAR INTEGER", "VARCHAR")
def quotient(over: str, under: str, scale: int) -> str:
    """An exact decimal quotient, rounded half away from zero."""
    top, bottom = Decimal(over), Decimal(under)
    if not bottom:
        raise Fault(100051, "22012", "Division by zero")
    high, low = top.as_integer_ratio(), bottom.as_integer_ratio()
    numerator = high[0] * low[1] * 10**scale
    denominator = high[1] * low[0]
    whole = (2 * abs(numerator) + abs(denominator)) // (2 * abs(denominator))
    digits = str(whole).rjust(scale + 1, "0")
    sign = "-" if whole and (numerator < 0) != (denominator < 0) else ""
    return f"{sign}{digits[: len(digits) - scale]}.{digits[len(digits) - scale :]}"
