"""Rounding of decimals, and number formats both ways."""

from __future__ import annotations

import re
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    Context,
    Decimal,
)

from cortex_resources.emulator.queries.callbacks.table import callback, fallible
from cortex_resources.emulator.queries.faults import Fault, not_recognized

MODES = {
    "round": ROUND_HALF_UP,
    "even": ROUND_HALF_EVEN,
    "ceil": ROUND_CEILING,
    "floor": ROUND_FLOOR,
    "trunc": ROUND_DOWN,
}
WIDE = Context(prec=120)
FORMAT = re.compile(r"\s*(FM)?(S|MI)?(\$)?([90,GX]*)(?:([.D])([90]*))?(\$)?(S|MI)?(B)?\s*", re.I)


@callback("scaled", "VARCHAR INTEGER VARCHAR", "VARCHAR")
def scaled(value: str, places: int, mode: str) -> str:
    """A decimal brought to that many digits after the point; negative ones before it."""
    found = Decimal(value).quantize(Decimal(1).scaleb(-places), MODES[mode], WIDE)
    return format(found if found else abs(found), "f")


HEXADECIMAL = re.compile(r"\s*(FM)?(0?X+)\s*", re.I)
SCIENTIFIC = re.compile(r"\s*(FM)?(S)?9(?:\.(9*))?EEEE?E?\s*", re.I)


def _parts(pattern: str) -> re.Match[str]:
    match = FORMAT.fullmatch(pattern)
    if match is None or "X" in (match[4] or "").upper():
        raise Fault(100096, "22007", "Unsupported number format")
    return match


def _hexadecimal(value: str, match: re.Match[str]) -> str:
    """An integer in base 16, as wide as the pattern."""
    fill, signs = match.groups()
    digits = format(int(Decimal(value).quantize(Decimal(1), ROUND_HALF_UP, WIDE)), "x")
    digits = digits.upper() if "X" in signs else digits
    if len(digits.lstrip("-")) > len(signs):
        return "#" * (len(signs) + 1)
    padded = digits.rjust(len(signs), "0" if signs[0] == "0" else " ")
    return padded.strip() if fill else f" {padded}"


def _scientific(value: str, match: re.Match[str]) -> str:
    fill, sign, fraction = match.groups()
    mantissa, _, exponent = format(Decimal(value), f".{len(fraction or '')}E").partition("E")
    text = f"{mantissa}E{int(exponent):+03d}"
    if sign and not text.startswith("-"):
        text = f"+{text}"
    return text if fill or text[0] in "+-" else f" {text}"


@callback("format_number", "VARCHAR VARCHAR", "VARCHAR")
def format_number(value: str, pattern: str) -> str:
    """TO_CHAR of a number."""
    if pattern.upper() in ("TM", "TM9", "TME"):
        return value
    if match := HEXADECIMAL.fullmatch(pattern):
        return _hexadecimal(value, match)
    if match := SCIENTIFIC.fullmatch(pattern):
        return _scientific(value, match)
    fill, lead, dollar, whole, mark, fraction, dollar_after, trail, _ = _parts(pattern).groups()
    point = "." if mark else ""  # D is the same mark
    digits = len(fraction or "")
    found = Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP, WIDE)
    left, _, right = format(abs(found), "f").partition(".")
    body = _whole(left, whole, found)
    if body is None:
        width = len(whole) + len(point) + digits + 1
        return "#" * width
    number = ("$" if dollar or dollar_after else "") + body.lstrip() + point + right
    negative = found < 0
    width = len(body) + len(number) - len(body.lstrip())
    return _signed(
        number, width, negative, ((lead or "").upper(), (trail or "").upper()), bool(fill)
    )


def _signed(number: str, width: int, negative: bool, signs: tuple[str, str], fill: bool) -> str:
    lead, trail = signs
    sign = "-" if negative else ("+" if "S" in (lead, trail) else "")
    if trail:
        text = number.rjust(width) + (sign or ("" if fill else " "))
    else:
        text = (sign + number).rjust(width + 1)
    return text.strip() if fill else text


def _whole(digits: str, pattern: str, value: Decimal) -> str | None:
    """The digits before the point laid into the pattern from the right."""
    rest, found = list(digits.lstrip("0")), []
    places = sum(sign in "09" for sign in pattern)
    if len(rest) > places:
        return None
    needed = "".join(pattern).find("0")
    for place in range(len(pattern) - 1, -1, -1):
        sign = pattern[place]
        must = needed != -1 and place >= needed
        if sign in ",Gg":
            found.append("," if rest or must else " ")
        elif rest:
            found.append(rest.pop())
        elif must or (
            place == len(pattern) - 1
            and not digits.lstrip("0")
            and value >= 0
            and pattern.endswith("9")
            and abs(value) < 1
        ):
            found.append("0")
        else:
            found.append(" ")
    return "".join(reversed(found))


@fallible("number_format", "VARCHAR VARCHAR", "VARCHAR")
def read_number(value: str, pattern: str) -> str:
    """TO_NUMBER of a text with a format, which may not have fewer digits than the text."""
    if match := HEXADECIMAL.fullmatch(pattern):
        found = value.strip()
        if not re.fullmatch("[0-9A-Fa-f]+", found) or len(found) > len(match[2]):
            raise not_recognized("Numeric value", value)
        return str(int(found, 16))
    _, _, _, whole, _, fraction, _, _, _ = _parts(pattern).groups()
    found = re.sub(r"[\s,$]", "", value)
    if found.endswith("-"):
        found = "-" + found[:-1]
    digits = re.fullmatch(r"[+-]?(\d*)(?:\.(\d*))?", found, re.ASCII)
    if digits is None or not (digits[1] or digits[2]):
        raise not_recognized("Numeric value", value)
    places = sum(sign in "09" for sign in whole)
    if len(digits[1].lstrip("0")) > places or len(digits[2] or "") > len(fraction or ""):
        raise not_recognized("Numeric value", value)
    return found
