"""The cube on the bases now and then against joins and group-bys on long frames.

Each stretch of a unit's life is made a unit of its own, in a bureau where nothing ever changes:
the plain oracle then says what each one brings, and shares are joined on at the end.
"""

from dataclasses import replace

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from data.definition_types import Catalog, Parent
from metrics.figures import compute_figures
from tests.metrics.oracle import oracle_leaves
from tests.metrics.small import facts, m
from tests.metrics.structure import bureau, on
from tests.metrics.test_basis_properties import MONTHS, structures

CODES = {
    "d_arrive_5min_rate": ("calls_arrived_5min", "calls_dispatch_urgent"),
    "calls_theft": ("calls_theft",),
}
KEY = ["unit", "period"]


def stretches(catalog: Catalog, basis: str) -> tuple[Catalog, pl.DataFrame]:
    """Return a bureau of stretches, and which unit each counts for, with which share.

    Worked out month by month from the definitions: who was the parent, who took over since.
    """
    inner = {link.parent for link in catalog.parents}
    units = {unit.code: unit for unit in catalog.units}
    rows: list[tuple[str, tuple, tuple, list]] = []
    for code, unit in units.items():
        before = None
        for month in (m(month) for month in MONTHS) if code not in inner else ():
            closed = unit.closed
            if (unit.opened or month) <= month and (closed is None or month < closed):
                counts = above_then(catalog, code, month) if basis == "then" else set()
                shares = heirs_now(catalog, code, month) if basis == "now" else {}
                key = (tuple(sorted(counts)), tuple(sorted(shares.items())))
                if key != before:
                    rows.append((code, *key, []))
                rows[-1][3].append(month)
                before = key
    made, links, table = [], [], []
    for code, above, shares, held in rows:
        name = f"{code}@{held[0]:%Y-%m}"
        last = held[-1]
        following = last.replace(year=last.year + last.month // 12, month=last.month % 12 + 1)
        closed = None if f"{last:%Y-%m}" == MONTHS[-1] else following
        opened = None if f"{held[0]:%Y-%m}" == MONTHS[0] else held[0]
        made.append(replace(units[code], code=name, opened=opened, closed=closed, order=len(made)))
        links.append(Parent(name, "c", None, None))
        for heir, share in shares or ((code, 1.0),):
            parents = above if above else above_now(catalog, heir)
            table += [(name, code, heir, unit, share) for unit in {heir, *parents}]
    plain = replace(catalog, units=(units["c"], *made), parents=tuple(links), successions=())
    schema = ["leaf", "filer", "counted", "unit", "share"]
    return plain, pl.DataFrame(table, schema=schema, orient="row")


def above_then(catalog: Catalog, code: str, month) -> set[str]:
    """Return the units above one in a month."""
    for link in catalog.parents:
        is_on = (link.start or month) <= month and (link.end is None or month < link.end)
        if link.unit == code and is_on:
            return {link.parent, *above_then(catalog, link.parent, month)}
    return set()


def above_now(catalog: Catalog, code: str) -> set[str]:
    """Return the units above one today."""
    links = [link for link in catalog.parents if link.unit == code]
    return {links[-1].parent, *above_now(catalog, links[-1].parent)} if links else set()


def heirs_now(catalog: Catalog, code: str, month) -> dict[str, float]:
    """Return who holds what a unit filed in a month."""
    days = sorted({s.date for s in catalog.successions if s.from_unit == code and s.date > month})
    if not days:
        return {code: 1.0}
    found: dict[str, float] = {}
    for step in catalog.successions:
        if step.from_unit == code and step.date == days[0]:
            for heir, share in heirs_now(catalog, step.to_unit, step.date).items():
                found[heir] = found.get(heir, 0.0) + share * step.share
    return found


@st.composite
def filings(draw: st.DrawFn) -> tuple[tuple[str, str], pl.DataFrame]:
    """Return a bureau and what its units filed, each measure with months of its own missing."""
    written = draw(structures())
    definitions = bureau(*written)
    inner = {link.parent for link in definitions.parents}
    tables: dict[str, dict[str, dict[str, float]]] = {}
    seed = draw(st.integers(0, 10**6))
    gaps = draw(st.sets(st.integers(0, 500), max_size=25))
    count = 0
    for number, code in enumerate(sum(CODES.values(), ())):
        for unit in definitions.units:
            for at, month in enumerate(MONTHS if unit.code not in inner else ()):
                opened, closed = unit.opened or m(month), unit.closed
                count += 1
                if opened <= m(month) and (closed is None or m(month) < closed):
                    value = float((seed * (count % 17 + 1) + at * 31 * (number + 1)) % 47)
                    if count % 501 not in gaps:
                        tables.setdefault(code, {}).setdefault(unit.code, {})[month] = value
    return written, facts(tables)


def long_figures(
    held: pl.DataFrame, catalog: Catalog, basis: str, code: str, window: str
) -> pl.DataFrame:
    """Return value, due and reported of every unit that has any, by joins and group-bys."""
    plain, table = stretches(catalog, basis)
    periods = [m(month) for month in MONTHS[12:]]
    lives = pl.DataFrame(
        [(u.code, u.code.split("@")[0], u.opened, u.closed) for u in plain.units[1:]],
        schema={"leaf": pl.String, "unit": pl.String, "opened": pl.Date, "closed": pl.Date},
        orient="row",
    )
    cut = held.join(lives, on="unit").filter(
        (pl.col("opened").is_null() | (pl.col("opened") <= pl.col("period")))
        & (pl.col("closed").is_null() | (pl.col("period") < pl.col("closed")))
    )
    cut = cut.with_columns(unit=pl.col("leaf")).select(held.columns)
    item = catalog.indicators[code]
    leaves = oracle_leaves(cut, plain, item, periods, window)
    spread = leaves.join(table, on="leaf")
    whole = spread.group_by(
        *KEY, "leaf", "due", "complete", "num", "den", "has_num", "has_den"
    ).agg(share=pl.col("share").sum())
    sums = whole.group_by(KEY).agg(
        numerator=(pl.col("num") * pl.col("share")).filter(pl.col("has_num")).sum(),
        some=pl.col("has_num").any(),
        denominator=(pl.col("den") * pl.col("share")).filter(pl.col("has_den")).sum(),
    )
    owing = spread.filter("due")
    # As it was, a leaf is complete when nothing of it is missing under any parent of the window.
    whose = "filer" if basis == "then" else "counted"
    complete = owing.group_by(whose, "period").agg(whole=pl.col("complete").all())
    counted = owing.select(*KEY, whose).unique().join(complete, on=[whose, "period"])
    cover = counted.group_by(KEY).agg(
        due=pl.len().cast(pl.Int64), reported=pl.col("whole").sum().cast(pl.Int64)
    )
    value = pl.col("numerator")
    if item.denominator:
        value = pl.when(pl.col("denominator") != 0).then(value * item.scale / pl.col("denominator"))
    return (
        sums.filter("some")
        .join(cover, on=KEY, how="left")
        .select(*KEY, value.alias("value"), pl.col("due", "reported").fill_null(0))
        .sort(KEY)
    )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    filings(),
    st.sampled_from(["now", "then"]),
    st.sampled_from(list(CODES)),
    st.sampled_from(["month", "quarter", "ytd"]),
)
def test_figures_on_a_basis_agree_with_the_long_form(world, basis, code, window):
    definitions, held = bureau(*world[0]), world[1]
    names = [unit.code for unit in definitions.units]
    periods = [m(month) for month in MONTHS[12:]]
    found = compute_figures(on(basis, held, definitions), [code], names, periods, window)
    wanted = long_figures(held, definitions, basis, code, window)
    found = found.join(wanted.select(KEY), on=KEY, how="semi")
    assert_frame_equal(
        found.select(*KEY, "value", "due", "reported").sort(KEY), wanted, check_exact=False,
        abs_tol=1e-9,
    )  # fmt: skip
