"""What does the record keep of a file, and what do the checks hand over with it?"""

import datetime as dt
import hashlib
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from data.definition_types import Form

#: An explanation of a query has at least this many characters.
SHORTEST_ANSWER = 5


@dataclass(frozen=True, slots=True)
class Source:
    """A file that came in: its name without folders, its hash and its size in bytes."""

    name: str
    sha256: str
    size: int

    @classmethod
    def of_path(cls, path: Path) -> "Source":
        """Return the source of a file on disk."""
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return cls(path.name, digest, path.stat().st_size)

    @classmethod
    def of_bytes(cls, name: str, content: bytes) -> "Source":
        """Return the source of an uploaded file.

        >>> Source.of_bytes("a.csv", b"").size
        0
        """
        return cls(name, hashlib.sha256(content).hexdigest(), len(content))


@dataclass(frozen=True, slots=True)
class Route:
    """What a return must pass before its figures count, and by when it is due.

    `levels` accept it one after the other; none: one acceptance by anybody who may review.
    """

    levels: tuple[str, ...] = ()
    due: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """A return that has been read and checked, ready to be submitted.

    `facts` carries measure, definition, unit, period, value, sheet and cell (FACTS does). It may
    have `written`, what stood in the cell where that is not just the number, and `filer`, who has
    to confirm the cell because somebody else typed it. `findings` is FINDINGS, an explanation from
    the workbook already in `answer`.
    """

    form: Form
    unit: str
    period: dt.date
    source: Source
    facts: pl.DataFrame
    findings: pl.DataFrame
    route: Route = Route()
