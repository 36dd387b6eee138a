"""How does a process beside the server take its orders, and ask back for what it lacks?

The process has its standard streams for it; nothing else may write to them.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Mapping
from typing import IO, Any

from data.checks.wire import Said, ordered, read, say
from data.definition_types import Catalog
from data.said import SpokenError
from data.units import Tree
from data.units import tree as tree_of

#: Says to a process by how much it stands back behind the pages (`os.nice`).
NICE = "KPI_NICE"
#: Definitions that are kept: those in force, and those before while pages still show them.
MOST_CATALOGS = 2
#: What is done on an order: the order's values come in, the last word goes out.
Act = Callable[..., Said]


class LeftError(Exception):
    """Nobody waits for the answer any more."""


class Line:
    """The way to the server and back, and the definitions that came over it."""

    def __init__(self, orders: IO[bytes], answers: IO[bytes]) -> None:
        self.orders, self.answers = orders, answers
        self.known: dict[str, tuple[Catalog, Tree]] = {}

    def serve(self, acts: Mapping[str, Act]) -> None:
        """Answer orders until there are no more."""
        while (message := read(self.orders)) is not None:
            kind, values = ordered(message)
            try:
                self.say(acts[kind](**values))
            except LeftError:
                self.say(Said("done"))
            except SpokenError as error:
                self.say(Said("refused", {"key": error.key, "values": error.values}))
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

    def definitions(self, digest: str) -> tuple[Catalog, Tree]:
        """Return the definitions and units of a digest, asking for them where they are new."""
        if digest not in self.known:
            catalog: Catalog = self.ask("definitions", digest=digest)["catalog"]
            while len(self.known) >= MOST_CATALOGS:
                self.known.pop(next(iter(self.known)))
            self.known[digest] = (catalog, tree_of(catalog))
        return self.known[digest]


def open_line() -> Line:
    """Return the line of this process, which stands back behind the pages if it is told to."""
    with contextlib.suppress(AttributeError, OSError, ValueError):
        os.nice(int(os.environ.get(NICE, "0")))
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # Whatever a library prints must not end up among the answers.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return Line(sys.stdin.buffer, answers)
