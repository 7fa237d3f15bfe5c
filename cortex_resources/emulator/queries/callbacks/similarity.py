"""How alike two texts are."""

from __future__ import annotations

from cortex_resources.emulator.queries.callbacks.table import callback
from cortex_resources.emulator.queries.faults import Fault


@callback("editdistance", "VARCHAR VARCHAR", "BIGINT")
def editdistance(first: str, second: str) -> int:
    """EDITDISTANCE (Levenshtein)."""
    if len(first) * len(second) > 25_000_000:
        raise Fault(100078, "22000", "String is too long for EDITDISTANCE")
    row = list(range(len(second) + 1))
    for place, sign in enumerate(first, 1):
        above, row[0] = row[0], place
        for column, other in enumerate(second, 1):
            above, row[column] = (
                row[column],
                min(row[column] + 1, row[column - 1] + 1, above + (sign != other)),
            )
    return row[-1]


def _matches(first: str, second: str) -> tuple[str, str]:
    """The characters of both that match within half the longer text, in their orders."""
    reach = max(max(len(first), len(second)) // 2 - 1, 0)
    taken = [False] * len(second)
    mine = []
    for place, sign in enumerate(first):
        for other in range(max(0, place - reach), min(len(second), place + reach + 1)):
            if not taken[other] and second[other] == sign:
                taken[other] = True
                mine.append(sign)
                break
    theirs = [sign for sign, used in zip(second, taken, strict=True) if used]
    return "".join(mine), "".join(theirs)


@callback("jarowinkler", "VARCHAR VARCHAR", "BIGINT")
def jarowinkler(first: str, second: str) -> int:
    """JAROWINKLER_SIMILARITY: 0 to 100, whatever the case."""
    first, second = first.lower(), second.lower()
    if len(first) * len(second) > 25_000_000:
        raise Fault(100078, "22000", "String is too long for JAROWINKLER_SIMILARITY")
    mine, theirs = _matches(first, second)
    if not mine:
        return 0
    count = len(mine)
    swapped = sum(one != other for one, other in zip(mine, theirs, strict=True)) // 2
    jaro = (count / len(first) + count / len(second) + (count - swapped) / count) / 3
    prefix = 0
    for one, other in zip(first[:4], second[:4], strict=False):
        if one != other:
            break
        prefix += 1
    return int((jaro + prefix * 0.1 * (1 - jaro)) * 100 + 1e-9)


CODES = {
    sign: code
    for code, signs in (
        ("1", "BFPV"),
        ("2", "CGJKQSXZ"),
        ("3", "DT"),
        ("4", "L"),
        ("5", "MN"),
        ("6", "R"),
    )
    for sign in signs
}


@callback("soundex", "VARCHAR", "VARCHAR")
def soundex(value: str) -> str:
    """SOUNDEX: a letter and three digits; H and W do not part equal sounds, vowels do."""
    letters = [sign for sign in value.upper() if "A" <= sign <= "Z"]
    if not letters:
        return ""
    found, last = letters[0], CODES.get(letters[0], "")
    for sign in letters[1:]:
        code = CODES.get(sign, "")
        if code and code != last:
            found += code
        if sign not in "HW":
            last = code
    return f"{found}000"[:4]
