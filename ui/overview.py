"""How is the overview shown? Headline from data, tiles, what really changed, units × indicators."""

from data.catalog import Indicator
from data.texts import text
from metrics.overview import REAL, WATCH, Row, View, is_against, main_part, read_view, target_met
from metrics.rounding import format_value
from metrics.tracks import Track
from metrics.words import (
    base_short,
    change_short,
    change_words,
    headline_words,
    reading_words,
    signal_words,
)
from ui import load, overview_tables, panel, structure
from ui.frame import current_scope
from ui.html import Child, Markup, icon, join, link, tag
from ui.scope import Scope, href, period_label
from ui.spark import sparkline
from ui.table import is_partial, marked, reading_badge
from ui.theme import theme_name
from ui.trackline import spark_of

ASSURANCE_ICON = {"pass": "verified", "hit_and_miss": "swap_vert", "fail": "cancel"}
ASSURANCE_READING = {"pass": "better", "hit_and_miss": "not_significant", "fail": "worse"}


def show() -> None:
    """Show the overview of the unit and period in scope."""
    scope = current_scope()
    if load.is_empty():
        panel.head(scope.t("ui.page.overview"), scope.t("ui.panel.empty_store"))
        panel.empty(scope.t("ui.panel.empty"), scope.t("ui.panel.empty_store_how"))
        return
    headline, matrix = load.headline(), load.matrix()
    units = load.row_units(scope)
    view = view_of(scope, headline, matrix, units)
    with panel.guard("overview head", scope.lang):
        _head(scope, view, headline, units)
    with panel.guard("overview structure", scope.lang):
        row = view.changes[headline[0], scope.unit] if headline else None
        structure.show(scope, (headline or matrix)[0], units, scope.shown_window, row)
    with panel.guard("tiles", scope.lang):
        panel.show(load.made("tiles", scope, theme_name(), lambda: _tiles(scope, view, headline)))
        panel.explain("tiles")
    with panel.guard("changed", scope.lang):
        overview_tables.show_changed(scope, view, matrix, units)
    with panel.guard("matrix", scope.lang):
        overview_tables.show_matrix(scope, view, matrix, units)


def view_of(
    scope: Scope, headline: tuple[str, ...], matrix: tuple[str, ...], units: tuple[str, ...]
) -> View:
    """Return the figures of the view, computed once for all readers with the same sight."""
    asked = (headline, matrix, units, scope.period, scope.shown_window, scope.basis)
    return _view(load.sight(scope), *asked)


@load.cached
def _view(sight, headline, matrix, units, period, window, basis) -> View:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """Compute the figures of a view."""
    indicators = tuple(dict.fromkeys((*headline, *matrix)))
    asked = (indicators, units, period, window, basis, headline)
    return read_view(load.cube_at(sight), *asked, hide=lambda rows: load.hide(rows, sight))


def _head(scope: Scope, view: View, headline: tuple[str, ...], units: tuple[str, ...]) -> None:
    """Show the sentence that says what happened, and what it was measured against."""
    rows = [view.changes[code, scope.unit] for code in headline]
    readings = ["none" if scope.levels_only else view.told((c, scope.unit)) for c in headline]
    period = period_label(scope.period, scope.shown_window, scope.lang)
    title = headline_words(readings, period, scope.lang)
    if scope.levels_only:
        title = scope.t("overview.levels_title", period=period, count=len(rows))
    lead = load.made("lead", scope, "", lambda: join([_lead(scope, view, headline, units)]))
    panel.head(_crumb(scope, rows), title, lead)


def _crumb(scope: Scope, rows: list[Row]) -> str:
    """Return what is compared with what, on how many units."""
    period = period_label(scope.period, scope.shown_window, scope.lang)
    line = scope.t("overview.crumb", unit=load.unit_title(scope.unit, scope.lang), period=period)
    if scope.levels_only:
        return f"{line} · {scope.t('overview.levels')}"
    base = next((row["base_period"] for row in rows if row["base_period"]), None)
    # The scope bar counts the units of the first headline indicator: the line speaks of the same.
    first = next((row for row in rows if row["compared_units"]), None)
    if base is None or first is None:
        return line
    against = scope.t(
        "overview.against",
        base=period_label(base, scope.shown_window, scope.lang),
        units=first["compared_units"],
    )
    missing = first["due"] - first["reported"]
    out = scope.t("overview.left_out", count=missing) if missing > 0 else ""
    return f"{line} · {against}{out}"


def _lead(scope: Scope, view: View, headline: tuple[str, ...], units: tuple[str, ...]) -> Child:
    """Return the most important improvement and concern, each with its base and its signal.

    Where all is well with the unit itself, a concern of one below is named: a good total hides it.
    """
    firm = [r for r in view.special if (r["indicator"], r["unit"]) in view.firm]
    mine = [r for r in firm if r["unit"] == scope.unit and r["indicator"] in headline]
    best = next((r for r in mine if r["reading"] == "better"), None)
    care = next((r for r in mine if r["reading"] == "worse"), None)
    parts: list[Child] = []
    if best:
        parts += [scope.t("overview.best"), _told(scope, view, best, ())]
    if care:
        space = " " if parts and scope.lang == "en" else None
        parts += [space, scope.t("overview.care"), _told(scope, view, care, units[1:])]
    readings = [view.told((code, scope.unit)) for code in headline]
    if not parts and "not_significant" in readings:
        parts = [scope.t("overview.nothing")]
    below = next((r for r in firm if _is_below(r, scope, units)), None)
    if below and not care and not scope.levels_only:
        space = " " if parts and scope.lang == "en" else None
        parts += [space, scope.t("overview.care_below"), _told(scope, view, below, (), named=True)]
    return join(parts)


def _is_below(series: Row, scope: Scope, units: tuple[str, ...]) -> bool:
    """Return whether a real change is a concern of a unit below."""
    return series["reading"] == "worse" and series["unit"] != scope.unit and series["unit"] in units


def _told(
    scope: Scope, view: View, series: Row, children: tuple[str, ...], named: bool = False
) -> Markup:
    """Return a real change as a sentence with its value, base, signal and main part.

    One of another unit is `named` and leads to its page.
    """
    lang = scope.lang
    row = view.changes[series["indicator"], series["unit"]]
    item = load.indicator(row["indicator"])
    value = format_value(row["value"], item, lang, row["numerator"], row["denominator"])
    signal = signal_words(series, lang)
    comma, stop = ("，", "。") if lang == "zh" else (", ", ".")
    where = href("indicator", scope, unit=series["unit"], indicator=item.code)
    name = load.unit_title(series["unit"], lang)
    said: list[Child] = [
        [link(name, where), "" if lang == "zh" else ": "] if named else None,
        tag("b", f"{item.name.get(lang)} {value}"),
        comma,
        change_words(row, item, lang),
        comma,
        signal if lang == "zh" else signal[:1].lower() + signal[1:],
    ]
    if children and item.kind == "count":
        sight = load.sight(scope)
        asked = (load.cube_at(sight), row, children, scope.basis)
        part = main_part(*asked, lambda rows: load.hide(rows, sight))
        if part:
            values = {
                "total": format_value(abs(part["total"]), item, lang),
                "unit": load.unit_title(part["unit"], lang),
                "part": format_value(abs(part["part"]), item, lang),
            }
            outdoes = abs(part["part"]) > abs(part["total"])
            said.append(scope.t("overview.outdone" if outdoes else "overview.most", **values))
    return join([*said, stop])


def _tiles(scope: Scope, view: View, headline: tuple[str, ...]) -> Markup:
    """Return the headline indicators as tiles; on a phone they become rows."""
    tiles = [_tile(scope, view, load.indicator(code)) for code in headline]
    return tag("div", tiles, cls="grid tiles")


def _tile(scope: Scope, view: View, item: Indicator) -> Markup:
    """Return one tile: name, value, reading, change with its base, trend, target."""
    key = (item.code, scope.unit)
    row, track, target, lang = (
        view.changes[key],
        view.tracks.get(key),
        view.targets.get(key),
        scope.lang,
    )
    value = format_value(row["value"], item, None, row["numerator"], row["denominator"])
    reading = "none" if scope.levels_only else view.told(key)
    word = scope.t("ui.reading.levels") if scope.levels_only else reading_words(reading, lang)
    return link(
        [
            tag(
                "div",
                tag("span", item.name.get(lang), cls="b"),
                tag("span", item.unit.get(lang), cls="s mu"),
                cls="nm",
            ),
            tag(
                "div",
                tag("span", tag("b", value), marked("", lang, is_partial(row))),
                reading_badge(reading, word, overview_tables.is_rising(row, view.standing[key])),
                cls="v",
            ),
            _tile_change(scope, row, item, reading, view.standing[key]),
            tag("div", _pictures(scope, item, track), cls="spark"),
            _tile_foot(scope, item, track, target),
        ],
        href("indicator", scope, indicator=item.code),
        cls="card tile",
    )


def _tile_change(scope: Scope, row: Row, item: Indicator, reading: str, series: Row) -> Markup:
    """Return the line with the change and its base; why the reading is another way, where it is."""
    if scope.levels_only:
        return tag("div", scope.t("ui.change.festival"), cls="s mu ch")
    words = [scope.t("ui.change.yoy"), " ", change_short(row, item, scope.lang)]
    base = "" if row["note"] == "small_base" else base_short(row, item, scope.lang)
    cls = "mu base"
    if reading in (*REAL, WATCH) and is_against(row, series):
        base, cls = signal_words(series, scope.lang), "mu"  # a phone shows it, too
    marks = structure.flags(row, scope) if row["note"] == "structure" else []
    shown = tag("span", " · ", base, cls=cls) if base else None
    # What is no real change is printed as quietly as it should be read.
    quiet = "" if reading in REAL else " mu"
    return tag("div", words, [" ", *marks] if marks else None, shown, cls=f"s ch{quiet}")


def _pictures(scope: Scope, item: Indicator, track: Track | None) -> list[Markup]:
    """Return the trend for the desk, and a smaller one for the phone."""
    if track is None:
        return []
    spark, alt = spark_of(track, item, scope.lang)
    theme = theme_name()
    return [
        sparkline(spark, alt, theme, 206, 40),
        sparkline(spark, alt, theme, 92, 32, cls="phone"),
    ]


def _tile_foot(scope: Scope, item: Indicator, track: Track | None, target: Row | None) -> Markup:
    """Return the target with whether the process can be relied on to meet it."""
    lang = scope.lang
    goal = target["base_value"] if target else None
    if goal is None:
        key = "overview.neutral" if item.direction == 0 else "overview.no_target"
        return tag("div", tag("span", text(key, lang), cls="mu"), cls="ft s")
    side = "overview.target_low" if item.direction < 0 else "overview.target_high"
    told = target_met(track, target, item.direction)
    unit = "%" if item.unit.get(lang) == "%" else ""
    said = tag("span", text(side, lang, value=f"{goal:g}{unit}"), cls="mu")
    badge = None
    if told:
        word = text(f"overview.assurance.{told}", lang)
        badge = tag(
            "span", icon(ASSURANCE_ICON[told], 16), word, cls=f"rd plain {ASSURANCE_READING[told]}"
        )
    return tag("div", said, badge, cls="ft s")
