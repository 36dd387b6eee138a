"""How did a figure come to be what it is, and how far are first figures to be trusted?

A triangle follows each figure from the day it first came in: period by vintage. Late filings of a
figure that is still partial are told apart from revisions of one that was whole or locked, and
corrections after the lock are counted for themselves.

Source: McKenzie and Gamba 2008, "Interpreting the Results of Revision Analyses: Recommended Summary
Statistics" (OECD); Eurostat 2019, "ESS Guidelines on Revision Policy" and Quality Performance
Indicator A6 (mean absolute revision, relative).
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

import polars as pl

from data.definition_types import Catalog
from data.periods import add_months
from data.schema import PERIOD, VINTAGE
from data.unit_history import chains_of, spells_of
from data.units import Tree
from data.units import tree as tree_of
from metrics.chance import ALPHA, share_against, student_tail
from metrics.cube import build_cube
from metrics.figures import compute_figures
from metrics.plan import make_plan

TRIANGLE = pl.Schema(
    {
        "indicator": pl.String,
        "unit": pl.String,
        "period": PERIOD,
        "window": pl.String,
        "day": pl.Date,
        "vintage": VINTAGE,
        "value": pl.Float64,
        "previous": pl.Float64,
        "revision": pl.Float64,
        "revision_pct": pl.Float64,
        "stage": pl.String,
        "after_lock": pl.Boolean,
        "is_settled": pl.Boolean,
        "due": pl.Int64,
        "reported": pl.Int64,
    }
)
#: first figure, late filing, revision of a whole or locked figure, figure taken back.
STAGE = ("first", "filing", "revision", "withdrawn")
FIGURE = ["indicator", "unit", "period", "window"]
SERIES = ["indicator", "unit", "window"]
KEY = ["measure", "definition", "unit", "period"]
# A window, its base a year before and a measure of lower frequency reach this many months back.
REACH = 36
# A monthly stock that is not filed may be carried on from the month before.
CARRY = 2
# Below six revised figures not even six of six in one direction would be beyond chance at 5 %.
FEWEST = 6
MOST_LAGS = 8
Hide = Callable[[pl.DataFrame, dt.datetime], pl.DataFrame]


def revision_triangle(
    history: pl.DataFrame,
    catalog: Catalog,
    indicators: Sequence[str],
    units: Sequence[str],
    periods: Sequence[dt.date],
    window: str = "month",
    locks: Mapping[dt.date, dt.datetime] | None = None,
    timezone: str = "UTC",
    tree: Tree | None = None,
    scope: str | None = None,
    hide: Hide | None = None,
    basis: str = "now",
) -> pl.DataFrame:
    """Return TRIANGLE: every value that the figures had at the end of a day, oldest first.

    Needs: `history` as the store keeps it (measure, definition, unit, period, value, vintage,
    submission; a null value withdraws a cell). `locks` holds when a month was first locked.
    `hide` takes out of FIGURES as known at a moment what must not be seen. Every value stands on
    the one `basis` and structure, so that a change of units is never taken for a revision.
    Rows: one figure on one day on which its value or its completeness changed. `previous` is the
    last value before, `revision` and `revision_pct` (of the previous) the step from it. A figure
    is settled once every due unit has reported or its month is locked.
    """
    tree = tree or tree_of(catalog)
    periods = sorted(set(periods))
    rows = _relevant(history, catalog, tree, indicators, units, basis)
    moments = _days(rows, timezone)
    reach = _reach(catalog, indicators, window)
    found = []
    for day, moment, months in moments:
        asked = [p for p in periods if any(_lies_within(month, p, reach) for month in months)]
        if not asked:
            continue
        start = add_months(asked[0], -(reach or CARRY))
        known = known_at(rows.filter(pl.col("period").is_between(start, asked[-1])), moment)
        cube = build_cube(known, catalog, tree, scope=scope, basis=basis)
        figures = compute_figures(cube, indicators, units, asked, window)
        figures = figures if hide is None else hide(figures, moment)
        columns = [*FIGURE, "value", "due", "reported", "suppressed"]
        found.append(figures.select(columns).with_columns(day=pl.lit(day), vintage=pl.lit(moment)))
    if not found:
        return pl.DataFrame(schema=TRIANGLE)
    return _steps(pl.concat(found), locks or {})


def _relevant(
    history: pl.DataFrame,
    catalog: Catalog,
    tree: Tree,
    indicators: Sequence[str],
    units: Sequence[str],
    basis: str,
) -> pl.DataFrame:
    """Return the rows behind the figures, each with the moment from which it no longer holds."""
    measures = {code for name in indicators for code in make_plan(catalog, name).measures}
    if basis == "now":
        leaves = {leaf for unit in units for leaf in tree.leaves(unit)}
        while before := {s.from_unit for s in catalog.successions if s.to_unit in leaves} - leaves:
            leaves |= before
    else:
        leaves = _ever_below(catalog, units)
    wanted = pl.col("measure").is_in(list(measures)) & pl.col("unit").is_in(list(leaves))
    return with_ends(history.filter(wanted))


def _ever_below(catalog: Catalog, units: Sequence[str]) -> set[str]:
    """Return the units that some units were made of in any month."""
    spells, wanted = spells_of(catalog.units, catalog.parents), set(units)
    return {
        unit.code
        for unit in catalog.units
        if any(wanted & {unit.code, *above} for _, _, above in chains_of(spells, unit.code))
    }


def with_ends(history: pl.DataFrame) -> pl.DataFrame:
    """Return every vintage of the cells with the moment `until` which it held, null for the last.

    Needs: measure, definition, unit, period, value, vintage.
    """
    rows = history.sort(*KEY, "vintage", maintain_order=True)
    ends = pl.col("vintage").shift(-1).over(KEY)
    return rows.with_columns(until=ends, status=pl.lit("provisional"))


def known_at(rows: pl.DataFrame, moment: dt.datetime) -> pl.DataFrame:
    """Return the facts that held at a moment, that moment's own included.

    Needs: what `with_ends` returns.
    """
    holds = pl.col("until").is_null() | (pl.col("until") > moment)
    return rows.filter((pl.col("vintage") <= moment) & holds & pl.col("value").is_not_null())


def _days(
    rows: pl.DataFrame, timezone: str
) -> list[tuple[dt.date, dt.datetime, frozenset[dt.date]]]:
    """Return the days of the bureau on which cells changed, their last moment, and whose months."""
    day = pl.col("vintage").dt.convert_time_zone(timezone).dt.date()
    grouped = rows.group_by(day=day).agg(
        pl.col("vintage").max(), pl.col("period").unique().alias("months")
    )
    return [(a, b, frozenset(months)) for a, b, months in grouped.sort("day").iter_rows()]


def _reach(catalog: Catalog, indicators: Sequence[str], window: str) -> int:
    """Return how many months later a change of one month can still move a figure."""
    plans = [make_plan(catalog, code) for code in indicators]
    is_plain = window == "month" and not any(
        plan.comparator or catalog.measures[code].frequency != "M"
        for plan in plans
        for code in plan.measures
    )
    return 0 if is_plain else REACH


def _lies_within(month: dt.date, period: dt.date, reach: int) -> bool:
    months = (period.year - month.year) * 12 + period.month - month.month
    return 0 <= months <= reach


def _steps(seen: pl.DataFrame, locks: Mapping[dt.date, dt.datetime]) -> pl.DataFrame:
    """Return the days on which a figure or its completeness changed, with what kind of step."""
    locked_at = pl.col("period").replace_strict(dict(locks), default=None, return_dtype=VINTAGE)
    is_there = pl.col("value").is_not_null() | pl.col("suppressed")
    rows = seen.sort(*FIGURE, "vintage").with_columns(
        is_whole=(pl.col("reported") >= pl.col("due")) & is_there,
        after_lock=(pl.col("vintage") > locked_at).fill_null(False),
    )
    was_whole = pl.col("is_whole").cum_max().shift(1, fill_value=False).over(FIGURE)
    rows = rows.with_columns(
        was_whole=was_whole,
        is_settled=pl.col("is_whole").any().over(FIGURE) | locked_at.is_not_null(),
    )
    # A hidden value is neither withdrawn nor a step: what was shown before it stands beside what
    # is shown after.
    rows = rows.filter(~pl.col("suppressed")).with_columns(
        previous=pl.col("value").forward_fill().shift(1).over(FIGURE),
        before=pl.col("value").shift(1).over(FIGURE),
    )
    is_moved = pl.col("value").ne_missing(pl.col("before"))
    is_completed = pl.col("is_whole") & ~pl.col("was_whole")
    kept = rows.filter(is_moved | (is_completed & pl.col("value").is_not_null()))
    kept = kept.filter(pl.col("value").is_not_null() | pl.col("previous").is_not_null())
    is_later = pl.col("was_whole") | pl.col("after_lock")
    stage = (
        pl.when(pl.col("value").is_null())
        .then(pl.lit("withdrawn"))
        .when(pl.col("previous").is_null())
        .then(pl.lit("first"))
        .when(is_later & (pl.col("value") != pl.col("previous")))
        .then(pl.lit("revision"))
        .otherwise(pl.lit("filing"))
    )
    step = pl.col("value") - pl.col("previous")
    percent = pl.when(pl.col("previous") != 0).then(100 * step / pl.col("previous").abs())
    kept = kept.with_columns(stage=stage, revision=step, revision_pct=percent)
    return kept.select(pl.col(name).cast(kind) for name, kind in TRIANGLE.items())


def only_revised(triangle: pl.DataFrame) -> pl.DataFrame:
    """Return the steps that changed a figure which was already whole or locked.

    >>> only_revised(pl.DataFrame({"stage": ["first", "revision", "withdrawn"]}))["stage"].to_list()
    ['revision', 'withdrawn']
    """
    return triangle.filter(pl.col("stage").is_in(["revision", "withdrawn"]))


def revision_by_period(triangle: pl.DataFrame) -> pl.DataFrame:
    """Return how far each settled figure has moved since it was first whole or locked.

    Rows: one figure; `preliminary` is its last value before any revision, `latest` the last one,
    `total` the difference, `steps` the revisions, `late` the part of it that came after the lock.
    Figures that were withdrawn in the end are left out, and so are those that first came in on the
    last day of all: nothing could have revised them yet.
    """
    last = triangle["day"].max()
    settled = triangle.filter("is_settled").sort(*FIGURE, "vintage")
    is_before = pl.col("stage").is_in(["first", "filing"])
    is_revision = pl.col("stage") == "revision"
    late = is_revision & pl.col("after_lock")
    found = settled.group_by(FIGURE, maintain_order=True).agg(
        preliminary=pl.col("value").filter(is_before).last(),
        since=pl.col("day").filter(is_before).last(),
        latest=pl.col("value").last(),
        steps=is_revision.sum(),
        late=pl.col("revision").filter(late).sum(),
        late_steps=late.sum(),
    )
    found = found.filter(pl.col("preliminary").is_not_null() & pl.col("latest").is_not_null())
    found = found.filter(pl.col("since") < pl.lit(last, pl.Date))
    return found.with_columns(total=pl.col("latest") - pl.col("preliminary"))


def revision_summary(triangle: pl.DataFrame) -> pl.DataFrame:
    """Return size and direction of the revisions of each indicator and unit.

    Needs: TRIANGLE.
    Rows: one indicator and unit. Over its `periods` settled figures: how many were `revised`, mean
    revision and mean absolute revision (in the figure's own measure), both relative to the sum of
    the latest figures in percent, the largest revision, the share of revised figures that went up.
    `t` is the mean revision over its autocorrelation-robust standard error, `sign_p` the exact sign
    test. `bias`: up or down where both tests say so at 5 %, none_shown, or too_few where fewer than
    six figures were revised. `late_*` counts what changed after the lock, for itself.
    Source: McKenzie and Gamba 2008 (MR, MAR, RMAR, HAC standard error after Newey and West 1987).
    """
    moved = revision_by_period(triangle).sort(*SERIES, "period")
    size, total = pl.len(), pl.col("total")
    is_revised, level = total != 0, pl.col("latest").abs().sum()
    found = moved.group_by(SERIES, maintain_order=True).agg(
        periods=size,
        revised=is_revised.sum(),
        steps=pl.col("steps").sum(),
        mean=total.mean(),
        mean_abs=total.abs().mean(),
        mean_pct=pl.when(level > 0).then(100 * total.sum() / level),
        mean_abs_pct=pl.when(level > 0).then(100 * total.abs().sum() / level),
        largest=total.get(total.abs().arg_max()),
        ups=(total > 0).sum(),
        late_figures=(pl.col("late_steps") > 0).sum(),
        late_steps=pl.col("late_steps").sum(),
        late_mean=pl.col("late").filter(pl.col("late_steps") > 0).mean(),
        late_mean_abs=pl.col("late").filter(pl.col("late_steps") > 0).abs().mean(),
        error=_robust_error(),
    )
    found = found.with_columns(
        share_up=pl.when(pl.col("revised") > 0).then(pl.col("ups") / pl.col("revised")),
        t=pl.when(pl.col("error") > 0).then(pl.col("mean") / pl.col("error")),
    )
    tests = found.select("ups", "revised", "t", "periods").rows()
    found = found.with_columns(
        _tails("sign_p", [share_against(up, n, 0.5) if n else None for up, n, _, _ in tests]),
        _tails("t_p", [None if t is None else student_tail(t, n - 1) for _, _, t, n in tests]),
    )
    beyond = (pl.col("t_p") < ALPHA) & (pl.col("sign_p") < ALPHA)
    direction = pl.when(pl.col("mean") > 0).then(pl.lit("up")).otherwise(pl.lit("down"))
    bias = (
        pl.when(pl.col("revised") < FEWEST)
        .then(pl.lit("too_few"))
        .when(beyond.fill_null(False))
        .then(direction)
        .otherwise(pl.lit("none_shown"))
    )
    names = ["periods", "revised", "steps", "mean", "mean_abs", "mean_pct", "mean_abs_pct"]
    names += ["largest", "share_up", "t", "t_p", "sign_p", "bias"]
    names += ["late_figures", "late_steps", "late_mean", "late_mean_abs"]
    return found.with_columns(bias=bias).select(*SERIES, *names)


def _robust_error() -> pl.Expr:
    """Return the standard error of a mean of revisions that may follow one another.

    Newey and West with 4 (n / 100)^(2/9) lags, as McKenzie and Gamba recommend.
    """
    size = pl.len().cast(pl.Float64)
    centred = pl.col("total") - pl.col("total").mean()
    lags = (4 * (size / 100) ** (2 / 9)).floor()
    variance = (centred * centred).sum()
    for lag in range(1, MOST_LAGS + 1):
        weight = (1 - lag / (lags + 1)).clip(lower_bound=0)
        variance = variance + 2 * weight * (centred * centred.shift(lag)).sum()
    return pl.when(size > 1).then(variance.clip(lower_bound=0).sqrt() / size)


def _tails(name: str, values: list[float | None]) -> pl.Series:
    return pl.Series(name, values, dtype=pl.Float64)
