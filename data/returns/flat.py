"""Which facts does a published table hold, and which of its cells cannot be used?

Reads what `data.returns.flat_layout` describes: long or wide tables and blocks of labelled numbers,
from xlsx, xls, ods, csv and parquet. Nothing in the data raises: every fault is a finding with its
cell.
"""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from data.definition_types import Catalog, Form
from data.definition_versions import version_in_force
from data.returns.flat_commas import check_commas
from data.returns.flat_cover import cover
from data.returns.flat_findings import Found, check_months, check_values, found_once
from data.returns.flat_layout import Layout, find_shapes, layout_of, named
from data.returns.flat_names import (
    check_lives,
    check_totals,
    chosen_cells,
    unit_names,
    with_namesakes,
    with_periods,
    with_units,
)
from data.returns.flat_numbers import numbers, written_numbers
from data.returns.flat_rows import (
    missing_measures,
    says,
    table_cells,
    with_measures,
    with_period_text,
)
from data.returns.flat_table import TEXTS, FileError, column_letters, read_grids
from data.returns.flat_whole import open_end
from data.returns.matrix import read_matrix
from data.returns.matrix_given import Meaning
from data.schema import FINDINGS
from data.store.facts import LOADED
from data.units import Tree, tree

__all__ = ["FlatFile", "numbers", "read_flat", "unit_names"]


@dataclass(frozen=True, slots=True)
class FlatFile:
    """A file as read: its facts (LOADED), the cells it speaks for, and what is wrong with it.

    `scope` has the measure, unit and period of every cell that the file replaces, `final` the
    months that the file itself calls final.
    """

    facts: pl.DataFrame
    scope: pl.DataFrame
    findings: pl.DataFrame
    rows: int
    final: tuple[dt.date, ...] = ()


def read_flat(
    path: Path,
    form: Form,
    catalog: Catalog,
    unit: str | None = None,
    period: dt.date | None = None,
    today: dt.date | None = None,
) -> FlatFile:
    """Return what a file says under a form.

    `unit` and `period` stand in where the file does not say, and choose where it does. `today`,
    left out the day of the clock, decides which months are still to come.

    Raises:
        FileError: the file cannot be read, or has no header of this form.
    """
    layout = layout_of(form, catalog)
    units = tree(catalog)
    given = frozenset(
        role for role, value in (("unit", unit), ("period", period)) if value is not None
    )
    found: list[Found] = []
    cells, rows = _all_cells(path, layout, form, catalog, units, given, found)
    cells = with_units(cells, layout, catalog, units, unit, found)
    cells = with_periods(cells, layout, period, found)
    cells = with_namesakes(cells, layout, catalog, units, found)
    cells = chosen_cells(cells, units, unit, period, found)
    is_text = path.suffix.lower() in TEXTS
    counted = written_numbers(_counted(cells, layout, form, found), layout, found, is_text)
    if layout.decimal is None:
        check_commas(counted, catalog, found)
    valued = check_values(counted, catalog, found, layout.years.month)
    this_month = day_of_import(catalog, today).replace(day=1)
    check_months(valued, this_month, found)
    check_lives(valued, units, found)
    check_totals(valued, units, found)
    cells = cells.filter(pl.col("period").is_null() | (pl.col("period") <= this_month))
    facts = _facts(valued, layout, catalog, found)
    facts, scope = cover(facts, cells, layout, form, catalog, units, unit)
    if not facts.height and not any(item.severity == "mandatory" for item in found):
        found.append(Found("mandatory", "empty", {"file": path.name}, fix="empty"))
    findings = pl.DataFrame([item.row() for item in found], schema=FINDINGS, orient="row")
    final = final_months(cells, layout) if unit is None else ()
    return FlatFile(facts.select(LOADED.names()), scope, findings, rows, final)


def day_of_import(catalog: Catalog, today: dt.date | None = None) -> dt.date:
    """Return the day on which figures come in, never before the day that a bureau is set to."""
    day = today or dt.datetime.now(ZoneInfo(catalog.bureau.timezone)).date()
    return max(day, catalog.bureau.today or day)


def _all_cells(
    path: Path,
    layout: Layout,
    form: Form,
    catalog: Catalog,
    units: Tree,
    given: frozenset[str],
    found: list[Found],
) -> tuple[pl.DataFrame, int]:
    """Return one row a number cell with its roles as text, and how many rows the file has."""
    if "flat" in form.layouts:
        try:
            grids = read_grids(path, layout.encoding)
            shapes = find_shapes(grids, layout, form, catalog, given, path.name)
        except FileError as error:
            if not layout.kinds or error.key != "flat.error.header":
                raise
        else:
            parts = [table_cells(shape, layout, form, catalog, found) for shape in shapes]
            if isinstance(grids[0][1], list):
                found += open_end(path, grids[0][1], found)
            cells = pl.concat([part.kept for part in parts], how="diagonal")
            return cells, sum(part.rows for part in parts)
    published = tuple(item.name.en for item in units.units.values())
    names = unit_names(layout, units, catalog)
    meaning = Meaning(names, (*published, *units.codes), layout.years, layout.frequency)
    cells = read_matrix(path, layout, meaning, given, found)
    cells = with_period_text(cells)
    cells = with_measures(cells, layout, form, catalog)
    found += missing_measures(cells, layout)
    return cells, cells.select("sheet", "row").n_unique()


def final_months(cells: pl.DataFrame, layout: Layout) -> tuple[dt.date, ...]:
    """Return the months of which every row says that it is final; none where nothing says so."""
    if not layout.final or not cells.height:
        return ()
    said = [says(cells, named(role), words) for role, words in layout.final.items()]
    rows = cells.select("period", is_final=pl.all_horizontal([pl.lit(part) for part in said]))
    months = rows.group_by("period").agg(pl.col("is_final").all())
    return tuple(sorted(months.filter("is_final")["period"]))


def _counted(cells: pl.DataFrame, layout: Layout, form: Form, found: list[Found]) -> pl.DataFrame:
    """Keep the cells that are a measure of the form; what else there is, is said once.

    A flat table's other labels are listed; the many other cells of a block are only counted. Of a
    list of events every row counts, so what is no measure there must not be left out.
    """
    strange = cells.filter(pl.col("measure_code").is_null())
    if "block" in cells.columns:
        is_event = pl.col("kind").is_in([kind.number for kind in layout.kinds if kind.is_count])
        for first, count in found_once(strange.filter(is_event), "label"):
            values = {"value": first["label"] or "", "form": form.code, "count": count}
            found.append(Found.at(first, "mandatory", "event", values, fix="measure"))
        filled = strange.filter(pl.col("text").is_not_null() & ~is_event)
        for first, count in found_once(filled, "sheet"):
            values = {"form": form.code, "count": count}
            place = {"sheet": first["sheet"]}
            found.append(Found("info", "unused", values, fix="measure", place=place))
    else:
        for first, count in found_once(strange, "label"):
            values = {"value": first["label"] or "", "form": form.code, "count": count}
            found.append(Found.at(first, "info", "measure", values, fix="measure"))
    counted = cells.filter(pl.col("measure_code").is_not_null())
    places = {place: column_letters(place) for place in counted["place"].unique()}
    letters = pl.col("place").replace_strict(places, return_dtype=pl.String, default=None)
    return counted.with_columns(cell=letters + pl.col("row").cast(pl.String))


def _facts(
    cells: pl.DataFrame, layout: Layout, catalog: Catalog, found: list[Found]
) -> pl.DataFrame:
    """Return LOADED: each cell once, its parts added up where the form knows of parts."""
    parts = [named(role) for role in layout.parts if named(role) in cells.columns]
    parts += ["part"] if "part" in cells.columns else []
    facts = cells.filter(pl.col("number").is_not_null()).select(
        pl.col("measure_code").alias("measure"),
        version_in_force(catalog.measures, "measure_code").alias("definition"),
        pl.col("unit_code").alias("unit"),
        "period",
        pl.col("number").alias("value"),
        "sheet",
        "cell",
        *parts,
    )
    key = ["measure", "definition", "unit", "period"]
    if facts.select(pl.struct(key).hash().n_unique()).item() == facts.height:
        return facts.select(pl.col(name).cast(kind) for name, kind in LOADED.items())
    single = facts.group_by(*key, *parts, maintain_order=True).agg(
        pl.col("value", "sheet", "cell").first(),
        different=pl.col("value").unique(maintain_order=True),
    )
    for row in single.filter(pl.col("different").list.len() > 1).iter_rows(named=True):
        values = {"value": ", ".join(f"{value:.15g}" for value in row["different"])}
        first = {**row, "measure_code": row["measure"], "unit_code": row["unit"]}
        found.append(Found.at(first, "mandatory", "twice", values, fix="twice"))
    whole = single.group_by(key, maintain_order=True).agg(
        pl.col("value").sum(), pl.col("sheet").first(), pl.col("cell").str.join("+")
    )
    return whole.select(pl.col(name).cast(kind) for name, kind in LOADED.items())
