"""What of figures with small counts is given to a reader outside the units' chain of command?

Only what is made of released cells of today's edition, to the last digit, and as of an earlier day
of the very numbers of today: a figure of another basis, of other numbers or of a part of the units
is not, and would tell what lies between. Usual
ranges and readings rest on months that are not released and are not given at all.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any

import polars as pl

from data.access import Viewer
from data.definition_types import Catalog, Indicator
from data.periods import base_period, window_months
from metrics.cube import Cube, stand
from metrics.figures import compute_figures
from metrics.plan import COMPARATOR_OF_BASE, Plan, make_plan
from metrics.releases import SMALL_COUNTS, filed_for, release_table
from metrics.same_units import fed_by_others, other_units

Row = dict[str, Any]
EXACT = 1e-6
MARKS = ("hide", "hide_change", "hide_reading")
#: Figures that are pooled otherwise tell more of their parts than sums do.
SUMMED = ("sum", "ratio", "annualised", "difference")


class Outside:
    """One reader's sight of an edition; `seen` are the own units (None: all of them)."""

    def __init__(
        self, catalog: Catalog, viewer: Viewer | None, cube: Cube, present: Cube | None
    ) -> None:
        self.catalog, self.basis = catalog, cube.basis
        self.edition = stand(cube if present is None else present, "now")
        self.day = None if present is None else stand(cube, "now")
        self.seen = frozenset() if viewer is None else viewer.sees()
        self._figures: dict[tuple, Row] = {}
        self._kept = self.edition.memo  # what follows from the edition is worked out once for all

    def mark(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return the rows with `hide`, `hide_change` and `hide_reading` (rows of flag S only)."""
        if self.seen is None:
            return rows.with_columns(pl.lit(value=False).alias(name) for name in MARKS)
        self._fetch_bases(rows)
        marks = [self._judge(row) for row in rows.iter_rows(named=True)]
        columns = [pl.Series(n, [m[at] for m in marks], pl.Boolean) for at, n in enumerate(MARKS)]
        return rows.with_columns(columns)

    def _fetch_bases(self, rows: pl.DataFrame) -> None:
        """Work out together what the changes of others' units are to stand on."""
        if "base_period" not in rows.columns or self.seen is None:
            return
        others = rows.filter(
            pl.col("base_value").is_not_null() & ~pl.col("unit").is_in(list(self.seen))
        )
        for (code, window), part in others.group_by("indicator", "window", maintain_order=True):
            units, periods = part["unit"].unique().to_list(), part["base_period"].unique().to_list()
            if SMALL_COUNTS in self.catalog.indicators[code].flags:
                found = compute_figures(self.edition, [code], units, periods, window)
                for row in found.iter_rows(named=True):
                    self._figures[code, row["unit"], window, row["period"]] = row

    def _judge(self, row: Row) -> tuple[bool, bool, bool]:
        item = self.catalog.indicators[row["indicator"]]
        flags = item.flags
        if self.seen is None or SMALL_COUNTS not in flags or not self.catalog.bureau.small_cell:
            return False, False, False
        is_change = "comparator" in row
        if self._is_own(row["unit"], self._months(item, row["window"], row["period"])):
            # The units beside them are not their own.
            peers = is_change and row["comparator"] == "peers"
            base = row["base_period"] if is_change else None
            is_foreign = base is not None and not self._is_own(
                row["unit"], self._months(item, row["window"], base)
            )
            return False, peers or is_foreign, False
        # Without a value (a base of nought) numerator and denominator tell as much.
        if any(row[part] is not None for part in ("numerator", "denominator", "value")):
            hide = not self._is_released(item, row)
        else:
            # The own cube lacks what others filed for a unit: it is hidden, not missing.
            hide = row["unit"] in self.seen and self._is_filed(item, row)
        if not is_change:
            return hide, False, False
        return hide, hide or not self._is_base_released(item, row), True

    def _months(self, item: Indicator, window: str, period: dt.date) -> list[dt.date]:
        start = self.catalog.bureau.year_start
        months = window_months(window, period, start)
        base = COMPARATOR_OF_BASE.get(item.base)
        earlier = base_period(period, base, window, start) if base else None
        return months + (window_months(window, earlier, start) if earlier else [])

    def _is_own(self, unit: str, months: Iterable[dt.date]) -> bool:
        """Return whether a unit is the reader's own, and nobody else's share stands in it."""
        assert self.seen is not None
        if unit not in self.seen:
            return False
        if not self.catalog.successions:
            return True
        for month in months:
            key = ("fed by others", month, self.seen)
            if key not in self._kept:
                self._kept[key] = fed_by_others(self.catalog, month, self.seen)
            if unit in self._kept[key]:
                return False
        return True

    def _is_filed(self, item: Indicator, row: Row) -> bool:
        """Return whether anybody filed what a figure is made of."""
        asked = (row["unit"], row["window"], row["period"])
        measures = self._plan(item.code).measures
        return any(filed_for(self.edition, code, *asked) for code in measures)

    def _is_released(self, item: Indicator, row: Row) -> bool:
        """Return whether a figure is the one of the edition and made of released cells alone."""
        if self.basis != "now":
            months = self._months(item, row["window"], row["period"])
            if any(row["unit"] in self._other_units(month) for month in months):
                return False
        return self._is_made(item, row["unit"], row["window"], row["period"], row)

    def _other_units(self, month: dt.date) -> frozenset[str]:
        key = ("other units", month)
        if key not in self._kept:
            self._kept[key] = other_units(self.catalog, month)
        return self._kept[key]

    def _is_made(self, item: Indicator, unit: str, window: str, period: dt.date, row: Row) -> bool:
        """Return whether numerator and denominator are sums of inputs, the small ones released."""
        plan = self._plan(item.code)
        if plan.shape not in SUMMED or getattr(item, "ago", 0) != 0:
            return False
        start = self.catalog.bureau.year_start
        if plan.comparator:
            earlier = base_period(period, plan.comparator, window, start)
            codes = [part.measure for part in plan.inputs if part.role == "num"]
            sides = [("numerator", codes, period), ("denominator", codes, earlier)]
            if any(part.role != "num" for part in plan.inputs):
                return False
        else:
            sides = [
                (name, [part.measure for part in plan.inputs if part.role == role], period)
                for name, role in (("numerator", "num"), ("denominator", "den"))
            ]
        return all(
            self._is_sum(codes, unit, window, when, row[name])
            for name, codes, when in sides
            if codes
        )

    def _plan(self, code: str) -> Plan:
        key = ("plan", code)
        if key not in self._kept:
            self._kept[key] = make_plan(self.catalog, code)
        return self._kept[key]

    def _is_sum(
        self, codes: list[str], unit: str, window: str, period: dt.date | None, told: float | None
    ) -> bool:
        """Return whether a number is what its inputs add up to, the small ones as released."""
        if period is None or told is None:
            return told is None
        total, tables = 0.0, []
        for code in codes:
            if SMALL_COUNTS in self.catalog.measures[code].flags:
                tables.append(release_table(self.edition, code))
                is_same = self._is_todays(code, unit, window, period)
                found = tables[-1].total(unit, window, period) if is_same else None
            else:
                found = self._figure(code, unit, window, period)["value"]
            if found is None:
                return False
            total += found
        if abs(total - told) > EXACT * max(1.0, abs(total)):
            return False
        # Asked last: which cells are hidden takes a second or more to work out.
        return all(table.cell(unit, window, period) is not None for table in tables)

    def _is_todays(self, code: str, unit: str, window: str, period: dt.date) -> bool:
        """Return whether a count was made on its day of the very numbers of today.

        Two revisions may leave a sum as it was and yet tell those who know one of them the other.
        """
        if self.day is None:
            return True
        key = ("todays", code, unit, window, period)
        if key not in self.day.memo:
            asked = (code, unit, window, period)
            self.day.memo[key] = filed_for(self.day, *asked) == filed_for(self.edition, *asked)
        return self.day.memo[key]

    def _figure(self, code: str, unit: str, window: str, period: dt.date) -> Row:
        key = (code, unit, window, period)
        if key not in self._figures:
            asked = ([code], [unit], [period], window)
            self._figures[key] = compute_figures(self.edition, *asked).row(0, named=True)
        return self._figures[key]

    def _is_base_released(self, item: Indicator, row: Row) -> bool:
        """Return whether a change stands on two released figures as they are."""
        if row["comparator"] == "target":
            return True
        period = row["base_period"]
        if row["comparator"] == "peers" or period is None or row["base_value"] is None:
            return False
        if row["compared_value"] != row["value"]:
            return False
        base = self._figure(item.code, row["unit"], row["window"], period)
        if base["value"] is None:
            return False
        is_same = abs(base["value"] - row["base_value"]) <= EXACT * max(1.0, abs(base["value"]))
        return is_same and self._is_made(item, row["unit"], row["window"], period, base)
