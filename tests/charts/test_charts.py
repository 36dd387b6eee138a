import datetime as dt
from typing import Any

import polars as pl
import pytest

from charts.base import month_axis, nice_domain, spread_labels, to_spec
from charts.districts import chart_dumbbell, chart_ranges
from charts.funnel import chart_funnel
from charts.palette import DARK, LIGHT, palette
from charts.xmr import chart_xmr
from charts.years import chart_years
from metrics.funnel import Judged, funnel_curve
from metrics.funnel_limits import Spread

MONTHS = [dt.date(2023 + m // 12, m % 12 + 1, 1) for m in range(22)]
POINTS = pl.DataFrame(
    {
        "period": MONTHS,
        "value": [float(100 + m % 5) for m in range(21)] + [60.0],
        "lower": [90.0] * 22,
        "centre": [102.0] * 22,
        "upper": [114.0] * 22,
        "reading": ["not_significant"] * 21 + ["worse"],
        "signal": ["none"] * 21 + ["outside"],
        "phase": ["v1"] * 10 + ["v2"] * 12,
        "partial": [False] * 21 + [True],
    }
)
SIDES = pl.DataFrame(
    {
        "label": ["明湖", "白石"],
        "value": [67.2, 32.4],
        "base": [67.7, None],
        "words": ["−0.5", "无可比基数"],
        "lower": [60.0, 30.0],
        "upper": [80.0, 70.0],
        "reading": ["not_significant", "worse"],
        "size": [201.0, 8.0],
        "small": [False, True],
    }
)


def layers(spec: dict[str, Any], mark: str) -> list[dict[str, Any]]:
    return [part for part in spec["layer"] if part["mark"].get("type") == mark]


def rows(spec: dict[str, Any], part: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a layer's data: its own, or what all layers share; named data lies at the top."""
    held = part.get("data") or spec["data"]
    return held["values"] if "values" in held else spec["datasets"][held["name"]]


@pytest.fixture(params=["light", "dark"])
def xmr(request: pytest.FixtureRequest) -> dict[str, Any]:
    return to_spec(chart_xmr(POINTS, 0, request.param, "zh", [dt.date(2024, 2, 1)], target=98.0))


def test_a_control_chart_breaks_with_its_definition(xmr: dict[str, Any]) -> None:
    for line in layers(xmr, "line"):
        assert line["encoding"]["detail"]["field"] == "phase"


def test_concern_is_a_diamond_and_a_partial_month_hollow(xmr: dict[str, Any]) -> None:
    full, hollow = layers(xmr, "point")
    scale = full["encoding"]["shape"]["scale"]
    assert dict(zip(scale["domain"], scale["range"], strict=True))["worse"] == "diamond"
    assert full["transform"] == [{"filter": "!datum.partial"}]
    assert hollow["transform"] == [{"filter": "datum.partial"}]
    assert hollow["mark"]["fill"] in (LIGHT["surface"], DARK["surface"])


def test_the_limits_and_the_last_value_are_named(xmr: dict[str, Any]) -> None:
    words = [row["words"] for part in layers(xmr, "text") for row in rows(xmr, part)]
    assert words == ["下限 90", "均值 102", "上限 114", "10月 60"]


def test_no_chart_asks_another_host_for_anything(xmr: dict[str, Any]) -> None:
    def urls(part: Any) -> list[str]:
        if isinstance(part, dict):
            found = [v for k, v in part.items() if k == "url"]
            return found + [u for v in part.values() for u in urls(v)]
        return [u for v in part for u in urls(v)] if isinstance(part, list) else []

    assert urls(xmr) == []


def test_the_month_axis_marks_years_and_the_festival() -> None:
    axis = month_axis(MONTHS, [dt.date(2024, 2, 1)], "zh").to_dict()
    assert axis["values"] == [
        "2023-01", "2023-04", "2023-07", "2023-10",
        "2024-01", "2024-02", "2024-04", "2024-07", "2024-10",
    ]  # fmt: skip
    assert "春" in axis["labelExpr"]


def test_years_stand_beside_each_other() -> None:
    frame = pl.DataFrame(
        {
            "label": ["1—2", "3"],
            "value": [940.0, 1122.0],
            "base": [911.0, 1020.0],
            "words": ["+3", "+10"],
            "current": [False, True],
        }
    )
    spec = to_spec(chart_years(frame, 0, "light", "zh"))
    bar = layers(spec, "bar")[0]
    assert bar["encoding"]["x"]["sort"] == ["1—2", "3"]
    assert [row["base"] for row in rows(spec, layers(spec, "tick")[0])] == [911.0, 1020.0]


def test_a_funnel_draws_limits_that_widen_and_small_units_hollow() -> None:
    inside = dict.fromkeys("abcdefghi", "inside")
    judged = Judged("share", 0.61, Spread(0.61, 4.0, 0.01, 9), inside, inside)
    curve = funnel_curve(judged, largest=210.0)
    limits = [name for name in curve.columns if name != "size"]
    curve = curve.with_columns(pl.col(limits) * 100)
    chart = chart_funnel(
        SIDES, curve, (61.2, "全市 61.2%"), 1, "light", "zh", "案件数", (70.0, "目标 70%")
    )
    spec = to_spec(chart)
    assert [part["encoding"]["y"]["field"] for part in layers(spec, "line")] == [
        "lower95", "upper95", "lower998", "upper998", "lower", "upper",
        "lower_plain", "upper_plain",
    ]  # fmt: skip
    area = layers(spec, "area")[0]["encoding"]  # the band is what names units, and nothing else
    assert (area["y"]["field"], area["y2"]["field"]) == ("lower", "upper")
    alike = curve.with_columns(pl.col(f"{name}_plain").alias(name) for name in ("lower", "upper"))
    chance = to_spec(chart_funnel(SIDES, alike, (61.2, ""), 1, "light", "zh", ""))
    assert len(layers(chance, "line")) == 6
    widths = (curve["upper"] - curve["lower"]).to_list()
    assert widths[0] > widths[-1]
    assert [part["transform"] for part in layers(spec, "point")] == [
        [{"filter": "!datum.small"}],
        [{"filter": "datum.small"}],
    ]


def test_a_unit_outside_is_named_with_its_figure_in_its_colour() -> None:
    inside = dict.fromkeys("abc", "inside")
    curve = funnel_curve(Judged("share", 0.5, Spread(0.5, 0.5, 0.0, 3), inside, inside), 500.0)
    points = pl.DataFrame(
        {"label": ["a", "b", "c"], "size": [200.0, 300.0, 500.0], "value": [0.7, 0.5, 0.2],
         "reading": ["up", "not_significant", "worse"], "small": [False] * 3}
    )  # fmt: skip
    spec = to_spec(chart_funnel(points, curve, (0.5, ""), 1, "light", "zh", ""))
    special = [part for part in layers(spec, "text") if part["mark"].get("fontWeight") == "bold"]
    assert [part["encoding"]["text"]["field"] for part in special] == ["said"] * 3
    assert [row["colour"] for row in rows(spec, special[0])] == ["#6B41A0", "#1B2430", "#AD4A0B"]
    assert all("is_special" in part["transform"][0]["filter"] for part in special)


def test_wide_limits_do_not_press_the_units_to_the_foot_of_the_chart() -> None:
    """Units at 18 to 33 whose range reaches beyond 700: they keep a fifth of the height."""
    inside = dict.fromkeys("abcdefghi", "inside")
    curve = funnel_curve(Judged("rate", 25.0, Spread(25.0, 99.0, 1.5, 9), inside, inside), 500.0)
    points = pl.DataFrame(
        {"label": ["a", "b"], "size": [200.0, 500.0], "value": [18.0, 33.0],
         "reading": ["not_significant"] * 2, "small": [False] * 2}
    )  # fmt: skip
    spec = to_spec(chart_funnel(points, curve, (25.0, ""), 1, "light", "zh", ""))
    low, high = layers(spec, "area")[0]["encoding"]["y"]["scale"]["domain"]
    assert curve["upper"].min() > 700
    assert (low <= 18, 33 + 2 * 15 <= high <= 80) == (True, True)


def test_units_stay_in_official_order() -> None:
    for chart in (
        chart_ranges(SIDES, 1, "light", "zh"),
        chart_dumbbell(SIDES, 1, "light", "zh", target=70.0),
    ):
        spec = to_spec(chart)
        sorts = [p["encoding"]["y"].get("sort") for p in spec["layer"] if "y" in p["encoding"]]
        assert all(sort == ["明湖", "白石"] for sort in sorts)


def test_labels_never_cover_each_other_and_axes_have_air() -> None:
    placed = spread_labels([100.0, 101.0, 99.0], 0.0, 200.0, 200)
    gaps = sorted(placed)
    assert all(b - a >= 15.0 for a, b in zip(gaps, gaps[1:], strict=False))
    assert nice_domain([], zero=True) == (0.0, 1.0)
    assert nice_domain([5.0, None, 5.0])[0] < 5.0 < nice_domain([5.0])[1]


def contrast(first: str, second: str) -> float:
    """Return the WCAG contrast of two colours."""

    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        r, g, b = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    high, low = sorted((light(first), light(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_colour_can_be_read(theme: str) -> None:
    colours = palette(theme)
    for text in ("ink", "muted", "accent", "better_text", "worse_text", "neutral_text"):
        for ground in ("surface", "page"):
            assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    for word in ("better", "worse", "neutral"):
        assert contrast(colours[f"{word}_text"], colours[f"{word}_ground"]) >= 4.5
    assert contrast(colours["accent"], colours["accent_ground"]) >= 4.5


def test_words_of_months_near_each_other_stand_on_lines_of_their_own() -> None:
    months = [dt.date(2023 + n // 12, n % 12 + 1, 1) for n in range(20)]
    series = pl.DataFrame({
        "period": months, "value": [10.0] * 20, "lower": [None] * 20, "centre": [None] * 20,
        "upper": [None] * 20, "reading": ["none"] * 20, "phase": ["v1"] * 20,
        "partial": [False] * 20,
    }, schema_overrides={name: pl.Float64 for name in ("lower", "centre", "upper")})  # fmt: skip
    notes = {months[2]: "one", months[17]: "two", months[19]: "three", dt.date(2030, 1, 1): "far"}
    spec = to_spec(chart_xmr(series, 0, "light", "en", notes=notes))
    marks = [layer["mark"] for layer in spec["layer"] if layer.get("mark", {}).get("limit")]
    assert [(mark["align"], mark["dy"]) for mark in marks] == [
        ("left", 8), ("right", 23), ("right", 38),
    ]  # fmt: skip
    written = [row["words"] for rows in spec["datasets"].values() for row in rows if "words" in row]
    assert {"one", "two", "three"} <= set(written)
    assert "far" not in written
