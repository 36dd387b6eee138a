"""Where does a form's published table say which unit, month, measure and number?

A form with a flat layout says it in its `options`. Every option has a default that fits a table
with the columns unit, period, measure and value, or with one column a measure or a month; what each
says is told in docs/how-to/flat-form.md. A form with the layout `matrix` describes blocks instead
(`data.returns.matrix_layout`); what follows from the labels is the same for both.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from data.definition_types import Catalog, Form
from data.parse import Place, check_keys, nearest, take, take_word, take_words, wrong
from data.returns.flat_table import FileError, Grids, Table, find_tables, header_rows
from data.returns.flat_text import ENCODINGS
from data.returns.flat_words import Words, plain, words_of
from data.returns.matrix_layout import DASH, Kind, Select, read_kinds, read_select
from data.returns.spans import Years, read_period

COLUMNS = {
    "unit": ("unit", "unit_code", "单位代码", "单位", "填报单位", "单位名称"),
    "period": ("period", "month", "报告期", "月份", "年月", "日期"),
    "year": ("year", "年", "年份", "年度"),
    "month": ("month", "month_number", "月"),
    "measure": ("measure", "measure_code", "indicator", "指标代码", "指标", "指标名称"),
    "value": ("value", "count", "数值", "值", "数量", "本月"),
}
LAYOUTS = ("flat", "matrix")
SHORT = ("refused", "blank")
DECIMAL = ("point", "comma")
OPTIONS: tuple[str, ...] = (
    *("columns", "joined", "keep", "skip", "select", "unit_names", "covered_by", "absent_units"),
    *("absent_measures", "parts"),
    *(
        "encoding",
        "calendar_years",
        "year_month",
        "dash",
        "scale",
        "all_zero",
        "count",
        "tables",
        "final",
        "short_rows",
        "decimal",
    ),
)


def named(role: str) -> str:
    """Return the name of a role's column in our frames; a form's own roles are set apart.

    >>> named("unit"), named("place")
    ('unit', '@place')
    """
    return role if role in COLUMNS else f"@{role}"


@dataclass(frozen=True, slots=True)
class Layout:
    """The options of a form, checked; words are kept plain."""

    columns: dict[str, tuple[str, ...]]
    joined: dict[str, tuple[str, ...]]
    keep: dict[str, Words]
    skip: dict[str, Words]
    select: tuple[Select, ...]
    unit_names: dict[str, str]
    covered_by: tuple[str, ...]
    absent_units: str
    absent_measures: str
    parts: tuple[str, ...]
    encoding: str | None
    years: Years
    frequency: str
    dash: str
    scale: float
    all_zero: str
    final: dict[str, Words]
    is_short_blank: bool
    decimal: str | None
    kinds: tuple[Kind, ...]

    @property
    def roles(self) -> tuple[str, ...]:
        """The further columns that rows are told apart by."""
        used = [*self.keep, *self.skip, *self.final]
        used += [role for item in self.select for role in item.words]
        return tuple(dict.fromkeys(used))


def layout_of(form: Form, catalog: Catalog) -> Layout:
    """Return the published layout of a form; a form without one, or a wrong option, raises."""
    if not set(LAYOUTS) & set(form.layouts):
        able = [code for code, item in catalog.forms.items() if set(LAYOUTS) & set(item.layouts)]
        raise FileError(key="flat.error.layout", form=form.code, forms=", ".join(able) or "–")
    return parse_layout(form, catalog)


def parse_layout(form: Form, catalog: Catalog) -> Layout:
    """Return the options of a form as a layout; a wrong one raises with file, key and remedy."""
    options, place = form.layout_options, Place(f"forms/{form.code}.toml", "options")
    check_keys(options, place, (), OPTIONS)
    given = take(options, "columns", dict, place, {})
    columns = dict(COLUMNS) | {role: take_words(given, role, place.at("columns")) for role in given}
    names = take(options, "unit_names", dict, place, {})
    units = [unit.code for unit in catalog.units]
    for name, code in names.items():
        if code not in units:
            wrong(place.at("unit_names").at(name), f"unknown unit '{code}'", str(code), units)
    month = take(options, "year_month", int, place, None)
    if month is not None and month not in range(1, 13):
        wrong(place.at("year_month"), f"expected a month from 1 to 12, found {month}")
    is_roc = take_word(options, "calendar_years", ("common", "roc"), place, "common") == "roc"
    encoding = take_word(options, "encoding", ENCODINGS, place) if "encoding" in options else None
    layout = Layout(
        columns=columns,
        joined=_joined(options, columns, place),
        keep=_words(options, "keep", place),
        skip=_words(options, "skip", place),
        select=read_select(options, form, place.at("select")),
        unit_names={plain(name): code for name, code in names.items()},
        covered_by=take_words(options, "covered_by", place, default=()),
        absent_units=take_word(options, "absent_units", ("all", "file"), place, "file"),
        absent_measures=take_word(options, "absent_measures", ("all", "file"), place, "file"),
        parts=take_words(options, "parts", place, default=()),
        encoding=encoding,
        years=Years(catalog.bureau.year_start, is_roc, month),
        frequency=form.frequency,
        dash=take_word(options, "dash", DASH, place, "missing"),
        scale=take(options, "scale", float, place, 1.0),
        all_zero=take_word(options, "all_zero", DASH, place, "zero"),
        final=_words(options, "final", place),
        is_short_blank=take_word(options, "short_rows", SHORT, place, "refused") == "blank",
        decimal=take_word(options, "decimal", DECIMAL, place) if "decimal" in options else None,
        kinds=read_kinds(form, options, place) if "matrix" in form.layouts else (),
    )
    _require_roles(layout, form, place)
    return layout


def _joined(
    options: Mapping[str, Any], columns: Mapping[str, Any], place: Place
) -> dict[str, tuple[str, ...]]:
    """Return the roles whose label is put together from several columns: a town and its county."""
    entries = take(options, "joined", dict, place, {})
    return {role: take_words(entries, role, place.at("joined"), columns) for role in entries}


def _words(options: Mapping[str, Any], key: str, place: Place) -> dict[str, Words]:
    entries = take(options, key, dict, place, {})
    return {role: words_of(found, place.at(key).at(role)) for role, found in entries.items()}


def _require_roles(layout: Layout, form: Form, place: Place) -> None:
    known = list(layout.columns) if "flat" in form.layouts else ["unit", "period"]
    for kind in layout.kinds:
        known += [role for role in kind.roles if role not in known]
    for role in [*layout.roles, *layout.covered_by, *layout.parts]:
        if role not in known:
            where = "heading in columns" if "flat" in form.layouts else "label in tables"
            wrong(place, f"the role '{role}' has no {where}", role, known)
    for item in layout.select:
        for role in layout.covered_by:
            if role not in item.words or item.words[role].patterns:
                said = f"select of '{item.measure}' does not say its '{role}' in plain words"
                wrong(place.at("covered_by"), said)


@dataclass(frozen=True, slots=True)
class Shape:
    """How a table spreads its numbers: long, or a column a measure, or a column a month."""

    kind: str
    table: Table
    places: dict[str, int]
    spread: dict[int, Any]


def find_shapes(
    grids: Grids, layout: Layout, form: Form, catalog: Catalog, given: frozenset[str], file: str
) -> list[Shape]:
    """Return the tables of a file with their shape; without one the lacking headings are named.

    `given` holds the roles that the command line answers for the whole file: unit, period.
    """
    measures = measure_names(form, catalog)
    for kind in ("long", "measures", "months"):
        shapes: list[Shape] = []

        def is_header(table: Table, kind: str = kind) -> bool:
            return _shape(kind, table, layout, measures, given) is not None

        for table in find_tables(grids, is_header, file):
            shape = _shape(kind, table, layout, measures, given)
            if shape is not None:
                shapes.append(shape)
        if shapes:
            return shapes
    raise _no_header(grids, layout, measures, given, file)


def measure_names(form: Form, catalog: Catalog) -> dict[str, str]:
    """Return the form's measures by everything that a heading or cell may call them."""
    found: dict[str, str] = {}
    for code in form.measures:
        item = catalog.measures[code]
        for name in (code, item.name.zh, item.name.en, item.label.zh, item.label.en):
            found.setdefault(plain(name), code)
    return found


def _shape(
    kind: str, table: Table, layout: Layout, measures: dict[str, str], given: frozenset[str]
) -> Shape | None:
    places, missing = _places(kind, table, layout, given)
    if missing:
        return None
    spread = _spread(kind, table, layout, measures)
    if kind != "long" and not spread:
        return None
    return Shape(kind, table, places, spread)


def _places(
    kind: str, table: Table, layout: Layout, given: frozenset[str]
) -> tuple[dict[str, int], list[str]]:
    """Return where a table of a kind has its roles, and which it needs and has not."""
    needed = ["unit", "period", *layout.roles]
    if not layout.select and kind != "measures":
        needed.append("measure")
    if kind == "long":
        needed.append("value")
    if kind == "months":
        needed.remove("period")
    needed = [part for role in needed for part in layout.joined.get(role, (role,))]
    places = {}
    for role in [*needed, *layout.parts, "year", "month"]:
        place = table.column(layout.columns[role])
        if place is not None:
            places[role] = place
    is_split = "year" in places and "month" in places and kind != "months"
    if is_split and places.get("period") in (None, places["month"]):
        # A column `month` beside a year is the month's number, not the period.
        places.pop("period", None)
        needed = [role for role in needed if role != "period"]
    missing = [role for role in needed if role not in places and role not in given]
    for role, together in layout.joined.items():
        if all(part in places for part in together):
            places[role] = places[together[0]]
    return places, missing


def _spread(kind: str, table: Table, layout: Layout, measures: dict[str, str]) -> dict[int, Any]:
    """Return the columns that are a measure or a month each."""
    spread: dict[int, Any] = {}
    for place, heading in enumerate(table.headings):
        if kind == "measures" and plain(heading) in measures:
            spread[place] = measures[plain(heading)]
        elif kind == "months" and (month := _month(heading, layout)) is not None:
            spread[place] = month
    return spread


def _month(heading: str, layout: Layout) -> dt.date | None:
    return read_period(heading, layout.frequency, layout.years)


def _no_header(
    grids: Grids, layout: Layout, measures: dict[str, str], given: frozenset[str], file: str
) -> FileError:
    """Return the error that names the headings which the likeliest header row lacks.

    A row with columns that are measures or months each needs none for them.
    """
    _, lacking = _places("long", Table(None, (), pl.DataFrame()), layout, given)
    best: tuple[str | None, ...] = ()
    for row in header_rows(grids):
        for kind in ("long", "measures", "months"):
            _, missing = _places(kind, row, layout, given)
            is_such = kind == "long" or _spread(kind, row, layout, measures)
            if is_such and len(missing) < len(lacking):
                best, lacking = row.headings, missing
    hints: list[str] = []
    for role in lacking:
        wanted = layout.columns[role][0]
        hints += [", " if hints else "", f"'{wanted}'", nearest(wanted, [h for h in best if h])]
    return FileError(key="flat.error.header", file=file, columns=tuple(hints))
