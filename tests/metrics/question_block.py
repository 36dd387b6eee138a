"""Blocks of figures to ask questions of: stations of the small bureau, months ending 2024-12."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import polars as pl

from data.definition_types import Catalog, Question
from data.periods import from_number, month_number
from data.schema import FACTS, conform
from metrics.cube import Cube, build_cube
from metrics.integrity_block import Block, open_block
from tests.metrics.small import VINTAGE, catalog

LAST = month_number(dt.date(2024, 12, 1))
STATIONS = ("a1", "a2", "a3", "b1", "b2")


def cube_of(
    values: Mapping[tuple[str, str], list[float | None]], defined: Catalog | None = None
) -> Cube:
    """Return the cube of series (measure, unit) → values, the last one of December 2024."""
    rows = [
        {
            "measure": measure,
            "definition": 1,
            "unit": unit,
            "period": from_number(LAST - len(series) + 1 + at),
            "value": value,
            "status": "final",
            "vintage": VINTAGE,
        }
        for (measure, unit), series in values.items()
        for at, value in enumerate(series)
        if value is not None
    ]
    frame = pl.DataFrame(rows, infer_schema_length=None)
    missing = {name: pl.lit(None, kind) for name, kind in FACTS.items() if name not in frame}
    facts = conform(frame.lazy().with_columns(**missing), FACTS)
    return build_cube(facts, defined or catalog())


def block_of(values: Mapping[tuple[str, str], list[float | None]]) -> Block:
    """Return the block of such series."""
    return open_block(cube_of(values))


def question(code: str, **changes: object) -> Question:
    """Return a question of the product, changed for a test."""
    found = next(q for q in catalog().integrity.questions if q.code == code)
    return replace(found, **changes)  # type: ignore[arg-type]


def counts(seed: int, mean: float, months: int = 36) -> list[float]:
    """Return Poisson counts."""
    return np.random.default_rng(seed).poisson(mean, months).astype(float).tolist()
