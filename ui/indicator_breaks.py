"""What must a reader of an indicator know of its definitions, and of which month its parts are?"""

import datetime as dt
from typing import Any

from data.catalog import Event, Indicator
from data.periods import add_months, window_months
from metrics.breaks import crossed
from metrics.carried import carried_months
from metrics.events import told
from metrics.plan import make_plan
from ui import load, panel
from ui.html import tag
from ui.scope import Scope, Sight

Row = dict[str, Any]
MARK = {"zh": 14, "en": 30}  # characters of a reason that a chart has room for
SHOWN_BACK = 24  # months of the control chart before the year of the period


def show_breaks(scope: Scope, item: Indicator, row: Row, window: str) -> None:
    """Show a notice for each change of definition in view, and for parts of an earlier month."""
    lines = [
        *break_words(scope, item, row, window),
        *event_words(scope, item),
        *recount_words(scope, item, row),
        *carried_words(scope, item, window),
    ]
    if lines:
        panel.notice([tag("div", line) for line in lines], "history")


def break_words(scope: Scope, item: Indicator, row: Row, window: str) -> list[str]:
    """Return a sentence for each definition that began within the months that the page shows."""
    lang, catalog = scope.lang, load.catalog()
    first = add_months(scope.period.replace(month=1), -SHOWN_BACK)
    found = []
    for code, version in crossed(catalog, item.code, first, scope.period):
        values = {
            "measure": catalog.measures[code].name.get(lang),
            "version": version.number,
            "month": f"{version.start:%Y-%m}",
            "change": version.change.get(lang),
            "units": row.get("compared_units", 0),
        }
        found.append(
            scope.t(f"festival.notice.{_standing(scope, row, version.start, window)}", **values)
        )
    return found


def event_words(scope: Scope, item: Indicator) -> list[str]:
    """Return a sentence for each event that the bureau has set within the months of the page."""
    first = add_months(scope.period.replace(month=1), -SHOWN_BACK)
    return [
        scope.t(
            f"events.{event.effect}",
            month=f"{event.start:%Y-%m}",
            reason=event.reason.get(scope.lang).rstrip(".。"),
        )
        for event in events_in(load.sight(scope), item.code, scope.unit, first, scope.period)
    ]


def event_marks(
    sight: Sight, code: str, unit: str, first: dt.date, last: dt.date, lang: str
) -> dict[dt.date, str]:
    """Return what is written on a chart at the months of events, in short."""
    marks: dict[dt.date, str] = {}
    for event in events_in(sight, code, unit, first, last):
        said = shorten(event.reason.get(lang).rstrip(".。"), MARK[lang])
        words = load.say("events.mark", lang, month=f"{event.start:%Y-%m}", reason=said)
        marks[event.start] = f"{marks[event.start]} · {said}" if event.start in marks else words
    return marks


def shorten(words: str, most: int) -> str:
    """Return words cut to so many characters.

    >>> shorten("A new record system", 6), shorten("Short", 6)
    ('A new…', 'Short')
    """
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"


def events_in(
    sight: Sight, code: str, unit: str, first: dt.date, last: dt.date
) -> tuple[Event, ...]:
    """Return the events that touch an indicator of a unit between two months."""
    cube = load.cube_at(sight)
    return told(cube, make_plan(cube.catalog, code), unit, first, last)


def recount_words(scope: Scope, item: Indicator, row: Row) -> list[str]:
    """Return a sentence for a month that was worked out again under a later definition."""
    measure = load.catalog().measures.get(item.code)
    later = [
        version
        for version in (measure.versions if measure else ())
        if version.start and version.start > scope.period and row["definition"] >= version.number
    ]
    return [
        scope.t(
            "festival.notice.recounted",
            measure=item.name.get(scope.lang),
            version=version.number,
            month=f"{version.start:%Y-%m}",
        )
        for version in later
    ]


def _standing(scope: Scope, row: Row, start: dt.date | None, window: str) -> str:
    """Return how the comparison of the period stands to a break."""
    base = row.get("base_period")
    months = window_months(window, base, load.catalog().bureau.year_start) if base else []
    is_between = bool(months) and start is not None and months[0] < start
    if not is_between or row.get("note") == "break" or row.get("change") is None:
        return "broken"
    return "partly" if row["compared_units"] < row["reported"] else "back_cast"


def is_on_earlier(row: Row) -> bool:
    """Return whether a comparison stands on another definition than the figure beside it.

    All units are compared, and yet what is compared is not the figure.

    >>> is_on_earlier({"value": 70, "compared_value": 50, "compared_units": 2, "due": 2})
    True
    >>> is_on_earlier({"value": 70, "compared_value": 50, "compared_units": 1, "due": 2})
    False
    """
    known = row["value"] is not None and row["compared_value"] is not None
    return known and row["compared_units"] == row["due"] and row["value"] != row["compared_value"]


def carried_words(scope: Scope, item: Indicator, window: str) -> list[str]:
    """Return a sentence for each part whose figure is of an earlier month."""
    catalog = load.catalog()
    months = _carried(load.sight(scope), item.code, scope.unit, scope.period, window)
    return [
        scope.t(
            f"festival.notice.{'carried' if catalog.measures[code].kind == 'stock' else 'spans'}",
            measure=catalog.measures[code].name.get(scope.lang),
            month=f"{month:%Y-%m}",
        )
        for code, month in months
    ]


@load.cached
def _carried(
    sight: Sight, code: str, unit: str, period: dt.date, window: str
) -> tuple[tuple[str, dt.date], ...]:
    """Return the parts of an earlier month, with the month."""
    (found,) = carried_months(load.cube_at(sight), code, unit, [period], window)
    return tuple(found.items())
