"""The JSON that PARSE_JSON reads, wider than the standard, and the names of its faults.

*PARSE_JSON* documents the trailing comma in an array, which leaves `undefined` there, the parameter
`d`, and the fault of a repeated attribute. The rest is observed in public clients: words in any
case, NaN and Infinity, single quotes, attribute names without quotes, signs and points around a
number, hexadecimal numbers; each fault's sentence and its place, counted in bytes from 1 within
its line.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final


class Undefined:
    """What stands in an array where a value is missing: SQL NULL as soon as it is read."""

    def __repr__(self) -> str:
        return "undefined"


UNDEFINED: Final = Undefined()
DIGITS = 38
SPACE = re.compile(r"[ \t\n\r\f\v]*")
NAME = re.compile(r"[A-Za-z0-9_]+")
WORD = re.compile(r"[-+]?[A-Za-z0-9_]*")
PLAIN = re.compile(r"[^\\\"'\n\r]+")
LITERAL = re.compile(r"[A-Za-z0-9_.+-]+")
NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]*)?")
HEXADECIMAL = re.compile(r"\+?0[xX][0-9a-fA-F]*(?P<rest>(?:\.[0-9a-fA-F]*)?(?:[pP][-+]?[0-9]*)?)")
CODE = re.compile(r"[0-9a-fA-F]{4}")
LOW_HALF = re.compile(r"\\u([dD][c-fC-F][0-9a-fA-F]{2})")
LARGEST_HEXADECIMAL = 2**127 - 1
WORDS: dict[str, Any] = {
    "true": True,
    "false": False,
    "null": None,
    "undefined": UNDEFINED,
    **{sign + word: math.inf for sign in ("", "+") for word in ("inf", "infinity")},
    **{sign + "nan": math.nan for sign in ("", "+")},
    **{"-" + word: -math.inf for word in ("inf", "infinity")},
}
ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "\n": ""}
ESCAPED = {"\\": "\\\\"}
SIGNS = {",": "comma", ":": "colon"}


class DocumentError(ValueError):
    """What is wrong with a document, and where, in Snowflake's words."""


def integer(digits: str) -> int | float:
    """A whole number; one of more digits than a NUMBER has is a double."""
    return int(digits) if len(digits.lstrip("+-0")) <= DIGITS else real(digits)


def fraction(numeral: str) -> Decimal | float:
    """A decimal; with an exponent, or too long for a NUMBER, a double."""
    if "e" in numeral or "E" in numeral:
        return real(numeral)
    whole, _, behind = numeral.lstrip("+-").partition(".")
    fits = len(whole.lstrip("0") + behind) <= DIGITS and len(behind) < DIGITS
    return Decimal(numeral) if fits else real(numeral)


def real(numeral: str) -> float:
    """A double; one too large is infinite."""
    return float(numeral)


class Reader:
    """One pass over a document."""

    def __init__(self, text: str, *, repeated: bool = False) -> None:
        self.text = text
        self.at = 0
        self.repeated = repeated

    def document(self) -> Any:
        """The value of the whole text; UNDEFINED for blanks."""
        if not self._next():
            return UNDEFINED
        if self.text[self.at] == ",":
            raise DocumentError("garbage after valid input document")
        found = self._value()
        if following := self._next():
            raise DocumentError(
                "more than one document in the input"
                if following in "{[\"'"
                else "garbage after valid input document"
            )
        return found

    def _next(self) -> str:
        """The next character that is no blank, '' at the end."""
        match = SPACE.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.text[self.at : self.at + 1]

    def _fault(self, what: str, at: int | None = None, width: int = 1) -> DocumentError:
        """The complaint with its place: the last of `width` bytes at a position in its line."""
        before = self.text[: self.at if at is None else at]
        start = before.rfind("\n") + 1
        line = f"line {before.count(chr(10)) + 1}, " if start else ""
        place = len(before[start:].encode("utf-8", "replace")) + width
        return DocumentError(f"{what}, {line}pos {place}")

    def _unexpected(self, sign: str) -> DocumentError:
        """A character where a value or a name should begin."""
        if sign in "{}[],:":
            return self._fault(f"misplaced {SIGNS.get(sign, sign)}")
        shown = f"'{ESCAPED.get(sign, sign)}'" if sign.isascii() else f"U+{ord(sign):04X}"
        width = len(sign.encode("utf-8", "replace"))
        return self._fault(f"invalid character outside of a string: {shown}", width=width)

    def _value(self) -> Any:
        sign = self._next()
        read = READERS.get(sign)
        if read is not None:
            return read(self)
        if NAME.match(sign):
            return self._word()
        raise self._unexpected(sign)

    def _array(self) -> list[Any]:
        self.at += 1
        found: list[Any] = []
        if self._next() == "]":
            self.at += 1
            return found
        while True:
            sign = self._next()
            if sign == "]":  # behind a comma
                found.append(UNDEFINED)
            elif sign and sign != ",":
                found.append(self._value())
            elif sign:
                found.append(UNDEFINED)
            sign = self._separator("array")
            if sign == "]":
                return found

    def _separator(self, container: str) -> str:
        """The comma or the end behind a member."""
        sign, end = self._next(), "]" if container == "array" else "}"
        if not sign:
            raise self._fault(f"incomplete {container} value")
        if sign not in (",", end):
            if sign in "}]:" or not (sign in READERS or NAME.match(sign)):
                raise self._unexpected(sign)
            raise self._fault("missing comma")
        self.at += 1
        return sign

    def _object(self) -> dict[str, Any]:
        self.at += 1
        found: dict[str, Any] = {}
        while True:
            sign = self._next()
            if sign == "}":
                self.at += 1
                return found
            name = self._name(sign)
            if name in found and not self.repeated:
                raise self._fault(f'duplicate object attribute "{name}"', self.at - 1)
            self._colon()
            value = self._value()
            found[name] = None if value is UNDEFINED else value
            if self._separator("object") == "}":
                return found

    def _name(self, sign: str) -> str:
        if not sign:
            raise self._fault("incomplete object value")
        if sign in "\"'":
            return self._string()
        if sign.isdigit() and sign.isascii():
            raise self._fault("object attribute name cannot be a number")
        match = NAME.match(self.text, self.at)
        if match is None:
            raise self._unexpected(sign)
        self.at = match.end()
        return match[0]

    def _colon(self) -> None:
        sign = self._next()
        if sign and sign != ":":
            if sign in "{[" or not (sign in READERS or NAME.match(sign)):
                raise self._unexpected(sign)
            raise self._fault("missing colon")
        self.at += 1
        if not sign or not self._next():
            self.at = len(self.text)
            raise self._fault("incomplete object value")

    def _string(self) -> str:
        quote, pieces = self.text[self.at], []
        self.at += 1
        while True:
            match = PLAIN.match(self.text, self.at)
            if match:
                pieces.append(match[0])
                self.at = match.end()
            sign = self.text[self.at : self.at + 1]
            self.at += 1
            if sign == quote:
                return "".join(pieces)
            if sign == "\\":
                pieces.append(self._escape())
            elif sign in ('"', "'"):
                pieces.append(sign)
            else:
                raise self._broken(sign)

    def _broken(self, sign: str) -> DocumentError:
        if not sign:
            self.at -= 1
            return self._fault("unfinished string")
        if sign == "\n":  # the reader is on the next line already
            line = self.text.count("\n", 0, self.at) + 1
            return DocumentError(f"unterminated string, line {line}, pos 0")
        return self._fault("unterminated string", self.at - 1)

    def _escape(self) -> str:
        sign = self.text[self.at : self.at + 1]
        self.at += 1
        if sign == "u":
            return self._code()
        if sign == "\r":
            raise self._fault("bad escape sequence in the string")
        if not sign:
            self.at -= 1
            raise self._fault("unfinished string")
        return ESCAPES.get(sign, sign)

    def _code(self) -> str:
        match = CODE.match(self.text, self.at)
        if match is None:
            raise self._fault("bad escape sequence in the string")
        self.at = match.end()
        first = int(match[0], 16)
        pair = LOW_HALF.match(self.text, self.at)
        if 0xD800 <= first < 0xDC00 and pair:
            self.at = pair.end()
            return chr(0x10000 + ((first - 0xD800) << 10) + int(pair[1], 16) - 0xDC00)
        return "\ufffd" if 0xD800 <= first < 0xE000 else chr(first)

    def _word(self) -> Any:
        match = WORD.match(self.text, self.at)
        word = match[0] if match else ""
        self.at += len(word)
        if word.lower() in WORDS:
            return WORDS[word.lower()]
        raise self._fault(f'unknown keyword "{word}"')

    def _number(self) -> Any:
        following = self.text[self.at + 1 : self.at + 2]
        if self.text[self.at] in "-+" and not (following.isdigit() or following == "."):
            if NAME.match(following):
                return self._word()
            self.at += 1
            raise self._fault(
                "stray minus sign" if following in ("-", "+") else "no number after a sign"
            )
        start = self.at
        for pattern, convert in ((HEXADECIMAL, self._hexadecimal), (NUMBER, self._decimal)):
            match = pattern.match(self.text, start)
            if match:
                self.at = match.end()
                return convert(match)
        self.at += 1
        raise self._garbage(start)

    def _garbage(self, start: int) -> DocumentError:
        literal = LITERAL.match(self.text, start)
        self.at = literal.end() if literal else self.at
        behind = self.text[self.at : self.at + 1] or " "
        return self._fault(f"garbage in the numeric literal: {self.text[start : self.at]}{behind}")

    def _decimal(self, match: re.Match[str]) -> Any:
        numeral = match[0]
        if numeral[-1] in "eE+-":
            raise self._fault(f"missing decimal exponent digits: '{numeral}'")
        if LITERAL.match(self.text, self.at):
            raise self._garbage(match.start())
        if numeral.lstrip("+-").isdigit():
            return integer(numeral)
        return fraction(numeral)

    def _hexadecimal(self, match: re.Match[str]) -> Any:
        numeral = match[0]
        if numeral[-1] in "pP+-":
            raise self._fault(f"missing hexadecimal exponent digits: '{numeral}'")
        if LITERAL.match(self.text, self.at):
            raise self._garbage(match.start())
        if match["rest"]:
            return float.fromhex(numeral)
        digits = numeral.lstrip("+")[2:]
        if not digits or int(digits, 16) > LARGEST_HEXADECIMAL:
            raise self._fault(f"hexadecimal integer number conversion error: {numeral}")
        return int(digits, 16)


READERS: dict[str, Callable[[Reader], Any]] = {
    "{": Reader._object,
    "[": Reader._array,
    '"': Reader._string,
    "'": Reader._string,
    **dict.fromkeys("-+.0123456789", Reader._number),
}
