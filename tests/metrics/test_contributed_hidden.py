"""Do contributions tell nothing of a group of fewer than ten that figures do not tell?"""

import datetime as dt

import polars as pl
import pytest

from data.access import OPERATOR
from data.catalog import load_catalog
from data.schema import FACTS, conform
from data.units import tree
from metrics.compare import compare_figures
from metrics.contributed import by_units
from metrics.contributed_frame import contributions_frame
from metrics.cube import build_cube
from metrics.disclose import suppress
from metrics.figures import compute_figures

MINHU = ("yz0101", "yz0102", "yz0103", "yz0104", "yz01-own")
NOW, BEFORE = dt.date(2024, 9, 1), dt.date(2023, 9, 1)
CATALOG = load_catalog()


def waves(now: tuple[int, ...], before: tuple[int, ...]):
    """Return the cube of two waves of answers a unit; means are 60 + place, then one more."""
    rows = []
    for period, answers, shift in ((NOW, now, 1), (BEFORE, before, 0)):
        for place, (unit, n) in enumerate(zip(MINHU, answers, strict=True)):
            cells = {"wb_invited": n + 4, "wb_responded": n, "wb_overall_sd": 10}
            cells["wb_overall_score"] = 60 + place + shift
            rows += [
                {
                    "measure": measure, "definition": 1, "unit": unit, "period": period,
                    "value": value, "status": "final", "submission": "s", "sheet": "", "cell": "",
                    "vintage": dt.datetime(2024, 11, 6, tzinfo=dt.UTC),
                }
                for measure, value in cells.items() if n
            ]  # fmt: skip
    return build_cube(conform(pl.DataFrame(rows), FACTS), CATALOG)


def told(cube):
    units = tree(CATALOG)

    def hide(rows: pl.DataFrame) -> pl.DataFrame:
        return suppress(rows, CATALOG, units, OPERATOR, cube)

    return by_units(cube, "wb_overall_score", "yz01", NOW, "wave", hide=hide), hide


def test_a_small_group_and_its_protector_are_one_line() -> None:
    cube = waves((8, 22, 11, 20, 40), (9, 21, 12, 20, 41))
    found, hide = told(cube)
    assert found.withheld == ""
    shown = {line.code for line in found.lines}
    figures = hide(compute_figures(cube, ["wb_overall_score"], MINHU, [NOW], "wave"))
    hidden = set(figures.filter("suppressed")["unit"])
    assert "yz0101" in hidden
    assert shown == (set(MINHU) - hidden) | {"hidden"}
    joined = next(line for line in found.lines if line.code == "hidden")
    n_now, n_before = joined.pair.size, joined.pair.base_size
    assert n_now is not None
    assert n_before is not None
    assert min(n_now, n_before) >= CATALOG.bureau.small_n
    assert sum(line.contribution for line in found.lines) == pytest.approx(found.change)
    # What the line holds is what anybody can take from the county and its units that are shown.
    public = dict(figures.drop_nulls("value").select("unit", "denominator").iter_rows())
    whole = compute_figures(cube, ["wb_overall_score"], ["yz01"], [NOW], "wave")
    assert float(n_now) == whole["denominator"][0] - sum(public.values())


@pytest.mark.parametrize("before", [(9, 0, 12, 20, 41), (9, 21, 0, 20, 41)])
def test_where_a_group_is_not_compared_nothing_small_comes_out(before) -> None:
    found, _ = told(waves((8, 22, 11, 20, 40), before))
    frame = contributions_frame(found)
    for row in frame.filter(pl.col("role") == "hidden").iter_rows(named=True):
        assert row["denominator"] >= CATALOG.bureau.small_n
        assert row["base_denominator"] >= CATALOG.bureau.small_n
    assert not frame.filter(pl.col("part") == "yz0101").height


def test_a_survey_adds_up_with_a_unit_that_answered_once_only() -> None:
    """Scores of a wave are compared whole with whole, so what one unit brings is a line too."""
    cube = waves((30, 22, 11, 20, 40), (19, 0, 12, 20, 41))
    asked = (["wb_overall_score"], ["yz01"], [NOW], "wave", ["yoy"])
    row = compare_figures(cube, *asked, readings=False).row(0, named=True)
    found = by_units(cube, "wb_overall_score", "yz01", NOW, "wave")
    # (30·61 + 22·62 + 11·63 + 20·64 + 40·65) ÷ 123 − (19·60 + 12·62 + 20·63 + 41·64) ÷ 92
    change = 7767 / 123 - 5768 / 92
    assert row["compared_value"] - row["base_value"] == pytest.approx(change)
    assert found.change == pytest.approx(change)
    assert sum(line.contribution for line in found.lines) == pytest.approx(change)
    new = next(line for line in found.lines if line.code == "yz0102")
    assert (new.pair.base_size, new.own) == (None, 0.0)
    # It brings 22 of 123 answers, at 62 where the mean of both sides is 62.9.
    assert new.weight == pytest.approx(22 / 123 * (62 - (7767 / 123 + 5768 / 92) / 2))
