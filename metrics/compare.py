"""What changed against last year, the previous window, the target, the group?

`compare_figures` gives one row per figure and comparator. `value` is the all-reported figure;
`compared_value`, `base_value` and `change` stand on the leaves that are complete on both sides.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from data.definition_types import Indicator
from data.parse import nearest
from data.periods import base_period
from data.schema import (
    BASIS,
    CHANGE_KIND,
    CHANGES,
    COMPARATOR,
    FIGURES,
    NOTE,
    READING,
    STATUS,
    conform,
)
from metrics.basis import check_basis
from metrics.breaks import settle, shared, under
from metrics.cube import Cube, stand
from metrics.events import BREAK, parted
from metrics.figures import figure_columns, to_frame
from metrics.leafwise import Batch, Leafwise
from metrics.matched import Matched, Side, bar, match, offset_months, withheld
from metrics.plan import Plan, find_indicator
from metrics.reading import NONE, Read, read_against, read_changes, silence
from metrics.rollup import Rolled, roll_figures
from metrics.score_reading import hush_waves, read_scores, whole_waves
from metrics.spans import Spans
from metrics.standards import peer_medians, target_values
from metrics.structure import SHORT, mark, note_structure
from metrics.turned import turn_readings
from metrics.windows import check_question, group_plans, in_turn, month_numbers, open_window

KIND = {word: code for code, word in enumerate(CHANGE_KIND)}
NOTES = {word: code for code, word in enumerate(NOTE)}
UNCOMPARED = tuple(NOTES[word] for word in ("break", "festival", "response"))
OFFERED_BASES = BASIS
FIGURE_COLUMNS = frozenset(FIGURES)  # what a comparison repeats of its figure


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the comparison."""

    cube: Cube
    units: tuple[str, ...]
    asked: np.ndarray
    window: str
    with_reading: bool


def compare_figures(
    cube: Cube,
    indicators: Sequence[str],
    units: Sequence[str],
    periods: Sequence[dt.date],
    window: str = "month",
    comparators: Sequence[str] = ("yoy",),
    basis: str | None = None,
    readings: bool = True,
) -> pl.DataFrame:
    """Return CHANGES, one row per indicator, unit, period and comparator in the order asked.

    Rows: `change` is in percent for counts, money and the like, in points for scores, in
    percentage points for percentages; where a percentage would mislead it is the plain difference
    and `note` says why. The basis is that of the cube unless another is named. Indicators that are
    changes themselves (yoy) are refused. `readings=False` leaves the reading out, for whole-bureau
    passes.
    """
    found = compare_blocks(cube, indicators, units, periods, window, comparators, basis, readings)
    if not (comparators and indicators and len(units) and len(periods)):
        return pl.DataFrame(schema=CHANGES)
    frames = [
        _frame(cube, found[name], indicators, units, periods, window, name) for name in comparators
    ]
    joined = pl.concat(frames)
    if len(frames) > 1:
        order = pl.int_range(pl.len()) % (pl.len() // len(frames))
        joined = joined.sort(order, maintain_order=True)
    return joined if joined.schema == CHANGES else conform(joined, CHANGES)


def compare_blocks(
    cube: Cube,
    indicators: Sequence[str],
    units: Sequence[str],
    periods: Sequence[dt.date],
    window: str,
    comparators: Sequence[str],
    basis: str | None = None,
    readings: bool = True,
) -> dict[str, dict[str, dict[str, np.ndarray]]]:
    """Return comparator → indicator → column → values, unit by unit: CHANGES before its frame.

    Codes stand for words, in the order of the lists in `data.schema`.
    """
    check_question(cube, units, window)
    _check_comparison(cube, indicators, comparators, basis or cube.basis)
    cube = stand(cube, basis or cube.basis)
    question = Question(cube, tuple(units), month_numbers(periods), window, with_reading=readings)
    groups = group_plans(cube, indicators)
    found: dict[str, dict[str, dict[str, np.ndarray]]] = {name: {} for name in comparators}
    for batch in in_turn(lambda plans: _compare_settled(question, plans, comparators), groups):
        for name, columns in batch.items():
            found[name] |= columns
    return found


def _check_comparison(
    cube: Cube, indicators: Sequence[str], comparators: Sequence[str], basis: str
) -> None:
    """Raise where a comparison does not exist, saying which do."""
    for name in comparators:
        if name not in COMPARATOR:
            hint = nearest(name, COMPARATOR)
            msg = f"unknown comparator '{name}'{hint}; allowed: {', '.join(COMPARATOR)}"
            raise ValueError(msg)
    check_basis(basis)
    for code in indicators:
        if find_indicator(cube.catalog, code).kind == "yoy":
            msg = f"'{code}' is itself a change and cannot be compared; compare what it is made of"
            raise ValueError(msg)


def _compare_settled(
    question: Question, plans: list[Plan], comparators: Sequence[str]
) -> dict[str, dict[str, dict[str, np.ndarray]]]:
    """Return the columns of a batch, each figure and its base on one definition of each measure."""
    found = _compare_batch(question, plans, comparators)
    offsets = {offset_months(name, question.window) or 0 for name in comparators} - {0}
    bases = [question.asked - months for months in sorted(offsets)]
    for plan in plans:
        settled = settle(
            question.cube, plan, question.units, question.asked, question.window, bases
        )
        if settled is None:
            continue
        for limits, where in settled.older:
            other = replace(question, cube=under(question.cube, limits, plan.measures))
            for name, columns in _compare_batch(other, [plan], comparators).items():
                for key, values in columns[plan.indicator.code].items():
                    found[name][plan.indicator.code][key][where.ravel()] = values[where.ravel()]
        _share(question, plan, found)
        for columns in found.values():
            _blank(columns[plan.indicator.code], settled.straddles.ravel())
    for plan in plans:
        turn_readings(question.cube, plan, found)
    return found


def _share(
    question: Question, plan: Plan, found: dict[str, dict[str, dict[str, np.ndarray]]]
) -> None:
    """Let comparisons stand on an earlier definition where only that one holds both windows."""
    cube, units, asked, window = question.cube, question.units, question.asked, question.window
    for name, columns in found.items():
        offset = offset_months(name, window)
        if offset is None:
            continue
        for limits, where in shared(cube, plan, units, asked, window, asked - offset):
            other = replace(question, cube=under(cube, limits, plan.measures))
            again = _compare_batch(other, [plan], [name])[name][plan.indicator.code]
            for key in set(again) - FIGURE_COLUMNS:
                columns[plan.indicator.code][key][where.ravel()] = again[key][where.ravel()]


def _blank(columns: dict[str, np.ndarray], where: np.ndarray) -> None:
    """Take figure and change away where a window holds months of two definitions."""
    for name in ("numerator", "denominator", "value", "compared_value", "lower", "upper"):
        if name in columns:
            columns[name][where] = np.nan
    columns["status"][where] = STATUS.index("missing")
    columns["note"][where] = NOTES["break"]
    _forget(columns, where)
    if "reading" in columns:
        columns["reading"][where] = NONE


def _compare_batch(
    question: Question, plans: list[Plan], comparators: Sequence[str]
) -> dict[str, dict[str, dict[str, np.ndarray]]]:
    """Return the flat columns of each comparator and indicator of one batch."""
    asked, window = question.asked, question.window
    offsets = {name: offset_months(name, window) for name in comparators}
    dated = [name for name in comparators if offsets[name] is not None]
    batch, leafwise, spans = open_window(
        question.cube, plans, asked, window, *(asked - offsets[name] for name in dated)
    )
    rolled = roll_figures(batch, leafwise[0], spans[0], question.units)
    found = {}
    for name in comparators:
        if name in dated:
            place = dated.index(name) + 1
            columns = _earlier(
                question,
                batch,
                rolled,
                name,
                (leafwise[0], spans[0]),
                (leafwise[place], spans[place]),
            )
        elif name in ("target", "peers"):
            columns = _standard(question, plans, rolled, spans[0], name)
        else:
            columns = _nothing(rolled)
        found[name] = {
            plan.indicator.code: figure_columns(rolled, place)
            | {key: values[place].ravel() for key, values in columns.items()}
            for place, plan in enumerate(plans)
        }
    return found


def _earlier(
    question: Question,
    batch: Batch,
    rolled: Rolled,
    comparator: str,
    current: tuple[Leafwise, Spans],
    base: tuple[Leafwise, Spans],
) -> dict[str, np.ndarray]:
    """Return the columns of a comparison with an earlier window."""
    cube, units = question.cube, question.units
    matched = whole_waves(batch, match(batch, current, base, units), rolled, base, units)
    festive = withheld(cube, comparator, question.window, question.asked, base[1].asked)
    years = 2 if comparator == "two_year" else 1
    columns = judge(batch.plans, matched, rolled, years)
    note = columns["note"]
    broken = matched.broken
    said = parted(cube, batch.plans, units, current[1], base[1], BREAK)
    if said is not None:
        broken = broken | (said & ~np.isnan(matched.base.value))
    note[broken & ~np.isnan(rolled.value)] = NOTES["break"]
    note[:, :, festive] = NOTES["festival"]
    hush_waves(note, cube, batch.plans, units, rolled, current[1], base[1])
    barred = bar(batch, matched, units, current[1], base[1])
    note_structure(note, barred, np.isnan(rolled.value), cube.basis)
    _forget(columns, np.isin(note, [*UNCOMPARED, *SHORT]))
    if not question.with_reading:
        return columns
    read = read_changes(cube, batch.plans, units, rolled, matched, current[1], base[1])
    if batch.plans[0].shape == "mean":
        read_scores(cube, batch.plans, units, current[1], base[1], matched, read)
    read.reading[np.isin(note, UNCOMPARED)] = NONE
    silence(read, barred, question.window)
    return columns | _read_columns(read)


def judge(
    plans: Sequence[Plan], matched: Matched, rolled: Rolled, years: int = 1
) -> dict[str, np.ndarray]:
    """Return change, its kind and note by the rules for zero, small and missing bases."""
    now, then = matched.current.value, matched.base.value
    kinds = [change_kind(plan.indicator) for plan in plans]
    kind = np.empty(now.shape, dtype=np.int8)
    kind[:] = np.array([KIND[word] for word in kinds])[:, None, None]
    least = np.array([plan.indicator.minimum_base for plan in plans])[:, None, None]
    note = np.where(matched.dropped | (rolled.reported < rolled.due), NOTES["partial"], 0)
    note = note.astype(np.int8)
    difference = now - then
    is_pct = kind == KIND["pct"]
    change = difference / years
    for place in (place for place, word in enumerate(kinds) if word == "pct"):
        change[place] = relative_change(now[place], then[place], years)
    if plans[0].shape == "sum":
        is_small = np.abs(then) < least
    else:
        is_small = np.fmin(matched.current.denominator, matched.base.denominator) < least
    zero = is_pct & (then == 0)
    # A fall to less than nothing would be one of over 100 %, as from a negative base.
    plain = is_small | zero | (is_pct & ((then < 0) | (now < 0)))
    change[plain], kind[plain] = difference[plain], KIND["abs"]
    is_blank = np.isnan(rolled.value)
    no_base = np.isnan(then)
    note[is_small] = NOTES["small_base"]
    note[zero] = NOTES["zero_base"]
    note[(now == 0) & (then == 0)] = NOTES["both_zero"]
    note[no_base] = NOTES["missing_base"]
    note[no_base & (matched.base.denominator == 0)] = NOTES["zero_base"]
    note[is_blank] = NOTES["none"]
    columns = {
        "compared_value": now,
        "base_value": then,
        "compared_units": matched.units,
        "change": change,
        "change_kind": kind,
        "note": note,
    }
    _forget(columns, np.isnan(change))
    return columns


def relative_change(now: np.ndarray, then: np.ndarray, years: int = 1) -> np.ndarray:
    """Return the change in percent, of two years its yearly mean; NaN unless the base is > 0.

    >>> relative_change(np.array([121.0, 5.0]), np.array([100.0, 0.0]), 2).round(6).tolist()
    [10.0, nan]
    """
    change, sound = np.full(now.shape, np.nan), then > 0
    if years == 1:
        np.divide((now - then) * 100, then, out=change, where=sound)
        change[sound & (now == 0)] = -100.0  # not a last digit more or less
        return change
    np.divide(np.maximum(now, 0), then, out=change, where=sound)
    return (np.sqrt(change) - 1) * 100


def change_kind(item: Indicator) -> str:
    """Return how an indicator's changes are counted: pp, points, pct, or abs for differences."""
    if item.kind == "difference" and item.value_type not in ("percent", "score"):
        return "abs"
    return {"percent": "pp", "score": "points"}.get(item.value_type, "pct")


def _forget(columns: dict[str, np.ndarray], where: np.ndarray) -> None:
    """Take the change away where it must not be given."""
    columns["change"][where] = np.nan
    columns["change_kind"][where] = KIND["none"]


def _standard(
    question: Question, plans: list[Plan], rolled: Rolled, spans: Spans, comparator: str
) -> dict[str, np.ndarray]:
    """Return the columns of a comparison with a target or with the median of the group.

    What was there for a part of the window only is not held against those that were there for all.
    """
    maker = target_values if comparator == "target" else peer_medians
    base, counted = maker(
        question.cube, plans, question.units, question.asked, question.window, rolled
    )
    now = Side(rolled.numerator, rolled.denominator, rolled.value)
    then = Side(base, rolled.denominator, base)
    nowhere = np.zeros(base.shape, dtype=bool)
    columns = judge(plans, Matched(now, then, counted, nowhere, nowhere), rolled)
    columns["note"] = np.where(
        np.isnan(base) & (columns["note"] == NOTES["missing_base"]), 0, columns["note"]
    )
    barred = mark(question.cube, plans[0], question.units, spans)
    note_structure(columns["note"], barred, np.isnan(rolled.value), question.cube.basis)
    if comparator == "peers":
        hush_waves(columns["note"], question.cube, plans, question.units, rolled, spans)
        _forget(columns, np.isin(columns["note"], [NOTES["response"], *SHORT]))
    if not question.with_reading:
        return columns
    read = read_against(plans, rolled, base)
    silence(read, barred)
    return columns | _read_columns(read)


def _nothing(rolled: Rolled) -> dict[str, np.ndarray]:
    """Return the columns where a window has no such comparison (mom of a year)."""
    blank = np.full(rolled.value.shape, np.nan)
    zero = np.zeros(rolled.value.shape, dtype=np.int64)
    return {
        "compared_value": blank,
        "base_value": blank,
        "compared_units": zero,
        "change": blank,
        "change_kind": np.full(blank.shape, KIND["none"], dtype=np.int8),
        "note": zero.astype(np.int8),
    }


def _read_columns(read: Read) -> dict[str, np.ndarray]:
    """Return the columns of a reading."""
    return {"lower": read.lower, "upper": read.upper, "reading": read.reading}


def _frame(
    cube: Cube,
    found: dict[str, dict[str, np.ndarray]],
    indicators: Sequence[str],
    units: Sequence[str],
    periods: Sequence[dt.date],
    window: str,
    comparator: str,
) -> pl.DataFrame:
    """Return one comparator's rows as a frame in the order asked."""
    start = cube.catalog.bureau.year_start
    bases = [base_period(period, comparator, window, start) for period in periods]
    frame = to_frame(found, indicators, units, periods, window, bases)
    frame = frame.with_columns(comparator=pl.lit(comparator))
    if "reading" not in frame.columns:
        nothing = pl.lit(None, pl.Float64)
        frame = frame.with_columns(lower=nothing, upper=nothing, reading=pl.lit(READING[NONE]))
    return frame.select(list(CHANGES))
