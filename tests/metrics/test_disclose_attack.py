"""Everything that a reader is given in an edition, put together: no hidden number follows.

The attacker asks for every figure and comparison, in every window and month, writes what is shown
as sums of what was filed, knows what was released and hidden, what hidden means (from 1 up to below
the limit, or, of those hidden beside them, not below it) and, as somebody's people, their own.
"""

import datetime as dt
import random
from collections.abc import Iterator
from functools import cache

import pytest

from data.access import Viewer
from data.definition_types import Catalog
from data.periods import base_period, format_period, month_number, months_between, window_months
from data.units import tree
from metrics.compare import compare_figures
from metrics.cube import Cube, build_cube, stand
from metrics.disclose import hidden_units, suppress
from metrics.figures import compute_figures
from metrics.releases import release_table
from metrics.sources import read_sources
from tests.metrics import small
from tests.metrics.attacker import Attacker
from tests.metrics.structure import moved_and_split

MONTHS = months_between(dt.date(2023, 10, 1), dt.date(2024, 10, 1))
COMPARED = ("month", "quarter")
WINDOWS = ("month", "quarter", "half", "ytd", "year", "rolling12")
#: The measure, what is worked out from it, and who files it.
MINORS = ("crim_minor_recorded", ["d_minor_yoy"], small.COUNTED + ("c-own",))
DEATHS = ("tra_deaths", ["d_tra_deaths_yoy", "d_deaths_per10k_veh"], ("a-own", "b-own", "c-own"))
Parts = dict[tuple[str, int], float]
#: When a station moved and another was split, where the bureau was reorganised.
MOVED = dt.date(2024, 4, 1)


def chief(unit: str, definitions: Catalog) -> Viewer:
    return Viewer(unit, "leader", unit, frozenset(tree(definitions).subtree(unit)))


def drawn(seed: int, leaves: tuple[str, ...], largest: int) -> dict[str, dict[str, float]]:
    """Return counts of leaves by month: mostly small, with noughts."""
    draw = random.Random(seed)
    size = {leaf: draw.choice([0, 1, 2, largest]) for leaf in leaves}
    return {
        leaf: {f"{month:%Y-%m}": float(draw.randint(0, size[leaf])) for month in MONTHS}
        for leaf in leaves
    }


@cache
def edition(seed: int, code: str) -> tuple[Cube, dict]:
    """Return a bureau's facts as a cube, and the counts behind them."""
    _, _, leaves = MINORS if code == MINORS[0] else DEATHS
    counts = drawn(seed, leaves, 9)
    vehicles = {leaf: {"2023-12": 12000.0, "2024-06": 12500.0} for leaf in leaves}
    table = {code: counts, "tra_vehicles": vehicles}
    return build_cube(small.facts(table), small.catalog()), counts


def released(cube: Cube, codes: list[str], viewer: Viewer | None) -> Iterator[dict]:
    """Yield every figure, and every comparison with months before, that a reader gets.

    Where the bureau was reorganised, on the units of the time too.
    """
    for basis in ("now", "then") if cube.catalog.successions else ("now",):
        for row in _released(stand(cube, basis), codes, viewer):
            yield row | {"basis": basis}


def _released(cube: Cube, codes: list[str], viewer: Viewer | None) -> Iterator[dict]:
    definitions, units = cube.catalog, [unit.code for unit in cube.catalog.units]
    for window in WINDOWS:
        fit = [code for code in codes if window in definitions.indicators[code].windows]
        plain = [code for code in fit if definitions.indicators[code].kind != "yoy"]
        frames = [compute_figures(cube, fit, units, MONTHS, window)]
        if window in COMPARED:
            wanted, late = ["yoy", "mom", "peers"], MONTHS[-4:]
            frames.append(compare_figures(cube, plain, units, late, window, wanted, readings=False))
        for frame in frames:
            yield from suppress(frame, definitions, tree(definitions), viewer, cube).iter_rows(
                named=True
            )


def parts_of(cube: Cube, unit: str, window: str, period: dt.date, basis: str) -> Parts:
    """Return the filed numbers that a figure is the sum of, with their shares."""
    months = [month_number(month) for month in window_months(window, period)]
    counted = [month_number(month) for month in MONTHS]
    found: Parts = {}
    for source in read_sources(cube.catalog, tree(cube.catalog), unit, False, basis):
        for month in months:
            if source.start <= month < source.end and month in counted:
                key = (source.unit, month)
                found[key] = found.get(key, 0) + source.share
    return found


def attack(
    cube: Cube,
    code: str,
    codes: list[str],
    viewer: Viewer | None,
    counts: dict,
    once: tuple[str, ...] = (),
) -> list:
    """Return the hidden numbers of which a reader is sure; `once` were theirs until the move."""
    truth = {
        (leaf, month_number(month)): counts[leaf][format_period(month)]
        for leaf in counts
        for month in MONTHS
        if format_period(month) in counts[leaf]
    }
    also = {(leaf, month) for leaf, month in truth if leaf in once and month < month_number(MOVED)}
    own = frozenset() if viewer is None else viewer.sees()
    reader, targets = Attacker(), {}

    def parts(unit: str, window: str, period: dt.date, basis: str = "now") -> Parts:
        found = parts_of(cube, unit, window, period, basis)
        return {key: share for key, share in found.items() if key in truth}

    def learn(told: float | None, sums: Parts) -> None:
        if told is not None:
            reader.learn(sums, told, told)

    for leaf, month in truth:
        if (leaf, month) in also or leaf in own:
            reader.learn({(leaf, month): 1.0}, truth[leaf, month], truth[leaf, month])
    for row in released(cube, [code, *codes], viewer):
        item = cube.catalog.indicators[row["indicator"]]
        mine = parts(row["unit"], row["window"], row["period"], row["basis"])
        learn(row["numerator"], mine)
        if item.kind == "yoy":
            earlier = base_period(row["period"], "yoy", row["window"])
            learn(row["denominator"], parts(row["unit"], row["window"], earlier, row["basis"]))
        elif item.is_measure and row.get("base_period") and row["comparator"] != "peers":
            earlier = parts(row["unit"], row["window"], row["base_period"], row["basis"])
            if row["comparator"] != "target":
                learn(row["base_value"], earlier)
        if row["unit"] not in own and row.get("comparator") == "peers":
            assert row["base_value"] is None, "the median of a group tells its members"
        if row["unit"] not in own and "reading" in row:
            assert (row["reading"], row["lower"]) == ("none", None), "they rest on hidden months"

    def is_secret(sums: Parts) -> bool:
        """Whether others filed some of a sum, or all of it where it is nought."""
        some = [key for key in sums if truth[key]] or list(sums)
        return any(key[0] not in own and key not in also for key in some)

    table = release_table(stand(cube, "now"), code)
    limit, noughts = cube.catalog.bureau.small_cell, 0
    for (unit, span), value in table.pattern.values.items():
        why = table.pattern.hidden.get((unit, span))
        months = [dt.date(table.months[at] // 12, table.months[at] % 12 + 1, 1) for at in span]
        sums: Parts = {}
        for month in months_between(*months):
            for key, share in parts(unit, "month", month).items():
                sums[key] = sums.get(key, 0) + share
        if why is not None and unit not in own:
            bounds = (1, limit - 1) if why == "small" else (limit,)
            if table.pattern.unmarked:
                bounds = (1,)
            if value == 0:  # hidden where nothing else would do: it may be one for all that is told
                assert (why, bool(table.pattern.unmarked)) == ("protects", True)
                bounds = (0,)
                noughts += 1
            reader.learn(sums, *bounds)
            targets[unit, str(span)] = sums
    for key, value in truth.items():
        if 0 < value < limit:
            targets[key] = {key: 1.0}
    # What is all the reader's own is no secret to them.
    targets = {name: sums for name, sums in targets.items() if is_secret(sums)}
    assert noughts <= len(targets) / 20, "a nought tells nothing and is hidden as a last resort"
    assert len(targets) > 20, "an attack on nothing proves nothing"
    return reader.sure_of(targets, truth)


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "reader"), [(1, ""), (1, "b"), (2, "a1"), (2, "c-own")])
def test_no_hidden_count_follows_from_an_edition(seed: int, reader: str) -> None:
    code, derived, _ = MINORS
    cube, counts = edition(seed, code)
    viewer = chief(reader, cube.catalog) if reader else None
    assert attack(cube, code, derived, viewer, counts) == []


@pytest.mark.slow
@pytest.mark.parametrize("reader", ["", "a"])
def test_no_hidden_death_follows_from_an_edition(reader: str) -> None:
    """Three filers only, and a rate by vehicles whose denominators everybody knows."""
    code, derived, _ = DEATHS
    cube, counts = edition(7, code)
    viewer = chief(reader, cube.catalog) if reader else None
    assert attack(cube, code, derived, viewer, counts) == []


FILERS = ("a1", "a2", "a3", "a-own", "b1", "b2", "b-own", "d1", "d2", "d3", "d4", "d-own", "c-own")


@pytest.mark.slow
@pytest.mark.parametrize(("reader", "once"), [("", ()), ("a", ("a3",)), ("d3", ())])
def test_no_hidden_count_follows_where_units_moved_and_were_split(
    reader: str, once: tuple[str, ...]
) -> None:
    """Shares are known, the units of the time are asked too; an old chief knows the past."""
    definitions = moved_and_split(format_period(MOVED))
    counts = drawn(5, FILERS, 9)
    for unit, months in counts.items():
        if unit in ("d1", "d3", "d4"):
            kept = {m: n for m, n in months.items() if (m < format_period(MOVED)) == (unit == "d1")}
            counts[unit] = kept
    cube = build_cube(small.facts({MINORS[0]: counts}), definitions)
    viewer = chief(reader, definitions) if reader else None
    assert attack(cube, MINORS[0], MINORS[1], viewer, counts, once) == []


WAVE = dt.date(2024, 9, 1)
SURVEYED = ("a1", "a2", "a3", "a-own", "a-small", "b1", "b2", "b-own", "c-own")


def surveyed(seed: int) -> tuple[Cube, dict[str, float], dict[str, float]]:
    """Return a wave: how many answered in each unit, and their mean."""
    draw = random.Random(seed)
    answers = {unit: float(draw.choice([1, 4, 9, 9, 10, 12, 30, 60])) for unit in SURVEYED}
    means = {unit: round(draw.uniform(40, 80), 1) for unit in SURVEYED}
    columns = {
        "wb_invited": {unit: n + 5 for unit, n in answers.items()},
        "wb_responded": answers,
        "wb_overall_score": means,
        "wb_overall_sd": dict.fromkeys(SURVEYED, 12.0),
    }
    table = {
        code: {unit: {"2024-09": value} for unit, value in found.items()}
        for code, found in columns.items()
    }
    return build_cube(small.facts(table), small.catalog()), answers, means


@pytest.mark.parametrize("seed", range(6))
def test_neither_answers_nor_mean_of_a_small_unit_follow(seed: int) -> None:
    """The page says which unit is small and which protects it, so the attacker knows that too."""
    cube, answers, means = surveyed(seed)
    definitions, units = cube.catalog, tree(cube.catalog)
    codes, asked = ["wb_responded", "wb_overall_score"], list(units.codes)
    figures = compute_figures(cube, codes, asked, [WAVE], "wave")
    shown = suppress(figures, definitions, units, None, cube)
    why = dict(hidden_units(definitions, units, cube, WAVE).select("unit", "reason").rows())
    counts, scores = Attacker(), Attacker(whole=False)
    hidden = {}
    for row in shown.iter_rows(named=True):
        sums = {leaf: 1.0 for leaf in units.leaves(row["unit"]) if leaf in answers}
        if row["suppressed"]:
            assert row["numerator"] is row["denominator"] is row["value"] is None
            hidden[row["unit"]] = sums
        elif row["indicator"] == "wb_responded" and sums:
            counts.learn(sums, row["value"], row["value"])
        elif sums:
            scores.learn(sums, row["numerator"], row["numerator"])
    assert set(hidden) == set(why)
    assert {unit for unit, n in answers.items() if n < 10} <= set(hidden)
    for unit, sums in hidden.items():
        counts.learn(sums, *((1, 9) if why[unit] == "small" else (10,)))
    assert counts.sure_of(hidden, answers) == []
    # Even who knew how many answered everywhere could not tell what they said.
    sums_of_scores = {unit: answers[unit] * means[unit] for unit in answers}
    for unit, total in sums_of_scores.items():
        scores.learn({unit: 1.0}, 0, 100 * answers[unit])
        assert total <= 100 * answers[unit]
    assert scores.sure_of(hidden, sums_of_scores) == []
