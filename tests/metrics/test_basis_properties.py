"""What holds on every basis, whatever is filed and however the structure changes."""

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metrics.compare import compare_figures
from metrics.cube import Cube
from metrics.figures import compute_figures
from tests.metrics.small import facts, m, months
from tests.metrics.structure import bureau, on

MONTHS = [f"{p:%Y-%m}" for p in months("2022-07", "2024-06")]
DATES = ["2023-01", "2023-04", "2023-07", "2024-01", "2024-05"]
SHARES = [(1.0,), (0.5, 0.5), (0.3, 0.7), (0.1, 0.2, 0.7), (1 / 3, 2 / 3)]


@st.composite
def structures(draw: st.DrawFn) -> tuple[str, str]:
    """Return units and steps of three counties with splits, mergers, moves and handing on."""
    dates = sorted(draw(st.lists(st.sampled_from(DATES), min_size=2, max_size=2, unique=True)))
    first, second = dates
    takers = draw(st.sampled_from(SHARES))
    news = [f"n{i}" for i in range(len(takers))]
    homes = [draw(st.sampled_from("abd")) for _ in news]
    lines = ["c", "a | c", "b | c", "d | c", f"s | a | to {first}", "a1 | a", "b1 | b", "d1 | d"]
    move = draw(st.sampled_from([f"b to {second}, d", f"b to {first}, a to {second}, b", "b"]))
    lines.append(f"m | {move}")
    lines += [f"{new} | {home} | {first} to" for new, home in zip(news, homes, strict=True)]
    shares = " + ".join(f"{new} {share}" for new, share in zip(news, takers, strict=True))
    steps = [f"{first}: s = {shares}"]
    kind = draw(st.sampled_from(["chain", "handed", "closed", "none"]))
    if kind == "chain":
        lines[lines.index(f"n0 | {homes[0]} | {first} to")] += f" {second}"
        steps.append(f"{second}: n0 = d1 0.4 + a1 0.6")
    if kind == "handed":
        steps.append(f"{second}: b1 = b1 0.75 + d1 0.25")
    if kind == "closed":
        lines[lines.index("a1 | a")] = f"a1 | a | to {second}"
    return "\n".join(lines), "\n".join(steps)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[tuple[str, str], pl.DataFrame]:
    """Return a bureau and what its units filed while they were there, with some months missing."""
    written = draw(structures())
    definitions = bureau(*written)
    known = {unit.code: unit for unit in definitions.units}
    leaves = [code for code in known if code not in {p.parent for p in definitions.parents}]
    missing = draw(st.sets(st.tuples(st.sampled_from(leaves), st.sampled_from(MONTHS)), max_size=6))
    seed = draw(st.integers(0, 10**6))
    table: dict[str, dict[str, float]] = {}
    for place, code in enumerate(leaves):
        unit = known[code]
        for at, month in enumerate(MONTHS):
            is_there = (unit.opened is None or unit.opened <= m(month)) and (
                unit.closed is None or m(month) < unit.closed
            )
            if is_there and (code, month) not in missing:
                value = float((seed * (place + 3) + at * 7919 * (place + 1)) % 61)
                table.setdefault(code, {})[month] = value
    return written, facts({"calls_theft": table})


def grid(cube: Cube, window: str, names: list[str]) -> pl.DataFrame:
    periods = [m(month) for month in MONTHS[12:]]
    found = compute_figures(cube, ["calls_theft"], names, periods, window)
    return found.select("unit", "period", "value", "due", "reported")


EVERY = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@EVERY
@given(worlds(), st.sampled_from(["month", "quarter", "ytd"]))
def test_parents_are_the_sums_of_their_leaves_on_every_basis(world, window):
    definitions, held = bureau(*world[0]), world[1]
    names = [unit.code for unit in definitions.units]
    leaves = [code for code in names if code not in {p.parent for p in definitions.parents}]
    for basis in ("now", "then"):
        found = grid(on(basis, held, definitions), window, names)
        by = {(u, p): 0.0 if v is None else v for u, p, v, _, _ in found.iter_rows()}
        for period in found["period"].unique():
            total = by["c", period]
            assert sum(by[leaf, period] for leaf in leaves) == pytest.approx(total, abs=1e-6)
            assert by["a", period] + by["b", period] + by["d", period] == pytest.approx(total)


@EVERY
@given(worlds(), st.sampled_from(["month", "quarter", "ytd"]))
def test_shares_conserve_the_total_of_the_city(world, window):
    definitions, held = bureau(*world[0]), world[1]
    now, then = (grid(on(basis, held, definitions), window, ["c"]) for basis in ("now", "then"))
    # Exactly: the city holds all parts of every unit, so nothing is left of the shares.
    assert now["value"].to_list() == then["value"].to_list()
    filed = held.group_by("period").agg(pl.col("value").sum())
    if window == "month":
        both = now.join(filed, on="period", suffix="_filed")
        assert both["value"].to_list() == both["value_filed"].to_list()


@EVERY
@given(worlds(), st.sampled_from(["month", "ytd"]))
def test_matched_compares_the_same_units_on_both_sides(world, window):
    definitions, held = bureau(*world[0]), world[1]
    names = [unit.code for unit in definitions.units]
    periods = [m(month) for month in MONTHS[12:]]
    asked = (["calls_theft"], names, periods, window, ("yoy",))
    cube = on("matched", held, definitions)
    found = compare_figures(cube, *asked, readings=False)
    for row in found.iter_rows(named=True):
        both = (row["compared_value"] is None, row["base_value"] is None)
        assert both[0] == both[1], row
        assert row["compared_units"] > 0 or both == (True, True)
    inner = {p.parent for p in definitions.parents}
    leaves = found.filter(~pl.col("unit").is_in(list(inner)))
    sums = leaves.group_by("period").agg(
        pl.col("compared_value").sum(), pl.col("base_value").sum(), pl.col("compared_units").sum()
    )
    city = found.filter(unit="c").join(sums, on="period", suffix="_sum")
    for row in city.iter_rows(named=True):
        assert (row["compared_value"] or 0) == row["compared_value_sum"]
        assert (row["base_value"] or 0) == row["base_value_sum"]
        assert row["compared_units"] == row["compared_units_sum"]


@EVERY
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_facts_does_not_matter(world, random):
    definitions, held = bureau(*world[0]), world[1]
    rows = list(range(held.height))
    random.shuffle(rows)
    names = [unit.code for unit in definitions.units]
    for basis in ("now", "then"):
        one, other = (grid(on(basis, f, definitions), "ytd", names) for f in (held, held[rows]))
        assert one.equals(other)


@EVERY
@given(worlds())
def test_coverage_counts_each_leaf_once_and_never_more_reported_than_due(world):
    definitions, held = bureau(*world[0]), world[1]
    names = [unit.code for unit in definitions.units]
    for basis in ("now", "then"):
        found = grid(on(basis, held, definitions), "ytd", names)
        assert (found["reported"] <= found["due"]).all()
        leaves = [u for u in names if u not in {p.parent for p in definitions.parents}]
        alone = found.filter(pl.col("unit").is_in(leaves))
        assert alone["due"].max() == 1
        most = alone.group_by("period").agg(pl.col("due").sum(), pl.col("reported").sum())
        city = found.filter(unit="c").join(most, on="period", suffix="_sum")
        assert (city["due"] == city["due_sum"]).all()
        assert (city["reported"] == city["reported_sum"]).all()
