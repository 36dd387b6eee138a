"""Of which unit and month is a number, by the names that a published table gives them?"""

import datetime as dt
from functools import partial

import polars as pl

from data.definition_types import Catalog
from data.parse import nearest
from data.returns.flat_findings import Found, found_once
from data.returns.flat_layout import Layout
from data.returns.flat_rows import SEPARATOR, mapped
from data.returns.flat_words import plain
from data.returns.spans import read_month_number, read_period, read_year
from data.units import Tree

MOST_HINTS = 20
SAME = 1e-6  # money has four decimals


def with_units(
    cells: pl.DataFrame,
    layout: Layout,
    catalog: Catalog,
    units: Tree,
    unit: str | None,
    found: list[Found],
) -> pl.DataFrame:
    """Add `unit_code`; names that count and that nobody knows become findings."""
    if "unit" not in cells.columns:
        return cells.with_columns(unit_code=pl.lit(unit), unit=pl.lit(unit))
    names = unit_names(layout, units, catalog)
    cells = cells.with_columns(unit_code=mapped(cells, "unit", lambda text: names.get(plain(text))))
    if unit is not None:
        cells = cells.with_columns(
            unit_code=pl.when(pl.col("unit").is_null()).then(pl.lit(unit)).otherwise("unit_code")
        )
    strange = cells.filter(pl.col("unit_code").is_null() & pl.col("measure_code").is_not_null())
    published = [item.name.en for item in units.units.values()]
    for number, (first, count) in enumerate(found_once(strange, "unit")):
        name = first["unit"] or ""
        # A file of another country has thousands of strange names: each hint looks at all units.
        hint = nearest(name, [*published, *units.codes]) if number < MOST_HINTS else ""
        values = {"value": name, "hint": hint, "count": count}
        found.append(Found.at(_at_label(first, "unit"), "mandatory", "unit", values, fix="unit"))
    cells = cells.filter(pl.col("unit_code").is_not_null())
    return _filed(cells, catalog, units, found)


def _filed(cells: pl.DataFrame, catalog: Catalog, units: Tree, found: list[Found]) -> pl.DataFrame:
    """Give what is said of a unit above to the leaf that files its own work, if the measure is so.

    Published totals of such units get measures of their own. What no unit files is left out: a
    parent is the sum of its units.
    """
    above = [code for code in cells["unit_code"].unique().drop_nulls() if not units.is_leaf(code)]
    if not above:
        return cells
    levels = {code: item.value_of for code, item in catalog.measures.items()}
    pairs = cells.filter(pl.col("unit_code").is_in(above)).select("unit_code", "measure_code")
    owners: dict[tuple[str, str], str | None] = {}
    for code, measure in pairs.drop_nulls().unique().iter_rows():
        own, allowed = units.own(code), levels[measure]
        if own is not None and units.level(own) in allowed:
            owners[code, measure] = own
        elif not allowed or units.level(code) in allowed:
            owners[code, measure] = code
    known = pl.DataFrame(
        [(code, measure, own) for (code, measure), own in owners.items()],
        schema={"unit_code": pl.String, "measure_code": pl.String, "own_code": pl.String},
        orient="row",
    )
    keys = ["unit_code", "measure_code"]
    cells = cells.join(known, on=keys, how="left", maintain_order="left")
    is_sum = pl.col("unit_code").is_in(above) & pl.col("own_code").is_null()
    is_sum &= pl.col("measure_code").is_not_null()
    for first, count in found_once(cells.filter(is_sum), "unit_code"):
        values = {"value": first["unit_code"], "count": count}
        found.append(Found.at(_at_label(first, "unit"), "info", "sum", values, fix="sum"))
    kept = cells.filter(~is_sum)
    handed = pl.when(pl.col("own_code") != pl.col("unit_code")).then("unit_code")
    filer = pl.coalesce("own_code", "unit_code")
    return kept.with_columns(above=handed, unit_code=filer).drop("own_code")


def _at_label(first: dict, role: str) -> dict:
    """Return a row as standing where its unit or month is named, not where its number is."""
    cell, place = first.get(f"{role}_cell"), first.get(f"{role}_at")
    return {**first, "cell": cell, "place": first["place"] if place is None else place}


def unit_names(layout: Layout, units: Tree, catalog: Catalog) -> dict[str, str]:
    """Return the codes of units by everything that a file may call them."""
    found = dict(layout.unit_names)
    found |= {plain(alias.name): alias.unit for alias in catalog.aliases}
    for code, item in units.units.items():
        for name in (code, item.name.zh, item.name.en, item.short.zh, item.short.en):
            if name:
                found.setdefault(plain(name), code)
    return found


def with_periods(
    cells: pl.DataFrame, layout: Layout, period: dt.date | None, found: list[Found]
) -> pl.DataFrame:
    """Turn `period` into months; what is none becomes a finding where it would count."""
    if "period" not in cells.columns:
        return cells.with_columns(period=pl.lit(period, pl.Date))
    read = partial(_month_of, layout=layout)
    written = pl.col("period").str.replace(SEPARATOR, "-", literal=True)
    cells = cells.with_columns(written=written, period=mapped(cells, "period", read).cast(pl.Date))
    if period is not None:
        is_silent = pl.col("written").is_null()
        cells = cells.with_columns(
            period=pl.when(is_silent).then(pl.lit(period)).otherwise("period")
        )
    strange = cells.filter(pl.col("period").is_null() & pl.col("measure_code").is_not_null())
    for first, count in found_once(strange, "written"):
        values = {"value": first["written"] or "", "count": count}
        found.append(
            Found.at(_at_label(first, "period"), "mandatory", "period", values, fix="period")
        )
    return cells.filter(pl.col("period").is_not_null())


def with_namesakes(
    cells: pl.DataFrame, layout: Layout, catalog: Catalog, units: Tree, found: list[Found]
) -> pl.DataFrame:
    """Give a name that several units bore, each in its time, to the one of the month.

    A name that several filing units bear in one month is nobody's.
    """
    shared = _shared_names(layout, catalog, units)
    if not shared or not cells.height or "unit" not in cells.columns:
        return cells
    pairs = cells.select("unit", "period").unique().drop_nulls()
    bearers = {
        (name, month): [code for code in shared[plain(name)] if units.is_open(code, month)]
        for name, month in pairs.iter_rows()
        if plain(name) in shared
    }
    known = [(*pair, codes[0] if codes else None, len(codes)) for pair, codes in bearers.items()]
    schema = {"unit": pl.String, "period": pl.Date, "bearer": pl.String, "bearers": pl.Int64}
    then = pl.DataFrame(known, schema=schema, orient="row")
    cells = cells.join(then, on=["unit", "period"], how="left", maintain_order="left")
    doubtful = cells.filter(pl.col("bearers") > 1, pl.col("measure_code").is_not_null())
    for first, count in found_once(doubtful, "unit"):
        codes = ", ".join(bearers[first["unit"], first["period"]])
        values = {"value": first["unit"], "units": codes, "count": count}
        found.append(
            Found.at(_at_label(first, "unit"), "mandatory", "same_name", values, fix="same_name")
        )
    return cells.with_columns(unit_code=pl.coalesce("bearer", "unit_code")).drop(
        "bearer", "bearers"
    )


def _shared_names(layout: Layout, catalog: Catalog, units: Tree) -> dict[str, list[str]]:
    """Return the names that several units which file bear, and that the form gives to none."""
    bearers: dict[str, dict[str, None]] = {}
    for alias in catalog.aliases:
        bearers.setdefault(plain(alias.name), {})[alias.unit] = None
    for code, item in units.units.items():
        if code not in units.inner:
            for name in (item.name.zh, item.name.en, item.short.zh, item.short.en):
                if name:
                    bearers.setdefault(plain(name), {})[code] = None
    settled = {plain(code) for code in units.units} | set(layout.unit_names)
    return {
        name: list(codes)
        for name, codes in bearers.items()
        if len(codes) > 1 and name not in settled
    }


def check_totals(cells: pl.DataFrame, units: Tree, found: list[Found]) -> None:
    """Complain of numbers of units above that are the sums of the units below in the same file.

    Given to the own level they would count twice. One that is equal may be so by chance.
    """
    if "above" not in cells.columns:
        return
    rows = cells.filter(pl.col("number").is_not_null())
    key = ["measure_code", "period"]
    for unit in rows["above"].drop_nulls().unique(maintain_order=True):
        below = [code for code in units.leaves(unit) if code != units.own(unit)]
        parts = rows.filter(pl.col("unit_code").is_in(below), pl.col("above").is_null())
        sums = parts.group_by(key).agg(total=pl.col("number").sum())
        told = rows.filter(pl.col("above") == unit).join(sums, on=key, maintain_order="left")
        told = told.filter((pl.col("number") != 0) | (pl.col("total") != 0))
        alike = (pl.col("number") - pl.col("total")).abs() < SAME
        if told.height and told.select(alike.all()).item():
            values = {"value": unit, "own": units.own(unit), "count": told.height}
            severity = "mandatory" if told.height > 1 else "query"
            first = told.row(0, named=True)
            found.append(Found.at(first, severity, "total", values, fix="total"))


def check_lives(cells: pl.DataFrame, units: Tree, found: list[Found]) -> None:
    """Ask about figures of months in which their unit was not there, or no longer."""
    pairs = cells.filter(pl.col("number").is_not_null()).select("unit_code", "period").unique()
    outside = [
        pair for pair in pairs.drop_nulls().iter_rows() if not units.is_open(pair[0], pair[1])
    ]
    if not outside:
        return
    schema = {"unit_code": pl.String, "period": pl.Date}
    rows = pl.DataFrame(outside, schema=schema, orient="row")
    strange = cells.join(rows, on=["unit_code", "period"], how="semi", maintain_order="left")
    for first, count in found_once(strange, "unit_code"):
        unit = units.unit(first["unit_code"])
        at = "closed" if unit.closed and first["period"] >= unit.closed else "opened"
        values = {"value": unit.code, "count": count, "day": f"{getattr(unit, at):%Y-%m}"}
        found.append(Found.at(first, "query", f"not_{at}", values, fix="life"))


def _month_of(written: str, layout: Layout) -> dt.date | None:
    """Return the month of a period as written, or of a year and a month side by side."""
    if SEPARATOR not in written:
        return read_period(written, layout.frequency, layout.years)
    first, second = written.split(SEPARATOR)
    year, month = read_year(first, layout.years), read_month_number(second)
    return dt.date(year, month, 1) if year and month else None


def chosen_cells(
    cells: pl.DataFrame,
    units: Tree,
    unit: str | None,
    period: dt.date | None,
    found: list[Found],
) -> pl.DataFrame:
    """Keep the unit with all below it and the month that the command line chose.

    A file that speaks only of others contradicts the command line.
    """
    kept = cells
    if unit is not None:
        kept = kept.filter(pl.col("unit_code").is_in(list(units.subtree(unit, gone=True))))
        if cells.height and not kept.height:
            found.append(_contrary(cells, "unit", "unit_code", unit))
    if period is not None:
        before = kept
        kept = kept.filter(pl.col("period") == period)
        if before.height and not kept.height:
            found.append(_contrary(before, "period", "period", f"{period:%Y-%m}"))
    if 0 < kept.height < cells.height:
        left = {"count": cells.height - kept.height}
        found.append(Found("info", "other", left, fix="other"))
    return kept


def _contrary(cells: pl.DataFrame, role: str, column: str, asked: str) -> Found:
    """Return the finding that a file speaks of other units or months than the command line."""
    said = cells[column].unique(maintain_order=True)
    shown = ", ".join(str(item)[:7] if role == "period" else item for item in said[:3])
    values = {"value": shown + (" …" if said.len() > 3 else ""), "asked": asked}
    first = _at_label(cells.row(0, named=True), role)
    return Found.at(first, "mandatory", f"other_{role}", values, fix=f"other_{role}")
