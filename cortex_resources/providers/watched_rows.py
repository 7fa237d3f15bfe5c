"""What a job keeps about the rows it was trained on, and what is said when they are others now."""

from __future__ import annotations

from dataclasses import replace

from cortex_resources.errors import StatementRefusedError
from cortex_resources.plan import staleness
from cortex_resources.plan.staleness import Kept
from cortex_resources.preflight import data_watch
from cortex_resources.providers import bag, engine_log, job_properties
from cortex_resources.providers.bag import Bag
from cortex_resources.providers.job_properties import desired
from cortex_resources.providers.seat import Seat


def kept(olds: Bag, news: Bag) -> dict[str, str]:
    """What is kept about the rows; a warning when they are others than the model was trained on.

    Raises:
        StatementRefusedError: a new job needs a fingerprint and the account would not tell it.
    """
    watch = job_properties.data_watch(news)
    job = replace(desired(news), data_fingerprint="")
    before = None
    if olds and replace(desired(olds), data_fingerprint="").is_same_content(job):
        before = Kept(bag.text(olds, "data_fingerprint"), bag.text(olds, "data_seen"))
    seat = Seat.of({**news, "role": None, "warehouse": None})
    try:
        live = data_watch.live(watch, job.model, seat.read)
    except StatementRefusedError as error:
        if before is None:
            raise
        engine_log.warning(error.line)
        live = ""
    if before is not None and staleness.is_stale(before.seen, live):
        engine_log.warning(staleness.notice(str(job.model), watch.on_change))
    now = staleness.kept(before, live, watch.by, watch.on_change)
    return {"data_fingerprint": now.fingerprint, "data_seen": now.seen}
