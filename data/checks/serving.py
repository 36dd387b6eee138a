"""What does the checking process do with its orders? `python -m data.checks.serving`.

It talks over its standard streams until the other side closes them, and has no access to the
record: what it needs of earlier months, it asks for.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import resource
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
import polars as pl

from data.checks.past import Pair
from data.checks.prepare import limits
from data.checks.rules import cross_checks, prepare
from data.checks.run import check_return
from data.checks.wire import Said, ordered, pack, read, say
from data.definition_types import Catalog
from data.periods import add_months
from data.returns.read import read_workbook
from data.units import Tree
from data.units import tree as tree_of

#: So much memory one return may take beyond what the process holds when it is ready.
MOST_MEMORY = 1 << 30
#: Definitions that are kept: those in force, and those before while pages still show them.
_MOST_CATALOGS = 2
_HERE = {"row": [0], "sheet": ["s"], "cell": ["A1"], "check": ["c"]}
#: Sound frames for the first judgement, which takes longer than all that follow.
FIRST = {
    "claims": pl.DataFrame({**_HERE, "holds": [True]}),
    "lines": pl.DataFrame({**_HERE, "filled": [1]}),
    "personal": pl.DataFrame({**_HERE, "personal_columns": [0]}),
    "words": pl.DataFrame({**_HERE, "wrong": pl.Series([None], dtype=pl.String)}),
    "limits": pl.DataFrame({**_HERE, "larger": [9.0], "smaller": [1.0]}),
    "cells": pl.DataFrame({**_HERE, "unit": ["u"], "measure": ["m"]}),
}


class LeftError(Exception):
    """Nobody waits for the answer any more."""


class Service:
    """The process at work: its streams, the expectations, the definitions it was given."""

    def __init__(self, orders: IO[bytes], answers: IO[bytes]) -> None:
        from data.checks.expectations import Validator

        self.orders, self.answers = orders, answers
        self.validator = Validator()
        self.known: dict[str, tuple[Catalog, Tree]] = {}

    def run(self) -> None:
        """Answer orders until there are no more."""
        while (message := read(self.orders)) is not None:
            kind, values = ordered(message)
            try:
                self.say(getattr(self, f"do_{kind}")(**values))
            except LeftError:
                self.say(Said("done"))
            except Exception as error:  # noqa: BLE001 - the asker is told; the process goes on
                self.say(Said("failed", {"reason": f"{type(error).__name__}: {error}"}))

    def say(self, said: Said) -> None:
        """Say something to the server."""
        say(self.answers, said)

    def ask(self, kind: str, **values: Any) -> dict[str, Any]:
        """Ask the server for something and return what it gives."""
        self.say(Said(f"ask_{kind}", values))
        message = read(self.orders)
        answer, given = ordered(message) if message is not None else ("leave", {})
        if answer == "leave":
            raise LeftError
        return given

    def judge(self, frames: dict[str, pl.DataFrame]) -> list[dict[str, Any]]:
        """Return the failures that the expectations find."""
        return self.validator.judge(frames)

    def do_judge(self, frames: dict[str, pl.DataFrame]) -> Said:
        """Judge the frames of a return that was read elsewhere."""
        return Said("done", {"failures": self.judge(frames)})

    def do_warm(self, digest: str) -> Said:
        """Work out what follows from the definitions alone, before the first return comes."""
        catalog, _ = self.definitions(digest)
        limits(catalog)
        last = catalog.bureau.today or dt.datetime.now(tz=dt.UTC).date()
        prepare(cross_checks(catalog), catalog, add_months(last, -1).month)
        return Said("done")

    def do_verdict(self, content: bytes, digest: str, asked: dict[str, Any]) -> Said:
        """Read a workbook and give the verdict on it."""
        catalog, tree = self.definitions(digest)
        self.step("reading")
        reading = read_workbook(content, catalog, tree, **asked)
        self.step("read", sheets=reading.parts.height, cells=reading.raw.height)
        checked = check_return(reading, catalog, tree, self.recall, self, step=self.step)
        return pack(checked)

    def step(self, name: str, **values: Any) -> None:
        """Say how far the work is."""
        self.say(Said("step", {"name": name, **values}))

    def definitions(self, digest: str) -> tuple[Catalog, Tree]:
        """Return the definitions and units of a digest, asking for them where they are new."""
        if digest not in self.known:
            catalog: Catalog = self.ask("definitions", digest=digest)["catalog"]
            while len(self.known) >= _MOST_CATALOGS:
                self.known.pop(next(iter(self.known)))
            self.known[digest] = (catalog, tree_of(catalog))
        return self.known[digest]

    def recall(self, period: Any, pairs: Sequence[Pair], units: Sequence[str]) -> np.ndarray:
        """Return pairs × units of earlier months, as the server knows them."""
        given = self.ask("past", period=f"{period:%Y-%m}", pairs=list(pairs), units=list(units))
        return given["table"]


def main() -> None:
    """Answer over the standard streams."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # Whatever a library prints must not end up among the answers.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    service = Service(sys.stdin.buffer, answers)
    service.judge(FIRST)
    _limit_memory()
    service.say(Said("ready"))
    service.run()


def _limit_memory() -> None:
    """Let no return take more memory than it may: a workbook that wants it all ends the process."""
    with contextlib.suppress(OSError, ValueError), Path("/proc/self/status").open() as status:
        held = next(int(line.split()[1]) << 10 for line in status if line.startswith("VmData"))
        resource.setrlimit(resource.RLIMIT_DATA, (held + MOST_MEMORY, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main()
