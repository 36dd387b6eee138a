"""How are the overview's two tables shown: real changes, and units beside indicators?"""

from data.catalog import Indicator
from metrics.overview import REAL, WATCH, Row, View, by_chance
from metrics.reading_words import Behind, is_quiet, reading_sentence
from metrics.rounding import format_number, format_value, round_half_up
from metrics.structure import NO_CHANGE, NOTES
from metrics.tracks import Track
from metrics.words import chance_words, change_short, range_words, reading_words, signal_words
from reports.tables import Field, Sheet
from ui import load, panel, structure
from ui.html import Markup, icon, join, link, tag
from ui.scope import Scope, href, period_label
from ui.spark import sparkline
from ui.table import Column, is_partial, marked, reading_badge, table
from ui.table import Row as TableRow
from ui.theme import theme_name
from ui.trackline import spark_of

FIRST = 8
# From here on a cell of the matrix has no room for decimals.
WIDE = 1000
# With so few columns unit names have more room.
ROOMY = 7


def show_changed(scope: Scope, view: View, codes: tuple[str, ...], units: tuple[str, ...]) -> None:
    """Show the series that moved beyond their usual variation, least likely by chance first."""
    t = scope.t
    title = t("overview.changed.title")
    asked = set(codes)
    changes = [row for row in view.special if row["indicator"] in asked]
    total = sum(
        1 for (code, _), row in view.changes.items() if code in asked and row["value"] is not None
    )
    note = t(
        "overview.changed.note",
        indicators=len(codes),
        units=len(units),
        series=total,
        count=len(changes),
    )
    if not changes:
        panel.section(title, t("overview.levels") if scope.levels_only else None)
        how = (
            t("overview.levels")
            if scope.levels_only
            else t("overview.changed.none_how", series=total)
        )
        key = "festival" if scope.levels_only else "none"
        panel.empty(t(f"overview.changed.{key}"), how)
        return
    note += _chance_note(scope, by_chance(changes, total), len(changes))
    every = scope.extras.get("all") == "1"
    action = None
    if len(changes) > FIRST:
        word = (
            t("overview.changed.fewer", count=FIRST)
            if every
            else t("overview.changed.all", count=len(changes))
        )
        action = tag(
            "span",
            link(
                [word, icon("chevron_right", 14)],
                href("overview", scope, all=None if every else "1"),
            ),
            cls="s",
            data_keep="1",
        )
    panel.section(title, note, action)
    shown = changes if every else changes[:FIRST]

    def body() -> Markup:
        rows = [_changed_row(scope, view, row) for row in shown]
        return table(title, _changed_columns(scope), rows, cls="tight")

    panel.show(load.made("changed", scope, theme_name(), body))
    panel.explain("changed")


def _chance_note(scope: Scope, false: int, count: int) -> str:
    """Return how many of the listed series may be chance alone; nothing where that is none."""
    if not false:
        return ""
    key = "as_chance" if false == count else "some_chance"
    return scope.t(f"overview.changed.{key}", count=false)


def _changed_columns(scope: Scope) -> list[Column]:
    """Return the columns of the table of real changes."""
    t = scope.t
    return [
        Column("unit", t("overview.changed.unit"), cls="b"),
        Column("indicator", t("overview.changed.indicator")),
        Column("value", t("overview.changed.value"), number=True),
        Column("measure", t("overview.changed.measure"), cls="mu s", hidden_label=True),
        Column("range", t("overview.changed.range"), number=True, cls="mu"),
        Column("reading", t("overview.changed.reading")),
        Column("signal", t("overview.changed.signal"), cls="sg"),
        Column("yoy", t("overview.changed.yoy"), number=True, cls="sg"),
        Column("chance", t("overview.changed.chance"), number=True, cls="mu"),
        Column("trend", t("overview.changed.trend", count=load.SERIES_MONTHS)),
    ]


def is_rising(row: Row, series: Row) -> bool | None:
    """Return whether a figure moved up: the side of its signal, else its change."""
    if series["side"]:
        return bool(series["side"] > 0)
    now, base = row["compared_value"], row["base_value"]
    is_lost = now is None or base is None or row["note"] in NO_CHANGE
    return None if is_lost else bool(now > base)


def _changed_row(scope: Scope, view: View, series: Row) -> TableRow:
    """Return one real change; its indicator leads to the indicator page of that unit."""
    lang, key = scope.lang, (series["indicator"], series["unit"])
    row, track = view.changes[key], view.tracks.get(key)
    item = load.indicator(row["indicator"])
    where = href("indicator", scope, unit=row["unit"], indicator=item.code)
    value = format_value(row["value"], item, None, row["numerator"], row["denominator"])
    picture = None
    if track is not None:
        spark, alt = spark_of(track, item, lang)
        picture = sparkline(spark, alt, theme_name(), 104, 24)
    reading = view.told(key)
    word = reading_words(reading, lang)
    return TableRow(
        {
            "unit": load.unit_title(row["unit"], lang),
            "indicator": link(item.name.get(lang), where),
            "value": marked(tag("b", value), lang, is_partial(row)),
            "measure": item.unit.get(lang),
            "range": range_words(series["lower"], series["upper"], item, lang),
            "reading": reading_badge(reading, word, is_rising(row, series)),
            "signal": tag(
                "span", signal_words(series, lang), title=_sentence(scope, series, track)
            ),
            "yoy": change_short(row, item, lang),
            "chance": chance_words(series["chance"], lang),
            "trend": picture,
        }
    )


def _sentence(scope: Scope, series: Row, track: Track | None) -> str:
    """Return what a series tells, in one plain sentence."""
    when = (
        ""
        if scope.shown_window == "month"
        else period_label(scope.period, scope.shown_window, scope.lang)
    )
    few = track is not None and track.is_small
    quiet = track is not None and is_quiet(track.values, series["run"])
    item = load.indicator(series["indicator"])
    return reading_sentence(series, item, scope.lang, Behind(few=few, quiet=quiet), when=when)


def show_matrix(scope: Scope, view: View, codes: tuple[str, ...], units: tuple[str, ...]) -> None:
    """Show units × indicators in official order with reading colours; a cell leads on."""
    t, lang = scope.t, scope.lang
    level = load.level_name(units[1] if len(units) > 1 else units[0], lang)
    title = t("overview.matrix.title", level=level)
    panel.section(
        title,
        t("overview.matrix.note"),
        sheet=lambda: _matrix_sheet(scope, view, codes, units),
        name=f"overview-{scope.unit}-{scope.period:%Y-%m}",
        lang=lang,
    )

    def body() -> Markup:
        columns = [Column("unit", t("overview.matrix.unit"))]
        for code in codes:
            columns.append(Column(code, _matrix_head(scope, load.indicator(code)), number=True))
        rows = [_matrix_row(scope, view, codes, unit) for unit in units]
        marks = _legend(scope)
        if any(view.changes[codes[0], unit]["note"] in NOTES for unit in units):
            marks.append(tag("span", structure.SIGN, t("overview.matrix.legend_structure")))
        legend = tag("div", marks, cls="lg", style="margin-bottom:8px")
        return join(
            [legend, table(title, columns, rows, cls="mx" if len(codes) > ROOMY else "mx roomy")]
        )

    panel.show(load.made("matrix", scope, "", body))
    panel.explain("matrix")


def _legend(scope: Scope) -> list[Markup]:
    """Return the legend of the matrix."""
    t = scope.t
    return [
        panel.legend_item("box", "better", t("overview.matrix.better")),
        panel.legend_item("box", "worse", t("overview.matrix.worse")),
        panel.legend_item("box", "neutral", t("overview.matrix.legend_neutral")),
        tag("span", t("overview.matrix.legend_watch")),
        tag("span", t("overview.matrix.legend_plain")),
        tag("span", icon("incomplete_circle", 14), " ", t("overview.matrix.legend_partial")),
    ]


def _matrix_head(scope: Scope, item: Indicator) -> Markup:
    """Return a column's header: short name, unit, which way is good."""
    way = {1: "higher", -1: "lower", 0: "neutral"}[item.direction]
    return join(
        [
            item.name.get(scope.lang),
            tag("br"),
            tag(
                "span",
                f"{item.unit.get(scope.lang)} · {scope.t(f'overview.matrix.{way}')}",
                cls="nw",
            ),
        ]
    )


def _matrix_row(scope: Scope, view: View, codes: tuple[str, ...], unit: str) -> TableRow:
    """Return a unit's cells."""
    lang = scope.lang
    first = view.changes[codes[0], unit]
    short = first["due"] and first["reported"] < first["due"]
    cover = (
        scope.t("overview.matrix.of", reported=first["reported"], due=first["due"])
        if short
        else None
    )
    is_whole = unit == scope.unit
    if first["note"] in NOTES:
        cover = join([cover, " ", structure.sign(first, scope)])
    name = load.unit_title(unit, lang)
    below = load.tree_of(scope).children(unit)
    label = name if is_whole or not below else link(name, href("overview", scope, unit=unit))
    cells = {"unit": tag("div", tag("span", label), tag("span", cover, cls="s mu"), cls="u")}
    classes = {}
    for code in codes:
        reading = "none" if scope.levels_only else view.told((code, unit))
        cells[code] = _matrix_cell(scope, view.changes[code, unit], load.indicator(code), reading)
        classes[code] = reading
    return TableRow(cells, "total" if is_whole else "", classes)


def _matrix_cell(scope: Scope, row: Row, item: Indicator, reading: str) -> Markup:
    """Return a cell: the reading's word, the value, the partial mark."""
    lang = scope.lang
    if row["value"] is None:
        return tag("span", marked("—", lang, gutter=True), cls="cell")
    value = format_value(row["value"], item, None, row["numerator"], row["denominator"])
    if item.kind == "count" and row["value"] >= WIDE:
        value = format_number(round_half_up(row["value"]))
    is_told = reading in (*REAL, WATCH)
    word = tag("span", scope.t(f"overview.matrix.{reading}"), cls="w") if is_told else None
    where = href("indicator", scope, unit=row["unit"], indicator=item.code)
    names = {
        "unit": load.unit_title(row["unit"], lang),
        "indicator": item.name.get(lang),
        "value": value,
    }
    hint = scope.t("overview.matrix.cell", **names)
    return link([word, marked(value, lang, is_partial(row), gutter=True)], where, title=hint)


def _matrix_sheet(
    scope: Scope, view: View, codes: tuple[str, ...], units: tuple[str, ...]
) -> Sheet:
    """Return the matrix as a sheet: values as numbers, readings and coverage beside them."""
    lang, t = scope.lang, scope.t
    fields = [Field(t("overview.matrix.unit"))]
    for code in codes:
        item = load.indicator(code)
        fields.append(
            Field(load.header(item.name.get(lang), item.unit.get(lang), lang), item.decimals)
        )
        fields.append(Field(t("overview.changed.reading")))
    fields += [Field(t("ui.sheet.coverage")), Field(t("indicator.parts.flags"))]
    rows = []
    for unit in units:
        cells: list[str | float | None] = [load.unit_title(unit, lang)]
        for code in codes:
            row = view.changes[code, unit]
            told = view.told((code, unit))
            reading = "" if scope.levels_only else reading_words(told, lang)
            cells += [row["value"], reading]
        first = view.changes[codes[0], unit]
        mark = t(f"words.note.{first['note']}") if first["note"] in NOTES else ""
        rows.append([*cells, f"{first['reported']}/{first['due']}", mark])
    return Sheet(
        t("overview.matrix.title", level=load.level_name(units[-1], lang)),
        load.sheet_about(scope, period_label(scope.period, scope.shown_window, lang)),
        fields,
        rows,
        [
            t("overview.matrix.note"),
            t("overview.matrix.sheet_note"),
            *structure.lines(scope, codes[0], units, scope.shown_window),
            t("ui.panel.internal"),
        ],
    )
