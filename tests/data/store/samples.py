"""Small frames to put into a record, written as tables."""

import datetime as dt

import polars as pl

from data.definition_types import EMPTY, Form
from data.schema import FINDINGS
from data.store.facts import LOADED
from data.store.source import Checked, Source

FORM = Form(
    code="M02",
    name=EMPTY,
    layout="unit",
    layouts=("unit",),
    version=1,
    frequency="M",
    filers=("station",),
    measures=("cases", "cleared", "loss"),
    sheet=EMPTY,
    file_replaces="cells",
    due_day=5,
    note=EMPTY,
)


def facts(table: str) -> pl.DataFrame:
    """Return facts from lines `measure unit 2024-10 value [cell]`; `-` is a blank value."""
    rows = []
    for line in table.strip().splitlines():
        measure, unit, month, value, *cell = line.split()
        year, number = month.split("-")
        rows.append(
            {
                "measure": measure,
                "definition": 1,
                "unit": unit,
                "period": dt.date(int(year), int(number), 1),
                "value": None if value == "-" else float(value),
                "sheet": "M02" if cell else None,
                "cell": cell[0] if cell else None,
            }
        )
    return pl.DataFrame(rows, schema=LOADED, orient="row")


def source(name: str = "cases.csv") -> Source:
    return Source.of_bytes(name, name.encode())


def day(text: str) -> dt.datetime:
    """Return noon of a day in UTC."""
    return dt.datetime.combine(dt.date.fromisoformat(text), dt.time(12), tzinfo=dt.UTC)


def checked(table: str, unit: str, queries: tuple[str, ...] = (), severity: str = "query"):
    """Return a checked return of a unit, with a finding at each of the cells."""
    rows = [
        {name: None for name in FINDINGS}
        | {"rule": "R01", "severity": severity, "sheet": "M02", "cell": cell, "unit": unit}
        for cell in queries
    ]
    frame = facts(table)
    findings = pl.DataFrame(rows, schema=FINDINGS, orient="row")
    return Checked(FORM, unit, frame["period"][0], source(), frame, findings)


def values(frame: pl.DataFrame) -> dict[tuple[str, str, str], float]:
    """Return what facts say as (measure, unit, month) → value."""
    return {
        (row["measure"], row["unit"], f"{row['period']:%Y-%m}"): row["value"]
        for row in frame.iter_rows(named=True)
    }
