"""When may two waves of a survey be compared, and what is said of them? Worked by hand."""

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest

from data.definition_types import EMPTY, Event, Version
from metrics.compare import compare_figures
from metrics.survey import find_waves
from tests.metrics.waves import CATALOG, NOW, SURVEY, YEAR_AGO, cube_of, told, wave


def test_waves_are_compared_only_where_both_may_be() -> None:
    now = {
        "yz0101": (60, 100, 70, 10), "yz0102": (39, 100, 70, 10), "yz0103": (60, 100, 70, 10),
        "yz0104": (60, 100, 70, 10), "yz0105": (99, 100, 70, 10),
    }  # fmt: skip
    then = {
        "yz0101": (60, 100, 60, 10), "yz0102": (60, 100, 60, 10), "yz0103": (60, 100, 69.5, 10),
        "yz0104": (60, 100, 80, 10), "yz0105": (60, 100, 60, 10),
    }  # fmt: skip
    cube = cube_of(wave(NOW, now), wave(YEAR_AGO, then))
    readings = {}
    for unit in now:
        health = told(cube, unit, "wb_health_score")
        readings[unit] = (health["change"], health["reading"])
    assert readings == {
        "yz0101": (10, "better"),
        "yz0102": (None, "none"),
        "yz0103": (0.5, "not_significant"),
        "yz0104": (-10, "worse"),
        "yz0105": (None, "none"),
    }
    assert find_waves(cube, SURVEY, dt.date(2024, 10, 1)) == [YEAR_AGO, NOW]
    assert find_waves(cube, SURVEY, dt.date(2024, 8, 1)) == [YEAR_AGO]


def test_a_unit_hidden_in_one_of_two_waves_has_no_change() -> None:
    rest = {"yz0102": (30, 40, 60, 10), "yz01-own": (50, 60, 60, 10)}
    shown = {**rest, "yz0101": (30, 40, 75, 10)}
    hidden = {**rest, "yz0101": (8, 40, 60, 10)}
    cube = cube_of(wave(NOW, shown), wave(YEAR_AGO, hidden))
    row = told(cube, "yz0101")
    assert (row["mean"], row["base_mean"], row["change"]) == (75, None, None)
    assert (row["reading"], row["note"]) == ("none", "base_hidden")
    # The district holds all answers of both waves.
    whole = told(cube, "yz01")
    assert (whole["n"], whole["base_n"]) == (110, 88)
    assert whole["change"] == pytest.approx((30 * 75 + 80 * 60) / 110 - 60)


def test_nobody_answering_is_not_nothing_filed() -> None:
    """Nought of 50 is a response of 0 %; those invited count for the district's."""
    now = {"yz0101": (60, 100, 70, 10), "yz0102": (0, 50, None, None)}
    cube = cube_of(wave(NOW, now), wave(YEAR_AGO, {"yz0102": (30, 50, 60, 10)}))
    row = told(cube, "yz0102")
    assert (row["mean"], row["band"], row["note"]) == (None, "nobody", "nobody")
    district = told(cube, "yz01")
    assert (district["n"], district["invited"], district["band"]) == (60, 150, "caution")


def test_figures_tell_the_same_as_the_survey_page() -> None:
    # Yz0103 is listed in one wave and pooled in the other: the district holds it in both.
    now = {
        "yz0101": (60, 100, 70, 10), "yz0103": (20, 30, 62, 9), "yz01-small": (12, 20, 64, 8),
        "yz0201": (99, 100, 70, 10), "yz0301": (30, 100, 70, 10), "yz0401": (60, 100, 60.5, 10),
    }  # fmt: skip
    then = {
        "yz0101": (60, 100, 66, 10), "yz01-small": (30, 52, 61, 8), "yz0201": (60, 100, 60, 10),
        "yz0301": (60, 100, 60, 10), "yz0401": (60, 100, 60, 10),
    }  # fmt: skip
    cube = cube_of(wave(NOW, now), wave(YEAR_AGO, then))
    asked = ["yz01", "yz02", "yz03", "yz04", "yz0101"]
    found = compare_figures(cube, ["wb_health_score"], asked, [NOW], "wave", ("yoy",))
    for row in found.iter_rows(named=True):
        page = told(cube, row["unit"], "wb_health_score")
        assert row["reading"] == page["reading"], row["unit"]
        assert row["change"] == pytest.approx(page["change"]), row["unit"]
        assert (row["note"] == "response") == (row["unit"] in ("yz02", "yz03")), row["unit"]
    # Both waves of yz0101: 10/√60·√(40/99) = 0.820610; 1.96·√2·that = 2.2746147.
    station = found.filter(unit="yz0101").row(0, named=True)
    assert station["upper"] - 66 == pytest.approx(2.2746147, abs=1e-6)
    assert station["reading"] == "better"


def test_a_score_that_was_turned_round_is_read_by_its_own_definition() -> None:
    """Until 2025 a high score was bad: a rise was no gain, and is never compared across."""
    old = Version(1, None, EMPTY, EMPTY, direction=-1)
    new = Version(2, dt.date(2025, 1, 1), EMPTY, EMPTY)
    health = replace(CATALOG.measures["wb_health_score"], version=2, versions=(old, new))
    turned = replace(CATALOG, measures=CATALOG.measures | {"wb_health_score": health})
    later = wave(dt.date(2025, 9, 1), {"yz0101": (60, 100, 60, 10)}).with_columns(
        definition=pl.when(measure="wb_health_score").then(2).otherwise(1).cast(pl.Int64)
    )
    now, then = {"yz0101": (60, 100, 70, 10)}, {"yz0101": (60, 100, 60, 10)}
    cube = cube_of(wave(NOW, now), wave(YEAR_AGO, then), later, catalog=turned)
    found = compare_figures(cube, ["wb_health_score"], ["yz0101"], [NOW], "wave", ("yoy",))
    page = told(cube, "yz0101", "wb_health_score")
    assert found.select("change", "reading").row(0) == (10, "worse")
    assert (page["change"], page["reading"]) == (10, "worse")
    across = told(cube, "yz0101", "wb_health_score", dt.date(2025, 9, 1))
    assert (across["mean"], across["base_mean"]) == (60, 70)
    assert (across["change"], across["reading"], across["note"]) == (None, "none", "break")


def test_a_break_that_the_bureau_set_parts_two_waves() -> None:
    """A new provider from January 2024 on, in one district."""
    event = Event(dt.date(2024, 1, 1), "break", EMPTY, ("wb_health_score",), ("yz01",))
    parted = replace(CATALOG, events=(event,))
    now = {unit: (60, 100, 70, 10) for unit in ("yz0101", "yz0201")}
    then = {unit: (60, 100, 60, 10) for unit in ("yz0101", "yz0201")}
    cube = cube_of(wave(NOW, now), wave(YEAR_AGO, then), catalog=parted)
    rows = {unit: told(cube, unit, "wb_health_score") for unit in ("yz0101", "yz01", "yz0201")}
    found = {unit: (row["change"], row["note"]) for unit, row in rows.items()}
    assert found == {"yz0101": (None, "break"), "yz01": (None, "break"), "yz0201": (10, "")}
    figures = compare_figures(cube, ["wb_health_score"], list(found), [NOW], "wave", ("yoy",))
    assert figures["note"].to_list() == ["break", "break", "none"]
