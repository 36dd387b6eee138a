"""Which facts does a flat table hold, and which of its cells cannot be used?

Reads what `data.returns.flat_layout` describes: long or wide, from xlsx, xls, ods, csv (UTF-8 or
GB18030) and parquet. Nothing in the data raises: every fault is a finding with its cell.
"""

import datetime as dt
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from data.definition_types import Catalog, Form
from data.definition_versions import version_in_force
from data.parse import nearest
from data.returns.flat_cover import cover
from data.returns.flat_findings import Found, check_values, found_once
from data.returns.flat_layout import Layout, Shape, find_shapes, layout_of, measure_names, named
from data.returns.flat_table import column_letters, plain, read_grids
from data.returns.months import read_month
from data.schema import FINDINGS
from data.store.facts import LOADED
from data.units import Tree, tree


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
) -> FlatFile:
    """Return what a file says under a form.

    `unit` and `period` stand in where the file does not say, and choose where it does.

    Raises:
        FileError: the file cannot be read, or has no header of this form.
    """
    layout = layout_of(form, catalog)
    units = tree(catalog)
    given = frozenset(
        role for role, value in (("unit", unit), ("period", period)) if value is not None
    )
    shapes = find_shapes(read_grids(path), layout, form, catalog, given, path.name)
    found: list[Found] = []
    parts = [_cells(shape, layout, form, catalog, found) for shape in shapes]
    cells = pl.concat([part.kept for part in parts], how="diagonal")
    cells = _with_units(cells, layout, units, unit, found)
    cells = _with_periods(cells, period, found)
    cells = _chosen(cells, units, unit, period, found)
    counted = _counted(cells, form, found)
    facts = _facts(check_values(counted, catalog, found), layout, catalog, found)
    facts, scope = cover(facts, cells, layout, form, catalog, units, unit)
    if not facts.height:
        found.append(Found("mandatory", "empty", {"file": path.name}, fix="empty"))
    findings = pl.DataFrame([item.row() for item in found], schema=FINDINGS, orient="row")
    rows = sum(part.rows for part in parts)
    final = final_months(cells, layout) if unit is None else ()
    return FlatFile(facts.select(LOADED.names()), scope, findings, rows, final)


@dataclass(frozen=True, slots=True)
class _Part:
    kept: pl.DataFrame
    rows: int


def _cells(shape: Shape, layout: Layout, form: Form, catalog: Catalog, found: list[Found]) -> _Part:
    """Return one row a number cell: who, when, what (as text), and where it stands."""
    table = shape.table
    rows = table.rows
    total = rows.height
    for role, words in layout.keep.items():
        rows = rows.filter(normal(rows, f"c{shape.places[role]}").is_in(list(words)))
    if layout.all_zero == "missing" and shape.spread:
        rows = _telling_rows(rows, shape, found)
    roles = [pl.col(f"c{place}").alias(named(role)) for role, place in shape.places.items()]
    base = [pl.col("row"), *roles]
    if shape.kind == "long":
        place = shape.places["value"]
        cells = rows.select(base).with_columns(place=pl.lit(place, pl.Int64))
        cells = cells.with_columns(text=pl.col("value")).drop("value")
    else:
        pieces = [
            rows.select(*base, pl.col(f"c{place}").alias("text")).with_columns(
                pl.lit(place, pl.Int64).alias("place"),
                pl.lit(key).alias("month" if shape.kind == "months" else "measure_code"),
            )
            for place, key in shape.spread.items()
        ]
        cells = pl.concat(pieces)
        if shape.kind == "months":
            cells = cells.with_columns(period=pl.col("month").cast(pl.String)).drop("month")
    if {"year", "month"} <= set(cells.columns) and "period" not in cells.columns:
        month = pl.col("month").str.strip_chars().str.zfill(2)
        cells = cells.with_columns(period=pl.col("year").str.strip_chars() + "-" + month)
    cells = _with_measures(cells, layout, form, catalog)
    # A fault of a unit or month is shown at its own cell, not at the number's.
    at = {f"{role}_at": pl.lit(shape.places.get(role), pl.Int64) for role in ("unit", "period")}
    return _Part(cells.with_columns(sheet=pl.lit(table.sheet, pl.String), **at), total)


def _telling_rows(rows: pl.DataFrame, shape: Shape, found: list[Found]) -> pl.DataFrame:
    """Return the rows that have any number but zero outside the columns that describe the row."""
    places = [place for place in shape.spread if place not in shape.places.values()]
    is_zero = [pl.col(f"c{place}").cast(pl.Float64, strict=False) == 0 for place in places]
    is_text = [pl.col(f"c{place}").is_null() for place in places]
    silent = [zero.fill_null(False) | blank for zero, blank in zip(is_zero, is_text, strict=True)]
    kept = rows.filter(~pl.all_horizontal(silent))
    if kept.height < rows.height:
        left = {"count": rows.height - kept.height}
        found.append(Found("info", "all_zero", left, fix="all_zero"))
    return kept


def final_months(cells: pl.DataFrame, layout: Layout) -> tuple[dt.date, ...]:
    """Return the months of which every row says that it is final; none where nothing says so."""
    if not layout.final or not cells.height:
        return ()
    said = [normal(cells, named(role)).is_in(list(words)) for role, words in layout.final.items()]
    rows = cells.select("period", is_final=pl.all_horizontal([pl.lit(part) for part in said]))
    months = rows.group_by("period").agg(pl.col("is_final").fill_null(False).all())
    return tuple(sorted(months.filter("is_final")["period"]))


def _with_measures(
    cells: pl.DataFrame, layout: Layout, form: Form, catalog: Catalog
) -> pl.DataFrame:
    """Add `measure_code`, null where a row is none of the form's measures, and its `label`."""
    if "measure_code" in cells.columns:
        return cells.with_columns(label=pl.col("measure_code"))
    if not layout.select:
        names = measure_names(form, catalog)
        known = mapped(cells, "measure", lambda text: names.get(plain(text)))
        return cells.with_columns(measure_code=known, label=pl.col("measure"))
    words = {role: normal(cells, named(role)) for role in layout.roles}
    code = pl.lit(None, pl.String)
    for measure, chosen in layout.select.items():
        same = pl.all_horizontal([pl.lit(words[role] == word) for role, word in chosen.items()])
        code = pl.when(same).then(pl.lit(measure)).otherwise(code)
    roles = list(dict.fromkeys(named(r) for chosen in layout.select.values() for r in chosen))
    label = pl.concat_str(roles, separator=" · ", ignore_nulls=True)
    return cells.with_columns(measure_code=code, label=label)


def normal(frame: pl.DataFrame, column: str) -> pl.Series:
    """Return a text column in plain words, each distinct word worked out once."""
    return mapped(frame, column, plain)


def mapped(frame: pl.DataFrame, column: str, work: Callable[[str], object]) -> pl.Series:
    """Return a text column put through a function, which sees each distinct word once."""
    words = frame[column].unique().drop_nulls()
    found = pl.DataFrame({"word": words, "result": [work(word) for word in words]}, strict=False)
    if not words.len():
        return pl.Series(column, [None] * frame.height, dtype=pl.String)
    key = frame.select(word=pl.col(column))
    return key.join(found, on="word", how="left", maintain_order="left")["result"].alias(column)


def _with_units(
    cells: pl.DataFrame, layout: Layout, units: Tree, unit: str | None, found: list[Found]
) -> pl.DataFrame:
    """Add `unit_code`; names that count and that nobody knows become findings."""
    if "unit" not in cells.columns:
        return cells.with_columns(unit_code=pl.lit(unit), unit=pl.lit(unit))
    names = unit_names(layout, units)
    cells = cells.with_columns(unit_code=mapped(cells, "unit", lambda text: names.get(plain(text))))
    if unit is not None:
        cells = cells.with_columns(
            unit_code=pl.when(pl.col("unit").is_null()).then(pl.lit(unit)).otherwise("unit_code")
        )
    strange = cells.filter(pl.col("unit_code").is_null() & pl.col("measure_code").is_not_null())
    published = [item.name.en for item in units.units.values()]
    for first, count in found_once(strange, "unit"):
        name = first["unit"] or ""
        values = {"value": name, "hint": nearest(name, [*published, *units.codes]), "count": count}
        first["place"] = first["unit_at"]
        found.append(Found.at(first, "mandatory", "unit", values, fix="unit"))
    return cells.filter(pl.col("unit_code").is_not_null())


def unit_names(layout: Layout, units: Tree) -> dict[str, str]:
    """Return the codes of units by everything that a file may call them."""
    found = dict(layout.unit_names)
    for code, item in units.units.items():
        for name in (code, item.name.zh, item.name.en, item.short.zh, item.short.en):
            if name:
                found.setdefault(plain(name), code)
    return found


def _with_periods(cells: pl.DataFrame, period: dt.date | None, found: list[Found]) -> pl.DataFrame:
    """Turn `period` into months; what is none becomes a finding where it would count."""
    if "period" not in cells.columns:
        return cells.with_columns(period=pl.lit(period, pl.Date))
    months = mapped(cells, "period", read_month).cast(pl.Date)
    cells = cells.with_columns(written=pl.col("period"), period=months)
    strange = cells.filter(pl.col("period").is_null() & pl.col("measure_code").is_not_null())
    for first, count in found_once(strange, "written"):
        values = {"value": first["written"] or "", "count": count}
        first["place"] = first["place"] if first["period_at"] is None else first["period_at"]
        found.append(Found.at(first, "mandatory", "period", values, fix="period"))
    return cells.filter(pl.col("period").is_not_null())


def _chosen(
    cells: pl.DataFrame,
    units: Tree,
    unit: str | None,
    period: dt.date | None,
    found: list[Found],
) -> pl.DataFrame:
    """Keep the unit with all below it and the month that the command line chose."""
    kept = cells
    if unit is not None:
        kept = kept.filter(pl.col("unit_code").is_in(list(units.subtree(unit))))
    if period is not None:
        kept = kept.filter(pl.col("period") == period)
    if kept.height < cells.height:
        left = {"count": cells.height - kept.height}
        found.append(Found("info", "other", left, fix="other"))
    return kept


def _counted(cells: pl.DataFrame, form: Form, found: list[Found]) -> pl.DataFrame:
    """Keep the rows that are a measure of the form; the other labels are listed once each."""
    strange = cells.filter(pl.col("measure_code").is_null())
    for first, count in found_once(strange, "label"):
        values = {"value": first["label"] or "", "form": form.code, "count": count}
        found.append(Found.at(first, "info", "measure", values, fix="measure"))
    counted = cells.filter(pl.col("measure_code").is_not_null())
    places = {place: column_letters(place) for place in counted["place"].unique()}
    letters = pl.col("place").replace_strict(places, return_dtype=pl.String, default=None)
    cell = letters + pl.col("row").cast(pl.String)
    return counted.with_columns(cell=cell, number=numbers(counted["text"]))


def numbers(texts: pl.Series) -> pl.Series:
    """Return numbers from text: full-width digits and thousands separators are understood.

    >>> numbers(pl.Series(["1,234", "１２", "-", None, "many", "inf", "NaN"])).to_list()
    [1234.0, 12.0, None, None, None, None, None]
    """
    plain_numbers = texts.cast(pl.Float64, strict=False)
    plain_numbers = pl.select(pl.when(plain_numbers.is_finite()).then(plain_numbers)).to_series()
    odd = texts.filter(plain_numbers.is_null() & texts.is_not_null()).unique()
    if not odd.len():
        return plain_numbers
    read = {}
    for text in odd:
        written = unicodedata.normalize("NFKC", text).replace(",", "").replace(" ", "")
        try:
            value = float(written)
        except ValueError:
            continue
        if abs(value) < float("inf"):
            read[text] = value
    extra = texts.replace_strict(read, default=None, return_dtype=pl.Float64)
    return pl.select(pl.coalesce(plain_numbers, extra)).to_series()


def _facts(
    cells: pl.DataFrame, layout: Layout, catalog: Catalog, found: list[Found]
) -> pl.DataFrame:
    """Return LOADED: each cell once, its parts added up where the form knows of parts."""
    parts = [named(role) for role in layout.parts if named(role) in cells.columns]
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
    single = facts.group_by(*key, *parts, maintain_order=True).agg(
        pl.col("value", "sheet", "cell").first(),
        different=pl.col("value").unique(maintain_order=True),
    )
    for row in single.filter(pl.col("different").list.len() > 1).iter_rows(named=True):
        values = {"value": ", ".join(f"{value:g}" for value in row["different"])}
        first = {**row, "measure_code": row["measure"], "unit_code": row["unit"]}
        found.append(Found.at(first, "mandatory", "twice", values, fix="twice"))
    whole = single.group_by(key, maintain_order=True).agg(
        pl.col("value").sum(), pl.col("sheet").first(), pl.col("cell").str.join("+")
    )
    return whole.select(pl.col(name).cast(kind) for name, kind in LOADED.items())
