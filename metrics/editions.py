"""What does an edition hold, and what changed between two of them?

An edition is all figures of a month in every window they are defined for, on a basis, from the
facts as known at a moment. Its hashes are the same on every machine: numbers are rounded to twelve
digits first. A salt that only the record knows goes into them: otherwise somebody who sees all
figures but a few small counts could try which ones give the hash.
"""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence

import polars as pl

from data.definition_types import Catalog
from data.periods import add_months, month_index
from data.store.editions import Hashes
from data.unit_history import FAR, life
from data.units import Tree
from metrics.cube import build_cube
from metrics.figures import compute_figures
from metrics.plan import make_plan
from metrics.sources import Source, read_sources

DIGITS = 12
# The months whose facts the windows of a month, their bases and carried stocks can reach.
REACH = 36
# A survey wave is a month of its own; January and February together lie within the year to date.
LEFT_OUT = ("wave", "jan_feb")
KEY = ["measure", "definition", "unit", "period"]
CHANGED_CELLS = ["measure", "unit", "period", "before", "value", "kind", "vintage", "submission"]


def edition_figures(
    facts: pl.DataFrame, catalog: Catalog, tree: Tree, period: dt.date, basis: str = "now"
) -> pl.DataFrame:
    """Return FIGURES of a month: every indicator and unit in each of its windows, where reported.

    Needs: FACTS as known at the edition's moment.
    """
    cube = build_cube(_in_reach(facts, period), catalog, tree, basis=basis)
    windows: dict[str, list[str]] = {}
    for code, item in catalog.indicators.items():
        for window in item.windows:
            if window not in LEFT_OUT:
                windows.setdefault(window, []).append(code)
    parts = [
        compute_figures(cube, codes, tree.codes, [period], window)
        for window, codes in windows.items()
    ]
    found = pl.concat(parts).filter(pl.col("reported") > 0)
    return found.sort("indicator", "unit", "window")


def _in_reach(facts: pl.DataFrame, period: dt.date) -> pl.DataFrame:
    return facts.filter(pl.col("period").is_between(add_months(period, -REACH), period))


def freeze(
    facts: pl.DataFrame,
    catalog: Catalog,
    tree: Tree,
    period: dt.date,
    basis: str = "now",
    salt: str = "",
) -> Hashes:
    """Return the hashes of an edition's facts and figures on a basis."""
    figures = edition_figures(facts, catalog, tree, period, basis)
    parts = {
        str(part["indicator"][0]): figures_hash(part, salt)
        for part in figures.partition_by("indicator", maintain_order=True)
    }
    lines = [f"{code} {found}" for code, found in sorted(parts.items())]
    if basis != "now":  # the same figures on another basis are another edition
        lines.insert(0, f"basis {basis}")
    whole = hashlib.sha256("\n".join(lines).encode())
    used = _in_reach(facts, period).sort(KEY)
    facts_hash = _digest(used, ["measure", "unit"], ["definition", "value"], salt)
    short = {code: found[:16] for code, found in parts.items()}
    return Hashes(figures.height, whole.hexdigest(), facts_hash, short, basis, salt)


def figures_hash(figures: pl.DataFrame, salt: str = "") -> str:
    """Return the hash of figures in their order.

    >>> row = {"unit": "a", "window": "month", "period": dt.date(2024, 10, 1), "due": 1}
    >>> row |= {"numerator": 1.0, "denominator": 3.0, "value": 1 / 3, "reported": 1}
    >>> one, other = pl.DataFrame([row]), pl.DataFrame([row | {"value": 1 / 3 + 1e-15}])
    >>> figures_hash(one) == figures_hash(other), figures_hash(one) == figures_hash(one, "salt")
    (True, False)
    """
    numbers = ["numerator", "denominator", "value", "due", "reported"]
    return _digest(figures, ["unit", "window"], numbers, salt)


def _digest(rows: pl.DataFrame, texts: Sequence[str], numbers: Sequence[str], salt: str) -> str:
    found = hashlib.sha256(salt.encode())
    for name in texts:
        found.update("\n".join(rows[name].fill_null("")).encode())
    months = rows["period"].dt.year().cast(pl.Int64) * 100 + rows["period"].dt.month()
    found.update(months.to_numpy().astype("<i8").tobytes())
    for name in numbers:
        column = rows[name].cast(pl.Float64)
        # Nought has one sign, and the last bits of a mean are not the same on every machine.
        rounded = column.round_sig_figs(DIGITS).fill_null(0) + 0.0
        found.update(column.is_null().to_numpy().tobytes())
        found.update(rounded.to_numpy().astype("<f8").tobytes())
    return found.hexdigest()


def ever_changed(history: pl.DataFrame, since: dt.datetime) -> pl.DataFrame:
    """Return every vintage of the cells that changed at or after a moment, and of no others."""
    touched = history.filter(pl.col("vintage") >= since).select(KEY).unique()
    return history.join(touched, on=KEY, how="semi", maintain_order="left")


def changed_cells(
    history: pl.DataFrame, since: dt.datetime, until: dt.datetime, through: dt.date
) -> pl.DataFrame:
    """Return the cells of the months up to one that changed between two moments.

    Needs: every vintage of the cells (measure, definition, unit, period, value, vintage,
    submission), oldest first; a null value withdraws a cell.
    Rows: one cell that says something else; `kind` is new, revised or withdrawn, `vintage` and
    `submission` those of its last change.
    """
    rows = history.filter((pl.col("period") <= through) & (pl.col("vintage") < until))
    rows = ever_changed(rows, since).sort(*KEY, "vintage", maintain_order=True)
    is_early = pl.col("vintage") < since
    found = rows.group_by(KEY, maintain_order=True).agg(
        before=pl.col("value").filter(is_early).last(),
        value=pl.col("value").last(),
        vintage=pl.col("vintage").last(),
        submission=pl.col("submission").last(),
    )
    found = found.filter(pl.col("before").ne_missing(pl.col("value")))
    kind = (
        pl.when(pl.col("before").is_null())
        .then(pl.lit("new"))
        .when(pl.col("value").is_null())
        .then(pl.lit("withdrawn"))
        .otherwise(pl.lit("revised"))
    )
    return found.with_columns(kind=kind).select(CHANGED_CELLS).sort("period", "unit", "measure")


def count_changes(cells: pl.DataFrame, locks: Mapping[dt.date, dt.datetime]) -> dict[str, object]:
    """Return the release note of changed cells in numbers: how many, of what kind, where, when.

    `after_lock` counts those of months that had been locked before they changed.
    """
    locked_at = pl.col("period").replace_strict(
        dict(locks), default=None, return_dtype=pl.Datetime("us", "UTC")
    )
    after = cells.select((pl.col("vintage") > locked_at).fill_null(False).sum()).item()
    kinds = {row[0]: row[1] for row in cells.group_by("kind").len().iter_rows()}
    span = cells["period"].sort().dt.strftime("%Y-%m").to_list()
    return {
        "new": kinds.get("new", 0),
        "revised": kinds.get("revised", 0),
        "withdrawn": kinds.get("withdrawn", 0),
        "after_lock": after,
        "units": cells["unit"].n_unique(),
        "first": span[0] if span else "",
        "last": span[-1] if span else "",
    }


def touched_indicators(catalog: Catalog, cells: pl.DataFrame) -> list[str]:
    """Return the monthly indicators that are computed from any of the cells' measures."""
    touched = set(cells["measure"])
    return [
        code
        for code, item in catalog.indicators.items()
        if "month" in item.windows and touched & set(make_plan(catalog, code).measures)
    ]


def cells_behind(
    cells: pl.DataFrame, catalog: Catalog, tree: Tree, unit: str, basis: str = "now"
) -> pl.DataFrame:
    """Return the cells that enter a unit's figures on a basis, in any month.

    On the basis now those of the units that it took over are among them, on the basis then those
    of the units that hung below it in their month.
    """
    rows = {
        (source.unit, *_span(tree, source, basis))
        for source in read_sources(catalog, tree, unit, False, basis)
    }
    schema = {"unit": pl.String, "start": pl.Int64, "end": pl.Int64}
    spans = pl.DataFrame(sorted(rows), schema=schema, orient="row")
    month = month_index(pl.col("period"))
    numbered = cells.with_row_index("row")
    inside = numbered.join(spans, on="unit").filter(
        (month >= pl.col("start")) & (month < pl.col("end"))
    )
    return numbered.filter(pl.col("row").is_in(inside["row"].to_list())).drop("row")


def _span(tree: Tree, source: Source, basis: str) -> tuple[int, int]:
    """Return the months [start, end) of a source; on the basis now its life has no ends."""
    start, end = source.start, source.end
    opened, closed = life(tree.unit(source.unit))
    if basis == "now":
        start, end = -FAR if start == opened else start, FAR if end == closed else end
    return start, end


def changed_figures(
    cells: pl.DataFrame,
    before: pl.DataFrame,
    after: pl.DataFrame,
    catalog: Catalog,
    tree: Tree,
    units: Sequence[str],
    basis: str = "now",
    scope: str | None = None,
) -> pl.DataFrame:
    """Return the monthly figures of some units that differ between two states of the facts.

    Both sides stand on one basis and on one structure, that of the definitions given: what differs
    was revised, whatever editions the two states were published in.

    Needs: the changed cells between the states, and FACTS of each.
    Rows: one indicator, unit and month with its value `before` and its `value` after, in the order
    of the definitions.
    """
    codes = touched_indicators(catalog, cells)
    periods = sorted(cells["period"].unique())
    if not codes or not periods:
        columns = {"indicator": pl.String, "unit": pl.String, "period": pl.Date}
        return pl.DataFrame(schema={**columns, "before": pl.Float64, "value": pl.Float64})
    measures = list({m for code in codes for m in make_plan(catalog, code).measures})
    sides = []
    for facts in (before, after):
        used = facts.filter(pl.col("measure").is_in(measures))
        cube = build_cube(used, catalog, tree, scope=scope, basis=basis)
        found = compute_figures(cube, codes, units, periods)
        sides.append(found.select("indicator", "unit", "period", "value", "suppressed"))
    old, new = sides
    both = new.with_columns(before=old["value"])
    moved = both.filter(pl.col("before").ne_missing(pl.col("value")))
    return moved.select("indicator", "unit", "period", "before", "value")
