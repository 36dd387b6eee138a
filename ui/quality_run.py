"""How does the page come by the integrity questions? One run for each state of the record, aside.

A run takes seconds, so no page waits for it: the first who asks starts it, and all see it when it
is there. It is kept until something else is approved; what is said to a question changes nothing
in it.
"""

import logging
import threading
from dataclasses import dataclass, field

from metrics.integrity import Run
from metrics.integrity_run import run_store
from ui import load

log = logging.getLogger("hengjing.questions")


@dataclass(slots=True)
class _Work:
    """A run of one state of the record, done or on its way; `failed` where it could not be made."""

    version: tuple
    run: Run | None = None
    failed: bool = False
    done: threading.Event = field(default_factory=threading.Event)


_LATEST: list[_Work] = []
_LOCK = threading.Lock()


def run_now(seconds: float = 0.0) -> Run | None:
    """Return the run of the record as it is; None while it is being made (wait at most so long).

    Raises:
        RuntimeError: the run could not be made; the log says why.
    """
    work = _work()
    if seconds:
        work.done.wait(seconds)
    if work.failed:
        msg = "the integrity questions could not be worked out"
        raise RuntimeError(msg)
    return work.run


def _work() -> _Work:
    """Return the work on the record as it is, started if nobody did."""
    version = load.version()
    with _LOCK:
        if _LATEST and _LATEST[0].version == version:
            return _LATEST[0]
        work = _Work(version)
        _LATEST[:] = [work]
    # What belongs to the running page is looked up here; the thread knows nothing of pages.
    parts = (load.store(), load.catalog(), load.tree(), None, load.whole().cube)
    threading.Thread(target=_make, args=(work, parts), daemon=True).start()
    return work


def _make(work: _Work, parts: tuple) -> None:
    try:
        work.run = run_store(*parts)
    except Exception:
        log.exception("the integrity questions could not be worked out")
        work.failed = True
    finally:
        work.done.set()
