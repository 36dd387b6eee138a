"""How does this year of an indicator run against last year, on the Indicator page?"""

import datetime as dt
from typing import Any

import polars as pl

from charts.years import chart_years, starts_at_zero
from data.catalog import Indicator
from metrics.contributions import YearMonth, year_months
from ui import load, panel
from ui.chart import ready_spec
from ui.scope import Scope, Sight
from ui.theme import theme_name


def show_years(scope: Scope, item: Indicator) -> None:
    """Show the months of this year beside last year's; in January there are none to show."""
    t = scope.t
    key = (load.sight(scope), item.code, scope.unit, scope.period)
    months = _years(*key, scope.basis)
    if not months:
        panel.empty(t("festival.years.january"), t("festival.years.january_how"))
        return
    name = f"years {item.code}"
    title, note = load.made(name, scope, "", lambda: _years_words(scope, item, months))
    spec = years_spec(*key, scope.basis, theme_name(), scope.lang)
    alt = t("indicator.years.alt", name=item.name.get(scope.lang), title=title)
    years = [scope.period.year, scope.period.year - 1]
    legend = [
        panel.legend_item("box", "seq2", t("indicator.years.this_year", year=years[0])),
        panel.legend_item("line", "ink", t("indicator.years.this_year", year=years[1])),
    ]
    panel.chart_card(title, note, spec, alt, "years", legend)


@load.cached
def _years(
    sight: Sight, code: str, unit: str, period: dt.date, basis: str
) -> tuple[YearMonth, ...]:
    """Return the months of this year beside last year's."""
    asked = (code, unit, period, basis)
    return tuple(year_months(load.cube_at(sight), *asked, lambda rows: load.hide(rows, sight)))


@load.cached
def years_spec(
    sight: Sight, code: str, unit: str, period: dt.date, basis: str, theme: str, lang: str
) -> dict[str, Any]:
    """Return the finished chart of this year against last year."""
    item = load.indicator(code)
    rows = []
    for entry in _years(sight, code, unit, period, basis):
        joined = entry.joined > 1
        label = load.say("indicator.years.joined", lang) if joined else str(entry.month)
        change = (
            entry.row["change"] if entry.row["change_kind"] in ("pct", "pp", "points") else None
        )
        decimals = 0 if entry.row["change_kind"] == "pct" else 1
        is_barred = is_broken(entry) or is_other(entry)
        rows.append(
            {
                "label": label,
                "value": entry.value,
                "base": entry.base,
                "words": "※" if is_barred else load.signed(change, decimals),
                "current": entry.month == period.month,
            }
        )
    schema = {
        "label": pl.String,
        "value": pl.Float64,
        "base": pl.Float64,
        "words": pl.String,
        "current": pl.Boolean,
    }
    return ready_spec(chart_years(pl.DataFrame(rows, schema=schema), item.decimals, theme, lang))


def _years_words(scope: Scope, item: Indicator, months: tuple[YearMonth, ...]) -> tuple[str, str]:
    """Return title and note of the chart of the years."""
    t = scope.t
    both = [m for m in months if None not in (m.value, m.base) and not is_other(m)]
    below = sum(m.value < m.base for m in both)  # type: ignore[operator]
    above = sum(m.value > m.base for m in both)  # type: ignore[operator]
    counts = {"count": len(both), "below": below, "above": above}
    title = t(
        "indicator.years.title" if below >= above else "indicator.years.title_above", **counts
    )
    if not both:
        title = t("festival.years.none")
    kind = months[-1].row["change_kind"] if months else "pct"
    kind = kind if kind in ("pct", "pp", "points") else "pct"
    note = t(
        "indicator.years.note", unit=item.unit.get(scope.lang), kind=t(f"indicator.years.{kind}")
    )
    if not starts_at_zero([side for m in months for side in (m.value, m.base)]):
        note = f"{note} · {t('indicator.years.cut')}"
    if any(m.joined > 1 for m in months):
        note = f"{note} · {t('indicator.years.joined_note')}"
    if any(map(is_other, months)):
        note = f"{note} · {t('indicator.years.other')}"
    if any(map(is_broken, months)):
        note = f"{note} · {t('festival.years.broken')}"
    return title, note


def is_broken(entry: YearMonth) -> bool:
    """Return whether a change of definition lies between a month and the one of last year."""
    return entry.row["note"] == "break"


def is_other(entry: YearMonth) -> bool:
    """Return whether the unit's borders changed between a month and the one of last year."""
    return entry.row["note"] == "structure"
