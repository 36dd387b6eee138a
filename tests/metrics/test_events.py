"""A step that a bureau sets: the usual range starts again, or nothing is compared across it."""

from dataclasses import replace

import pytest

from data.definition_types import Catalog, Event, Text
from metrics.events import restarts, told
from metrics.plan import make_plan
from metrics.series import read_series, series_points
from tests.metrics.small import catalog, change, cube, m, months

WAVE = (3, -3, 1, -1, 2, -2)
PLAIN = catalog(festival=False)


def stepped(unit: str = "a1", measure: str = "calls_theft", step: float = 60.0) -> dict:
    """Return thefts that sway about 100, from May 2023 on about so many more, to October 2024."""
    periods = months("2021-01", "2024-10")
    values = [100.0 + WAVE[n % 6] + step * (p >= m("2023-05")) for n, p in enumerate(periods)]
    return {measure: {unit: {f"{p:%Y-%m}": v for p, v in zip(periods, values, strict=True)}}}


def with_event(effect: str, start: str = "2023-05", **touches: tuple[str, ...]) -> Catalog:
    """Return the definitions with one event."""
    event = Event(m(start), effect, Text("新警情系统", "New call system"), **touches)
    return replace(PLAIN, events=(event,))


def standing(definitions: Catalog, period: str, unit: str = "a1") -> dict:
    """Return how thefts stand in a month."""
    held = cube(stepped(), definitions)
    return read_series(held, ["calls_theft"], [unit], m(period)).row(0, named=True)


def test_without_an_event_the_months_after_a_step_are_special_causes():
    for period in ("2023-05", "2023-08", "2023-12"):
        assert standing(PLAIN, period)["reading"] == "worse"


def test_a_note_changes_nothing_but_is_told():
    definitions = with_event("note")
    assert standing(definitions, "2023-08") == standing(PLAIN, "2023-08")
    held = cube(stepped(), definitions)
    plan = make_plan(definitions, "calls_theft")
    assert [e.reason.en for e in told(held, plan, "a1", m("2023-01"), m("2023-12"))] == [
        "New call system"
    ]
    assert told(held, plan, "a1", m("2023-06"), m("2023-12")) == ()


def test_after_a_rebase_nothing_is_read_until_twelve_points_are_there():
    definitions = with_event("rebase")
    before = standing(definitions, "2023-04")
    assert (before["reading"], before["mean"]) == ("not_significant", 100)
    readings = [standing(definitions, f"{p:%Y-%m}") for p in months("2023-05", "2024-05")]
    assert [row["reading"] for row in readings] == ["short_history"] * 11 + ["not_significant"] * 2
    # May 2023 to April 2024: 160 + (2, −2, 3, −3, 1, −1, 2, −2, 3, −3, 1, −1)
    assert readings[11]["mean"] == pytest.approx(160)


def test_a_rebase_leaves_the_change_and_a_break_takes_it():
    row = change(cube(stepped(), with_event("rebase")), "calls_theft", "a1", "2023-08")
    assert (row["note"], row["reading"]) == ("none", "short_history")
    assert row["change"] == pytest.approx((157 - 97) / 97 * 100)
    row = change(cube(stepped(), with_event("break")), "calls_theft", "a1", "2023-08")
    assert (row["note"], row["change"], row["reading"]) == ("break", None, "none")
    assert (row["compared_value"], row["base_value"]) == (157, 97)


@pytest.mark.parametrize(
    ("window", "period", "note"),
    [
        ("month", "2023-04", "none"), ("month", "2024-04", "break"), ("month", "2024-05", "none"),
        ("quarter", "2023-06", "break"), ("quarter", "2024-06", "break"),
        ("quarter", "2024-09", "none"), ("ytd", "2023-04", "none"), ("ytd", "2023-05", "break"),
        ("ytd", "2024-10", "break"),
    ],
)  # fmt: skip
def test_nothing_is_compared_across_a_break(window, period, note):
    # An event lies between when it began after the first month of the base, by the last one asked.
    row = change(cube(stepped(), with_event("break")), "calls_theft", "a1", period, window)
    assert row["note"] == note


def test_a_longer_window_across_a_rebase_is_given_and_not_read():
    row = change(cube(stepped(), with_event("rebase")), "calls_theft", "a1", "2024-10", "ytd")
    assert row["change"] is not None
    assert (row["note"], row["reading"]) == ("none", "none")
    row = change(cube(stepped(), PLAIN), "calls_theft", "a1", "2024-10", "ytd")
    assert row["reading"] == "worse"


@pytest.mark.parametrize(
    ("touches", "unit", "is_touched"),
    [
        ({}, "a1", True),
        ({"units": ("a1",)}, "a1", True),
        ({"units": ("a",)}, "a1", True),  # a county stands for its stations
        ({"units": ("a1",)}, "a", False),  # a station is a part of its county only
        ({"units": ("b",)}, "a1", False),
        ({"indicators": ("calls_theft",)}, "a1", True),
        ({"indicators": ("calls_valid",)}, "a1", False),
    ],
)
def test_whom_an_event_touches(touches, unit, is_touched):
    definitions = with_event("rebase", **touches)
    plan = make_plan(definitions, "calls_theft")
    assert bool(restarts(cube(stepped(), definitions), plan, unit)) is is_touched


def test_a_measure_stands_for_what_is_made_of_it():
    definitions = with_event("break", indicators=("calls_arrived_5min",))
    held = cube(stepped(), definitions)
    assert restarts(held, make_plan(definitions, "d_arrive_5min_rate"), "a1")
    assert not restarts(held, make_plan(definitions, "calls_theft"), "a1")
    # A rate is not what it is made of: its parts go on as they were.
    rate = cube(stepped(), with_event("break", indicators=("d_arrive_5min_rate",)))
    assert restarts(rate, make_plan(definitions, "d_arrive_5min_rate"), "a1")
    assert not restarts(rate, make_plan(definitions, "calls_arrived_5min"), "a1")


def test_a_chart_keeps_the_limits_of_each_stretch():
    held = cube(stepped(), with_event("rebase"))
    frame = series_points(held, "calls_theft", "a1", m("2024-10"), 30)
    assert frame["phase"].unique(maintain_order=True).to_list() == ["v1+0", "v1+1"]
    old, new = (frame.filter(phase=phase) for phase in ("v1+0", "v1+1"))
    assert old["period"].to_list() == months("2022-05", "2023-04")
    assert set(old["centre"]) == {100.0}
    # of the 18 months from May 2023 the last 24 hold all: three whole waves, mean 160
    assert new["centre"].to_list() == pytest.approx([160.0] * 18)
    assert set(frame["reading"]) == {"not_significant"}
