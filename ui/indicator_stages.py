"""How are the stages of money shown on the page of an indicator that is one of them?"""

import datetime as dt
from typing import Any

from charts.stages import chart_stages
from data.catalog import Indicator
from data.definition_stages import chain_of
from data.definition_types import Chain
from metrics.stages import PRINTED, StageRate, Stages, read_stages, running_amounts, window_of
from metrics.stages_words import (
    amount_words,
    explain_words,
    lag_words,
    parts_words,
    range_words,
    rate_words,
)
from reports.tables import Field, Sheet
from ui import load, panel
from ui.chart import ready_spec
from ui.html import Child, join, link, tag
from ui.indicator_passport import passport_href
from ui.scope import Scope, Sight, href, period_label
from ui.table import Column, Row, flag, status_flags, table
from ui.theme import theme_name


def show_stages(scope: Scope, item: Indicator) -> None:
    """Show the chain in which an indicator stands: amounts side by side, rates, timing."""
    chain = chain_of(load.catalog().stages, item.code)
    if chain is None:
        return
    lang, t = scope.lang, scope.t
    found = _stages(load.sight(scope), chain.code, scope.unit, scope.period)
    is_year = found.window == "year"
    panel.section(
        t("stages.title", name=chain.name.get(lang)),
        t("stages.note_year" if is_year else "stages.note"),
        sheet=lambda: _sheet(scope, found),
        name=f"stages-{chain.code}-{scope.unit}-{scope.period:%Y-%m}",
        lang=lang,
    )
    panel.show(table(t("stages.title", name=chain.name.get(lang)), *_amounts(scope, found)))
    _chart(scope, chain, found)
    panel.section(t("stages.rates"), t("stages.rates_note"))
    panel.show(table(t("stages.rates"), *_rates(scope, found)))
    if caveats := chain.caveats.get(lang):
        panel.show(tag("div", caveats, cls="s mu"))


@load.cached
def _stages(sight: Sight, code: str, unit: str, period: dt.date) -> Stages:
    """Return the stages of a chain as a reader sees them."""
    chain = load.catalog().stages[code]
    return read_stages(
        load.cube_at(sight), chain, unit, period, lambda rows: load.hide(rows, sight)
    )


@load.cached
def stages_spec(
    sight: Sight, code: str, unit: str, period: dt.date, theme: str, lang: str
) -> dict[str, Any] | None:
    """Return the finished chart, None where no stage has a line."""
    chain = load.catalog().stages[code]
    rows = running_amounts(
        load.cube_at(sight), chain, unit, period, lambda rows: load.hide(rows, sight)
    )
    if rows.filter(rows["value"].is_not_null())["period"].n_unique() < 2:
        return None
    names = {code: load.indicator(code).name.get(lang) for code in chain.stages}
    return ready_spec(chart_stages(rows, names, theme, lang))


def _chart(scope: Scope, chain: Chain, found: Stages) -> None:
    """Show the amounts over time, each stage a line of its own."""
    lang, t = scope.lang, scope.t
    spec = stages_spec(load.sight(scope), chain.code, scope.unit, scope.period, theme_name(), lang)
    known = [now for now, _ in found.amounts if now["value"] is not None]
    known = [row for row in known if row["indicator"] in chain.stages]
    if spec is None or len(known) < 2:
        return
    first, last = known[0], known[-1]
    title = t(
        "stages.chart.title",
        first=load.indicator(first["indicator"]).name.get(lang),
        first_value=amount_words(first["value"]),
        last=load.indicator(last["indicator"]).name.get(lang),
        last_value=amount_words(last["value"]),
        unit=load.indicator(first["indicator"]).unit.get(lang),
    )
    note = t(
        "stages.chart.note_year" if found.window == "year" else "stages.chart.note",
        unit=load.indicator(chain.stages[0]).unit.get(lang),
        place=load.unit_title(scope.unit, lang),
    )
    alt = t("stages.chart.alt", name=chain.name.get(lang), title=title)
    panel.chart_card(title, note, spec, alt, "stages")


def _amounts(scope: Scope, found: Stages) -> tuple[list[Column], list[Row]]:
    """Return the amounts of the stages as a table."""
    t, lang = scope.t, scope.lang
    unit = load.indicator(found.chain.stages[0]).unit.get(lang)
    end = "_year" if found.window == "year" else ""
    columns = [
        Column("stage", t("stages.column.stage")),
        Column("value", t(f"stages.column.value{end}"), unit=unit, number=True),
        Column("before", t(f"stages.column.before{end}"), unit=unit, number=True, cls="mu"),
        Column("flags", t("stages.column.flags")),
    ]
    rows = []
    for now, before in found.amounts:
        code = now["indicator"]
        beside = None if code in found.chain.stages else t("stages.column.beside")
        name = link(load.indicator(code).name.get(lang), href("indicator", scope, indicator=code))
        source = passport_href(scope, code, window=found.window)
        rows.append(
            Row(
                {
                    "stage": join([name, beside]),
                    "value": link(tag("b", amount_words(now["value"])), source),
                    "before": amount_words(before["value"]),
                    "flags": join(status_flags(now, lang)) or " ",
                }
            )
        )
    return columns, rows


def _rates(scope: Scope, found: Stages) -> tuple[list[Column], list[Row]]:
    """Return the rates between the stages as a table."""
    t, lang = scope.t, scope.lang
    end = "_year" if found.window == "year" else ""
    columns = [
        Column("rate", t("stages.column.rate")),
        Column("value", t(f"stages.column.value{end}"), number=True),
        Column("parts", t("stages.column.parts"), number=True, cls="mu hide-phone"),
        Column("before", t(f"stages.column.before{end}"), number=True, cls="mu"),
        Column("range", t("stages.column.range", longest=found.chain.longest_lag)),
        Column("lag", t("stages.column.lag"), cls="wrap"),
        Column("flags", t("stages.column.flags"), cls="wrap"),
    ]
    rows = [
        Row(
            {
                "rate": _rate_name(scope, one),
                "value": tag("b", rate_words(one.figure["value"], one.note)),
                "parts": parts_words(one),
                "before": rate_words(one.before["value"], one.note_before),
                "range": range_words(one, found.chain, lang, is_short=True),
                "lag": lag_words(one.lag, lang),
                "flags": join(_rate_flags(scope, one)) or " ",
            }
        )
        for one in found.rates
    ]
    return columns, rows


def _rate_name(scope: Scope, one: StageRate) -> Child:
    """Return the name of a rate; one of the catalogue leads to its page."""
    name = one.rate.name.get(scope.lang)
    code = one.rate.indicator
    return link(name, href("indicator", scope, indicator=code)) if code else name


def _rate_flags(scope: Scope, one: StageRate) -> list[Child]:
    """Return the marks of a rate, with the words for one that is not plain."""
    t = scope.t
    marks: list[Child] = list(status_flags(one.figure, scope.lang))
    if one.note == "small_base":
        marks.append(flag(t("ui.flag.small_base")))
    if one.note in ("over_whole", "over_all"):
        marks.append(flag(t("stages.rate.flag_over")))
    if one.note in ("over_all", "negative"):
        marks.append(flag(t("stages.rate.flag_check")))
    if one.note not in ("none", "small_base", "missing"):
        words = explain_words(one, load.catalog(), scope.lang)
        marks.append(tag("div", words, cls="s mu"))
    return marks


def _sheet(scope: Scope, found: Stages) -> Sheet:
    """Return amounts and rates as a sheet."""
    t, lang, catalog = scope.t, scope.lang, load.catalog()
    end = "_year" if found.window == "year" else ""
    fields = [
        Field(t("stages.column.stage"), width=30),
        Field(t(f"stages.column.value{end}"), 2),
        Field(t(f"stages.column.before{end}"), 2),
        Field(t("stages.column.range", longest=found.chain.longest_lag), width=40),
        Field(t("stages.column.lag"), width=40),
    ]
    rows: list[list[str | float | None]] = [
        [catalog.indicators[now["indicator"]].name.get(lang), now["value"], before["value"], "", ""]
        for now, before in found.amounts
    ]
    rows += [
        [
            f"{one.rate.name.get(lang)} (%)",
            one.figure["value"] if one.note in PRINTED else None,
            one.before["value"] if one.note_before in PRINTED else None,
            range_words(one, found.chain, lang),
            lag_words(one.lag, lang),
        ]
        for one in found.rates
    ]
    label = period_label(scope.period, window_of(catalog, found.chain), lang)
    notes = [
        *(f"{one.rate.name.get(lang)}: {explain_words(one, catalog, lang)}" for one in found.rates),
        found.chain.caveats.get(lang),
        t("ui.panel.internal"),
    ]
    title = t("stages.title", name=found.chain.name.get(lang))
    return Sheet(title, load.sheet_about(scope, label), fields, rows, [n for n in notes if n])
