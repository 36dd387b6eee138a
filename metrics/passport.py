"""Where does a figure come from: definition, formula, inputs, and every cell behind it?

The trail is worked out anew from the stored facts by key; nothing about it is stored.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from data.definition_types import Catalog, Indicator
from data.definition_versions import renamed, version_words
from data.periods import add_months, base_period, from_number, month_number, window_months
from data.schema import FACTS, VINTAGE, conform
from data.texts import text
from data.unit_history import ALWAYS
from data.units import Tree
from metrics.cube import Cube, build_cube
from metrics.figures import compute_figures
from metrics.leafwise import input_view
from metrics.plan import Input, Plan, make_plan
from metrics.same_units import other_units
from metrics.sources import Source, read_sources, rows_behind
from metrics.windows import month_numbers, open_window

CELLS = pl.Schema(
    {
        "role": pl.String,
        "measure": pl.String,
        "unit": pl.String,
        "period": pl.Date,
        "value": pl.Float64,
        "file": pl.String,
        "sheet": pl.String,
        "cell": pl.String,
        "submission": pl.String,
        "version": pl.Int64,
        "submitted_by": pl.String,
        "reviewer": pl.String,
        "vintage": VINTAGE,
        "earlier": pl.String,
        "share": pl.Float64,
        "definition": pl.Int64,
        "fact": pl.Int64,
        "kind": pl.String,
    }
)
INPUTS = pl.Schema(
    {"role": pl.String, "measure": pl.String, "total": pl.Float64, "cells": pl.Int64}
)
ROLES = {"num": "numerator", "den": "denominator", "value": "value", "weight": "weight"}
ROLES |= {"mean": "mean", "base": "base"}
KEY = ["measure", "unit", "period"]


@dataclass(frozen=True, slots=True)
class Passport:
    """A figure with its trail; `cells` is one page of `total` contributing cells."""

    indicator: Indicator
    figure: dict
    inputs: pl.DataFrame
    cells: pl.DataFrame
    total: int

    @property
    def is_hidden(self) -> bool:
        """Whether the figure is suppressed, so that its cells must not be shown either."""
        return bool(self.figure["suppressed"])


def passport(
    lineage: pl.DataFrame,
    figure: dict,
    catalog: Catalog,
    tree: Tree,
    offset: int = 0,
    limit: int = 200,
    hidden: pl.DataFrame | None = None,
    basis: str = "now",
) -> Passport:
    """Return the passport of a figure.

    Args:
        lineage: Every vintage of the measures' cells with its source (`read_lineage`).
        figure: A row of FIGURES, after suppression.
        catalog: Definitions.
        tree: The units.
        offset: The first contributing cell to list, from 0.
        limit: How many cells to list at most.
        hidden: Cells (measure, unit, period) whose value the reader must not see.
        basis: On which structure the figure stands.
    """
    indicator = catalog.indicators[figure["indicator"]]
    if figure["suppressed"]:
        return Passport(indicator, figure, pl.DataFrame(schema=INPUTS), _no_cells(), 0)
    cells = contributing_cells(
        lineage, catalog, tree, indicator.code, figure["unit"], figure["period"], figure["window"],
        basis,
    )  # fmt: skip
    inputs = cells.group_by("role", "measure", maintain_order=True).agg(
        total=(pl.col("value") * pl.col("share")).sum(), cells=pl.len().cast(pl.Int64)
    )
    # Scores are weighted, never added up: their plain sum would mean nothing.
    is_score = pl.col("role").is_in(["value", "mean"])
    inputs = inputs.with_columns(total=pl.when(~is_score).then("total"))
    if hidden is not None and hidden.height:
        marked = hidden.with_columns(hide=True)
        is_hidden = cells.join(marked, on=KEY, how="left", maintain_order="left")["hide"]
        shown = [
            pl.when(is_hidden.fill_null(False)).then(None).otherwise(pl.col(name)).alias(name)
            for name in ("value", "earlier")
        ]
        cells = cells.with_columns(shown)
        # A total with its other parts would give the hidden one away.
        closed = cells.filter(is_hidden.fill_null(False)).select("role", "measure").unique()
        is_closed = inputs.join(
            closed.with_columns(hide=True),
            on=["role", "measure"],
            how="left",
            maintain_order="left",
        )["hide"].fill_null(False)
        inputs = inputs.with_columns(total=pl.when(is_closed).then(None).otherwise(pl.col("total")))
    return Passport(indicator, figure, inputs, cells.slice(offset, limit), cells.height)


def contributing_cells(
    lineage: pl.DataFrame,
    catalog: Catalog,
    tree: Tree,
    code: str,
    unit: str,
    period: dt.date,
    window: str,
    basis: str = "now",
) -> pl.DataFrame:
    """Return CELLS: every stored value that enters a figure, in official order of units.

    As in the figure, a numerator without its denominator is left out with its month or its leaf.
    `earlier` lists the values that a cell held before, oldest first, each with its day; `share` is
    how much of the value counts: less than 1 where several units took its unit over.
    """
    plan = make_plan(catalog, code)
    lineage = renamed(lineage.lazy(), catalog.measures).collect()
    start = catalog.bureau.year_start
    behind = {
        own: read_sources(catalog, tree, unit, own and tree.own(unit) is not None, basis)
        for own in {item.own for item in plan.inputs}
    }

    def cells_of(period: dt.date, role: str = "") -> list[pl.DataFrame]:
        months = window_months(window, period, start)
        found = [
            _of_input(lineage, behind[item.own], item, months, start, role) for item in plan.inputs
        ]
        return _that_enter(found, plan, catalog, tree, period, window, basis)

    parts = cells_of(period)
    if plan.comparator:
        base = base_period(period, plan.comparator, window, start)
        parts += cells_of(base, "base") if base is not None else []
    cells = pl.concat(parts) if parts else _no_cells()
    order = pl.col("unit").replace_strict(tree.order, default=None, return_dtype=pl.Int64)
    place = {role: number for number, role in enumerate(ROLES.values())}
    by_role = pl.col("role").replace_strict(place, default=None, return_dtype=pl.Int64)
    return cells.sort(by_role, "measure", order, "period")


def formula(plan: Plan, catalog: Catalog, lang: str) -> str:
    """Return how the indicator is computed, in the names of its measures."""

    def names(role: str) -> str:
        found = [catalog.measures[i.measure].name.get(lang) for i in plan.inputs if i.role == role]
        joined = " + ".join(dict.fromkeys(found))
        joined = f"({joined})" if len(found) > 1 else joined
        ago = max((i.ago for i in plan.inputs if i.role == role), default=0)
        return joined + text("indicator.passport.ago", lang, months=ago) if ago else joined

    item = plan.indicator
    scale = "" if item.scale == 1 else f" × {item.scale:g}"
    if plan.shape in ("ratio", "annualised"):
        written = f"{names('num')} ÷ {names('den')}{scale}"
        written += " × 12 ÷ n" if plan.shape == "annualised" else ""
    elif plan.shape == "difference":
        written = f"{names('num')} − {names('den')}{scale}"
    elif plan.shape == "mean":
        written = f"Σ({names('value')} × {names('weight')}) ÷ Σ{names('weight')}"
    elif plan.shape == "spread":
        written = f"√[Σ((n−1)·s² + n·(m−M)²) ÷ (Σn−1)], s = {names('value')}, n = {names('weight')}"
    else:
        written = names("num").strip("()") if names("num").count("(") == 1 else names("num")
        written += scale
    if plan.comparator:
        return f"({written})ₜ ÷ ({written})₀ × 100 − 100"
    return written


def definition_lines(plan: Plan, catalog: Catalog, lang: str) -> list[str]:
    """Return by which definitions an indicator is counted, the newest first.

    Of an indicator made of measures, those of every measure whose definition ever changed.
    """
    item = plan.indicator
    lines = version_words(catalog.measures.get(item.code), lang)
    lines = lines or [text("festival.version.now", lang, version=item.version)]
    for code in dict.fromkeys(part.measure for part in plan.inputs):
        if code == item.code:
            continue
        measure = catalog.measures[code]
        name = measure.name.get(lang)
        lines += [f"{name} {line}" for line in version_words(measure, lang)]
    return lines


def hidden_cells(cells: pl.DataFrame, cube: Cube, hide, catalog: Catalog) -> pl.DataFrame:
    """Return the cells (measure, unit, period) whose own figure the reader must not see.

    `hide` takes FIGURES and returns them after suppression. What a unit filed whose figure is
    another one today is not shown beside it.
    """
    flagged = [
        code
        for code in cells["measure"].unique().sort()
        if catalog.measures[code].flags & {"W", "S"}
    ]
    found = []
    for code in flagged:
        rows = cells.filter(measure=code)
        window = {"M": "month", "Q": "quarter", "H": "half", "A": "year"}[
            catalog.measures[code].frequency
        ]
        asked = catalog.measures[code].windows
        window = window if window in asked or not asked else asked[0]
        units = rows["unit"].unique(maintain_order=True).to_list()
        periods = rows["period"].unique().sort().to_list()
        figures = hide(compute_figures(cube, [code], units, periods, window))
        found.append(
            figures.filter("suppressed").select(measure="indicator", unit="unit", period="period")
        )
        found.append(_of_another_structure(rows, cube, "W" in catalog.measures[code].flags))
    schema = {name: CELLS[name] for name in KEY}
    return pl.concat(found).unique() if found else pl.DataFrame(schema=schema)


def _of_another_structure(rows: pl.DataFrame, cube: Cube, is_survey: bool) -> pl.DataFrame:
    """Return the cells that no figure of today shows: of units changed since, or of others' own.

    Survey answers of a changed unit are shown to nobody; small counts not outside its own chain.
    """
    reach, hidden = cube.reach, []
    periods = rows["period"].unique().to_list() if is_survey else []
    others = {period: other_units(cube.catalog, period) for period in periods}
    for measure, unit, period in rows.select(KEY).unique().iter_rows():
        is_foreign = reach is not None and reach.get(unit) != ALWAYS
        if is_foreign or unit in others.get(period, ()):
            hidden.append((measure, unit, period))
    return pl.DataFrame(hidden, schema={name: CELLS[name] for name in KEY}, orient="row")


def _of_input(
    lineage: pl.DataFrame,
    sources: list[Source],
    item: Input,
    months: list[dt.date],
    year_start: int,
    role: str = "",
) -> pl.DataFrame:
    """Return the cells of one input: flows of all months, a stock's last value of each unit."""
    months = [add_months(month, -item.ago) for month in months]
    first = months[0]
    if item.over_time == "last":
        first = add_months(first, -item.span)
    elif item.over_time == "none":
        first = months[-1]
    rows = lineage.filter(
        pl.col("measure") == item.measure,
        pl.col("unit").is_in([source.unit for source in sources]),
        pl.col("period").is_between(first, months[-1]),
    )
    window = (month_number(months[0]), month_number(months[-1]))
    latest = _with_earlier(rows).filter(pl.col("value").is_not_null()).with_columns(fact="id")
    latest = _one_definition(rows_behind(latest, sources, item, window, year_start))
    if item.over_time == "last":
        latest = latest.sort("period").group_by("unit", maintain_order=True).last()
    return latest.with_columns(role=pl.lit(ROLES[role or item.role])).select(
        pl.col(name).cast(kind) for name, kind in CELLS.items()
    )


def _that_enter(
    parts: list[pl.DataFrame],
    plan: Plan,
    catalog: Catalog,
    tree: Tree,
    period: dt.date,
    window: str,
    basis: str,
) -> list[pl.DataFrame]:
    """Return of each input the cells that the kernel counts, asked on these cells alone."""
    held = pl.concat(parts).unique(KEY, maintain_order=True).with_columns(status=pl.lit("final"))
    cube = build_cube(conform(held.select(list(FACTS)), FACTS), catalog, tree, basis=basis)
    batch, _, (spans,) = open_window(cube, [plan], month_numbers([period]), window)
    # Whether a rolling year is whole is a matter of all facts, not of these cells.
    spans = replace(spans, window="ytd") if window == "rolling12" else spans
    views = [input_view(source, spans, batch.cube) for source in batch.sources]
    usable = np.logical_and.reduce([view.has | ~view.due for view in views])
    kept = []
    for place, (item, cells) in enumerate(zip(plan.inputs, parts, strict=True)):
        # The parts of a mean or a spread enter together: their sources are products of all.
        one = place if len(batch.sources) == len(plan.inputs) else 0
        # As it was, a stock stands with the last place of its leaf, wherever it was filed.
        anywhere = not item.is_flow and basis != "now"
        there = (views[one].has & usable)[0] & (anywhere | batch.sources[one].has[0])
        by = ["unit"] if anywhere else ["unit", "period"]
        places = _places(cube.rows, batch.cube.first - item.ago, there).unique(by)
        kept.append(cells.join(places, on=by, how="semi", maintain_order="left"))
    return kept


def _places(rows: Sequence[str], first: int, there: np.ndarray) -> pl.DataFrame:
    """Return unit and month of the marked cells of an array [row, month]."""
    row, month = np.nonzero(there)
    found = {
        "unit": [rows[place] for place in row.tolist()],
        "period": [from_number(first + place) for place in month.tolist()],
    }
    return pl.DataFrame(found, schema={name: CELLS[name] for name in found})


def _one_definition(cells: pl.DataFrame) -> pl.DataFrame:
    """Return the cells of the definition that the figure is counted under.

    The newest that holds every unit and month there is, as in `metrics.breaks`; the newest of each
    cell where none does.
    """
    places = cells.select(KEY).n_unique()
    whole = cells.group_by("definition").len().filter(pl.col("len") == places)["definition"]
    if whole.len():
        return cells.filter(pl.col("definition") == whole.max())
    return cells.sort("definition").unique(KEY, keep="last", maintain_order=True)


def _with_earlier(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the latest vintage of each cell, the earlier ones in words (`12 @ 2024-11-05`)."""
    value = pl.when(pl.col("value").is_null()).then(pl.lit("–")).otherwise(_number(pl.col("value")))
    said = value + " @ " + pl.col("vintage").dt.strftime("%Y-%m-%d")
    ordered = rows.sort("vintage", "id").with_columns(said=said)
    grouped = ordered.group_by(*KEY, "definition", maintain_order=True).agg(
        pl.all().exclude("said").last(),
        earlier=pl.col("said").slice(0, pl.len() - 1).str.join("; "),
    )
    return grouped.with_columns(
        earlier=pl.when(pl.col("earlier") == "").then(None).otherwise(pl.col("earlier"))
    )


def _number(value: pl.Expr) -> pl.Expr:
    return value.cast(pl.String).str.strip_suffix(".0")


def _no_cells() -> pl.DataFrame:
    return pl.DataFrame(schema=CELLS)
