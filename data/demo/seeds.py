"""What must the units of a small bureau file, so that published figures come out of the product?

The plans of `data/examples/seed/plans.toml` say a total or a state; here it is spread over the
units and months that file it, in whole steps, so that parts stay inside their wholes.
"""

import datetime as dt
import shutil
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from data.catalog import BUILT_IN, Catalog
from data.demo.generate import DUE_MONTHS
from data.demo.world import span_months
from data.periods import parse_period

SEEDS = Path(__file__).parent.parent / "examples" / "seed"
# Others than the unit of the published figure file too, in another size.
OTHERS = {"b": 0.6, "c-own": 0.2}
MONTH_WEIGHT = (0.96, 0.82, 1.02, 0.98, 1.04, 1.0, 1.06, 1.05, 1.01, 1.0, 0.99, 1.07)

Cells = dict[tuple[str, dt.date], float]


def write_definitions(folder: Path) -> Path:
    """Write the built-in definitions with the units of the small bureau, and return the folder."""
    shutil.copytree(BUILT_IN, folder)
    for name in ("units.csv", "unit_parents.csv"):
        shutil.copy(SEEDS / name, folder / name)
    for name in ("people.toml", "unit_successions.csv"):
        (folder / name).unlink(missing_ok=True)
    bureau = folder / "bureau.toml"
    text = bureau.read_text("utf-8")
    bureau.write_text(text.replace('root = "yz"', 'root = "c"'), "utf-8")
    return folder


def read_plans() -> dict[str, dict[str, Any]]:
    """Return the plans by source."""
    return tomllib.loads((SEEDS / "plans.toml").read_text("utf-8"))


def plan_facts(plan: dict[str, Any], catalog: Catalog) -> pl.DataFrame:
    """Return measure, unit, period and value of everything that a plan has filed.

    Rows: one measure of one unit in one month, in the order of the plan.
    """
    months = span_months(parse_period(plan["first"]), parse_period(plan["last"]))
    top = "c" if plan["level"] == "city" else "a"
    filed: dict[str, Cells] = {}
    for code, entry in plan["filed"].items():
        filed[code] = {}
        for part in entry if isinstance(entry, list) else [entry]:
            filed[code] |= part_cells(part, code, catalog, months, top, filed)
    rows = [
        (code, unit, period, value)
        for code, cells in filed.items()
        for (unit, period), value in cells.items()
    ]
    schema = {"measure": pl.String, "unit": pl.String, "period": pl.Date, "value": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def part_cells(
    part: dict[str, Any],
    code: str,
    catalog: Catalog,
    months: tuple[dt.date, ...],
    top: str,
    filed: dict[str, Cells],
) -> Cells:
    """Return the cells of one entry of a plan."""
    measure = catalog.measures[code]
    in_turn = DUE_MONTHS.get(measure.frequency, tuple(range(1, 13)))
    due = [month for month in months if month.month in in_turn]
    if "years" in part:
        due = [month for month in due if f"{month:%Y}" in part["years"]]
    if "of" in part or "sum" in part:
        return derived_cells(part, filed, due)
    cells: Cells = {}
    for root, scale in {top: 1.0, **(OTHERS if top == "a" else {})}.items():
        units = filing_units(catalog, measure.value_of, root, part.get("units", ""))
        if "own" in part:
            for unit in units:
                amount = own_amount(part["own"] * scale // 1, unit == f"{root}-own", measure.roll)
                cells |= {(unit, month): amount for month in due}
        elif units:
            cells |= spread(part, units, due, scale, measure.decimals, filed)
    return cells


def own_amount(amount: float, is_asked: bool, roll: str) -> float:
    """Return what an own level files: its list, or another number (0 where they are summed)."""
    return amount if is_asked else amount // 2 if roll == "none" else 0.0


def filing_units(catalog: Catalog, levels: tuple[str, ...], root: str, wanted: str) -> list[str]:
    """Return the units below a root (or itself) that carry a value, of a level or group."""
    parents = {row.unit: row.parent for row in catalog.parents}
    return [
        unit.code
        for unit in catalog.units
        if root in (unit.code, parents.get(unit.code), parents.get(parents.get(unit.code, ""), ""))
        and unit.level in levels
        and wanted in ("", unit.level, unit.group)
    ]


def derived_cells(part: dict[str, Any], filed: dict[str, Cells], due: list[dt.date]) -> Cells:
    """Return cells that follow from other measures, cell by cell."""
    if "sum" in part:
        first, *rest = (filed[code] for code in part["sum"])
        return {at: value + sum(other[at] for other in rest) for at, value in first.items()}
    ratio, plus = part.get("ratio", 1.0), part.get("plus", 0.0)
    decimals = part.get("decimals", 0)
    way = {"up": np.ceil, "down": np.floor}[part.get("round", "down")]
    step = 10.0**-decimals
    cells = {}
    for (unit, month), value in filed[part["of"]].items():
        if month in due:
            exact = round((value * ratio + plus) / step, 6)
            cells[unit, month] = round(float(way(exact)) * step, decimals)
    return cells


def spread(
    part: dict[str, Any],
    units: list[str],
    due: list[dt.date],
    scale: float,
    decimals: int,
    filed: dict[str, Cells],
) -> Cells:
    """Return an amount spread over units and months; a stock over the units only."""
    weights = np.array([1.0 + 0.15 * (position % 4) for position in range(len(units))])
    cells: Cells = {}
    if "score" in part:
        return score_cells(part, units, due, filed)
    if "stock" in part or "falls" in part:
        start, end = part.get("falls", (part.get("stock"), part.get("stock")))
        for number, month in enumerate(due):
            left = 1 - (number % 12) / 11 if len(due) >= 12 else 1.0
            wanted = np.round(end * scale) + np.floor((start - end) * scale * left)
            shares = allot(wanted, weights, 1.0)
            cells |= {(unit, month): share for unit, share in zip(units, shares, strict=True)}
        return cells
    for span, amount in part["total"].items():
        inside = [month for month in due if in_span(month, span)]
        months = np.array([MONTH_WEIGHT[month.month - 1] for month in inside])
        step = 1.0 if decimals == 0 else 0.01
        shares = allot(np.round(amount * scale / step) * step, np.outer(weights, months), step)
        cells |= {
            (unit, month): shares[row, column]
            for row, unit in enumerate(units)
            for column, month in enumerate(inside)
        }
    return cells


def score_cells(
    part: dict[str, Any], units: list[str], due: list[dt.date], filed: dict[str, Cells]
) -> Cells:
    """Return the units' scores around a mean; the last unit brings it about."""
    cells: Cells = {}
    for month in due:
        n = np.array([filed[part["by"]][unit, month] for unit in units])
        scores = part["score"] + np.array([(-1.6, 0.9, 1.7, -0.4)[i % 4] for i in range(len(n))])
        scores[-1] = (part["score"] * n.sum() - (scores[:-1] * n[:-1]).sum()) / n[-1]
        cells |= {
            (unit, month): round(float(score), 2) for unit, score in zip(units, scores, strict=True)
        }
    return cells


def in_span(month: dt.date, span: str) -> bool:
    """Return whether a month lies in a year, is the month, or lies between two months.

    >>> [in_span(dt.date(2018, 11, 1), span) for span in ("2018", "2018-11", "2018-01/2018-09")]
    [True, True, False]
    """
    first, _, last = span.partition("/")
    return first <= f"{month:%Y-%m}" <= (last or f"{first}-99")


def allot(total: float, weights: np.ndarray, step: float) -> np.ndarray:
    """Return a total cut by weights into whole steps: running sums are rounded, none is lost.

    >>> allot(10, np.array([1.0, 1.0, 1.0]), 1.0).tolist()
    [3.0, 4.0, 3.0]
    """
    running = np.cumsum(weights.ravel()) / weights.sum() * total / step
    edges = np.concatenate([[0.0], np.round(running)])
    decimals = 0 if step == 1.0 else 2
    return np.round(np.diff(edges) * step, decimals).reshape(weights.shape)
