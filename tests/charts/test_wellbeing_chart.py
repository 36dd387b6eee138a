"""The interval chart of a survey: one row a dimension, colour only for what can be told apart."""

import polars as pl

from charts.base import to_spec
from charts.palette import palette
from charts.wellbeing import chart_waves


def rows(**changes: object) -> pl.DataFrame:
    row = {
        "label": "健康", "weight_label": "权重 20", "is_index": False,
        "reading": "not_significant",
        "mean": 61.9, "lower": 61.4, "upper": 62.4, "base_mean": 61.9, "base_lower": 61.4,
        "base_upper": 62.4, "mean_label": "61.9", "change_label": "0.0",
        "reading_label": "不可分辨",
    }  # fmt: skip
    index = {**row, "label": "幸福指数", "weight_label": "", "is_index": True, **changes}
    return pl.DataFrame([index, row])


def drawn(spec: dict, layer: dict) -> list[dict]:
    """Return the rows that a layer draws."""
    return spec["datasets"][layer["data"]["name"]]


def test_each_dimension_has_a_row_and_the_index_is_set_off() -> None:
    spec = to_spec(chart_waves(rows(), "light"))
    assert spec["height"] == 34 * 2 + 8
    values = [drawn(spec, layer) for layer in spec["layer"]]
    assert [row["label"] for row in values[0]] == ["幸福指数", "健康"]
    assert [{"at": 0.5}] in values


def test_a_wave_without_an_earlier_one_is_drawn_alone() -> None:
    alone = rows().with_columns(
        base_mean=None, base_lower=None, base_upper=None, reading=pl.lit("none")
    )
    spec = to_spec(chart_waves(alone, "dark"))
    values = drawn(spec, spec["layer"][0])
    assert {row["reading"] for row in values} == {"not_significant"}
    low, high = spec["layer"][0]["encoding"]["x"]["scale"]["domain"]
    assert low < 61.4 < 62.4 < high


def test_words_take_readable_colours_and_marks_their_own() -> None:
    spec = to_spec(chart_waves(rows(reading="worse"), "light"))
    ranges = [
        layer["encoding"]["color"]["scale"]["range"]
        for layer in spec["layer"]
        if "scale" in layer.get("encoding", {}).get("color", {})
    ]
    assert palette("light")["worse"] in ranges[0]
    assert palette("light")["worse_text"] in ranges[-1]
    assert spec["resolve"] == {"scale": {"color": "independent"}}


def test_change_and_reading_have_their_heads_and_values_keep_clear_of_them() -> None:
    spec = to_spec(chart_waves(rows(), "light", ("变化", "判读")))
    texts = [layer["encoding"].get("text", {}).get("value") for layer in spec["layer"]]
    assert [said for said in texts if said] == ["变化", "判读"]
    (first, *_) = spec["layer"]
    assert first["encoding"]["x"]["scale"]["rangeMax"] == {"expr": "max(0.66 * width, width - 34)"}
