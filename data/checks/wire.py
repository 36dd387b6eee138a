"""How do the server and its checking process write to each other over a pipe?

What the server says is trusted and may be any Python value. What the process says has passed
through files of strangers: it is JSON and Arrow, nothing that could run.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import pickle
import struct
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import IO, Any

import polars as pl

from data.checks.run import CheckedReturn
from data.returns.reading import Reading
from data.store.source import Source

_LENGTH = struct.Struct(">Q")
_FRAMES = ("raw", "cells", "lines", "parts", "notes")


@dataclass(slots=True)
class Said:
    """One thing that the process said: a kind, plain values, and frames."""

    kind: str
    values: dict[str, Any] = field(default_factory=dict)
    frames: dict[str, pl.DataFrame] = field(default_factory=dict)


def write(stream: IO[bytes], *messages: bytes) -> None:
    """Write messages, each after its length."""
    for message in messages:
        stream.write(_LENGTH.pack(len(message)))
        stream.write(message)
    stream.flush()


def read(stream: IO[bytes]) -> bytes | None:
    """Return the next message, None at the end."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    message = stream.read(length)
    return message if len(message) == length else None


def order(kind: str, **values: Any) -> bytes:
    """Return what the server asks the process for."""
    return pickle.dumps((kind, values), protocol=5)


def ordered(message: bytes) -> tuple[str, dict[str, Any]]:
    """Return what the server asked for; only the process reads this, and only from the server."""
    kind, values = pickle.loads(message)
    return kind, values


def say(stream: IO[bytes], said: Said) -> None:
    """Write what the process says."""
    head = {"kind": said.kind, "values": said.values, "frames": list(said.frames)}
    content = [json.dumps(head, ensure_ascii=False, default=_plain).encode()]
    write(stream, *content, *(_ipc(frame) for frame in said.frames.values()))


def hear(stream: IO[bytes]) -> Said | None:
    """Return the next thing that the process says, None at the end."""
    head = read(stream)
    if head is None:
        return None
    found = json.loads(head)
    frames = {}
    for name in found["frames"]:
        content = read(stream)
        if content is None:
            return None
        frames[name] = pl.read_ipc(io.BytesIO(content))
    return Said(found["kind"], found["values"], frames)


def pack(checked: CheckedReturn) -> Said:
    """Return a verdict as the process says it; of the raw cells only the formulas (`annotate`)."""
    reading = checked.reading
    values = {
        "source": asdict(reading.source),
        "refusal": reading.refusal,
        "answers": reading.answers,
        "ignored": reading.ignored,
        "counts": dict(checked.counts),
        "is_complete": checked.is_complete,
    }
    frames = {name: getattr(reading, name) for name in _FRAMES}
    frames["raw"] = reading.raw.filter(pl.col("kind") == "formula")
    frames |= {"facts": checked.facts, "findings": checked.findings}
    return Said("done", values, frames)


def unpack(said: Said) -> CheckedReturn:
    """Return the verdict that the process said."""
    values, frames = said.values, said.frames
    refusal = values["refusal"]
    reading = Reading(
        source=Source(**{f.name: values["source"][f.name] for f in fields(Source)}),
        refusal=None if refusal is None else (str(refusal[0]), dict(refusal[1])),
        answers=dict(values["answers"]),
        ignored=tuple(values["ignored"]),
        **{name: frames[name] for name in _FRAMES},
    )
    counts: Mapping[str, int] = values["counts"]
    return CheckedReturn(
        reading, frames["facts"], frames["findings"], counts, bool(values["is_complete"])
    )


def sealed(value: object) -> Said:
    """Return a value as a process says it that never opens a stranger's file.

    >>> opened(sealed({"a": dt.date(2024, 10, 1)}))
    {'a': datetime.date(2024, 10, 1)}
    """
    content = pickle.dumps(value, protocol=5)
    return Said("done", frames={"value": pl.DataFrame({"value": [content]})})


def opened(said: Said) -> Any:
    """Return the value that such a process said; what others said is not to be opened."""
    return pickle.loads(said.frames["value"]["value"][0])


def _ipc(frame: pl.DataFrame) -> bytes:
    return frame.write_ipc(None, compression="uncompressed").getvalue()


def _plain(value: object) -> object:
    """Return what JSON has no word for as a text."""
    return value.isoformat() if isinstance(value, dt.date | dt.datetime) else str(value)
