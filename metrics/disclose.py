"""Which figures must a reader not see, and which others would give them away?

Two audiences (design section 6). Wellbeing (flag W) is hidden from everybody where fewer than
`small_n` people answered. Other small counts (flag S, from 1 up to below `small_cell`) are hidden
from readers outside the unit's own chain of command, who are given what each measure declares and
nothing else (`metrics.releases`, `metrics.outside`). Either way a hidden cell must not follow from
what is shown, so further cells are hidden until it does not (`metrics.protect`).

The pattern is settled over the whole tree, not over the rows that were asked for, so that two
requests cannot be set off against each other. Nor must the same figure on another basis, or as
known on an earlier day, give a hidden one away. On the bases then and matched a flagged figure is
shown only where it is the one that the basis now shows, made of the same facts; as of an earlier
day a survey only where the same units were hidden as today, a small count only if it is today's.
A bureau that sets neither limit, or no flag, hides nothing.
"""

import datetime as dt
from collections.abc import Collection

import polars as pl

from data.access import Viewer
from data.definition_types import Catalog
from data.periods import window_months
from data.units import Tree
from metrics.cube import Cube, stand
from metrics.disclose_gaps import told_by_gaps
from metrics.outside import SMALL_COUNTS, Outside
from metrics.releases import survey_table
from metrics.same_units import other_units

PARTS = ("numerator", "denominator", "value")
COMPARED = ("compared_value", "base_value", "change", "lower", "upper")
#: Notes that tell of the numbers that are compared.
TELLING = ("zero_base", "both_zero", "small_base")
SURVEY = "W"
OTHER = "structure"
OWN_WINDOW = {"M": "month", "Q": "quarter", "H": "half", "A": "year"}
REASONS = pl.Schema({"unit": pl.String, "n": pl.Float64, "reason": pl.String})


def suppress(
    figures: pl.DataFrame,
    catalog: Catalog,
    tree: Tree,
    viewer: Viewer | None,
    cube: Cube,
    present: Cube | None = None,
) -> pl.DataFrame:
    """Return the figures, or changes, with what the viewer must not see taken out.

    A hidden figure has no value, numerator or denominator and is marked suppressed; nought and
    missing keep their meaning. A change goes with its figure, with its base, and with a comparison
    over part of the units from which the others would follow.

    Needs: FIGURES or CHANGES. Rows: as given, in the same order.

    Args:
        figures: FIGURES or CHANGES.
        catalog: Definitions; flags W and S, `small_n` and `small_cell` of the bureau.
        tree: The units.
        viewer: Who reads; None is the public.
        cube: Everybody's facts behind the figures.
        present: The facts of today, where those behind the figures are of an earlier day.
    """
    flagged = [code for code in figures["indicator"].unique() if guards(catalog, code)]
    if not flagged:
        return figures
    waves = Waves(catalog, tree, cube, present)
    outside = Outside(catalog, viewer, cube, present)
    rows = figures.with_row_index("row").filter(pl.col("indicator").is_in(flagged))
    return _take_out(figures, outside.mark(waves.mark(rows)), list(catalog.measures))


def guards(catalog: Catalog, code: str) -> frozenset[str]:
    """Return which of the flags W and S an indicator carries and the bureau has a limit for."""
    indicator = catalog.indicators.get(code)
    limits = {SURVEY: catalog.bureau.small_n, SMALL_COUNTS: catalog.bureau.small_cell}
    return frozenset(f for f in (indicator.flags if indicator else ()) if limits.get(f))


def hidden_units(catalog: Catalog, tree: Tree, cube: Cube, period: dt.date) -> pl.DataFrame:
    """Return the units whose survey wave is not shown to anybody, and why.

    Rows: one hidden unit, with n answers; reason is `small`, `protects` (it would give a small
    one away) or `structure` (shown on the basis now only). Official order.
    """
    code = respondents(catalog)
    if code is None or not catalog.bureau.small_n:
        return pl.DataFrame(schema=REASONS)
    waves = Waves(catalog, tree, cube)
    counts = waves.counts(period)
    hidden = dict.fromkeys(waves.other_units(code, "wave", period), OTHER) | waves.pattern(period)
    rows = [(unit, counts.get(unit), hidden[unit]) for unit in tree.codes if unit in hidden]
    return pl.DataFrame(rows, schema=REASONS, orient="row")


def respondents(catalog: Catalog) -> str | None:
    """Return the measure that counts a survey's answers: what the flag W means are weighted by."""
    weights = [
        measure.roll_by[0]
        for measure in catalog.measures.values()
        if SURVEY in measure.flags and measure.roll_by
    ]
    return max(set(weights), key=weights.count) if weights else None


class Waves:
    """Which units each survey wave hides: the same for every reader."""

    def __init__(
        self, catalog: Catalog, tree: Tree, cube: Cube, present: Cube | None = None
    ) -> None:
        self.catalog, self.tree, self.basis = catalog, tree, cube.basis
        # The pattern is that of the basis now: what another basis shows follows from it.
        self.cube = stand(cube, "now")
        self.today = None if present is None else Waves(catalog, tree, present)
        self.code = respondents(catalog)

    def mark(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return the rows with `hide_wave` and `hide_wave_change` (rows of flag W only)."""
        codes = [c for c in rows["indicator"].unique() if SURVEY in guards(self.catalog, c)]
        if not codes:
            no = pl.lit(value=False)
            return rows.with_columns(is_survey=no, hide_wave=no, hide_wave_change=no)
        is_survey = pl.col("indicator").is_in(codes)
        keys = ["indicator", "window", "period"]
        rows = rows.with_columns(is_survey=is_survey)
        rows = rows.with_columns(hide_wave=self._is_in(rows, keys))
        if "base_period" not in rows.columns:
            return rows.with_columns(hide_wave_change=pl.lit(value=False))
        base = rows.select("indicator", "window", "unit", "is_survey", period="base_period")
        gone = (
            self._is_in(base, keys)
            | (pl.col("is_survey") & (pl.col("comparator") == "peers"))
            | self._tells_the_rest(rows)
        ) & (pl.col("comparator") != "target")
        return rows.with_columns(hide_wave_change=gone | pl.col("hide_wave"))

    def hidden(self, code: str, window: str, period: dt.date) -> set[str]:
        """Return the units whose figure of this indicator, window and period is not shown."""
        pattern = self.pattern(period)
        found = set(pattern) | self.other_units(code, window, period)
        found |= self.told_by_gaps(code, window, period)
        if self.today is not None and set(pattern) != set(self.today.pattern(period)):
            # What today's pattern shows would tell what that of the day hides, and the reverse.
            # Units hidden for their structure are not compared: they would cover a difference.
            found = {unit.code for unit in self.catalog.units}
        return found

    def pattern(self, period: dt.date) -> dict[str, str]:
        """Return the hidden units of a wave, each with the reason."""
        if self.code is None:
            return {}
        table = survey_table(self.cube, self.code, self.catalog.bureau.small_n)
        span = table.span("wave", period)
        return {unit: why for (unit, of), why in table.pattern.hidden.items() if of == span}

    def counts(self, period: dt.date) -> dict[str, float]:
        """Return how many answered in every unit that took part in a wave."""
        if self.code is None:
            return {}
        table = survey_table(self.cube, self.code, self.catalog.bureau.small_n)
        span = table.span("wave", period)
        return {unit: n for (unit, of), n in table.pattern.values.items() if of == span}

    def told_by_gaps(self, code: str, window: str, period: dt.date) -> set[str]:
        """Return the units whose figure would tell a hidden one, as some did not file it."""
        key = ("told by gaps", code, window, period)
        if key not in self.cube.memo:
            self.cube.memo[key] = told_by_gaps(
                self.cube, self.cube.tree, (code, window, period), self.pattern(period),
                self.counts(period),
            )  # fmt: skip
        found: set[str] = self.cube.memo[key]
        return found

    def other_units(self, code: str, window: str, period: dt.date) -> set[str]:
        """Return the units that are made of other facts on this basis than on the basis now."""
        if self.basis == "now":
            return set()
        own = OWN_WINDOW.get(self.catalog.indicators[code].frequency, "month")
        start = self.catalog.bureau.year_start
        found: set[str] = set()
        for month in window_months(window if window != "wave" else own, period, start):
            key = ("other units", month)
            if key not in self.cube.memo:
                self.cube.memo[key] = other_units(self.catalog, month)
            found |= self.cube.memo[key]
        return found

    def _is_in(self, rows: pl.DataFrame, keys: list[str]) -> pl.Series:
        """Return for each row whether its unit is hidden; a row without a period is not."""
        asked = rows.filter("is_survey")
        hidden = [
            (code, window, period, unit)
            for code, window, period in asked.select(keys).unique().drop_nulls().iter_rows()
            for unit in self.hidden(code, window, period)
        ]
        columns = [*keys, "unit"]
        found = pl.DataFrame(
            hidden, schema={name: rows.schema[name] for name in columns}, orient="row"
        ).with_columns(hide=True)
        joined = rows.join(found, on=columns, how="left", maintain_order="left")
        return joined["hide"].fill_null(value=False)

    def _tells_the_rest(self, rows: pl.DataFrame) -> pl.Series:
        """Return where a comparison over part of the units would tell the left-out units' figure.

        The figure of all units stands beside it, so the units left out must be none, or enough.
        """
        limit, found = self.catalog.bureau.small_n, []
        for row in rows.iter_rows(named=True):
            if not row["is_survey"] or row["base_period"] is None:
                found.append(False)
                continue
            now, then = self.counts(row["period"]), self.counts(row["base_period"])
            leaves = self.tree.leaves(row["unit"])
            left_out = [
                sum(one.get(leaf, 0) for leaf in leaves if leaf not in other)
                for one, other in ((now, then), (then, now))
            ]
            # A unit that moved within another is dropped from `matched`, and may be small.
            is_cut = self.basis == "matched" and row["compared_value"] != row["value"]
            found.append(is_cut or any(0 < n < limit for n in left_out))
        return pl.Series("rest", found, dtype=pl.Boolean)


def _take_out(figures: pl.DataFrame, rows: pl.DataFrame, plain: Collection[str]) -> pl.DataFrame:
    """Return the figures without the parts that are marked in the rows; `plain` are measures."""
    marks = rows.select(
        "row",
        "hide",
        "hide_wave",
        gone=pl.col("hide_change") | pl.col("hide_wave_change"),
        unread=pl.col("hide_reading"),
    )
    marked = figures.with_row_index("row").join(marks, on="row", how="left", maintain_order="left")
    marked = marked.with_columns(
        pl.col("hide", "hide_wave", "gone", "unread").fill_null(value=False)
    )
    is_there = pl.any_horizontal(pl.col(name).is_not_null() for name in PARTS)
    hide = pl.col("hide") | (pl.col("hide_wave") & is_there)
    # A growth rate that has no value, as its base is nought, is not to be told from one that has.
    is_open = ~pl.col("hide") | (pl.col("indicator").is_in(plain) & (pl.col("status") != "missing"))
    changes = {
        "suppressed": pl.col("suppressed").fill_null(value=False) | hide,
        "status": pl.when(is_open).then("status").otherwise(pl.lit("final")),
        **{name: pl.when(~hide).then(name) for name in PARTS},
    }
    if "comparator" in figures.columns:
        gone = pl.col("gone") | pl.col("hide") | pl.col("hide_wave")
        unread = pl.col("gone") | pl.col("unread")
        changes |= {name: pl.when(~gone).then(name) for name in COMPARED}
        changes |= {name: pl.when(~unread).then(name) for name in ("lower", "upper")}
        changes["change_kind"] = pl.when(~gone).then("change_kind").otherwise(pl.lit("none"))
        telling = gone & (pl.col("change").is_not_null() | pl.col("note").is_in(TELLING))
        withheld = pl.when(hide).then(pl.lit("none")).otherwise(pl.lit("missing_base"))
        changes["note"] = pl.when(telling).then(withheld).otherwise("note")
        changes["reading"] = pl.when(unread).then(pl.lit("none")).otherwise("reading")
    return marked.with_columns(**changes).select(figures.columns)
