"""What a reader must not see is gone from figures and changes and does not follow from them."""

import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.access import OPERATOR, Viewer
from data.catalog import load_catalog
from data.definition_types import Catalog
from data.schema import CHANGES, FACTS, conform
from data.units import Tree, tree
from metrics.cube import Cube, build_cube
from metrics.disclose import hidden_units, respondents, suppress
from metrics.figures import compute_figures

SEPTEMBER, OCTOBER = dt.date(2024, 9, 1), dt.date(2024, 10, 1)
MINHU = ("yz0101", "yz0102", "yz0103", "yz0104", "yz01-own")


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


@pytest.fixture(scope="module")
def units(catalog: Catalog) -> Tree:
    return tree(catalog)


def cube_of(catalog: Catalog, cells: dict[tuple[str, str], float], period: dt.date) -> Cube:
    """Return the cube of (measure, unit) → value in one month."""
    return build_cube(facts_of(cells, period), catalog)


def facts_of(cells: dict[tuple[str, str], float], period: dt.date) -> pl.DataFrame:
    """Return FACTS of (measure, unit) → value in one month."""
    rows = [
        {
            "measure": measure, "definition": 1, "unit": unit, "period": period, "value": value,
            "status": "final", "vintage": dt.datetime(2024, 11, 6, tzinfo=dt.UTC),
            "submission": "s", "sheet": "", "cell": "",
        }
        for (measure, unit), value in cells.items()
    ]  # fmt: skip
    return conform(pl.DataFrame(rows), FACTS)


def survey(answers: dict[str, int]) -> dict[tuple[str, str], float]:
    """Return the survey cells of units with so many answers, mean 60 + place."""
    cells: dict[tuple[str, str], float] = {}
    for place, (unit, n) in enumerate(answers.items()):
        cells |= {("wb_invited", unit): n + 5, ("wb_responded", unit): n}
        cells |= {("wb_overall_score", unit): 60 + place, ("wb_overall_sd", unit): 10}
    return cells


def shown(figures: pl.DataFrame, indicator: str) -> dict[str, float | None]:
    rows = figures.filter(pl.col("indicator") == indicator)
    return dict(zip(rows["unit"], rows["value"], strict=True))


def test_answers_are_counted_by_the_measure_that_weights_the_means(catalog: Catalog) -> None:
    assert respondents(catalog) == "wb_responded"


def test_survey_figures_of_a_small_unit_go_with_its_protector(
    catalog: Catalog, units: Tree
) -> None:
    answers = dict(zip(MINHU, (8, 22, 11, 20, 40), strict=True))
    cube = cube_of(catalog, survey(answers), SEPTEMBER)
    codes = ["wb_overall_score", "wb_overall_sd", "wb_responded", "wb_invited"]
    codes += ["d_wb_response_rate"]
    asked = ["yz01", *MINHU, "yz0105"]
    figures = compute_figures(cube, codes, asked, [SEPTEMBER], "wave")
    for reader in (None, OPERATOR, Viewer("l", "leader", "yz0101", frozenset({"yz0101"}))):
        released = suppress(figures, catalog, units, reader, cube)
        hidden = released.filter("suppressed")
        assert set(hidden["unit"]) == {"yz0101", "yz0103"}
        assert hidden.height == 2 * len(codes)
        for part in ("numerator", "denominator", "value"):
            assert hidden[part].null_count() == hidden.height
        kept = released.filter(~pl.col("suppressed"))
        assert kept.equals(figures.filter(~pl.col("unit").is_in(["yz0101", "yz0103"])))


def test_the_reasons_name_the_small_unit_and_its_protector(catalog: Catalog, units: Tree) -> None:
    answers = dict(zip(MINHU, (8, 22, 11, 20, 40), strict=True))
    cube = cube_of(catalog, survey(answers), SEPTEMBER)
    assert hidden_units(catalog, units, cube, SEPTEMBER).rows() == [
        ("yz0101", 8.0, "small"),
        ("yz0103", 11.0, "protects"),
    ]


def test_the_pattern_does_not_hang_on_what_was_asked_for(catalog: Catalog, units: Tree) -> None:
    answers = dict(zip(MINHU, (8, 22, 11, 20, 40), strict=True))
    cube = cube_of(catalog, survey(answers), SEPTEMBER)
    alone = compute_figures(cube, ["wb_overall_score"], ["yz0103"], [SEPTEMBER], "wave")
    assert suppress(alone, catalog, units, OPERATOR, cube)["suppressed"].to_list() == [True]


def test_unflagged_figures_and_bureaus_without_limits_are_left_alone(
    catalog: Catalog, units: Tree
) -> None:
    from dataclasses import replace

    cube = cube_of(catalog, {("calls_theft", "yz0101"): 2, **survey({"yz0101": 4})}, SEPTEMBER)
    figures = compute_figures(cube, ["calls_theft"], ["yz0101"], [SEPTEMBER], "month")
    assert suppress(figures, catalog, units, None, cube) is figures
    open_bureau = replace(catalog, bureau=replace(catalog.bureau, small_n=0, small_cell=0))
    figures = compute_figures(cube, ["wb_overall_score"], ["yz0101"], [SEPTEMBER], "wave")
    assert suppress(figures, open_bureau, units, None, cube) is figures


COUNTIES = {"yz01-own": 3.0, "yz02-own": 7.0, "yz03-own": 0.0, "yz04-own": 6.0, "yz-own": 1.0}
ASKED = ["yz", "yz01", "yz02", "yz03", "yz04", *COUNTIES]


def deaths(catalog: Catalog, window: str = "quarter") -> tuple[Cube, pl.DataFrame]:
    """Return road deaths (flag S) in September: four counties and the city's own level."""
    cube = cube_of(catalog, {("tra_deaths", u): v for u, v in COUNTIES.items()}, SEPTEMBER)
    return cube, compute_figures(cube, ["tra_deaths"], ASKED, [SEPTEMBER], window)


def test_small_counts_are_hidden_outside_the_own_chain(catalog: Catalog, units: Tree) -> None:
    cube, figures = deaths(catalog)
    # Small: Minghu 3 and the city's own level 1, together 4: fewer than 5, so Yunlu's 6 goes too.
    # Nought is shown. Own levels of counties are released by the year only.
    released = shown(suppress(figures, catalog, units, None, cube), "tra_deaths")
    assert released == {
        "yz": 17.0, "yz01": None, "yz02": 7.0, "yz03": 0.0, "yz04": None,
        "yz01-own": None, "yz02-own": None, "yz03-own": None, "yz04-own": None, "yz-own": None,
    }  # fmt: skip


@pytest.mark.parametrize("window", ["month", "quarter", "half", "ytd", "year"])
def test_the_own_chain_of_command_sees_its_own(catalog: Catalog, units: Tree, window: str) -> None:
    cube, figures = deaths(catalog, window)
    assert suppress(figures, catalog, units, OPERATOR, cube).equals(figures)
    scope = frozenset(units.subtree("yz01"))
    chief = suppress(figures, catalog, units, Viewer("m", "leader", "yz01", scope), cube)
    public = suppress(figures, catalog, units, None, cube)
    assert shown(chief, "tra_deaths")["yz01"] == 3.0
    assert shown(chief, "tra_deaths")["yz01-own"] == 3.0
    # Of the others they read what everybody reads.
    foreign = ~pl.col("unit").is_in(list(scope))
    assert chief.filter(foreign).equals(public.filter(foreign))


def monthly(catalog: Catalog, counts: dict[str, list[float]]) -> Cube:
    """Return road deaths from January 2024 on."""
    parts = [
        facts_of({("tra_deaths", unit): n}, dt.date(2024, month, 1))
        for unit, found in counts.items()
        for month, n in enumerate(found, start=1)
    ]
    return build_cube(pl.concat(parts), catalog)


def public(catalog: Catalog, cube: Cube, units: list[str], month: int, window: str) -> dict:
    """Return what anybody sees of the road deaths of units."""
    period = dt.date(2024, month, 1)
    figures = compute_figures(cube, ["tra_deaths"], units, [period], window)
    return shown(suppress(figures, catalog, tree(catalog), None, cube), "tra_deaths")


MINHU_YEAR = [2, 0, 0, 1, 3, 0, 9, 0, 0, 8, 0, 0]


def test_a_year_is_shown_though_its_quarters_are_hidden(catalog: Catalog) -> None:
    """Of a half year of 6 nobody can tell its quarters, 2 and 4, while others may have the rest.

    Either neighbour would do, but each of them knows its own: so both have theirs hidden.
    """
    others = [9, 9, 9] * 4
    cube = monthly(catalog, {"yz01-own": MINHU_YEAR, "yz02-own": others, "yz-own": others})
    asked = ["yz01", "yz02", "yz-own", "yz"]
    assert public(catalog, cube, asked, 12, "year") == {
        "yz01": 23.0, "yz02": 108.0, "yz-own": 108.0, "yz": 239.0,
    }  # fmt: skip
    assert public(catalog, cube, asked, 6, "half") == {
        "yz01": 6.0, "yz02": 54.0, "yz-own": 54.0, "yz": 114.0,
    }  # fmt: skip
    for month in (3, 6):
        found = public(catalog, cube, asked, month, "quarter")
        assert found == dict.fromkeys(asked[:3]) | {"yz": 56.0 if month == 3 else 58.0}
    for month in (9, 12):
        assert None not in public(catalog, cube, asked, month, "quarter").values()


def test_what_is_not_declared_is_not_given_at_all(catalog: Catalog) -> None:
    others = [9, 9, 9] * 4
    cube = monthly(catalog, {"yz01-own": others, "yz02-own": others, "yz-own": others})
    asked = ["yz01", "yz01-own", "yz"]
    # Quarters of a county are declared, its months are not; an own level has years only.
    assert public(catalog, cube, asked, 3, "quarter") == {"yz01": 27, "yz01-own": None, "yz": 81}
    assert public(catalog, cube, asked, 3, "month") == {"yz01": None, "yz01-own": None, "yz": 27}
    assert public(catalog, cube, asked, 12, "year") == {"yz01": 108, "yz01-own": 108, "yz": 324}
    # In May the quarter is not over, and its figure would tell the months; so would the year's.
    for window in ("quarter", "ytd", "year"):
        found = public(catalog, cube, ["yz01", "yz"], 5, window)
        assert found == {"yz01": None, "yz": 54.0 if window == "quarter" else 135.0}


def change_row(**values: object) -> dict[str, object]:
    row = {
        "indicator": "wb_overall_score", "unit": "yz0102", "period": SEPTEMBER, "window": "wave",
        "numerator": 1342.0, "denominator": 22.0, "value": 61.0, "due": 1, "reported": 1,
        "status": "final", "suppressed": False, "definition": 1, "comparator": "yoy",
        "base_period": dt.date(2023, 9, 1), "compared_value": 61.0, "base_value": 60.0,
        "compared_units": 1, "change": 1.0, "change_kind": "points", "note": "none",
        "lower": None, "upper": None, "reading": "up",
    }  # fmt: skip
    return {**row, **values}


def test_a_change_goes_with_its_figure_and_with_its_base(catalog: Catalog, units: Tree) -> None:
    now = survey(dict(zip(MINHU, (8, 22, 11, 20, 40), strict=True)))
    then = survey(dict(zip(MINHU, (12, 7, 14, 20, 40), strict=True)))
    cube = build_cube(
        pl.concat([facts_of(now, SEPTEMBER), facts_of(then, dt.date(2023, 9, 1))]), catalog
    )
    # Hidden now: 01 (8) and 03 (11). Hidden then: 02 (7) and 01 (12, its protector).
    rows = [change_row(unit=unit) for unit in (*MINHU, "yz01")]
    rows.append(change_row(unit="yz0104", comparator="peers", base_period=SEPTEMBER))
    rows.append(change_row(unit="yz0104", comparator="target", base_period=SEPTEMBER))
    released = suppress(conform(pl.DataFrame(rows), CHANGES), catalog, units, OPERATOR, cube)
    got = {
        (r["unit"], r["comparator"]): (r["value"], r["change"], r["base_value"], r["suppressed"])
        for r in released.iter_rows(named=True)
    }
    whole, gone, no_change = (
        (61.0, 1.0, 60.0, False),
        (None, None, None, True),
        (61.0, None, None, False),
    )
    assert got == {
        ("yz0101", "yoy"): gone,
        ("yz0102", "yoy"): no_change,
        ("yz0103", "yoy"): gone,
        ("yz0104", "yoy"): whole,
        ("yz01-own", "yoy"): whole,
        ("yz01", "yoy"): whole,
        ("yz0104", "peers"): no_change,
        ("yz0104", "target"): whole,
    }  # fmt: skip
    withheld = released.filter(unit="yz0102").row(0, named=True)
    assert (withheld["note"], withheld["reading"]) == ("missing_base", "none")


def test_a_comparison_over_part_of_the_units_must_not_tell_the_rest(
    catalog: Catalog, units: Tree
) -> None:
    then = dt.date(2023, 9, 1)
    for left_out, is_kept in ((6, False), (12, True)):
        now = survey({"yz0101": 30, "yz0102": 30})
        past = survey({"yz0101": 30, "yz0102": 30, "yz01-small": left_out})
        cube = build_cube(pl.concat([facts_of(now, SEPTEMBER), facts_of(past, then)]), catalog)
        rows = conform(pl.DataFrame([change_row(unit="yz01", compared_units=2)]), CHANGES)
        released = suppress(rows, catalog, units, OPERATOR, cube)
        assert (released["change"][0] is not None) == is_kept


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 25), min_size=6, max_size=6))
def test_no_hidden_answers_follow_from_the_released_table(
    sizes: list[int],
) -> None:
    catalog = load_catalog()
    units = tree(catalog)
    filers = ["yz0101", "yz0102", "yz01-own", "yz0201", "yz0202", "yz-own"]
    cells = survey(dict(zip(filers, sizes, strict=True)))
    cube = cube_of(catalog, cells, SEPTEMBER)
    asked = ["yz", "yz01", "yz02", *filers]
    figures = compute_figures(cube, ["wb_responded"], asked, [SEPTEMBER], "wave")
    truth = shown(figures, "wb_responded")
    released = shown(suppress(figures, catalog, units, None, cube), "wb_responded")
    below = {"yz": ["yz01", "yz02", "yz-own"], "yz01": filers[:3], "yz02": filers[3:5]}
    for parent, children in below.items():
        hidden = [child for child in children if released[child] is None]
        if released[parent] is None:
            assert hidden
        elif hidden:
            left = released[parent] - sum(released[c] for c in children if c not in hidden)
            assert len(hidden) > 1
            assert left >= 10
    assert all(released[u] is None for u in asked if 0 < truth[u] < 10)
    assert all(released[u] == 0 for u in asked if truth[u] == 0)
