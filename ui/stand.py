"""On which units and which day's knowledge do the figures of a page stand, and how is that said?

By default figures stand on the units of today and on everything approved so far. Whoever asks for
another basis or an earlier day is told so on the page, under every chart and in every download,
with the way back.
"""

import datetime as dt

from data.store.days import approval_days
from ui import load, panel, structure
from ui.html import Child, Markup, icon, join, link, tag
from ui.scope import Scope, here, period_label

# How many days of approval the menu offers; others can be typed.
DAYS_SHOWN = 24


def day_words(day: dt.date, scope: Scope) -> str:
    """Return how a day is written in a sentence."""
    return scope.t(
        "scope.day",
        number=day.day,
        month=scope.t(f"scope.month.m{day.month}"),
        year=day.year,
    )


def stand_words(scope: Scope) -> str:
    """Return basis and vintage in a few words, for the line under a chart's title."""
    basis = scope.t(f"ui.basis.{scope.basis}")
    if scope.as_of is not None:
        return scope.t("scope.stand_as_of", basis=basis, day=day_words(scope.as_of, scope))
    latest = load.whole_of(load.sight(scope)).latest
    day = day_words(load.local(latest).date(), scope) if latest else scope.t("scope.nothing_known")
    return scope.t("scope.stand", basis=basis, day=day)


@load.cached
def _days() -> tuple[dt.date, ...]:
    """Return the days before today on which figures were approved, newest first."""
    today = load.allowed().today
    return tuple(day for day in approval_days(load.store()) if today is None or day < today)


def day_menu(scope: Scope, page: str, words: str) -> Markup:
    """Return the choice of the day as of which figures are shown; `words` stand on its button."""
    t = scope.t
    chosen = scope.as_of
    today = link(
        t("scope.today"),
        here(page, scope, as_of=None),
        cls="on" if chosen is None else "",
        aria_current=chosen is None and "true",
    )
    days = [
        link(
            day.isoformat(),
            here(page, scope, as_of=day),
            cls="on" if day == chosen else "",
            aria_current=day == chosen and "true",
        )
        for day in _days()[:DAYS_SHOWN]
    ]
    label = t("scope.other_day")
    last = load.allowed().today
    typed = tag(
        "form",
        tag(
            "label",
            tag("span", label, cls="s mu"),
            tag(
                "input",
                type="date",
                value=chosen.isoformat() if chosen else None,
                max=last.isoformat() if last else None,
                required=True,
                data_part="as_of",
            ),
        ),
        tag("button", t("scope.go"), type="submit", cls="btn"),
        action=here(page, scope, as_of=None),
        data_nav="1",
        cls="pick",
    )
    heading = tag("div", t("scope.days"), cls="menu-group") if days else None
    summary = tag(
        "summary",
        tag("span", t("scope.as_of"), cls="vh"),
        tag("span", words, cls="accent" if chosen else None),
        icon("keyboard_arrow_down", 14),
    )
    body = tag("div", today, typed, heading, tag("div", days, cls="days"), cls="list tall")
    return tag("details", summary, body, cls="menu right")


def statement(scope: Scope, page: str) -> Markup | None:
    """Return what a reader must know when figures do not stand on the units and data of today."""
    if scope.is_plain:
        return None
    t = scope.t
    said: list[Child] = []
    back = "back"
    if scope.basis != "now":
        said.append(_basis_words(scope, page))
        back = "back_now"
    if scope.as_of is not None:
        said.append(t("scope.said.as_of", day=day_words(scope.as_of, scope)))
        back = "back_today" if scope.basis == "now" else "back"
    way = link(t(f"scope.said.{back}"), here(page, scope, basis=None, as_of=None), cls="nw")
    space = " " if scope.lang == "en" else ""
    words = tag("div", join(said, space), " ", way)
    return tag("div", icon("history", 18), words, cls="notice stand", role="status", data_keep="1")


def _basis_words(scope: Scope, page: str) -> str:
    """Return what the basis lists and compares; a round has months of its own."""
    if page == "results":
        return scope.t(f"scope.said.results.{scope.basis}")
    month = period_label(scope.period, "month", scope.lang)
    return scope.t(f"scope.said.{scope.basis}", month=month)


def show_missing(scope: Scope, page: str) -> bool:
    """Say so where there is nothing to show on this basis or day; return whether that was so."""
    t = scope.t
    month = period_label(scope.period, "month", scope.lang)
    sight = load.sight(scope)
    if scope.unit not in load.visible_units(sight, scope.period):
        name = load.unit_title(scope.unit, scope.lang)
        panel.head(t(f"ui.page.{page}"), t("scope.missing.unit", unit=name, month=month))
        other = "then" if scope.basis == "now" else "now"
        way = link(t(f"scope.missing.unit_link_{other}"), here(page, scope, basis=other))
        # Why, where the bureau's own record of units says it.
        known_why = structure.lines(scope, load.headline()[0], (scope.unit,), "month")
        why = [" ".join(known_why), " "] if known_why else []
        stop = "。" if scope.lang == "zh" else "."
        how = join([*why, t("scope.missing.unit_how"), way, stop])
        panel.empty(name, how)
        return True
    known = load.whole_of(sight).periods
    if scope.as_of is None or (known and known[0] <= scope.period <= known[-1]):
        return False
    day = day_words(scope.as_of, scope)
    title = t("scope.missing.period", day=day, month=month)
    panel.head(t(f"ui.page.{page}"), title)
    words: Child = t("scope.missing.period_none")
    if known:
        last = link(
            period_label(known[-1], "month", scope.lang), here(page, scope, period=known[-1])
        )
        words = join([t("scope.missing.period_how"), last, "。" if scope.lang == "zh" else "."])
    panel.empty(month, words)
    return True
