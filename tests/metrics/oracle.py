"""The same figures by joins, filters and group-bys on long frames: the oracle of the cube.

Written from the rules, without the cube's code: it reads the definitions and the tree only.
Covers sums, ratios, annualised ratios and means by n; flows and stocks of any frequency.
"""

import datetime as dt

import polars as pl

from data.definition_types import Catalog, Indicator
from data.periods import add_months, month_is_due, months_between, span_end, window_months
from data.units import Tree, tree

LENGTH = {"M": 1, "Q": 3, "H": 6, "A": 12}
KEY = ["leaf", "period"]
NEVER = dt.date(1, 1, 1)


def oracle_leaves(
    facts: pl.DataFrame, catalog: Catalog, item: Indicator, periods: list[dt.date], window: str
) -> pl.DataFrame:
    """Return num, den, due and complete by leaf and period."""
    units = tree(catalog)
    roles = {"num": item.numerator, "den": item.denominator}
    if item.weighted_by:
        roles = {"num": item.numerator, "den": (item.weighted_by,)}
    flows = [
        catalog.measures[code]
        for codes in roles.values()
        for code in codes
        if catalog.measures[code].kind != "stock" and catalog.measures[code].over_time != "none"
    ]
    span = max((LENGTH[measure.frequency] for measure in flows), default=1)
    grid = pl.DataFrame({"leaf": units.leaves()}).join(
        pl.DataFrame({"period": periods}), how="cross"
    )
    parts = []
    ago = dict.fromkeys(item.denominator, item.ago)
    if item.ago:  # the cohort stands in the month in which its fate is told
        moved = pl.col("measure").is_in(item.denominator)
        later = pl.col("period").dt.offset_by(f"{item.ago}mo")
        facts = facts.with_columns(period=pl.when(moved).then(later).otherwise("period"))
    same = len({m.frequency for m in flows if m.over_time == "sum"}) == 1
    sums = [m.code for m in flows if m.over_time == "sum"]
    sound = None
    if same and len(sums) > 1:
        sound = sound_months(facts, catalog, units, sums, periods, ago)
    for role, codes in roles.items():
        for code in codes:
            back = ago.get(code, 0)
            part = oracle_input(facts, catalog, units, code, periods, window, span, sound, back)
            parts.append(part.with_columns(role=pl.lit(role), measure=pl.lit(code)))
    long = pl.concat(parts)
    usable = long.group_by(KEY).agg(
        usable=(pl.col("has") | ~pl.col("due")).all(),
        due=pl.col("due").any(),
        complete=(pl.col("complete") | ~pl.col("due")).all() & pl.col("due").any(),
    )
    kept = long.join(usable.select(*KEY, "usable"), on=KEY).filter(pl.col("has") & pl.col("usable"))
    sides = kept.group_by(KEY).agg(
        num=pl.col("total").filter(pl.col("role") == "num").sum(),
        has_num=(pl.col("role") == "num").any(),
        den=pl.col("total").filter(pl.col("role") == "den").sum(),
        has_den=(pl.col("role") == "den").any(),
    )
    return (
        grid.join(usable.drop("usable"), on=KEY, how="left")
        .join(sides, on=KEY, how="left")
        .with_columns(pl.col("due", "complete", "has_num", "has_den").fill_null(value=False))
    )


def due_frame(
    catalog: Catalog,
    units: Tree,
    code: str,
    months: list[dt.date],
    ago: int = 0,
    may_file: bool = False,
) -> pl.DataFrame:
    """Return the leaf-months in which a measure is due by definition; so many months later."""
    measure = catalog.measures[code]
    rows = [
        {"leaf": leaf, "month": month}
        for leaf in units.leaves()
        for month in months
        if units.level(leaf) in measure.value_of
        and (may_file or measure.absent != "optional")
        and units.is_open(leaf, add_months(month, -ago))
        and month_is_due(measure.frequency, add_months(month, -ago), catalog.bureau.year_start)
    ]
    return pl.DataFrame(rows, schema={"leaf": pl.String, "month": pl.Date})


def filed(facts: pl.DataFrame, code: str) -> pl.DataFrame:
    """Return leaf, month and value of one measure."""
    return (
        facts.filter((pl.col("measure") == code) & pl.col("value").is_not_null())
        .select(leaf="unit", month="period", value="value")
    )  # fmt: skip


def sound_months(
    facts: pl.DataFrame,
    catalog: Catalog,
    units: Tree,
    codes: list[str],
    periods: list[dt.date],
    ago: dict[str, int],
) -> pl.DataFrame:
    """Return the leaf-months in which no due flow of a formula is missing.

    Without a part that is filed by choice a leaf stays out as if it had owed it.
    """
    months = months_between(add_months(min(periods), -11), max(periods))
    everything = pl.DataFrame({"leaf": units.leaves()}).join(
        pl.DataFrame({"month": months}), how="cross"
    )
    for code in codes:
        there = filed(facts, code).select("leaf", "month")
        back = ago.get(code, 0)
        owed = due_frame(catalog, units, code, months, back, may_file=True).join(
            there, on=["leaf", "month"], how="anti"
        )
        everything = everything.join(owed, on=["leaf", "month"], how="anti")
    return everything


def oracle_input(
    facts: pl.DataFrame,
    catalog: Catalog,
    units: Tree,
    code: str,
    periods: list[dt.date],
    window: str,
    span: int,
    sound: pl.DataFrame | None,
    ago: int = 0,
) -> pl.DataFrame:
    """Return total, has, due and complete of one input by leaf and period."""
    measure, start = catalog.measures[code], catalog.bureau.year_start
    values = filed(facts, code)
    if measure.kind == "stock":
        return _stock(values, catalog, units, code, periods, window, span)
    pairs = []
    for period in periods:
        months = _effective(window, period, start, span)
        if window == "rolling12" and len(values):
            first = add_months(values["month"].min(), 1 - LENGTH[measure.frequency])
            months = months if months and months[0] >= first else []
        pairs += [{"period": period, "month": month} for month in months]
    pair = pl.DataFrame(pairs, schema={"period": pl.Date, "month": pl.Date})
    reported = values.join(pair, on="month")
    if sound is not None:
        reported = reported.join(sound, on=["leaf", "month"], how="semi")
    months = pair["month"].unique().to_list()
    owed = pl.concat(
        [due_frame(catalog, units, code, months, ago), values.select("leaf", "month")]
    ).unique()
    owed = owed.join(pair, on="month")
    return (
        owed.group_by(KEY).agg(wanted=pl.len())
        .join(filed_sums(reported), on=KEY, how="left")
        .select(
            *KEY,
            pl.col("total").fill_null(0.0),
            has=pl.col("filed").is_not_null(),
            due=pl.lit(value=True),
            complete=pl.col("filed").fill_null(0) == pl.col("wanted"),
        )
    )  # fmt: skip


def filed_sums(reported: pl.DataFrame) -> pl.DataFrame:
    """Return the sums and numbers of filed months."""
    return reported.group_by(KEY).agg(total=pl.col("value").sum(), filed=pl.len())


def _effective(window: str, period: dt.date, start: int, span: int) -> list[dt.date]:
    """Return the months of a window that flows of a span fill; none if it is not whole spans."""
    frequency = {1: "M", 3: "Q", 6: "H", 12: "A"}[span]
    months = window_months(window, period, start)
    if window in ("ytd", "year"):
        last = span_end(frequency, period, start)
        return [month for month in months if month <= last]
    ends = [month for month in months if month_is_due(frequency, month, start)]
    return months if months and len(ends) * span == len(months) and ends[-1] == period else []


def _stock(
    values: pl.DataFrame,
    catalog: Catalog,
    units: Tree,
    code: str,
    periods: list[dt.date],
    window: str,
    span: int,
) -> pl.DataFrame:
    """Return the last value of a stock in each window, carried at most one span."""
    measure, start = catalog.measures[code], catalog.bureau.year_start
    length = LENGTH[measure.frequency]
    frames = []
    for period in periods:
        months = _effective(window, period, start, span)
        if not months:
            continue
        end = months[-1]
        last_due = span_end(measure.frequency, end, start)
        oldest = end if length == 1 else add_months(end, -length)
        found = (
            values.filter(pl.col("month").is_between(oldest, end))
            .sort("month").group_by("leaf").agg(pl.all().last())
        )  # fmt: skip
        owed = due_frame(catalog, units, code, [last_due]).select("leaf")
        # What has closed has no stock, though its last one is within reach.
        closed = [u.code for u in units.units.values() if u.closed and u.closed <= end]
        found, owed = (x.filter(~pl.col("leaf").is_in(closed)) for x in (found, owed))
        frames.append(
            pl.concat([owed, found.select("leaf")]).unique()
            .join(found, on="leaf", how="left")
            .select(
                "leaf",
                period=pl.lit(period),
                total=pl.col("value").fill_null(0.0),
                has=pl.col("value").is_not_null(),
                due=pl.lit(value=True),
                complete=pl.col("month").fill_null(NEVER) > add_months(last_due, -length),
            )
        )  # fmt: skip
    schema = {"leaf": pl.String, "period": pl.Date, "total": pl.Float64}
    schema |= {"has": pl.Boolean, "due": pl.Boolean, "complete": pl.Boolean}
    return pl.concat(frames) if frames else pl.DataFrame(schema=schema)


def oracle_figures(
    facts: pl.DataFrame, catalog: Catalog, code: str, periods: list[dt.date], window: str
) -> pl.DataFrame:
    """Return numerator, denominator, value, due and reported of every unit and period."""
    item = catalog.indicators[code]
    leaves = oracle_leaves(facts, catalog, item, periods, window)
    return _pool(leaves, catalog, item, periods, window)


def oracle_yoy(
    facts: pl.DataFrame, catalog: Catalog, code: str, periods: list[dt.date], window: str
) -> pl.DataFrame:
    """Return compared and base value and the leaves compared, of every unit and period."""
    item = catalog.indicators[code]
    earlier = [add_months(period, -12) for period in periods]
    now = oracle_leaves(facts, catalog, item, periods, window)
    then = oracle_leaves(facts, catalog, item, earlier, window).with_columns(
        period=pl.col("period").dt.offset_by("12mo")
    )
    both = now.join(then, on=KEY, suffix="_then")
    bad = (pl.col("due") & ~pl.col("complete")) | (pl.col("due_then") & ~pl.col("complete_then"))
    kept = both.filter(~bad)
    counted = _ancestors(tree(catalog)).join(
        kept.filter(pl.col("due") | pl.col("due_then")).select(KEY), on="leaf"
    )
    units = counted.group_by("unit", "period").agg(compared_units=pl.len())
    sides = [
        _pool(now.join(kept.select(KEY), on=KEY, how="semi"), catalog, item, periods, window),
        _pool(then.join(kept.select(KEY), on=KEY, how="semi"), catalog, item, periods, window),
    ]
    return (
        sides[0].select("unit", "period", compared_value="value")
        .join(sides[1].select("unit", "period", base_value="value"), on=["unit", "period"])
        .join(units, on=["unit", "period"], how="left")
        .with_columns(pl.col("compared_units").fill_null(0))
    )  # fmt: skip


def _ancestors(units: Tree) -> pl.DataFrame:
    """Return leaf and unit: each leaf with itself and everything above it."""
    rows = [
        {"leaf": leaf, "unit": unit}
        for leaf in units.leaves()
        for unit in (leaf, *units.ancestors(leaf))
    ]
    return pl.DataFrame(rows)


def _pool(
    leaves: pl.DataFrame, catalog: Catalog, item: Indicator, periods: list[dt.date], window: str
) -> pl.DataFrame:
    """Return the figures of all units from what their leaves bring: pool, then divide."""
    units = tree(catalog)
    long = _ancestors(units).join(leaves, on="leaf")
    if item.is_measure and item.weighted_by:
        msg = "scores are pooled by `oracle_mean`"
        raise ValueError(msg)
    pooled = long.group_by("unit", "period").agg(
        numerator=pl.when(pl.col("has_num").any()).then(
            pl.col("num").filter(pl.col("has_num")).sum()
        ),
        denominator=pl.when(pl.col("has_den").any()).then(
            pl.col("den").filter(pl.col("has_den")).sum()
        ),
        due=pl.col("due").sum(),
        reported=pl.col("complete").sum(),
    )
    grid = pl.DataFrame({"unit": units.codes}).join(pl.DataFrame({"period": periods}), how="cross")
    share = pl.col("numerator") * item.scale / pl.col("denominator")
    if item.kind == "annualised":
        start = catalog.bureau.year_start
        span = max(
            LENGTH[catalog.measures[code].frequency]
            for code in (*item.numerator, *item.denominator)
            if catalog.measures[code].kind != "stock"
        )
        months = pl.DataFrame(
            {"period": periods, "n": [len(_effective(window, p, start, span)) for p in periods]}
        )
        pooled = pooled.join(months, on="period")
        share = share * 12 / pl.col("n")
    value = pl.col("numerator") if not item.denominator else (
        pl.when(pl.col("denominator") != 0).then(share)
    )  # fmt: skip
    return (
        grid.join(pooled.with_columns(value=value), on=["unit", "period"], how="left")
        .with_columns(pl.col("due", "reported").fill_null(0))
        .sort("unit", "period")
    )


def oracle_mean(
    facts: pl.DataFrame, catalog: Catalog, code: str, weight: str, periods: list[dt.date]
) -> pl.DataFrame:
    """Return Σ n·x, Σ n and their quotient of a wave by unit; pairs that lack a part are out."""
    units = tree(catalog)
    x, n = filed(facts, code), filed(facts, weight).rename({"value": "n"})
    pairs = x.join(n, on=["leaf", "month"]).filter(pl.col("month").is_in(periods))
    return (
        _ancestors(units).join(pairs, on="leaf")
        .group_by("unit", period="month")
        .agg(numerator=(pl.col("n") * pl.col("value")).sum(), denominator=pl.col("n").sum())
        .with_columns(value=pl.col("numerator") / pl.col("denominator"))
        .sort("unit", "period")
    )  # fmt: skip
