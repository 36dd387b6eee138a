"""Which frames does a reading consist of, before anything is judged?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from data.returns.cells import Cell
from data.returns.liberties import NOTES
from data.store.source import Source

#: One row a sheet that is a return: whose it is, and how that agrees with what was asked.
PARTS = pl.Schema(
    {
        "sheet": pl.String,
        "form": pl.String,
        "form_cell": pl.String,
        "form_words": pl.String,
        "form_known": pl.Boolean,
        "form_current": pl.Boolean,
        "unit": pl.String,
        "unit_cell": pl.String,
        "unit_words": pl.String,
        "unit_known": pl.Boolean,
        "unit_matches": pl.Boolean,
        "period": pl.Date,
        "period_cell": pl.String,
        "period_words": pl.String,
        "period_known": pl.Boolean,
        "period_matches": pl.Boolean,
        "period_future": pl.Boolean,
        "head_agrees": pl.Boolean,
        "is_owed": pl.Boolean,
        "has_table": pl.Boolean,
        "measures_known": pl.Boolean,
        "unknown_words": pl.String,
        "unknown_cell": pl.String,
        "measures_once": pl.Boolean,
        "twice_words": pl.String,
        "twice_cell": pl.String,
        "labels_agree": pl.Boolean,
        "label_words": pl.String,
        "label_cell": pl.String,
        "column_known": pl.Boolean,
        "column_words": pl.String,
        "column_cell": pl.String,
        "is_upright": pl.Boolean,
        "personal_columns": pl.Int64,
        "personal_cell": pl.String,
    }
)
#: One row a unit's line in a table.
LINES = pl.Schema(
    {
        "sheet": pl.String,
        "form": pl.String,
        "cell": pl.String,
        "unit": pl.String,
        "unit_words": pl.String,
        "unit_known": pl.Boolean,
        "parent_matches": pl.Boolean,
        "names_agree": pl.Boolean,
        "clash": pl.String,
        "required": pl.Int64,
        "filled": pl.Int64,
    }
)
#: One row a cell that the unit owes, or that holds something it does not owe.
CELLS = pl.Schema(
    {
        "sheet": pl.String,
        "cell": pl.String,
        "form": pl.String,
        "unit": pl.String,
        "measure": pl.String,
        "period": pl.Date,
        "text": pl.String,
        "kind": pl.String,
        "fault": pl.String,
        "hint": pl.String,
        "liberty": pl.String,
        "value": pl.Float64,
        "decimals_found": pl.Float64,
        "is_due": pl.Boolean,
        "is_required": pl.Boolean,
        "is_total": pl.Boolean,
        "reported_ytd": pl.Float64,
        "reported_same_period": pl.Float64,
    }
)
_SAID = ("text", "kind", "fault", "hint", "liberty", "value", "decimals_found")


def said_by(cells: Sequence[Cell]) -> pl.DataFrame:
    """Return what each cell says, in the columns of CELLS.

    Most cells of a return are one and the same `Cell`: the columns are made of the different ones.

    >>> nought = Cell("0", "number", 0.0)
    >>> said_by([nought, nought])["text"].to_list()
    ['0', '0']
    """
    different = list({id(cell): cell for cell in cells}.values())
    number = {id(cell): n for n, cell in enumerate(different)}
    said = pl.DataFrame(
        {
            "text": [cell.text for cell in different],
            "kind": [cell.kind for cell in different],
            "fault": [cell.fault for cell in different],
            "hint": [cell.hint for cell in different],
            "liberty": [cell.liberty for cell in different],
            "value": [cell.value for cell in different],
            "decimals_found": [cell.decimals for cell in different],
        },
        schema={name: CELLS[name] for name in _SAID},
    )
    return said.select(pl.all().gather([number[id(cell)] for cell in cells]))


@dataclass(slots=True)
class Reading:
    """A workbook as read: every cell, what it was taken for, and whose return it is.

    `refusal` holds (key, values) of the text that says why a file was not read at all; `answers`
    the explanations found in an annotated copy, by finding; `notes` every liberty taken.
    """

    source: Source
    raw: pl.DataFrame
    cells: pl.DataFrame
    lines: pl.DataFrame
    parts: pl.DataFrame
    refusal: tuple[str, dict[str, object]] | None = None
    answers: dict[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    notes: pl.DataFrame = field(default_factory=NOTES.to_frame)

    @property
    def facts(self) -> pl.DataFrame:
        """The sound numbers that are owed, each with its sheet and cell."""
        is_sound = (pl.col("fault") == "") & pl.col("is_due") & pl.col("value").is_not_null()
        columns = ("measure", "unit", "period", "value", "sheet", "cell")
        return self.cells.filter(is_sound).select(columns)

    @property
    def unit(self) -> str:
        """The unit that files; empty where the workbook does not name one."""
        return self.parts["unit"][0] or "" if self.parts.height else ""

    @property
    def period(self) -> dt.date | None:
        """The month that the return is for."""
        return self.parts["period"][0] if self.parts.height else None

    @property
    def forms(self) -> tuple[str, ...]:
        """The forms that the workbook holds, in its order."""
        return tuple(dict.fromkeys(f for f in self.parts["form"] if f))
