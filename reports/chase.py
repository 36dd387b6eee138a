"""How does the list of missing returns leave the product: units, days, and whom to call?"""

import polars as pl

from data.definition_types import Catalog
from data.texts import text
from data.units import Tree
from reports.tables import Field, Sheet, Value, xlsx_bytes

COLUMNS = ("unit", "form", "due", "late_days", "state", "filled", "owed", "person")
WIDTHS = {"unit": 24, "form": 26, "person": 24}


def chase_bytes(found: pl.DataFrame, catalog: Catalog, tree: Tree, period: str, lang: str) -> bytes:
    """Return the list as a workbook."""
    return xlsx_bytes([chase_sheet(found, catalog, tree, period, lang)])


def chase_sheet(found: pl.DataFrame, catalog: Catalog, tree: Tree, period: str, lang: str) -> Sheet:
    """Return the list as a table to take along."""
    fields = [
        Field(text(f"returns.chase.{name}", lang), width=WIDTHS.get(name, 12)) for name in COLUMNS
    ]
    rows: list[list[Value]] = []
    for row in found.iter_rows(named=True):
        form = catalog.forms[row["form"]]
        shown: dict[str, Value] = {
            **{name: row[name] for name in COLUMNS},
            "unit": tree.unit(row["unit"]).name.get(lang),
            "form": f"{form.code} {form.name.get(lang)}",
            "state": text(f"returns.state.{row['state']}", lang),
        }
        rows.append([shown[name] for name in COLUMNS])
    about = [
        (text("returns.chase.bureau", lang), catalog.bureau.name.get(lang)),
        (text("returns.chase.period", lang), period),
    ]
    return Sheet(text("returns.chase.title", lang), about, fields, rows)
