"""No hidden cell is solved from all that is shown, on now and then, today and on every day before.

The attacker knows the structure and its shares, which cells were revised on which day, and every
figure that anybody is shown. Each cell that was filed is an unknown, a new one once it was revised;
each shown figure is an equation. A small number of people that was filed for a unit, or stands for
a unit made of whole ones, is given away if it follows from the equations. A share of a unit that is
itself large enough is nobody's number.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.access import Viewer
from data.definition_types import Catalog
from data.periods import month_number
from data.units import tree
from metrics.cube import build_cube, stand
from metrics.disclose import suppress
from metrics.figures import compute_figures
from metrics.revisions import known_at, revision_summary, revision_triangle, with_ends
from metrics.sources import read_sources
from tests.metrics.structure import moved_and_split

SEPTEMBER = dt.date(2024, 9, 1)
DAYS = [dt.datetime(2024, 10, day, 1, tzinfo=dt.UTC) for day in (6, 9, 20)]
PLAIN = moved_and_split("2024-10")
SMALL = next(c for c, m in PLAIN.measures.items() if "S" in m.flags and m.frequency == "M")
#: Every unit's months are released, as far as they are not hidden.
LEVELS = tuple((level.code, ("month",)) for level in PLAIN.bureau.levels)
MONTHLY = {SMALL: replace(PLAIN.measures[SMALL], releases=LEVELS)}
BUREAU = replace(PLAIN, measures=PLAIN.measures | MONTHLY)
LEAVES = ("a1", "a2", "a3", "a-own", "b1", "b2", "b-own", "d1", "d2", "d-own", "c-own")
#: What is asked, by whom: the survey by anybody, small counts by a leader of county b.
SURVEY = ("wb_responded", "wave", None, BUREAU.bureau.small_n)
LEADER = Viewer("l", "leader", "b", frozenset(tree(BUREAU).subtree("b")))
COUNTS = (SMALL, "month", LEADER, BUREAU.bureau.small_cell)
Filed = tuple[dict[str, float], ...]


@dataclass(frozen=True)
class Shown:
    """One figure as a reader gets it; `value` is none where it is hidden."""

    basis: str
    day: int
    unit: str
    value: float | None


def history(filed: Filed, code: str, definitions: Catalog = BUREAU) -> pl.DataFrame:
    """Return every vintage of the cells: what each day brought."""
    extra = {"wb_responded": ("wb_invited", "wb_overall_score", "wb_overall_sd")}.get(code, ())
    rows = [
        {"measure": measure, "definition": 1, "unit": unit, "period": SEPTEMBER,
         "value": float(n) if measure == code else 60.0, "vintage": day, "submission": "s"}
        for day, cells in zip(DAYS, filed, strict=True)
        for unit, n in cells.items()
        for measure in (code, *extra)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema_overrides={"vintage": pl.Datetime("us", "UTC")})


def hider(
    rows: pl.DataFrame, viewer: Viewer | None, basis: str
) -> Callable[[pl.DataFrame, dt.datetime], pl.DataFrame]:
    """Return what takes out of figures as known on a day what a reader must not see."""
    present = build_cube(known_at(rows, DAYS[-1]), BUREAU)

    def hide(figures: pl.DataFrame, moment: dt.datetime) -> pl.DataFrame:
        whole = build_cube(known_at(rows, moment), BUREAU, basis=basis)
        return suppress(figures, BUREAU, tree(BUREAU), viewer, whole, present)

    return hide


def released(filed: Filed, asked: tuple) -> list[Shown]:
    """Return all figures of all days on both bases as a reader gets them."""
    code, window, viewer, _ = asked
    rows = with_ends(history(filed, code))
    units = [unit.code for unit in BUREAU.units]
    found = []
    for basis in ("now", "then"):
        hide = hider(rows, viewer, basis)
        for place, day in enumerate(DAYS):
            cube = stand(build_cube(known_at(rows, day), BUREAU), basis)
            figures = compute_figures(cube, [code], units, [SEPTEMBER], window)
            is_there = figures["reported"].to_list()
            shown = hide(figures, day)
            found += [
                Shown(basis, place, unit, None if hidden else value)
                for unit, value, hidden, reported in zip(
                    shown["unit"], shown["value"], shown["suppressed"], is_there, strict=True
                )
                if reported
            ]
    return found


def equation(filed: Filed, figure: Shown) -> dict[tuple[str, int], float]:
    """Return how much of each filed value a figure is the sum of."""
    month = month_number(SEPTEMBER)
    known = {unit: (unit, day) for day in range(figure.day + 1) for unit in filed[day]}
    row: dict[tuple[str, int], float] = {}
    for source in read_sources(BUREAU, tree(BUREAU), figure.unit, False, figure.basis):
        if source.start <= month < source.end and source.unit in known:
            cell = known[source.unit]
            row[cell] = row.get(cell, 0) + source.share
    return row


def solved(
    filed: Filed, found: list[Shown], limit: float, seen: frozenset[str] = frozenset()
) -> list[dict[tuple[str, int], float]]:
    """Return the small numbers that follow from the shown figures, as what they are the sum of.

    `seen` are the units whose numbers the reader knows in any case.
    """
    values = {(unit, day): n for day, cells in enumerate(filed) for unit, n in cells.items()}
    place = {cell: number for number, cell in enumerate(values)}
    own = [{cell: 1.0} for cell in values if cell[0] in seen]
    shown = [equation(filed, figure) for figure in found if figure.value is not None] + own
    targets = [equation(filed, figure) for figure in found if figure.value is None]
    targets += [{cell: 1.0} for cell in values]

    def vector(row: dict[tuple[str, int], float]) -> np.ndarray:
        return np.array([row.get(cell, 0.0) for cell in place])

    known = np.array([vector(row) for row in shown]).reshape(-1, len(place))
    rank = np.linalg.matrix_rank(known)
    return [
        row
        for row in targets
        if set(row.values()) <= {1.0}
        and 0 < sum(values[cell] for cell in row) < limit
        and not all(unit in seen for unit, _ in row)
        and np.linalg.matrix_rank(np.vstack([known, vector(row)])) == rank
    ]


def days(
    counts: list[int], late: str, revised: tuple[str, int] | None
) -> tuple[dict[str, float], ...]:
    """Return what was filed: all but one unit, then that one, then a revision."""
    cells: dict[str, float] = dict(zip(LEAVES, counts, strict=True))
    first = {unit: n for unit, n in cells.items() if unit != late}
    return first, {late: cells[late]}, {revised[0]: revised[1]} if revised else {}


def test_the_attack_finds_what_a_careless_bureau_shows() -> None:
    """Sound on each basis by itself, but a3 is the county then less the county now."""
    filed = ({unit: 20.0 for unit in LEAVES} | {"a3": 8.0}, {}, {})
    found = [
        Shown("now", 0, "a", 60), Shown("then", 0, "a", 68), Shown("now", 0, "a3", None),
    ]  # fmt: skip
    assert {("a3", 0): 1.0} in solved(filed, found, 10)
    assert solved(filed, found[1:], 10) == []
    late = ({unit: 20.0 for unit in LEAVES if unit != "a1"}, {"a1": 8.0}, {})
    found = [Shown("now", 0, "a", 40), Shown("now", 1, "a", 48), Shown("now", 1, "a1", None)]
    assert {("a1", 1): 1.0} in solved(late, found, 10), "two days are set off against each other"
    assert solved(late, found[1:], 10) == []


COUNT = st.one_of(st.integers(0, 12), st.integers(0, 40))
FILED = st.builds(
    days,
    st.lists(COUNT, min_size=len(LEAVES), max_size=len(LEAVES)),
    st.sampled_from(LEAVES),
    st.none() | st.tuples(st.sampled_from(LEAVES), st.integers(0, 40)),
)


@pytest.mark.parametrize("asked", [SURVEY, COUNTS], ids=["survey", "counts"])
@settings(max_examples=25, deadline=None)
@given(filed=FILED)
def test_no_hidden_cell_follows_from_both_bases_and_every_day(filed: Filed, asked: tuple) -> None:
    _, _, viewer, limit = asked
    seen = frozenset() if viewer is None else viewer.sees()
    assert solved(filed, released(filed, asked), limit, seen) == []


TEN = dict.fromkeys(LEAVES, 20.0)
REST = {unit: n for unit, n in TEN.items() if unit != "d1"}
#: What was given away before: by a share that was shown beside a hidden one (d3 and d4 hold 60 and
#: 40 % of d1), on the basis then by a day whose other pattern the changed units covered, and by a
#: city of 40 both before and after one unit had one less and another, late, its one.
CASES: tuple[Filed, ...] = (
    (dict.fromkeys(LEAVES, 0.0) | {"d1": 9.0, "c-own": 2.0}, {}, {}),
    (REST | {"a2": 2.0, "d2": 1.0, "d-own": 12.0}, {"d1": 3.0}, {}),
    (REST | {"a2": 5.0, "d2": 11.0, "d-own": 1.0}, {"d1": 2.0}, {"d1": 4.0}),
    days([0, 0, 0, 0, 0, 0, 11, 0, 0, 1, 29], "d-own", ("b-own", 10)),
)


@pytest.mark.parametrize("filed", CASES)
@pytest.mark.parametrize("asked", [SURVEY, COUNTS], ids=["survey", "counts"])
def test_what_was_once_given_away_is_not(filed: Filed, asked: tuple) -> None:
    _, _, viewer, limit = asked
    seen = frozenset() if viewer is None else viewer.sees()
    assert solved(filed, released(filed, asked), limit, seen) == []


@pytest.mark.parametrize("basis", ["now", "then"])
def test_the_triangle_shows_nothing_else(basis: str) -> None:
    filed, (code, window, viewer, _) = CASES[2], COUNTS
    shown = {
        (figure.unit, DAYS[figure.day], figure.value)
        for figure in released(filed, COUNTS)
        if figure.basis == basis and figure.value is not None
    }
    rows = history(filed, code)
    units = [unit.code for unit in BUREAU.units]
    hide = hider(with_ends(rows), viewer, basis)
    found = revision_triangle(
        rows, BUREAU, [code], units, [SEPTEMBER], window, hide=hide, basis=basis
    )
    assert found.height > 4
    assert set(found.select("unit", "vintage", "value").rows()) <= shown
    assert revision_summary(found)["unit"].is_in([unit for unit, _, _ in shown]).all()
