"""Did the rows change since a model was trained, and what does that mean?

Two texts are kept beside a job. `data_fingerprint` is part of its content hash: another one is
another model. `data_seen` is what the current model is taken to be trained on: another one means
that the model is stale. They differ only for a job that was submitted before its rows were watched.
"""

from __future__ import annotations

from dataclasses import dataclass

from cortex_resources.model.fingerprints import FingerprintBy, OnDataChange


@dataclass(frozen=True, slots=True)
class Kept:
    """The two texts of one job.

    Arguments:
        fingerprint: part of the content hash.
        seen: the rows that the current model stands for.
    """

    fingerprint: str = ""
    seen: str = ""


def kept(before: Kept | None, live: str, by: FingerprintBy, on_change: OnDataChange) -> Kept:
    """What is kept from now on.

    Arguments:
        before: what was kept for a job of otherwise equal content; None when it is a new one.
        live: the fingerprint of now; empty where it could not be asked.
        by, on_change: how the rows are watched.
    """
    if by is FingerprintBy.NONE:
        # Watching no longer is no reason to train: the hash keeps what went into it.
        return Kept(before.fingerprint) if before else Kept()
    if before is None:
        return Kept(live, live)
    if not before.seen:
        return Kept(before.fingerprint, live)
    if on_change is OnDataChange.RETRAIN and is_stale(before.seen, live):
        return Kept(live, live)
    return before


def is_stale(seen: str, live: str) -> bool:
    """Whether the rows are others than those seen; what was not asked is no answer."""
    return bool(seen and live) and seen != live


def notice(model: str, on_change: OnDataChange) -> str:
    """The sentence about a model whose rows changed."""
    if on_change is OnDataChange.RETRAIN:
        return f"the data of {model} changed since it was trained: it will be trained again"
    return (
        f"the data of {model} changed since it was trained; data.on_change is report, so nothing"
        " is trained: set a new retrain_token, or on_change: retrain"
    )
