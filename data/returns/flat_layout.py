"""Where does a form's flat table say which unit, month, measure and number?

A form with a flat layout says it in its `options`. Every option has a default that fits a table
with the columns unit, period, measure and value, or with one column a measure or a month:

* `columns`: role → headings. Roles are unit, period (or year and month), measure, value, and any
  further column that `keep`, `select` or `covered_by` speak of.
* `keep`: role → words. Rows with another word are another cut of the same figures.
* `select`: one table a measure with its code and role → word: the rows that are this measure.
* `unit_names`: published name → unit code, where neither code nor name of units.csv serves.
* `covered_by`: roles. A measure with absent = zero is zero where no row stands, in every month in
  which the file has rows with the measure's words in these columns.
* `absent_units`: all or file. Such a zero concerns every filing unit, or the units in the file.
* `parts`: roles. Rows for one cell that differ in these columns are parts of it and are added up;
  any other second row for a cell is a mistake.
* `all_zero`: zero or missing. A row whose numbers are all zero holds zeros, or says nothing.
* `final`: role → words. A month of which every row has such a word is final once it is imported.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from data.definition_types import Catalog, Form
from data.parse import Place, check_keys, nearest, take, take_word, take_words, wrong
from data.returns.flat_table import FileError, Grids, Table, find_tables, header_rows, plain
from data.returns.months import read_month

COLUMNS = {
    "unit": ("unit", "unit_code", "单位代码", "单位", "填报单位", "单位名称"),
    "period": ("period", "month", "报告期", "月份", "年月", "日期"),
    "year": ("year", "年", "年份", "年度"),
    "month": ("month", "month_number", "月"),
    "measure": ("measure", "measure_code", "indicator", "指标代码", "指标", "指标名称"),
    "value": ("value", "count", "数值", "值", "数量", "本月"),
}
OPTIONS = ("columns", "keep", "select", "unit_names", "covered_by", "absent_units", "parts")
OPTIONS += ("all_zero", "final")


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
    keep: dict[str, frozenset[str]]
    select: dict[str, dict[str, str]]
    unit_names: dict[str, str]
    covered_by: tuple[str, ...]
    absent_units: str
    parts: tuple[str, ...]
    all_zero: str
    final: dict[str, frozenset[str]]

    @property
    def roles(self) -> tuple[str, ...]:
        """The further columns that rows are told apart by."""
        used = [
            *self.keep,
            *self.final,
            *(role for words in self.select.values() for role in words),
        ]
        return tuple(dict.fromkeys(used))


def layout_of(form: Form, catalog: Catalog) -> Layout:
    """Return the flat layout of a form; a form without one, or a wrong option, raises."""
    if "flat" not in form.layouts:
        able = [code for code, item in catalog.forms.items() if "flat" in item.layouts]
        raise FileError(key="flat.error.layout", form=form.code, forms=", ".join(able) or "–")
    options, place = form.layout_options, Place(f"forms/{form.code}.toml", "options")
    flat = {key: value for key, value in options.items() if key in OPTIONS}
    given = take(flat, "columns", dict, place, {})
    columns = dict(COLUMNS) | {role: take_words(given, role, place.at("columns")) for role in given}
    keep = take(flat, "keep", dict, place, {})
    final = take(flat, "final", dict, place, {})
    names = take(flat, "unit_names", dict, place, {})
    units = [unit.code for unit in catalog.units]
    for name, code in names.items():
        if code not in units:
            wrong(place.at("unit_names").at(name), f"unknown unit '{code}'", str(code), units)
    layout = Layout(
        columns=columns,
        keep={
            role: frozenset(map(plain, take_words(keep, role, place.at("keep")))) for role in keep
        },
        select=_select(flat, form, place.at("select")),
        unit_names={plain(name): code for name, code in names.items()},
        covered_by=take_words(flat, "covered_by", place, default=()),
        absent_units=take_word(flat, "absent_units", ("all", "file"), place, "file"),
        parts=take_words(flat, "parts", place, default=()),
        all_zero=take_word(flat, "all_zero", ("zero", "missing"), place, "zero"),
        final={
            role: frozenset(map(plain, take_words(final, role, place.at("final"))))
            for role in final
        },
    )
    _require_roles(layout, place)
    return layout


def _select(options: Mapping[str, Any], form: Form, place: Place) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for number, entry in enumerate(take(options, "select", list, place, [])):
        here = place.at(number)
        measure = take_word(entry, "measure", form.measures, here)
        roles = [role for role in entry if role != "measure"]
        check_keys(entry, here, ("measure",), roles)
        found[measure] = {role: plain(take(entry, role, str, here)) for role in roles}
    return found


def _require_roles(layout: Layout, place: Place) -> None:
    for role in [*layout.roles, *layout.covered_by, *layout.parts]:
        if role not in layout.columns:
            wrong(place, f"the role '{role}' has no heading in columns", role, layout.columns)
    for measure, words in layout.select.items():
        for role in layout.covered_by:
            if role not in words:
                wrong(place.at("covered_by"), f"select of '{measure}' does not say its '{role}'")


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

        for table in find_tables(grids, is_header):
            shape = _shape(kind, table, layout, measures, given)
            if shape is not None:
                shapes.append(shape)
        if shapes:
            return shapes
    raise _no_header(grids, layout, given, file)


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
    needed = ["unit", "period", *layout.roles]
    if not layout.select and kind != "measures":
        needed.append("measure")
    if kind == "long":
        needed.append("value")
    if kind == "months":
        needed.remove("period")
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
    if missing:
        return None
    spread: dict[int, Any] = {}
    for place, heading in enumerate(table.headings):
        if kind == "measures" and plain(heading) in measures:
            spread[place] = measures[plain(heading)]
        elif kind == "months" and (month := read_month(heading)) is not None:
            spread[place] = month
    if kind != "long" and not spread:
        return None
    return Shape(kind, table, places, spread)


def _no_header(grids: Grids, layout: Layout, given: frozenset[str], file: str) -> FileError:
    """Return the error that names the headings which the likeliest header row lacks."""
    roles = [role for role in ("unit", "period", *layout.roles) if role not in given]
    roles += ["value"] if layout.select else ["measure", "value"]
    best: tuple[str | None, ...] = ()
    lacking = roles
    for row in header_rows(grids):
        missing = [role for role in roles if row.column(layout.columns[role]) is None]
        if len(missing) < len(lacking):
            best, lacking = row.headings, missing
    hints = [
        f"'{layout.columns[role][0]}'{nearest(layout.columns[role][0], [h for h in best if h])}"
        for role in lacking or roles
    ]
    return FileError(key="flat.error.header", file=file, columns=", ".join(hints))
