"""Has a figure the direction of its own definition, wherever it is read?"""

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest

from data.definition_types import EMPTY, Version
from metrics.cube import build_cube
from metrics.series import read_series, series_points
from tests.metrics.small import catalog, facts, m, months

OLD = Version(1, None, EMPTY, EMPTY, direction=1)  # until June 2024 many were good
NEW = Version(2, dt.date(2024, 7, 1), EMPTY, EMPTY)  # now few are


def turned(direction: int = 1):
    """Return a cube of thefts at twenty a month, fifty in May 2024, under two definitions."""
    plain = catalog()
    old = replace(OLD, direction=direction)
    theft = replace(plain.measures["calls_theft"], version=2, versions=(old, NEW), direction=-1)
    first = {f"{day:%Y-%m}": 20.0 + day.month % 3 for day in months("2022-01", "2024-06")}
    filed = [
        facts({"calls_theft": {"a1": first | {"2024-05": 50.0}}}, definition=1),
        facts({"calls_theft": {"a1": {"2024-07": 20.0, "2024-08": 21.0}}}, definition=2),
    ]
    measures = plain.measures | {"calls_theft": theft}
    indicator = replace(plain.indicators["calls_theft"], direction=-1)
    changed = replace(
        plain, measures=measures, indicators=plain.indicators | {"calls_theft": indicator}
    )
    return build_cube(pl.concat(filed), changed)


@pytest.mark.parametrize(("direction", "word"), [(1, "better"), (-1, "worse"), (0, "up")])
def test_a_month_under_an_earlier_definition_is_read_by_its_direction(
    direction: int, word: str
) -> None:
    cube = turned(direction)
    row = read_series(cube, ["calls_theft"], ["a1"], m("2024-05")).row(0, named=True)
    assert (row["signal"], row["reading"]) == ("outside", word)
    points = series_points(cube, "calls_theft", "a1", m("2024-05"))
    assert points.row(-1, named=True)["reading"] == word
    # In June the spike is a month of the past, on the same chart.
    later = series_points(cube, "calls_theft", "a1", m("2024-06"))
    assert later.filter(period=m("2024-05"))["reading"].to_list() == [word]


def test_months_of_the_earlier_definition_have_no_colour_beside_the_new_one() -> None:
    points = series_points(turned(), "calls_theft", "a1", m("2024-08"))
    assert points.filter(phase="v1")["reading"].unique().to_list() == ["none"]
