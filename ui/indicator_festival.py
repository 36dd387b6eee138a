"""How is a month that the festival disturbs shown on the Indicator page?"""

import datetime as dt
from typing import Any

from charts.festival import COLOURS, chart_festival
from data.catalog import Indicator
from metrics.festival import FESTIVAL_MONTHS, STRETCHES, disturbed
from metrics.rounding import format_number, format_value, round_half_up
from metrics.spring_panel import Look, festival_days, looks
from metrics.words import change_short
from reports.tables import Field, Sheet
from ui import load, panel
from ui.chart import ready_spec
from ui.html import Child, join, tag
from ui.scope import Scope, Sight, period_label
from ui.table import Column, Row, table
from ui.theme import theme_name

COLUMNS = ("view", "period", "value", "base", "change", "how")


def show_festival(scope: Scope, item: Indicator, window: str) -> None:
    """Show, in January to March, how the month compares once the festival is taken into account."""
    if window not in ("month", "jan_feb") or not scope.festival or item.kind == "yoy":
        return
    if scope.period.month not in FESTIVAL_MONTHS:
        return
    t, lang = scope.t, scope.lang
    calendar = load.catalog().calendar
    if scope.period.year not in calendar.festival_days:
        panel.notice(t("festival.panel.unknown", year=scope.period.year), "event_busy")
        return
    found = _looks(load.sight(scope), item.code, scope.unit, scope.period, scope.basis)
    panel.section(
        t("festival.panel.title"),
        t("festival.panel.note"),
        sheet=lambda: _sheet(scope, item, found),
        name=f"festival-{item.code}-{scope.unit}-{scope.period:%Y-%m}",
        lang=lang,
    )
    columns = [
        Column("view", t("festival.panel.view")),
        Column("period", t("festival.panel.period"), cls="hide-phone"),
        Column("value", t("festival.panel.value"), number=True),
        Column("base", t("festival.panel.base"), number=True, cls="mu"),
        Column("change", t("festival.panel.change"), number=True),
        Column("how", t("festival.panel.how"), cls="wrap"),
    ]
    rows = [Row(_cells(scope, item, look)) for look in found]
    panel.show(table(t("festival.panel.title"), columns, rows))
    spec = festival_spec(scope.period.year, theme_name(), lang)
    title, note = _days_words(scope)
    names = stretch_names(lang)
    legend: list[Child] = [
        panel.legend_item("box", COLOURS[word], name) for word, name in names.items()
    ]
    panel.chart_card(title, note, spec, f"{title} {note}", "festival", legend)
    how = [t(f"festival.how.{key}") for key in ("joined", "working_days", "aligned", "limits")]
    panel.how_to_read(how, lang)


@load.cached
def _looks(sight: Sight, code: str, unit: str, period: dt.date, basis: str) -> tuple[Look, ...]:
    """Return the looks at a month."""
    return looks(
        load.cube_at(sight), code, unit, period, basis, lambda rows: load.hide(rows, sight)
    )


@load.cached
def festival_spec(year: int, theme: str, lang: str) -> dict[str, Any]:
    """Return the finished chart of when the festival was."""
    days = festival_days(load.catalog().calendar, year)
    return ready_spec(chart_festival(days, stretch_names(lang), theme, lang))


def stretch_names(lang: str) -> dict[str, str]:
    """Return how the stretches of disturbed days are called, with their lengths."""
    calendar = load.catalog().calendar
    counts = disturbed(calendar, min(calendar.festival_days.values())).lengths
    return {
        word: load.say(f"festival.stretch.{word}", lang, count=count)
        for word, count in zip(STRETCHES, counts, strict=True)
    }


def _cells(scope: Scope, item: Indicator, look: Look) -> dict[str, Child]:
    """Return the cells of one look."""
    t, lang, row = scope.t, scope.lang, look.row
    change: Child = change_short(row, item, lang)
    if look.half is not None and row["change"] is not None:
        width = format_number(round_half_up(look.half, decimals=1))
        change = join([change, tag("span", f" ± {width}", cls="mu")])
    how: Child = t(f"festival.row.{look.view}_{look.window}")
    for key in look.said:
        how = join([how, " ", t(key.replace("festival.said", "festival.row"))])
    return {
        "view": t(f"festival.view.{look.view}"),
        "period": period_label(
            row["period"], look.window if look.view != "two_year" else "jan_feb", lang
        ),
        "value": tag("b", _value(row["value"], item, look)),
        "base": _value(row["base_value"], item, look),
        "change": change,
        "how": how,
    }


def _value(value: float | None, item: Indicator, look: Look) -> str:
    """Return a figure; one a working day has two decimals more."""
    if look.view != "working_days":
        return format_value(value, item)
    return format_number(round_half_up(value, decimals=item.decimals + 2))


def _days_words(scope: Scope) -> tuple[str, str]:
    """Return how many disturbed days each month holds, this year and the year before."""
    t, calendar = scope.t, load.catalog().calendar

    def counts(year: int) -> dict[str, object]:
        first = calendar.festival_days[year]
        days = [disturbed(calendar, dt.date(year, month, 1)).total for month in FESTIVAL_MONTHS]
        return {
            "year": year,
            "total": sum(disturbed(calendar, first).lengths),
            "day": t("festival.panel.day", month=t(f"ui.month.m{first.month}"), day=first.day),
            **{f"m{month}": n for month, n in zip(FESTIVAL_MONTHS, days, strict=True)},
        }

    year = scope.period.year
    title = t("festival.panel.days_title", **counts(year))
    before = (
        t("festival.panel.days_title", **counts(year - 1))
        if year - 1 in calendar.festival_days
        else ""
    )
    return title, before


def _sheet(scope: Scope, item: Indicator, found: tuple[Look, ...]) -> Sheet:
    """Return the looks as a sheet."""
    t, lang = scope.t, scope.lang
    fields = [
        Field(t("festival.panel.view")),
        Field(t("festival.panel.period")),
        Field(load.header(t("festival.panel.value"), item.unit.get(lang), lang), item.decimals + 2),
        Field(t("festival.panel.base"), item.decimals + 2),
        Field(t("festival.panel.change"), 1),
        Field(t("festival.panel.half"), 1),
        Field(t("festival.panel.how")),
    ]
    rows = [
        [
            t(f"festival.view.{look.view}"),
            period_label(look.row["period"], look.row["window"], lang),
            look.row["value"],
            look.row["base_value"],
            look.row["change"],
            look.half,
            t(f"festival.row.{look.view}_{look.window}"),
        ]
        for look in found
    ]
    label = period_label(scope.period, "month", lang)
    title = f"{item.name.get(lang)} {label}"
    return Sheet(title, load.sheet_about(scope, label), fields, rows, [t("ui.panel.internal")])
