"""How is a clearance rate shown beside what became of the cases themselves?"""

import datetime as dt
from typing import Any

from charts.twins import chart_twins
from data.catalog import Indicator
from metrics.rounding import format_value
from metrics.twins import Age, Row, Twins, cohorts_beside, read_twins, share_beside, twin_of
from metrics.words import change_short, reading_words
from ui import load, panel
from ui.chart import ready_spec
from ui.html import Child, Markup, join, link, tag
from ui.indicator_passport import passport_href
from ui.numbers import shown
from ui.overview_tables import is_rising
from ui.scope import Scope, Sight, href, period_label
from ui.table import Column, flag, reading_badge, status_flags, table
from ui.table import Row as TableRow
from ui.theme import theme_name

WHOLE = 100.0
NOW = "twins.short.period"


def show_twins(scope: Scope, item: Indicator, window: str) -> None:
    """Show both rates, their lines and the cohorts by age, for an indicator among them.

    Where the page's own figure is over 100 % it is explained in the page's `window`.
    """
    code = twin_of(load.catalog(), item.code)
    if not code:
        return
    t = scope.t
    found = _twins(load.sight(scope), code, scope.unit, scope.period, scope.basis)
    panel.section(t("twins.title"), t("twins.note"))
    if not found.is_filed:
        ages = cohorts_beside(load.catalog(), code)
        form = load.catalog().measures[load.indicator(ages[0]).numerator[0]].form
        panel.notice(t("twins.not_filed", form=form), "info")
    said = [
        _over(scope, code, window),
        t(f"twins.parting.{found.parting}") if found.is_filed else "",
    ]
    panel.show(tag("div", " ".join(part for part in said if part)))
    panel.show(_rates(scope, found))
    _chart(scope, code, found)
    if found.is_filed:
        _cohorts(scope, code, found)


@load.cached
def _twins(sight: Sight, code: str, unit: str, period: dt.date, basis: str) -> Twins:
    """Return both rates as a reader sees them."""
    return read_twins(
        load.cube_at(sight), code, unit, period, basis, lambda rows: load.hide(rows, sight)
    )


def _over(scope: Scope, code: str, window: str) -> str:
    """Return why the rate of the period is over 100 %, empty where it is not."""
    t, share = scope.t, share_beside(load.catalog(), code)
    codes = (code, share) if share else (code,)
    found = load.figures(load.sight(scope), codes, (scope.unit,), (scope.period,), window)
    row, *others = found.to_dicts()
    if row["value"] is None or row["value"] <= WHOLE:
        return ""
    old = others[0]["numerator"] if others else None
    words = t("twins.over_none") if old is None else t("twins.over_share", old=shown(old, 0))
    return t(
        "twins.over",
        name=load.indicator(code).name.get(scope.lang),
        period=period_label(scope.period, window, scope.lang),
        part=shown(row["numerator"], 0),
        whole=shown(row["denominator"], 0),
        share_words=words,
    )


def _rates(scope: Scope, found: Twins) -> Markup:
    """Return the rates beside each other, each with its own parts."""
    t = scope.t
    columns = [
        Column("rate", t("twins.column.rate")),
        Column("value", t("twins.column.value"), unit="%", number=True),
        Column("parts", t("twins.column.parts"), number=True, cls="mu"),
        Column("before", t("twins.column.before"), unit="%", number=True, cls="mu hide-phone"),
        Column("change", t("twins.column.change"), number=True),
        Column("reading", t("twins.column.reading")),
        Column("flags", t("twins.column.flags")),
    ]
    # What nobody owes is not missing: a cohort that was never filed has no row.
    filed = [row for row in found.cohort_rates if row["value"] is not None or row["reported"]]
    rows = [found.rate, *([found.share] if found.share else []), *filed]
    return table(t("twins.title"), columns, [_rate_row(scope, row) for row in rows])


def _rate_row(scope: Scope, row: Row) -> TableRow:
    """Return one rate; of a small base only its parts."""
    lang, item = scope.lang, load.indicator(row["indicator"])
    is_small = row["denominator"] is not None and row["denominator"] < item.minimum_base
    value = "—" if is_small else format_value(row["value"], item, None, row["numerator"],
                                              row["denominator"])  # fmt: skip
    parts = "—"
    if row["denominator"] is not None and row["numerator"] is not None:
        parts = f"{shown(row['numerator'], 0)} ÷ {shown(row['denominator'], 0)}"
    flags: list[Child] = list(status_flags(row, lang))
    if is_small:
        flags.append(flag(scope.t("ui.flag.small_base")))
    reading = row["reading"]
    side = {"side": 0}
    return TableRow(
        {
            "rate": link(item.name.get(lang), href("indicator", scope, indicator=item.code)),
            "value": link(tag("b", value), passport_href(scope, item.code, window=row["window"])),
            "parts": parts,
            "before": format_value(row["base_value"], item),
            "change": change_short(row, item, lang) if row["value"] is not None else None,
            "reading": reading_badge(reading, reading_words(reading, lang), is_rising(row, side)),
            "flags": join(flags) or " ",
        }
    )


@load.cached
def twins_spec(
    sight: Sight, code: str, unit: str, period: dt.date, basis: str, theme: str, lang: str
) -> dict[str, Any]:
    """Return the finished chart of the rates over time."""
    found = _twins(sight, code, unit, period, basis)
    codes = [code, *cohorts_beside(load.catalog(), code)]
    names = {each: load.indicator(each).name.get(lang) for each in codes}
    short = {
        each: load.say("twins.short.age", lang, months=ago) if ago else load.say(NOW, lang)
        for each in codes
        for ago in (load.indicator(each).ago,)
    }
    return ready_spec(chart_twins(found.series, names, short, theme, lang))


def _chart(scope: Scope, code: str, found: Twins) -> None:
    """Show the rates over time."""
    t, lang = scope.t, scope.lang
    if found.series["value"].is_not_null().sum() < 2:
        return
    item = load.indicator(code)
    told = [row for row in found.cohort_rates if row["value"] is not None]
    values: dict[str, Any] = {
        "name": item.name.get(lang),
        "value": format_value(found.rate["value"], item, lang),
    }
    title = t("twins.chart.title_alone", **values)
    if told:
        last = load.indicator(told[-1]["indicator"])
        cohort = format_value(told[-1]["value"], last, lang)
        title = t("twins.chart.title", **values, cohort=last.name.get(lang), cohort_value=cohort)
    place = load.unit_title(scope.unit, lang)
    note = t(f"twins.chart.note_{found.series['window'][0]}", place=place)
    if told:
        note = f"{note} · {t('twins.chart.note_cohorts')}"
    spec = twins_spec(
        load.sight(scope), code, scope.unit, scope.period, scope.basis, theme_name(), lang
    )
    alt = t("twins.chart.alt", name=item.name.get(lang), title=title)
    panel.chart_card(title, note, spec, alt, "twins")


def _cohorts(scope: Scope, code: str, found: Twins) -> None:
    """Show the cases of each quarter as they age."""
    t = scope.t
    ages = cohorts_beside(load.catalog(), code)
    months = [load.indicator(each).ago for each in ages]
    place = load.unit_title(scope.unit, scope.lang)
    panel.section(t("twins.cohorts.title"), t("twins.cohorts.note", place=place))
    columns = [Column("cohort", t("twins.column.cohort"))]
    columns += [Column(str(ago), t("twins.column.age", months=ago), number=True) for ago in months]
    least = load.indicator(ages[0]).minimum_base
    rows = []
    for cohort in found.cohorts:
        first, last = (f"{day:%Y-%m}" for day in (cohort.first, cohort.last))
        cells: dict[str, Child] = {"cohort": t("twins.cohorts.label", first=first, last=last)}
        cells |= {str(age.ago): _age(scope, age, least) for age in cohort.ages}
        rows.append(TableRow(cells))
    panel.show(table(t("twins.cohorts.title"), columns, rows))
    panel.explain("cohorts")


def _age(scope: Scope, age: Age, least: float) -> Child:
    """Return one cohort at one age; too young, not filed and small ones have no percentage."""
    t = scope.t
    if age.is_young:
        return tag("span", t("twins.cohorts.young", month=f"{age.ready:%Y-%m}"), cls="s mu")
    if age.denominator is None:
        return tag("span", t("twins.cohorts.missing"), cls="s mu")
    parts = {"numerator": shown(age.numerator, 0), "denominator": shown(age.denominator, 0)}
    if age.value is None or age.denominator < least:
        return tag("span", t("twins.cohorts.small", **parts), cls="mu")
    return t("twins.cohorts.parts", value=f"{shown(age.value, 1)}%", **parts)
