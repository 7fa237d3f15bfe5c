"""Grants that were passed on: which of them lose their ground when one is taken back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from cortex_resources.emulator.access.grants import Grant


def groundless(
    grants: Iterable[Grant], taken: Grant, owner: str | None, *, only_option: bool
) -> list[Grant]:
    """What hangs in the air once `taken`, or only its grant option, is gone.

    Arguments:
        grants: every grant on the object, `taken` among them.
        taken: the one to be taken back.
        owner: the id of the owner of the object.

    A grant stands on its grantor: the owner, the system, one that granted by another right (such
    as MANAGE GRANTS), or a role whose own grant with the option stands. Grants that only lean on
    each other do not stand.
    """
    same = [grant for grant in grants if grant.privilege == taken.privilege]
    passing = {grant.to for grant in same if grant.option}
    able = {owner, None} | {grant.by for grant in same if grant.by not in passing}
    rest = [grant for grant in same if grant.key != taken.key]
    if only_option:
        rest.append(replace(taken, option=False))
    by_grantor: defaultdict[str | None, list[Grant]] = defaultdict(list)
    for grant in rest:
        by_grantor[grant.by].append(grant)
    standing: set[str] = set()
    waiting, met = list(able), set(able)
    while waiting:
        for grant in by_grantor[waiting.pop()]:
            standing.add(grant.key)
            if grant.option and grant.to not in met:
                met.add(grant.to)
                waiting.append(grant.to)
    return [grant for grant in rest if grant.key not in standing]
