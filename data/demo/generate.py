"""What figures does the demonstration bureau file, month by month?

One call gives the whole history as a long frame, always the same. Balances, nesting and sums hold
by construction: parts are drawn out of their wholes, stocks are run forward from flows.
"""

from datetime import date

import numpy as np
import polars as pl

from data.catalog import Catalog
from data.demo.calls import add_arrivals, add_calls
from data.demo.cases import add_cases
from data.demo.community import add_community
from data.demo.money import add_money
from data.demo.orders import add_orders
from data.demo.people import add_people
from data.demo.reorganised import give_back, stand_ins
from data.demo.services import add_lists, add_services, add_survey
from data.demo.suspects import add_roads, add_suspects
from data.demo.wellbeing import add_care, add_wellbeing
from data.demo.world import World, build_world

TOPICS = (
    add_calls,
    add_arrivals,
    add_cases,
    add_orders,
    add_money,
    add_suspects,
    add_roads,
    add_community,
    add_services,
    add_survey,
    add_lists,
    add_people,
    add_wellbeing,
    add_care,
)
BEFORE = date(2018, 12, 1)  # one year of annual bases before the start, to be carried forward
DUE_MONTHS = {"Q": (3, 6, 9, 12), "H": (6, 12), "A": (12,)}
# Whole returns that never came: unit and month.
MISSING = (
    ("yz0706", 2020, 2),
    ("yz0804", 2020, 2),
    ("yz0607", 2021, 8),
    ("yz0305", 2022, 4),
    ("yz0708", 2022, 12),
    ("yz0217", 2022, 12),
    ("yz0903", 2022, 12),
    ("yz0511", 2023, 6),
    ("yz0411", 2024, 10),
    ("yz0708", 2024, 10),
)


def generate_facts(catalog: Catalog) -> pl.DataFrame:
    """Return measure, unit, period and value of everything that units file.

    Rows: one measure of one unit in one month, sorted by measure, unit (official order), period.
    """
    world = generate_world(catalog)
    facts = world_rows(world, catalog)
    if catalog.successions:
        second, names = stand_ins(catalog)
        again = world_rows(fill_world(second), catalog).filter(pl.col("unit").is_in(list(names)))
        again = again.with_columns(pl.col("unit").replace(names))
        facts = give_back(facts, again, catalog)
    units = [unit.code for unit in catalog.units]
    order = pl.DataFrame({"unit": units, "at": range(len(units))})
    facts = facts.join(order, on="unit", how="left", maintain_order="left")
    return facts.sort("measure", "at", "period").drop("at")


def world_rows(world: World, catalog: Catalog) -> pl.DataFrame:
    """Return what the units of a world file."""
    frames = [measure_rows(world, catalog, code) for code in world.values]
    return pl.concat([*frames, annual_before(world, catalog)])


def generate_world(catalog: Catalog) -> World:
    """Return the world with every measure's values, before anything is left out."""
    return fill_world(build_world(catalog))


def fill_world(world: World) -> World:
    """Return the world with every measure's values added to it."""
    for add in TOPICS:
        add(world)
    return world


def measure_rows(world: World, catalog: Catalog, code: str) -> pl.DataFrame:
    """Return the rows of one measure: who carries a value, in which months, and not missing."""
    measure = catalog.measures[code]
    months = DUE_MONTHS.get(measure.frequency, tuple(range(1, 13)))
    keep = carries(world, code, measure.value_of)[:, None] & np.array(
        [month.month in months for month in world.months]
    )
    keep = keep & (np.arange(world.shape[1])[None, :] >= world.opening[:, None])
    for unit, year, month in MISSING:
        if "station" in measure.filers:
            keep[world.rows(unit), world.month(year, month)] = False
    values = np.asarray(world.values[code], dtype=float)
    rows, columns = np.nonzero(keep & ~np.isnan(values))
    return pl.DataFrame(
        {
            "measure": [code] * len(rows),
            "unit": np.array(world.units)[rows],
            "period": [world.months[column] for column in columns],
            "value": values[rows, columns],
        },
        schema={"measure": pl.String, "unit": pl.String, "period": pl.Date, "value": pl.Float64},
    )


def carries(world: World, code: str, value_of: tuple[str, ...]) -> np.ndarray:
    """Return which units carry a value: pooled rows exist in the wellbeing survey only."""
    levels = {*value_of, "county_small"} if code.startswith("wb_") else {*value_of}
    return world.is_level(*(levels - ({"county_small"} if not code.startswith("wb_") else set())))


def annual_before(world: World, catalog: Catalog) -> pl.DataFrame:
    """Return the annual bases of the December before the start."""
    annual = [code for code in world.values if catalog.measures[code].frequency == "A"]
    first = pl.concat([measure_rows(world, catalog, code) for code in annual])
    first = first.filter(pl.col("period") == first["period"].min())
    return first.with_columns(
        pl.lit(BEFORE).alias("period"), (pl.col("value") * 0.99).floor().alias("value")
    )
