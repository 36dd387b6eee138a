"""Were the returns of the demonstration bureau in time before it filed them at the desk?

Of the months since, the product counts for itself (`data.returns.recording`).
"""

import datetime as dt

import numpy as np
import polars as pl

from data.catalog import Catalog
from data.demo.generate import DUE_MONTHS, MISSING
from data.demo.reorganised import copied
from data.demo.world import World, build_world
from data.returns.due import is_by_choice

SYSTEM = "system"
FIRST_WORKBOOK = dt.date(2024, 8, 1)
LATE = 0.018  # of the returns come after the due day
NOT_AT_ONCE = 0.006  # are sent back once
REVISED = 0.012  # are corrected later


def quality_facts(catalog: Catalog, facts: pl.DataFrame) -> pl.DataFrame:
    """Return returns due, on time, passed first time and revised, as the bureau noted them before.

    Rows: one of the four counts of one unit in one month before the first that came as workbooks.
    """
    world = build_world(catalog)
    rng = world.rng("quality")
    due = returns_due(world, catalog)
    came = due.copy()
    for unit, year, month in MISSING:
        came[world.rows(unit), world.month(year, month)] = 0
    careless = rng.gamma(1.5, 1 / 1.5, (world.shape[0], 1))
    ontime = came - rng.binomial(came, np.clip(LATE * careless, 0, 1))
    passed = came - rng.binomial(came, np.clip(NOT_AT_ONCE * careless, 0, 1))
    revised = rng.binomial(came, REVISED)
    counts = {
        "dq_returns_due": due,
        "dq_returns_ontime": ontime,
        "dq_first_pass": passed,
        "dq_revised": revised,
    }
    rows, columns = np.nonzero(due)
    frames = [
        pl.DataFrame(
            {
                "measure": [code] * len(rows),
                "unit": np.array(world.units)[rows],
                "period": [world.months[column] for column in columns],
                "value": counts[code][rows, columns].astype(float),
            }
        )
        for code in counts
        if code in catalog.measures
    ]
    made = copied(pl.concat(frames).select(facts.columns), catalog)
    return made.filter(pl.col("period") < FIRST_WORKBOOK)


def returns_due(world: World, catalog: Catalog) -> np.ndarray:
    """Return how many forms each unit owes each month."""
    due = np.zeros(world.shape, dtype=int)
    months = np.array([month.month for month in world.months])
    is_open = np.arange(world.shape[1])[None, :] >= world.opening[:, None]
    for form in catalog.forms.values():
        if is_by_choice(catalog, form):
            continue
        levels = {
            level
            for code in form.measures
            for level in catalog.measures[code].filers
            if level in form.filers
        }
        in_turn = np.isin(months, DUE_MONTHS.get(form.frequency, tuple(range(1, 13))))
        due += world.is_level(*levels)[:, None] & in_turn[None, :] & is_open
    return due
