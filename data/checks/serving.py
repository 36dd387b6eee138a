"""What does the checking process do with its orders? `python -m data.checks.serving`.

It talks over its standard streams until the other side closes them, and has no access to the
record: what it needs of earlier months, it asks for.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import gc
import io
import resource
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from data.checks.line import Act, Line, open_line
from data.checks.past import Pair
from data.checks.prepare import limits
from data.checks.rules import cross_checks, prepare
from data.checks.run import CheckedReturn, check_return
from data.checks.wire import Said, pack
from data.periods import add_months
from data.returns.annotate import annotate
from data.returns.read import read_workbook

#: So much memory one return may take beyond what the process holds when it is ready.
MOST_MEMORY = 1 << 30
_HERE = {"row": [0], "sheet": ["s"], "cell": ["A1"], "check": ["c"]}
#: How many new objects make the process look for rubbish, and how often it looks further.
SELDOM = (50_000, 20, 20)
#: Sound frames for the first judgement, which takes longer than all that follow.
FIRST = {
    "claims": pl.DataFrame({**_HERE, "holds": [True]}),
    "words": pl.DataFrame({**_HERE, "wrong": pl.Series([None], dtype=pl.String)}),
    "limits": pl.DataFrame({**_HERE, "larger": [9.0], "smaller": [1.0]}),
    "cells": pl.DataFrame({**_HERE, "unit": ["u"], "measure": ["m"]}),
}


class Service:
    """The process at work: its line to the server, and the expectations."""

    def __init__(self, line: Line) -> None:
        from data.checks.expectations import Validator

        self.line = line
        self.validator = Validator()

    def acts(self) -> dict[str, Act]:
        """Return what it does by the names of the orders."""
        return {
            "judge": self.do_judge,
            "warm": self.do_warm,
            "verdict": self.do_verdict,
            "copy": self.do_copy,
        }

    def judge(self, frames: dict[str, pl.DataFrame]) -> list[dict[str, Any]]:
        """Return the failures that the expectations find."""
        return self.validator.judge(frames)

    def do_judge(self, frames: dict[str, pl.DataFrame]) -> Said:
        """Judge the frames of a return that was read elsewhere."""
        return Said("done", {"failures": self.judge(frames)})

    def do_warm(self, digest: str) -> Said:
        """Work out what follows from the definitions alone, before the first return comes."""
        catalog, _ = self.line.definitions(digest)
        limits(catalog)
        last = catalog.bureau.today or dt.datetime.now(tz=dt.UTC).date()
        prepare(cross_checks(catalog), catalog, add_months(last, -1).month)
        _keep()
        return Said("done")

    def do_verdict(self, content: bytes, digest: str, asked: dict[str, Any]) -> Said:
        """Read a workbook and give the verdict on it."""
        catalog, tree = self.line.definitions(digest)
        self.step("reading")
        reading = read_workbook(content, catalog, tree, **asked)
        self.step("read", sheets=reading.parts.height, cells=reading.raw.height)
        checked = check_return(reading, catalog, tree, self.recall, self, step=self.step)
        return pack(checked)

    def do_copy(self, content: bytes, digest: str, checked: CheckedReturn, lang: str) -> Said:
        """Mark a workbook with its findings."""
        catalog, _ = self.line.definitions(digest)
        made = io.BytesIO()
        annotate(content, checked, catalog, made, lang)
        return Said("done", frames={"copy": pl.DataFrame({"content": [made.getvalue()]})})

    def step(self, name: str, **values: Any) -> None:
        """Say how far the work is."""
        self.line.say(Said("step", {"name": name, **values}))

    def recall(self, period: Any, pairs: Sequence[Pair], units: Sequence[str]) -> np.ndarray:
        """Return pairs × units of earlier months, as the server knows them."""
        asked = {"pairs": list(pairs), "units": list(units)}
        given = self.line.ask("past", period=f"{period:%Y-%m}", **asked)
        return given["table"]


def main() -> None:
    """Answer over the standard streams."""
    line = open_line()
    service = Service(line)
    service.judge(FIRST)
    _keep()
    _limit_memory()
    line.say(Said("ready"))
    line.serve(service.acts())


def _keep() -> None:
    """Look no more for rubbish among what is there for good: libraries and definitions.

    A workbook is tens of thousands of small objects; looking through everything whenever some
    hundreds came took a fifth of the time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SELDOM)


def _limit_memory() -> None:
    """Let no return take more memory than it may: a workbook that wants it all ends the process."""
    with contextlib.suppress(OSError, ValueError), Path("/proc/self/status").open() as status:
        held = next(int(line.split()[1]) << 10 for line in status if line.startswith("VmData"))
        resource.setrlimit(resource.RLIMIT_DATA, (held + MOST_MEMORY, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main()
