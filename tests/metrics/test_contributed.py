"""Do child units and categories add up to the change that is shown, and give nothing away?"""

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metrics.categories import categories_of
from metrics.compare import compare_figures
from metrics.contributed import by_categories, by_units
from metrics.contributed_frame import contributions_frame
from metrics.cube import build_cube
from metrics.mix_words import said
from tests.metrics.small import STATIONS, catalog, cube, facts, m
from tests.metrics.structure import COUNTIES, MONTHS, SPLIT, THEFT, on

OCTOBER = m("2024-10")


def year(now: dict[str, float | None], base: dict[str, float | None]) -> dict:
    """Return one measure in October of two years."""
    units = dict.fromkeys((*now, *base))
    both = {u: {"2024-10": now.get(u), "2023-10": base.get(u)} for u in units}
    return {u: {p: v for p, v in row.items() if v is not None} for u, row in both.items()}


def lines(found) -> dict[str, tuple[float, float]]:
    return {line.code: (round(line.own, 9), round(line.weight, 9)) for line in found.lines}


def test_a_count_is_the_sum_of_what_its_units_changed() -> None:
    held = cube({"calls_theft": year({"a1": 5, "a2": 9, "b1": 4, "b2": 1},
                                     {"a1": 8, "a2": 3, "b1": 4, "b2": 6})})  # fmt: skip
    found = by_units(held, "calls_theft", "c", OCTOBER, "month")
    assert found.withheld == ""
    assert (found.change, found.is_rate) == (-2.0, False)
    # Of county a the two stations that filed; those without returns are not compared.
    assert lines(found) == {"a": (3.0, 0.0), "b": (-5.0, 0.0)}


def test_a_rate_moves_by_itself_and_by_weight() -> None:
    """Both counties keep their rates; the better one has more of the cases than before."""
    held = cube(
        {
            "calls_dispatch_urgent": year({"a1": 80, "b1": 20}, {"a1": 50, "b1": 50}),
            "calls_arrived_5min": year({"a1": 64, "b1": 8}, {"a1": 40, "b1": 20}),
        }
    )
    found = by_units(held, "d_arrive_5min_rate", "c", OCTOBER, "month")
    assert found.change == pytest.approx(12.0)
    assert lines(found) == {"a": (0.0, 4.2), "b": (0.0, 7.8)}
    names = {"c": "the city", "a": "county A", "b": "county B"}
    item = held.catalog.indicators["d_arrive_5min_rate"]
    assert said(found, item, "en", names.__getitem__) == (
        "the city changed by +12.0 pp; county B explains +7.8 pp of it (its own rate 0.0 pp, its "
        "share +7.8 pp). In all: own rates 0.0 pp, shares +12.0 pp."
    )
    assert said(found, item, "zh", {"c": "全市", "a": "甲县", "b": "乙县"}.__getitem__) == (
        "全市变化 +12.0 个百分点，乙县贡献 +7.8 个百分点（自身水平变化 0.0 个百分点，"
        "所占份额变化 +7.8 个百分点）。合计：各自水平变化 0.0 个百分点，份额变化 +12.0 个百分点。"
    )


def test_a_mean_is_weighted_by_its_answers() -> None:
    held = cube(
        {
            "pub_safety_score": year({"a1": 80, "b1": 60}, {"a1": 70, "b1": 60}),
            "pub_survey_n": year({"a1": 300, "b1": 100}, {"a1": 200, "b1": 200}),
        }
    )
    # M from 65 to 75; a: w̄ 0.625 · 10 and 0.25 · (75 − 70), b: 0 and −0.25 · (60 − 70).
    found = by_units(held, "pub_safety_score", "c", OCTOBER, "month")
    assert found.change == pytest.approx(10.0)
    assert lines(found) == {"a": (6.25, 1.25), "b": (0.0, 2.5)}


def test_categories_come_from_rules_and_formulas() -> None:
    definitions = catalog()
    assert categories_of(definitions, "calls_total") == ["calls_valid", "calls_invalid"]
    assert categories_of(definitions, "crim_recorded") == ["crim_economic_recorded",
                                                           "fraud_recorded"]  # fmt: skip
    assert categories_of(definitions, "d_crim_clear_rate") == ["crim_cleared_current",
                                                               "crim_cleared_backlog"]  # fmt: skip
    assert categories_of(definitions, "calls_theft") == []
    assert categories_of(definitions, "d_crim_recorded_yoy") == []


def test_categories_add_up_with_a_rest_where_there_is_one() -> None:
    held = cube(
        {
            "crim_recorded": year({"a1": 40}, {"a1": 30}),
            "crim_economic_recorded": year({"a1": 3}, {"a1": 5}),
            "fraud_recorded": year({"a1": 9}, {"a1": 4}),
            "crim_cleared": year({"a1": 26}, {"a1": 15}),
            "crim_cleared_current": year({"a1": 16}, {"a1": 12}),
            "crim_cleared_backlog": year({"a1": 10}, {"a1": 3}),
        }
    )
    found = by_categories(held, "crim_recorded", "a1", OCTOBER, "month")
    assert lines(found) == {"crim_economic_recorded": (-2, 0), "fraud_recorded": (5, 0),
                            "rest": (7, 0)}  # fmt: skip
    # 26 of 40 against 15 of 30, +15 points: 16/40 − 12/30 = 0, 10/40 − 3/30 = 15.
    found = by_categories(held, "d_crim_clear_rate", "a1", OCTOBER, "month")
    assert found.change == pytest.approx(15.0)
    assert lines(found) == {"crim_cleared_current": (0, 0), "crim_cleared_backlog": (15, 0)}


def hide_units(*units: str):
    """Return a reader's sight without the figures of some units."""

    def hide(rows: pl.DataFrame) -> pl.DataFrame:
        gone = pl.col("unit").is_in(list(units))
        parts = ("value", "numerator", "denominator", "compared_value", "base_value", "change")
        return rows.with_columns(
            pl.when(~gone).then(pl.col(parts)), suppressed=pl.col("suppressed") | gone
        )

    return hide


FOUR = year({"a1": 2, "a2": 3, "a3": 10, "a-own": 7}, {"a1": 4, "a2": 1, "a3": 12, "a-own": 5})


def test_units_that_must_not_be_seen_are_one_line_with_the_rest() -> None:
    held = cube({"calls_theft": FOUR})
    found = by_units(held, "calls_theft", "a", OCTOBER, "month", hide=hide_units("a1", "a2"))
    assert lines(found) == {"a3": (-2, 0), "a-own": (2, 0), "hidden": (0, 0)} or lines(found) == {
        "a3": (-2, 0), "a-own": (2, 0),
    }  # fmt: skip
    frame = contributions_frame(found)
    assert not set(frame["part"]) & {"a1", "a2"}
    assert frame["contribution"][0] == sum(frame["contribution"][1:])


def test_nothing_is_told_where_a_part_was_left_out_of_the_comparison() -> None:
    """Two are hidden, and one of them is not compared: the line of both would be the other."""
    table = {"calls_theft": FOUR | {"a2": {"2024-10": 3.0}}}
    held = cube(table)
    secret = by_units(held, "calls_theft", "a", OCTOBER, "month", hide=hide_units("a1", "a2"))
    assert (secret.withheld, secret.lines) == ("hidden", ())
    assert by_units(held, "calls_theft", "a", OCTOBER, "month").withheld == ""
    whole = by_units(held, "calls_theft", "a", OCTOBER, "month", hide=hide_units("a"))
    assert (whole.withheld, whole.lines) == ("hidden", ())
    assert contributions_frame(whole)["contribution"].to_list() == [None]


def test_a_category_that_must_not_be_seen_hides_all() -> None:
    held = cube({"calls_total": FOUR, "calls_valid": FOUR, "calls_invalid": FOUR})

    def hide(rows: pl.DataFrame) -> pl.DataFrame:
        gone = pl.col("indicator") == "calls_invalid"
        return rows.with_columns(pl.when(~gone).then(pl.col("compared_value")))

    found = by_categories(held, "calls_total", "a", OCTOBER, "month", hide=hide)
    assert (found.withheld, found.lines) == ("hidden", ())


def test_why_a_change_is_not_taken_apart() -> None:
    held = cube({"calls_theft": FOUR, "inn_topics_total": year({"a-own": 3}, {"a-own": 2})})
    why = {
        "no_parts": by_units(held, "calls_theft", "a1", OCTOBER, "month"),
        "no_change": by_units(held, "calls_theft", "c", m("2024-09"), "month"),
        "no_categories": by_categories(held, "calls_theft", "a", OCTOBER, "month"),
        "own_list": by_units(held, "inn_topics_total", "a", OCTOBER, "month"),
    }
    for key, found in why.items():
        assert (found.withheld, found.change, found.lines) == (key, None, ())
        for lang in ("zh", "en"):
            assert said(found, held.catalog.indicators["calls_theft"], lang, str)
    # A year to date has no period before it: that, and not a want of units, is the reason.
    assert by_units(held, "calls_theft", "c", OCTOBER, "ytd", "mom").withheld == "no_change"


def test_on_the_structure_of_the_time_a_moved_unit_counts_where_it_was() -> None:
    """b1 moves from b to a in June 2024: a gains its 5, b loses its 9 of the year before."""
    june = m("2024-06")
    for basis in ("then", "now", "matched"):
        held = on(basis, THEFT, SPLIT)
        for unit in ("c", "a", "b"):
            row = compare_figures(held, ["calls_theft"], [unit], [june], "month", basis=basis)
            shown = row.row(0, named=True)
            found = by_units(held, "calls_theft", unit, june, "month", basis=basis)
            if found.withheld:
                continue
            assert found.change == shown["compared_value"] - shown["base_value"]
            assert sum(line.contribution for line in found.lines) == pytest.approx(found.change)
    found = by_units(on("then", THEFT, SPLIT), "calls_theft", "b", june, "month", basis="then")
    assert lines(found) == {"b2": (-3, 0), "b1": (-9, 0)}


def test_a_closed_county_takes_its_figures_away_and_a_new_one_brings_its_own() -> None:
    found = by_units(on("then", MONTHS, COUNTIES), "calls_theft", "c", m("2024-06"), "month",
                     basis="then")  # fmt: skip
    assert {line.code: line.contribution for line in found.lines} == {"a": 24, "b": -54, "n": 38}
    assert found.change == 8.0


VALUES = st.none() | st.integers(0, 40)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(VALUES, VALUES, VALUES, VALUES), min_size=5, max_size=5),
    st.sampled_from(["crim_recorded", "d_crim_clear_rate", "d_transfer_per_case"]),
    st.sampled_from(["month", "quarter", "ytd"]),
    st.sampled_from(["yoy", "mom"]),
)
def test_the_lines_add_up_to_the_change_that_is_shown(rows, code, window, comparator) -> None:
    codes = ("crim_recorded", "crim_cleared", "sus_transferred")
    table: dict = {}
    periods = ("2024-05", "2024-04", "2023-05", "2023-04")
    for shift, measure in enumerate(codes):
        table[measure] = {
            unit: {p: row[(at + shift) % 4] for at, p in enumerate(periods)
                   if row[(at + shift) % 4] is not None}
            for unit, row in zip(STATIONS, rows, strict=True)
        }  # fmt: skip
    known = {k: v for k, v in table.items() if k in catalog().measures}
    held = build_cube(facts(known), catalog())
    asked = ([code], ["c"], [m("2024-05")], window, [comparator])
    shown = compare_figures(held, *asked, readings=False)
    row = shown.row(0, named=True)
    found = by_units(held, code, "c", m("2024-05"), window, comparator)
    if found.withheld:
        assert row["change"] is None or row["note"] in ("small_base", "break")
        return
    assert found.change == pytest.approx(row["compared_value"] - row["base_value"], abs=1e-9)
    assert sum(line.contribution for line in found.lines) == pytest.approx(found.change, abs=1e-9)
    frame = contributions_frame(found)
    both = frame["rate_effect"].fill_null(0) + frame["mix_effect"].fill_null(0)
    if found.is_rate:
        assert both.to_list() == pytest.approx(frame["contribution"].to_list(), abs=1e-9)
