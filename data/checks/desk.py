"""Who checks an uploaded return, and who waits? A few checking processes and one queue before them.

The process that serves the pages only waits: the workbook is read and judged elsewhere.
"""

from __future__ import annotations

import datetime as dt
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from data.checks.past import Recall
from data.checks.run import CheckedReturn
from data.checks.wire import Said, order, unpack
from data.checks.worker import Worker
from data.definition_types import Catalog
from data.parse import Place, parse_month

#: So many processes at most, however many cores there are: each holds some 300 MB.
MOST_WORKERS = 4
#: How often somebody who waits looks whether the place in the queue has changed.
LOOK_SECONDS = 0.25
#: Hears how far the work is: the name of a step (`returns.step.*`) and its values.
Progress = Callable[[str, dict[str, Any]], object]


class Desk:
    """Some checking processes; who comes when all are busy waits in the order of coming."""

    def __init__(self, most: int | None = None) -> None:
        # One core stays with the pages.
        most = most or max(1, min(MOST_WORKERS, (os.cpu_count() or 1) - 1))
        self.workers = [Worker() for _ in range(most)]
        self._free = deque(self.workers)
        self._waiting: deque[object] = deque()
        self._changed = threading.Condition()
        self._packed: dict[str, bytes] = {}

    def start(self) -> None:
        """Start the first process without waiting; the others start when they are needed."""
        self.workers[0].start()

    def stop(self) -> None:
        """End all processes."""
        for worker in self.workers:
            worker.stop()

    def warm(self, catalog: Catalog) -> None:
        """Hand the definitions to the first process, so that the first return does not wait."""
        message = order("warm", digest=catalog.digest)
        with self._turn(_nobody) as worker:
            worker.ask(message, lambda said: self._definitions(said, catalog))

    def verdict(
        self,
        content: bytes,
        catalog: Catalog,
        recall: Recall,
        progress: Progress | None = None,
        *,
        name: str = "",
        unit: str | None = None,
        period: dt.date | None = None,
        form: str | None = None,
    ) -> CheckedReturn:
        """Return the verdict on a workbook that somebody has uploaded.

        `recall` gives what the record knows of earlier months, as far as that person may see.
        `progress` hears every step; it may raise to leave.
        """
        tell = progress or _nobody

        def reply(said: Said) -> bytes | None:
            match said.kind:
                case "step":
                    values = dict(said.values)
                    tell(str(values.pop("name")), values)
                    return None
                case "ask_past":
                    return _past(said, recall)
                case _:
                    return self._definitions(said, catalog)

        asked = {"name": name, "unit": unit, "period": period, "form": form}
        message = order("verdict", content=content, digest=catalog.digest, asked=asked)
        with self._turn(tell) as worker:
            if not worker.ready:
                tell("starting", {})
            return unpack(worker.ask(message, reply))

    def copy(
        self, content: bytes, checked: CheckedReturn, catalog: Catalog, lang: str = "zh"
    ) -> bytes:
        """Return a workbook marked with its findings (`data.returns.annotate`)."""
        message = order("copy", content=content, digest=catalog.digest, checked=checked, lang=lang)
        with self._turn(_nobody) as worker:
            said = worker.ask(message, lambda said: self._definitions(said, catalog))
        return said.frames["copy"]["content"][0]

    @contextmanager
    def _turn(self, tell: Progress) -> Iterator[Worker]:
        """Give a process when it is one's turn; whoever waits hears of every new place."""
        mine, heard = object(), 0
        with self._changed:
            self._waiting.append(mine)
        try:
            while (place := self._place(mine)) > 0:
                if place != heard:
                    tell("waiting", {"place": place})
                    heard = place
                with self._changed:
                    self._changed.wait(LOOK_SECONDS)
            with self._changed:
                worker = self._free.popleft()
        finally:
            with self._changed:
                self._waiting.remove(mine)
                self._changed.notify_all()
        try:
            yield worker
        finally:
            with self._changed:
                self._free.appendleft(worker)  # the others need not start
                self._changed.notify_all()

    def _place(self, mine: object) -> int:
        """Return how many returns come first: 0 when there is a process for this one."""
        with self._changed:
            place = self._waiting.index(mine)
            return 0 if place < len(self._free) else place - len(self._free) + 1

    def _definitions(self, said: Said, catalog: Catalog) -> bytes:
        """Return the definitions for a process that does not know them yet."""
        if catalog.digest not in self._packed:
            self._packed = {catalog.digest: order("given", catalog=catalog)}
        return self._packed[catalog.digest]


def _past(said: Said, recall: Recall) -> bytes:
    """Return what the record knows of the pairs that a process asks for."""
    period = parse_month(said.values["period"], Place("checking process"))
    pairs = [(str(measure), int(lag)) for measure, lag in said.values["pairs"]]
    return order("given", table=recall(period, pairs, said.values["units"]))


def _nobody(_: str, __: dict[str, Any]) -> None:
    """Hear nothing."""


_SHARED: list[Desk] = []


def shared_desk() -> Desk:
    """Return the one desk of this process, its first worker starting without waiting."""
    if not _SHARED:
        _SHARED.append(Desk())
    _SHARED[0].start()
    return _SHARED[0]
