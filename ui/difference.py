"""How are cells shown that say something else than before? Where, what, before, after, how much."""

import polars as pl

from reports.tables import Field, Sheet, Value
from ui import load
from ui.html import Markup, join, tag
from ui.numbers import shown
from ui.scope import Scope
from ui.table import DASH, Column, Row, table


def difference_table(
    scope: Scope, title: str, found: pl.DataFrame, filer: str, most: int, card: bool = True
) -> Markup:
    """Return cells that differ, the first so many; units are named but where all are the filer's.

    Needs: rows of `data.store.differences`.
    """
    t, lang = scope.t, scope.lang
    columns = [
        Column("cell", t("review.diff.cell")),
        Column("measure", t("returns.column.measure")),
        Column("before", t("review.diff.before"), number=True),
        Column("after", t("review.diff.after"), number=True),
        Column("change", t("review.diff.change"), number=True),
    ]
    if set(found["unit"]) != {filer}:
        columns.insert(1, Column("unit", t("ui.frame.unit")))
    rows = []
    for row in found.head(most).iter_rows(named=True):
        measure = load.catalog().measures[row["measure"]]
        decimals = load.indicator(row["measure"]).decimals
        place = f"{row['sheet']}!{row['cell']}" if row["cell"] else (row["sheet"] or DASH)
        name = [measure.name.get(lang), " ", tag("span", measure.unit.get(lang), cls="s mu")]
        rows.append(
            Row(
                {
                    "cell": tag("b", place),
                    "unit": load.unit_name(row["unit"], lang),
                    "measure": join(name),
                    "before": shown(row["before"], decimals),
                    "after": tag("b", shown(row["after"], decimals) or t("review.diff.gone")),
                    "change": shown(row["change"], decimals, sign=True),
                }
            )
        )
    return table(title, columns, rows, cls="dense", card=card)


def difference_sheet(scope: Scope, title: str, found: pl.DataFrame) -> Sheet:
    """Return all cells that differ as a table to take along."""
    t, lang = scope.t, scope.lang
    names = ("cell", "before", "after", "change")
    labels = [t("ui.frame.unit"), t("returns.column.measure"), t("returns.column.measured")]
    fields = [Field(label) for label in (*labels, *(t(f"review.diff.{name}") for name in names))]
    rows: list[list[Value]] = []
    for row in found.iter_rows(named=True):
        measure = load.catalog().measures[row["measure"]]
        place = "!".join(part for part in (row["sheet"], row["cell"]) if part)
        said = [load.unit_title(row["unit"], lang), measure.name.get(lang), measure.unit.get(lang)]
        rows.append([*said, place, row["before"], row["after"], row["change"]])
    return Sheet(title, [], fields, rows)
