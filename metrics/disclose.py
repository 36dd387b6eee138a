"""Which figures must a reader not see, and which others would give them away?

Two audiences (design section 6). Wellbeing (flag W) is hidden from everybody where fewer than
`small_n` people answered. Other small counts (flag S, from 1 up to below `small_cell`) are hidden
from readers outside the unit's own chain of command. Either way a hidden cell must not follow from
its parent and its shown siblings, so further cells are hidden until it does not.

With a cube the pattern is settled over the whole tree, not over the rows that were asked for, so
that two requests cannot be set off against each other. Without one it rests on the given rows, and
what cannot be judged stays hidden. A bureau that sets neither limit, or no flag, hides nothing.

Nor must the same figure on another basis, or as known on an earlier day, give a hidden one away.
On the bases then and matched a flagged figure is shown only where it is the one that the basis now
shows, made of the same facts; as of an earlier day only where the same cells were hidden as today.
"""

import datetime as dt
from collections.abc import Iterable
from functools import cached_property

import polars as pl

from data.access import Viewer
from data.definition_types import Catalog, Indicator
from data.periods import base_period, month_is_due, window_months
from data.units import Tree
from data.units import tree as tree_of
from metrics.cube import Cube, stand
from metrics.figures import compute_figures
from metrics.hide import hide_cells
from metrics.same_units import fed_by_others, other_units, sharers

PARTS = ("numerator", "denominator", "value")
COMPARED = ("compared_value", "base_value", "change", "lower", "upper")
OTHER = "structure"
OWN_WINDOW = {"M": "month", "Q": "quarter", "H": "half", "A": "year"}
BASE = {"same_period": "yoy", "prev": "mom"}
REASONS = pl.Schema({"unit": pl.String, "n": pl.Float64, "reason": pl.String})
Counts = dict[str, float]
Key = tuple[str, str, dt.date]  # indicator, window, period


def suppress(
    figures: pl.DataFrame,
    catalog: Catalog,
    tree: Tree,
    viewer: Viewer | None,
    cube: Cube | None = None,
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
        cube: The facts behind the figures.
        present: The facts of today, where those behind the figures are of an earlier day.
    """
    flagged = [code for code in figures["indicator"].unique() if _flags(catalog, code)]
    if not flagged:
        return figures
    edition = Edition(catalog, tree, viewer, cube, figures, present)
    keys = ["indicator", "window", "period"]
    rows = figures.with_row_index("row").filter(pl.col("indicator").is_in(flagged))
    rows = rows.with_columns(hide=_is_in(rows, keys, edition))
    if "base_period" in rows.columns:
        base = rows.select("indicator", "window", "unit", period="base_period")
        is_base_hidden = (
            _is_in(base, keys, edition)
            | (pl.col("comparator") == "peers")
            | _tells_the_rest(rows, edition)
        ) & (pl.col("comparator") != "target")
        rows = rows.with_columns(hide_change=is_base_hidden | pl.col("hide"))
    return _take_out(figures, rows)


def hidden_units(catalog: Catalog, tree: Tree, cube: Cube, period: dt.date) -> pl.DataFrame:
    """Return the units whose survey wave is not shown to anybody, and why.

    Rows: one hidden unit, with n answers; reason is `small`, `protects` (it would give a small
    one away) or `structure` (shown on the basis now only). Official order.
    """
    code = respondents(catalog)
    if code is None or not catalog.bureau.small_n:
        return pl.DataFrame(schema=REASONS)
    edition = Edition(catalog, tree, None, cube, pl.DataFrame())
    counts = edition.counts(code, "wave", period)
    hidden = dict.fromkeys(edition.other_units(code, "wave", period), OTHER)
    hidden |= edition.survey_pattern("wave", period)
    rows = [(unit, counts.get(unit), hidden[unit]) for unit in tree.codes if unit in hidden]
    return pl.DataFrame(rows, schema=REASONS, orient="row")


def respondents(catalog: Catalog) -> str | None:
    """Return the measure that counts a survey's answers: what the flag W means are weighted by."""
    weights = [
        measure.roll_by[0]
        for measure in catalog.measures.values()
        if "W" in measure.flags and measure.roll_by
    ]
    return max(set(weights), key=weights.count) if weights else None


class Edition:
    """The pattern of hidden cells for one reader, worked out once a cell and then kept."""

    def __init__(
        self,
        catalog: Catalog,
        tree: Tree,
        viewer: Viewer | None,
        cube: Cube | None,
        rows: pl.DataFrame,
        present: Cube | None = None,
    ) -> None:
        self.catalog, self.rows = catalog, rows
        self.basis = "now" if cube is None else cube.basis
        # The pattern is that of the basis now: what another basis shows follows from it.
        self.cube = cube if cube is None or self.basis == "now" else stand(cube, "now")
        self.tree = tree if self.basis == "now" else tree_of(catalog)
        self.seen = frozenset() if viewer is None else viewer.sees()
        # With a cube, what was worked out once is kept with it for every later reader.
        self._kept: dict = {} if self.cube is None else self.cube.memo
        self.today: Edition | None = None
        if present is not None:
            self.today = Edition(catalog, tree, viewer, stand(present, self.basis), rows)

    @cached_property
    def children(self) -> dict[str, tuple[str, ...]]:
        """The children of every unit that has some."""
        below = {code: self.tree.children(code) for code in self.tree.codes}
        return {code: children for code, children in below.items() if children}

    def hidden(self, code: str, window: str, period: dt.date) -> set[str]:
        """Return the units whose figure of this indicator, window and period is not shown."""
        pattern = self._settled(code, window, period)
        found = pattern | self._not_now(code, window, period)
        if self.today is not None and pattern != self.today._settled(code, window, period):
            # What today's pattern shows would tell what that of the day hides, and the reverse.
            # Units hidden for their structure are not compared: they would cover a difference.
            found = {unit.code for unit in self.catalog.units}
            found -= (self.seen or set()) if "W" not in _flags(self.catalog, code) else set()
        return found

    def _not_now(self, code: str, window: str, period: dt.date) -> set[str]:
        """Return the units that are hidden because the basis now shows other facts of them."""
        flags = _flags(self.catalog, code)
        if not flags or self.basis == "now":
            return set()
        found = set(self.other_units(code, window, period))
        if "W" not in flags:
            found -= self.seen if self.seen is not None else found
        return found

    def _settled(self, code: str, window: str, period: dt.date) -> set[str]:
        """Return the units that the pattern of the basis now hides, by the facts of one day."""
        flags = _flags(self.catalog, code)
        found: set[str] = set()
        if "W" in flags:
            found |= set(self.survey_pattern(window, period))
        if "S" in flags and self.seen is not None:
            for measure, own_window, month in self._small_cells(code, window, period):
                found |= set(self.small_pattern(measure, own_window, month))
        return found

    def other_units(self, code: str, window: str, period: dt.date) -> frozenset[str]:
        """Return the units that are made of other facts on this basis than on the basis now."""
        if self.basis == "now":
            return frozenset()
        frequency = self.catalog.indicators[code].frequency
        start = self.catalog.bureau.year_start
        own = OWN_WINDOW.get(frequency, "month")
        span = window_months(window if window != "wave" else own, period, start)
        found: frozenset[str] = frozenset()
        for month in span:
            key = ("other units", month)
            if key not in self._kept:
                self._kept[key] = other_units(self.catalog, month)
            found |= self._kept[key]
        return found

    def survey_pattern(self, window: str, period: dt.date) -> dict[str, str]:
        """Return the hidden units of a survey wave: the same for every reader."""
        code = respondents(self.catalog) or ""
        return self._pattern(code, window, period, self.catalog.bureau.small_n, frozenset())

    def small_pattern(self, code: str, window: str, period: dt.date) -> dict[str, str]:
        """Return the hidden units of a small count, to a reader who knows the own units."""
        limit, seen = self.catalog.bureau.small_cell, self.seen or frozenset()
        known = seen - fed_by_others(self.catalog, period, seen) if seen else seen
        return self._pattern(code, window, period, limit, known)

    def counts(self, code: str, window: str, period: dt.date) -> Counts:
        """Return the count of every unit that has one."""
        key = ("counts", code, window, period)
        if key not in self._kept:
            count = self._counts_of_rows if self.cube is None else self._counts_of_cube
            self._kept[key] = count(code, window, period)
        return self._kept[key]

    def _pattern(
        self, code: str, window: str, period: dt.date, limit: float, known: frozenset[str]
    ) -> dict[str, str]:
        key = ("hidden", code, window, period, limit, known)
        if key not in self._kept:
            counts = self.counts(code, window, period)
            tied = {group for month in self._span(window, period) for group in self._tied(month)}
            found = hide_cells(counts, self.children, limit, known, tied) if limit else {}
            self._kept[key] = found
        return self._kept[key]

    def _tied(self, month: dt.date) -> tuple[frozenset[str], ...]:
        """Return the units that hold shares of one unit of a month."""
        key = ("tied", month)
        if key not in self._kept:
            self._kept[key] = sharers(self.catalog, month)
        return self._kept[key]

    def _span(self, window: str, period: dt.date) -> list[dt.date]:
        """Return the months of a window, or of a survey's wave."""
        start = self.catalog.bureau.year_start
        if window != "wave":
            return window_months(window, period, start)
        code = respondents(self.catalog)
        frequency = self.catalog.measures[code].frequency if code else "M"
        return window_months(OWN_WINDOW.get(frequency, "month"), period, start)

    def _counts_of_cube(self, code: str, window: str, period: dt.date) -> Counts:
        windows = self.catalog.indicators[code].windows
        window = window if window in windows else windows[0]
        if self.cube is None:
            return {}
        figures = compute_figures(self.cube, [code], list(self.tree.codes), [period], window)
        known = figures.drop_nulls("value")
        return dict(zip(known["unit"], known["value"], strict=True))

    def _counts_of_rows(self, code: str, window: str, period: dt.date) -> Counts:
        """Return the counts that the rows themselves hold: as values, or as weights of means."""
        weighted = [
            other.code
            for other in self.catalog.indicators.values()
            if other.weighted_by == code or code in other.denominator
        ]
        rows = self.rows.filter(
            pl.col("indicator").is_in([code, *weighted])
            & (pl.col("window") == window)
            & (pl.col("period") == period)
        ).with_columns(
            n=pl.when(pl.col("indicator") == code).then("value").otherwise("denominator")
        )
        known = rows.drop_nulls("n")
        return dict(zip(known["unit"], known["n"], strict=True))

    def _small_cells(self, code: str, window: str, period: dt.date) -> Iterable[Key]:
        """Yield the filed cells of flag S behind a figure.

        A window is shown only if each of its cells is: so no window tells more than they do.
        """
        indicator = self.catalog.indicators[code]
        start = self.catalog.bureau.year_start
        ends = [period]
        if indicator.base in BASE:
            base = base_period(period, BASE[indicator.base], window, start)
            ends += [base] if base else []
        for measure in _small_inputs(self.catalog, indicator):
            frequency = self.catalog.measures[measure].frequency
            if self.cube is None:
                yield measure, window, period
                continue
            for end in ends:
                for month in window_months(window, end, start):
                    if month_is_due(frequency, month, start):
                        yield measure, OWN_WINDOW[frequency], month


def _flags(catalog: Catalog, code: str) -> frozenset[str]:
    """Return which of the flags W and S an indicator carries and the bureau has a limit for."""
    indicator = catalog.indicators.get(code)
    limits = {"W": catalog.bureau.small_n, "S": catalog.bureau.small_cell}
    return frozenset(f for f in (indicator.flags if indicator else ()) if limits.get(f))


def _small_inputs(catalog: Catalog, indicator: Indicator) -> list[str]:
    """Return the measures of flag S that an indicator is computed from."""
    if indicator.is_measure:
        return [indicator.code]
    found: list[str] = []
    for code in dict.fromkeys((*indicator.numerator, *indicator.denominator)):
        inner = catalog.indicators.get(code)
        if inner and "S" in inner.flags:
            found += _small_inputs(catalog, inner)
    return found


def _is_in(rows: pl.DataFrame, keys: list[str], edition: Edition) -> pl.Series:
    """Return for each row whether its unit is hidden; an unknown base period counts as hidden."""
    cells = rows.select(keys).unique().drop_nulls()
    hidden = [
        (code, window, period, unit)
        for code, window, period in cells.iter_rows()
        for unit in edition.hidden(code, window, period)
    ]
    columns = [*keys, "unit"]
    found = pl.DataFrame(
        hidden, schema={name: rows.schema[name] for name in columns}, orient="row"
    ).with_columns(hide=True)
    joined = rows.join(found, on=columns, how="left", maintain_order="left")
    return joined["hide"].fill_null(value=False)


def _tells_the_rest(rows: pl.DataFrame, edition: Edition) -> pl.Series:
    """Return where a comparison over part of the units would tell the left-out units' figure.

    The figure of all units stands beside it, so the units left out must be none, or enough of
    them. Without the facts that cannot be known and the comparison is withheld.
    """
    limit = edition.catalog.bureau.small_n
    found = []
    for row in rows.iter_rows(named=True):
        if row["base_period"] is None:
            found.append(False)
            continue
        if "W" not in _flags(edition.catalog, row["indicator"]):
            is_seen = edition.seen is None or row["unit"] in edition.seen
            found.append(not is_seen and row["compared_value"] != row["value"])
            continue
        if edition.cube is None:
            found.append(True)
            continue
        code = respondents(edition.catalog) or ""
        now = edition.counts(code, row["window"], row["period"])
        then = edition.counts(code, row["window"], row["base_period"])
        leaves = edition.tree.leaves(row["unit"])
        left_out = [
            sum(one.get(leaf, 0) for leaf in leaves if leaf not in other)
            for one, other in ((now, then), (then, now))
        ]
        # A unit that moved within another is dropped from `matched`, and may be one small unit.
        is_cut = edition.basis == "matched" and row["compared_value"] != row["value"]
        found.append(is_cut or any(0 < n < limit for n in left_out))
    return pl.Series("rest", found, dtype=pl.Boolean)


def _take_out(figures: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the figures without the parts that are marked in the rows."""
    marks = [name for name in ("hide", "hide_change") if name in rows.columns]
    marked = figures.with_row_index("row").join(
        rows.select("row", *marks), on="row", how="left", maintain_order="left"
    )
    hide = pl.col("hide").fill_null(value=False) & pl.any_horizontal(
        pl.col(name).is_not_null() for name in PARTS
    )
    changes = {
        "suppressed": pl.col("suppressed").fill_null(value=False) | hide,
        **{name: pl.when(~hide).then(name) for name in PARTS},
    }
    if "hide_change" in marks:
        gone = pl.col("hide_change").fill_null(value=False)
        changes |= {name: pl.when(~gone).then(name) for name in COMPARED}
        withheld = gone & ~hide & pl.col("change").is_not_null()
        changes["note"] = pl.when(withheld).then(pl.lit("missing_base")).otherwise("note")
        changes["reading"] = pl.when(gone).then(pl.lit("none")).otherwise("reading")
    return marked.with_columns(**changes).select(figures.columns)
