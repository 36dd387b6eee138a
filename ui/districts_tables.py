"""How are the trends of units shown on one scale, and every comparison in one table?"""

import datetime as dt

from data.catalog import Indicator
from metrics.districts import Row, Side, Sides
from metrics.rounding import MISSING, format_number, format_value, round_half_up
from metrics.structure import NOTES
from metrics.tracks import Track, read_tracks
from metrics.words import change_short, reading_words, shows_parts
from reports.tables import Field, Sheet
from ui import load, panel, structure
from ui.districts_sides import reading_of
from ui.html import Child, Markup, icon, join, link, tag
from ui.indicator_passport import passport_href
from ui.overview_tables import is_rising
from ui.scope import Scope, Sight, href, period_label
from ui.spark import sparkline
from ui.table import Column, flag, reading_badge, status_flags, table
from ui.table import Row as TableRow
from ui.theme import theme_name
from ui.trackline import spark_of

COMPARATORS = ("yoy", "two_year", "mom", "target", "peers")
NOTE_FLAGS = ("small_base", "zero_base", "missing_base", "break")
MOST_SERIES = 30


@load.cached
def tracks_of(
    sight: Sight, code: str, units: tuple[str, ...], period: dt.date
) -> dict[tuple[str, str], Track]:
    """Return the last two years of each unit; hidden figures have none."""
    found = read_tracks(load.cube_at(sight), [code], units, period, load.SERIES_MONTHS)
    hidden = load.figures(sight, (code,), units, (period,), "month").filter("suppressed")["unit"]
    return {key: track for key, track in found.items() if key[1] not in set(hidden)}


def show_series(scope: Scope, item: Indicator, units: tuple[str, ...]) -> None:
    """Show the trend of each unit on one scale; too many units have theirs in the table only."""
    if len(units) > MOST_SERIES or not load.has_history(item):
        return
    t, lang = scope.t, scope.lang
    found = tracks_of(load.sight(scope), item.code, units, scope.period)
    known = [v for track in found.values() for v in track.values if v is not None]
    if not known:
        return
    goal = load.target_of(item.code, scope.period)
    edges = [*known, goal] if goal is not None else known
    domain = (min(edges), max(edges))

    def drawn() -> Markup:
        return join(
            [
                _small(scope, item, unit, found.get((item.code, unit)), goal, domain)
                for unit in units
            ]
        )

    name = f"series {item.code} {units[0]}"
    boxes = load.made(name, scope, theme_name(), drawn)
    periods = next(iter(found.values())).periods
    span = {"first": f"{periods[0]:%Y-%m}", "last": f"{periods[-1]:%Y-%m}"}
    note = t("districts.series.note", unit=item.unit.get(lang), **span)
    if goal is not None:
        said = t("districts.series.target", value=format_value(goal, item, lang))
        note = f"{note} · {said}"
    if load.stand():
        note = f"{note} · {load.stand()}"
    title = t("districts.series.title", count=len(periods))
    scale = tag(
        "div",
        tag("span", format_value(domain[1], item)),
        tag("span", format_value(domain[0], item)),
        cls="scale",
    )
    panel.show(
        tag(
            "div",
            tag("h2", title, tag("span", note, cls="s mu")),
            tag("div", scale, tag("div", boxes, cls="boxes"), cls="multiples"),
            cls="card pad",
        )
    )
    panel.explain("multiples")


def _small(
    scope: Scope,
    item: Indicator,
    unit: str,
    track: Track | None,
    goal: float | None,
    domain: tuple[float, float],
) -> Markup:
    """Return one unit's trend with its name and last value."""
    lang = scope.lang
    where = href("indicator", scope, unit=unit, indicator=item.code)
    if track is None:
        picture: Child = tag("span", scope.t("districts.series.no_series"), cls="s mu")
        value = MISSING
    else:
        spark, alt = spark_of(track, item, lang, goal, domain)
        picture = sparkline(spark, alt, theme_name(), 96, 64)
        value = format_value(track.values[-1], item)
    reading = track.readings[-1] if track else "none"
    head = tag(
        "div",
        link(tag("b", load.unit_name(unit, lang)), where),
        tag("span", value, cls=reading),
        cls="s names",
    )
    return tag("div", head, picture)


def show_table(scope: Scope, item: Indicator, sides: Sides, window: str) -> None:
    """Show every comparison of every unit in official order."""
    t, lang = scope.t, scope.lang
    shown = [c for c in COMPARATORS if c in sides.whole.changes]
    if item.kind in ("count", "stock"):
        shown = [c for c in shown if c != "peers"]  # units differ in size
    shown = [c for c in shown if any(s.changes[c]["change"] is not None for s in sides.units)]
    parts = sides.funnel is not None
    columns = [
        Column("unit", t("districts.table.unit")),
        Column("value", t("districts.table.value"), unit=item.unit.get(lang), number=True),
    ]
    if parts:
        columns += [
            Column("parts", t("districts.table.parts"), number=True, cls="mu"),
            Column("interval", t("districts.table.interval"), number=True, cls="mu"),
        ]
    columns += [Column(c, t(f"districts.table.{c}"), number=True) for c in shown]
    columns += [
        Column("reading", t("districts.table.reading")),
        Column("flags", t("districts.table.flags")),
    ]
    known = sides.whole.figure["status"]

    def body() -> Markup:
        rows = [_row(scope, item, sides.whole, shown, True, known)]
        rows += [_row(scope, item, side, shown, False, known) for side in sides.units]
        return table(title, columns, rows)

    title = t("districts.table.title")
    note = t("districts.table.note")
    kinds = {row["change_kind"] for row in sides.whole.changes.values()}
    if "pp" in kinds:
        note += t("districts.table.in_points")
    median = sides.units[0].changes.get("peers", {}).get("base_value") if sides.units else None
    if median is not None and "peers" in shown:
        note += t("districts.table.median", value=format_value(median, item, lang))
    panel.section(
        title,
        note,
        sheet=lambda: _sheet(scope, item, sides, shown, window),
        name=f"districts-{item.code}-{scope.unit}-{scope.period:%Y-%m}",
        lang=lang,
    )
    foot = t("districts.table.foot", least=f"{item.minimum_base:g}")
    made = load.made(f"sides {item.code}", scope, "", body)
    panel.show(made, tag("div", foot, cls="s mu", style="margin-top:8px"))


def _row(
    scope: Scope, item: Indicator, side: Side, shown: list[str], is_whole: bool, known: str
) -> TableRow:
    """Return a unit's row."""
    lang, figure = scope.lang, side.figure
    name = load.unit_title(side.unit, lang)
    where = href("indicator", scope, unit=side.unit, indicator=item.code)
    label: Child = name if is_whole else link(name, where)
    if figure["suppressed"]:
        hidden = join([icon("visibility_off", 16), " ", scope.t("ui.flag.suppressed")])
        return TableRow({"unit": label, "flags": hidden})
    cells: dict[str, Child] = {
        "unit": label,
        "value": link(
            tag("b", _value(figure, item)), passport_href(scope, item.code, unit=side.unit)
        ),
        "parts": _parts(figure),
        "reading": " " if is_whole and side.verdict == "" else _reading(scope, item, side),
        "flags": join(_flags(scope, figure, "" if is_whole else known)) or " ",
    }
    if side.interval:
        low, high = (format_value(edge, item) for edge in side.interval)
        cells["interval"] = f"{low} – {high}"
    for comparator in shown:
        cells[comparator] = _change(scope, item, side, comparator)
    return TableRow(cells, "total" if is_whole else "")


def _value(figure: Row, item: Indicator) -> str:
    """Return a figure, or nothing where only its parts may be shown."""
    if shows_parts(figure, item) and figure["denominator"] < item.minimum_base:
        return MISSING
    return format_value(figure["value"], item, None, figure["numerator"], figure["denominator"])


def _parts(figure: Row) -> Child:
    """Return numerator and denominator."""
    if figure["denominator"] is None or figure["numerator"] is None:
        return None
    pair = [format_number(round_half_up(figure[k])) for k in ("numerator", "denominator")]
    return " / ".join(pair)


def _change(scope: Scope, item: Indicator, side: Side, comparator: str) -> Child:
    """Return one comparison of a unit; a real change on last year stands out."""
    row = side.changes[comparator]
    if comparator == "peers" and row["change"] is None:
        return None
    words = change_short(row, item, scope.lang)
    words = words.removesuffix(" 个百分点").removesuffix(" pp")  # said once, over the table
    if row["note"] == "small_base" and item.kind == "ratio":
        return None
    reading = side.standing["reading"] if side.standing and comparator == "yoy" else ""
    real = reading in ("better", "worse", "up", "down")
    return tag("b", words, cls=reading) if real else words


def _reading(scope: Scope, item: Indicator, side: Side) -> Markup:
    """Return the verdict of the funnel, or the reading of the own history."""
    reading = reading_of(side, item)
    if side.verdict:
        word = scope.t(f"districts.verdict.{side.verdict}")
        return reading_badge(reading, word, side.verdict.startswith("high"))
    rises = is_rising(side.figure, side.standing) if side.standing else None
    return reading_badge(reading, reading_words(reading, scope.lang), rises)


def _flags(scope: Scope, figure: Row, known: str) -> list[Child]:
    """Return the marks of a figure."""
    flags: list[Child] = list(status_flags(figure, scope.lang, known))
    if figure.get("note") in NOTE_FLAGS:
        flags.append(flag(scope.t(f"words.note.{figure['note']}")))
    return [*flags, *structure.flags(figure, scope)]


def _sheet(scope: Scope, item: Indicator, sides: Sides, shown: list[str], window: str) -> Sheet:
    """Return the table as a sheet."""
    t, lang = scope.t, scope.lang
    fields = [
        Field(t("districts.table.unit")),
        Field(load.header(t("districts.table.value"), item.unit.get(lang), lang), item.decimals),
        Field(t("passport_parts.numerator"), 0),
        Field(t("passport_parts.denominator"), 0),
        *[Field(t(f"districts.table.{c}"), 1) for c in shown],
        Field(t("districts.table.reading")),
        Field(t("ui.sheet.coverage")),
        Field(t("districts.table.flags")),
    ]
    rows = []
    for side in (sides.whole, *sides.units):
        figure = side.figure
        note = figure.get("note")
        small = note == "small_base" and item.kind == "ratio"
        word = reading_words(reading_of(side, item), lang)
        if side.verdict:
            word = t(f"districts.verdict.{side.verdict}")
        marks = t("ui.flag.suppressed") if figure["suppressed"] else ""
        if note in NOTE_FLAGS or note in NOTES:
            marks = t(f"words.note.{note}")
        rows.append(
            [
                load.unit_title(side.unit, lang),
                None if small else figure["value"],
                figure["numerator"],
                figure["denominator"],
                *[None if small else side.changes[c]["change"] for c in shown],
                word,
                f"{figure['reported']}/{figure['due']}",
                marks,
            ]
        )
    label = period_label(scope.period, window, lang)
    units = [side.unit for side in (sides.whole, *sides.units)]
    said = structure.lines(scope, item.code, units, window)
    notes = [t("districts.table.note"), *said, t("ui.panel.internal")]
    about = load.sheet_about(scope, label)
    return Sheet(f"{item.name.get(lang)} {label}", about, fields, rows, notes)
