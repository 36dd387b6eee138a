"""A bureau small enough to work out by hand: two counties, five stations, own levels, a pool."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import polars as pl

from data.catalog import load_catalog
from data.definition_types import Catalog, Parent, Text, Unit
from data.periods import months_between, parse_period
from data.schema import FACTS, conform
from metrics.compare import compare_figures
from metrics.cube import Cube, build_cube
from metrics.figures import compute_figures

LEVELS = {
    "c": ("city", ""),
    "a": ("county", ""),
    "a1": ("station", "A"),
    "a2": ("station", "A"),
    "a3": ("station", "B"),
    "a-own": ("county_own", ""),
    "a-small": ("county_small", ""),
    "b": ("county", ""),
    "b1": ("station", "A"),
    "b2": ("station", "B"),
    "b-own": ("county_own", ""),
    "c-own": ("city_own", ""),
}
PARENT = {
    "a": "c",
    "b": "c",
    "c-own": "c",
    **{leaf: "a" for leaf in ("a1", "a2", "a3", "a-own", "a-small")},
    **{leaf: "b" for leaf in ("b1", "b2", "b-own")},
}
STATIONS = ("a1", "a2", "a3", "b1", "b2")
COUNTED = (*STATIONS, "a-own", "b-own")  # who files most monthly counts
VINTAGE = dt.datetime(2024, 11, 6, 1, 12, tzinfo=dt.UTC)


def m(text: str) -> dt.date:
    """Return a month."""
    return parse_period(text)


def months(first: str, last: str) -> list[dt.date]:
    """Return the months from one to another."""
    return months_between(m(first), m(last))


@cache
def catalog(
    year_start: int = 1, festival: bool = True, dates: tuple[tuple[str, str, str], ...] = ()
) -> Catalog:
    """Return the default definitions on the small tree; `dates` gives (unit, opened, closed)."""
    full = load_catalog()
    life = {unit: (opened, closed) for unit, opened, closed in dates}
    units = tuple(
        Unit(code, level, group, Text(code, code), Text(code, code), *_life(life.get(code)), place)
        for place, (code, (level, group)) in enumerate(LEVELS.items())
    )
    calendar = full.calendar if festival else replace(full.calendar, festival="none")
    return replace(
        full,
        units=units,
        parents=tuple(Parent(unit, parent, None, None) for unit, parent in PARENT.items()),
        successions=(),
        calendar=calendar,
        bureau=replace(full.bureau, root="c", year_start=year_start),
    )


def _life(dates: tuple[str, str] | None) -> tuple[dt.date | None, dt.date | None]:
    opened, closed = dates or ("", "")
    return (m(opened) if opened else None, m(closed) if closed else None)


Table = Mapping[str, Mapping[str, Mapping[str, float | None]]]


def facts(table: Table, status: str = "final", definition: int = 1) -> pl.DataFrame:
    """Return FACTS of measure → unit → month → value."""
    rows = [
        {
            "measure": measure,
            "definition": definition,
            "unit": unit,
            "period": m(month),
            "value": value,
            "status": status,
            "vintage": VINTAGE,
            "submission": "s1",
            "sheet": "",
            "cell": "",
        }
        for measure, units in table.items()
        for unit, values in units.items()
        for month, value in values.items()
    ]
    return conform(pl.DataFrame(rows, schema=FACTS, orient="row"), FACTS)


def steady(units: tuple[str, ...], first: str, last: str, value: float) -> dict:
    """Return the same value in every month for some units."""
    return {unit: {f"{p:%Y-%m}": value for p in months(first, last)} for unit in units}


def cube(table: Table, definitions: Catalog | None = None, **options: str) -> Cube:
    """Return the cube of a table."""
    return build_cube(facts(table, **options), definitions or catalog())


def figure(
    source: Cube | Table, indicator: str, unit: str, period: str, window: str = "month"
) -> dict:
    """Return one figure as a dict."""
    held = source if isinstance(source, Cube) else cube(source)
    return compute_figures(held, [indicator], [unit], [m(period)], window).row(0, named=True)


def value(
    source: Cube | Table, indicator: str, unit: str, period: str, window: str = "month"
) -> float | None:
    """Return the value of one figure."""
    return figure(source, indicator, unit, period, window)["value"]


def change(
    source: Cube | Table,
    indicator: str,
    unit: str,
    period: str,
    window: str = "month",
    comparator: str = "yoy",
    basis: str = "now",
) -> dict:
    """Return one comparison as a dict."""
    held = source if isinstance(source, Cube) else cube(source)
    frame = compare_figures(held, [indicator], [unit], [m(period)], window, [comparator], basis)
    return frame.row(0, named=True)
