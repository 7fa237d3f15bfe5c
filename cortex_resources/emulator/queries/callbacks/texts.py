"""Text functions whose corner cases are Snowflake's own."""

from __future__ import annotations

import json
import random
import re
import uuid
from itertools import count as counting

from cortex_resources.emulator.queries.callbacks.table import callback
from cortex_resources.emulator.queries.faults import Fault

MAX_TEXT = 16_777_216


def _bounded(length: int) -> None:
    if length > MAX_TEXT:
        raise Fault(100078, "22000", "String is too long and would be truncated")


@callback("substr", "VARCHAR BIGINT BIGINT", "VARCHAR")
def substr(value: str, start: int, length: int) -> str:
    """SUBSTR: 0 counts as 1, negative positions count from the end."""
    if start < 0:
        start += len(value)
        if start < 0:
            return ""
    elif start > 0:
        start -= 1
    return value[start : start + length] if length > 0 else ""


@callback("left", "VARCHAR BIGINT", "VARCHAR")
def left(value: str, length: int) -> str:
    """LEFT: a negative length gives an empty text."""
    return value[:length] if length > 0 else ""


@callback("right", "VARCHAR BIGINT", "VARCHAR")
def right(value: str, length: int) -> str:
    """RIGHT: a negative length gives an empty text."""
    return value[-length:] if length > 0 else ""


@callback("split_part", "VARCHAR VARCHAR BIGINT", "VARCHAR")
def split_part(value: str, delimiter: str, part: int) -> str:
    """SPLIT_PART: 0 counts as 1, negative parts from the end, no part is an empty text."""
    pieces = value.split(delimiter) if delimiter else [value]
    place = part - 1 if part > 0 else (0 if part == 0 else len(pieces) + part)
    return pieces[place] if 0 <= place < len(pieces) else ""


MAX_PIECES = 1_000_000


def _listed(value: str, delimiter: str) -> None:
    if value.count(delimiter) >= MAX_PIECES:
        raise Fault(100082, "22000", "Max LOB size (16777216) exceeded")


@callback("split", "VARCHAR VARCHAR", "VARCHAR")
def split(value: str, delimiter: str) -> str:
    """SPLIT."""
    if delimiter:
        _listed(value, delimiter)
    return json.dumps(
        value.split(delimiter) if delimiter else [value], ensure_ascii=False, separators=(",", ":")
    )


def _tokens(value: str, signs: str) -> list[str]:
    if not signs:
        return [value] if value else []
    return [piece for piece in re.split(f"[{re.escape(signs)}]", value) if piece]


@callback("strtok", "VARCHAR VARCHAR BIGINT", "VARCHAR")
def strtok(value: str, signs: str, part: int) -> str | None:
    """STRTOK: NULL where there is no such token."""
    found = _tokens(value, signs)
    return found[part - 1] if 0 < part <= len(found) else None


@callback("strtok_array", "VARCHAR VARCHAR", "VARCHAR")
def strtok_array(value: str, signs: str) -> str:
    """STRTOK_TO_ARRAY."""
    return json.dumps(_tokens(value, signs), ensure_ascii=False, separators=(",", ":"))


@callback("initcap", "VARCHAR VARCHAR", "VARCHAR")
def initcap(value: str, signs: str) -> str:
    """INITCAP: a letter after a delimiter becomes upper case, the rest lower."""
    found, start = [], True
    for sign in value:
        found.append(sign.upper() if start else sign.lower())
        start = sign in signs
    return "".join(found)


@callback("pad", "VARCHAR BIGINT VARCHAR BOOLEAN", "VARCHAR")
def pad(value: str, length: int, filler: str, before: bool) -> str:
    """LPAD and RPAD; a longer text is cut."""
    _bounded(length)
    if length <= 0:
        return ""
    missing = length - len(value)
    if missing <= 0 or not filler:
        return value[:length]
    extra = (filler * (missing // len(filler) + 1))[:missing]
    return extra + value if before else value + extra


@callback("repeat", "VARCHAR BIGINT", "VARCHAR")
def repeat(value: str, times: int) -> str:
    """REPEAT."""
    _bounded(len(value) * max(0, times))
    return value * max(0, times)


@callback("translate", "VARCHAR VARCHAR VARCHAR", "VARCHAR")
def translate(value: str, source: str, target: str) -> str:
    """TRANSLATE: characters without a partner disappear."""
    table: dict[int, str] = {}
    for place, sign in enumerate(source):
        table.setdefault(ord(sign), target[place] if place < len(target) else "")
    return value.translate(table)


@callback("insert", "VARCHAR BIGINT BIGINT VARCHAR", "VARCHAR")
def insert(value: str, start: int, length: int, piece: str) -> str:
    """INSERT."""
    place = max(0, start - 1)
    return value[:place] + piece + value[place + max(0, length) :]


@callback("position", "VARCHAR VARCHAR BIGINT", "BIGINT")
def position(piece: str, value: str, start: int) -> int:
    """POSITION: 1-based, 0 for none."""
    return value.find(piece, max(0, start - 1)) + 1


@callback("ascii", "VARCHAR", "BIGINT")
def code_point(value: str) -> int:
    """ASCII and UNICODE."""
    return ord(value[0]) if value else 0


@callback("chr", "BIGINT", "VARCHAR")
def character(code: int) -> str:
    """CHR."""
    if not 0 <= code < 0x110000 or 0xD800 <= code <= 0xDFFF:
        raise Fault(100014, "22023", "Invalid character code in the CHR input")
    return chr(code)


@callback("uuid", "BIGINT", "VARCHAR", volatile=True)
def new_uuid(_: int) -> str:
    """UUID_STRING without arguments."""
    return str(uuid.uuid4())


@callback("uuid5", "VARCHAR VARCHAR", "VARCHAR")
def named_uuid(namespace: str, name: str) -> str:
    """UUID_STRING(namespace, name)."""
    try:
        return str(uuid.uuid5(uuid.UUID(namespace), name))
    except ValueError:
        raise Fault(100014, "22023", "Invalid UUID") from None


DRAWS: dict[tuple[int, int], random.Random] = {}
COUNTS: dict[tuple[int, int], counting[int]] = {}
FRESH = random.SystemRandom()


@callback("random", "BIGINT BIGINT BIGINT", "BIGINT", volatile=True, nulls=True)
def draw(statement: int, site: int, seed: int | None) -> int:
    """RANDOM: 64 bits; with a seed the same series in every run."""
    if seed is None:
        return FRESH.getrandbits(64) - 2**63
    generator = DRAWS.setdefault((statement, site), random.Random(seed))  # noqa: S311
    return generator.getrandbits(64) - 2**63


@callback("normal", "DOUBLE DOUBLE BIGINT", "DOUBLE")
def normal(mean: float, deviation: float, seed: int) -> float:
    """NORMAL."""
    return random.Random(seed).gauss(mean, deviation)  # noqa: S311


@callback("zipf", "DOUBLE BIGINT BIGINT", "BIGINT")
def zipf(exponent: float, count: int, seed: int) -> int:
    """ZIPF: from 1 to count, rarer the larger."""
    if not 0 < count <= 16_384:
        raise Fault(100046, "22003", "Number out of representable range")
    weights = [1 / place**exponent for place in range(1, count + 1)]
    return random.Random(seed).choices(range(1, count + 1), weights)[0]  # noqa: S311


@callback("sequence", "BIGINT BIGINT", "BIGINT", volatile=True)
def sequence(statement: int, site: int) -> int:
    """SEQ1 … SEQ8."""
    return next(COUNTS.setdefault((statement, site), counting()))


ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

SIGNS = bytes(ord(ALPHABET[place % len(ALPHABET)]) for place in range(256))


@callback("randstr", "BIGINT BIGINT", "VARCHAR")
def randstr(length: int, seed: int) -> str:
    """RANDSTR."""
    _bounded(length)
    drawn = random.Random(seed).randbytes(max(0, length))  # noqa: S311
    return drawn.translate(SIGNS).decode()


@callback("wrap", "VARCHAR", "BIGINT")
def wrap(value: str) -> int:
    """An integer of any size folded into signed 64 bits."""
    return (int(value) + 2**63) % 2**64 - 2**63


def _parameters(query: str) -> dict[str, str] | None:
    pairs = [piece.partition("=") for piece in query.split("&") if piece]
    return {key: value for key, _, value in pairs} or None


@callback("parse_url", "VARCHAR BIGINT", "VARCHAR")
def parse_url(value: str, permissive: int) -> str:
    """PARSE_URL: the parts of an address; what is missing is null."""
    match = URL.fullmatch(value)
    if match is None:
        if not permissive:
            raise Fault(100139, "22000", "Error parsing URL: scheme not specified")
        return json.dumps({"error": "missing scheme."}, separators=(",", ":"))
    scheme, host, port, path, query, fragment = match.groups()
    found = {
        "fragment": fragment,
        "host": host,
        "parameters": _parameters(query or ""),
        "path": path or None,
        "port": port,
        "query": query,
        "scheme": scheme.lower(),
    }
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"))


URL = re.compile(
    r"([A-Za-z][A-Za-z0-9+.-]*):(?://(?:[^@/?#]*@)?([^:/?#]*)(?::(\d+))?/?)?"
    r"([^?#]*)(?:\?([^#]*))?(?:#(.*))?",
    re.DOTALL,
)
