"""The two charts of revisions: what moved is marked by shape, nought stays in sight."""

import datetime as dt

import polars as pl

from charts.base import to_spec
from charts.palette import palette
from charts.revisions import chart_first_and_latest, chart_sizes

MONTHS = [dt.date(2024, month, 1) for month in (1, 2, 3)]


def drawn(spec: dict, layer: dict) -> list[dict]:
    """Return the rows that a layer draws."""
    return spec["datasets"][layer["data"]["name"]]


def moved() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "period": MONTHS,
            "preliminary": [10.0, 12.0, 11.0],
            "latest": [10.0, 14.0, 9.0],
            "kind": ["same", "revised", "late"],
            "words": ["未修订", "修订", "锁定后修订"],
        }
    )


def test_a_revision_after_the_lock_has_its_own_shape_and_colour() -> None:
    spec = to_spec(chart_first_and_latest(moved(), 0, "light", "zh"))
    dots = spec["layer"][-1]["encoding"]
    assert dots["shape"]["scale"]["range"] == ["circle", "circle", "diamond"]
    assert dots["color"]["scale"]["range"][-1] == palette("light")["worse"]
    steps = next(layer for layer in spec["layer"] if layer["mark"]["type"] == "rule")
    ends = [steps["encoding"][name]["field"] for name in ("y", "y2")]
    assert ends == ["preliminary", "latest"]
    rows = drawn(spec, spec["layer"][0]) if "data" in spec["layer"][0] else None
    rows = rows or spec["datasets"][spec["data"]["name"]]
    assert [row["period"] for row in rows] == ["2024-01", "2024-02", "2024-03"]


def test_both_figures_of_every_month_lie_within_the_axis() -> None:
    spec = to_spec(chart_first_and_latest(moved(), 0, "dark", "en"))
    low, high = spec["layer"][-1]["encoding"]["y"]["scale"]["domain"]
    assert low < 9
    assert high > 14


def test_nought_is_always_on_the_axis_of_sizes() -> None:
    rows = pl.DataFrame(
        {
            "name": ["全市", "甲"],
            "mean_pct": [0.5, 0.8],
            "mean_abs_pct": [0.6, 0.8],
            "bias": ["up", "none_shown"],
            "words": ["偏向上调", "未见偏向"],
        }
    )
    spec = to_spec(chart_sizes(rows, "light", "zh"))
    bars = next(layer for layer in spec["layer"] if layer["mark"]["type"] == "bar")
    low, high = bars["encoding"]["x"]["scale"]["domain"]
    assert low == 0
    assert high > 0.8
    down = rows.with_columns(mean_pct=-pl.col("mean_pct"))
    spec = to_spec(chart_sizes(down, "light", "zh"))
    bars = next(layer for layer in spec["layer"] if layer["mark"]["type"] == "bar")
    assert bars["encoding"]["x"]["scale"]["domain"][0] < -0.8
    assert bars["encoding"]["y"]["sort"] == ["全市", "甲"]
