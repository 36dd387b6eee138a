"""How is it shown what is due when: the days of the filing month, and the months of the year?"""

import datetime as dt
from collections.abc import Mapping, Sequence

from data.periods import add_months
from data.returns.desk import Duty
from data.returns.due import due_date
from ui import load, panel
from ui.clock import today
from ui.html import Child, Markup, icon, join, link, tag
from ui.returns_owed import duties_by_month
from ui.scope import Scope, here

WEEKEND = (5, 6)
LAST_DAY = 15
#: What a bureau plans after the due day, with the sign in the calendar.
PLANNED = {"review_day": ("review", "rule"), "lock_day": ("lock", "lock")}
PLANNED |= {"publish_day": ("publish", "print")}
#: States in which a return is in and waits for others.
IN_REVIEW = frozenset({"confirming", "submitted", "reviewed"})


def show_calendar(scope: Scope, unit: str, owed: Sequence[Duty], *, is_locked: bool) -> None:
    """Show the days of the filing month, and below them the months of the year."""
    months = [dt.date(scope.period.year, month, 1) for month in range(1, 13)]
    there = [month for month in months if month in set(load.allowed().periods)]
    known = duties_by_month(scope, unit, there or [scope.period])

    def card() -> Markup:
        days, year = _days(scope, owed, is_locked), _months(scope, months, known)
        return tag("div", days, year, cls="card calendar")

    panel.show(load.told(f"calendar {unit} {today()}", scope, card))
    late = [month for month, duties in known.items() if month < scope.period and _late(duties)]
    if late:
        names = "、".join(scope.t(f"ui.month.m{month.month}") for month in late)
        if scope.lang == "en":
            names = ", ".join(scope.t(f"ui.month.m{month.month}") for month in late)
        panel.notice(scope.t("desk.year.earlier", months=names), "event_busy")


def _days(scope: Scope, owed: Sequence[Duty], is_locked: bool) -> Markup:
    """Return the days of the filing month with what is due, sent and planned."""
    first = add_months(scope.period, 1)
    last = max(LAST_DAY, *(duty.due.day for duty in owed if duty.due.month == first.month), 1)
    days = [first + dt.timedelta(days=n) for n in range(last)]
    by_day = _by_day(owed, days)
    cells = []
    for day in days:
        cls = "today" if day == today() else "off" if day.weekday() in WEEKEND else ""
        word = scope.t("returns.page.today") if day == today() else _weekday(scope, day)
        head = [tag("b", day.day), " ", tag("span", word, cls="mu")]
        content = [_mark(scope, duties) for duties in by_day.get(day, ())]
        cells.append(
            tag(
                "li", tag("div", head, cls="s"), content or _planned(scope, day, is_locked), cls=cls
            )
        )
    label = scope.t("returns.page.strip", month=f"{first:%Y-%m}")
    style = f"grid-template-columns:repeat({last},minmax(64px,1fr))"
    strip = tag("ol", cells, cls="strip", style=style)
    # Narrow screens scroll it sideways: the keyboard must be able to do so too.
    return tag("div", strip, cls="scroll", tabindex="0", role="region", aria_label=label)


def _by_day(owed: Sequence[Duty], days: Sequence[dt.date]) -> dict[dt.date, list[list[Duty]]]:
    """Return the forms of each day: what is open on its due day, what was sent when it was sent."""
    found: dict[dt.date, tuple[list[Duty], list[Duty]]] = {}
    for duty in owed:
        sent = duty.submission["submitted_at"] if duty.submission else None
        day = duty.due
        if sent is not None and not duty.is_open and load.local(sent).date() in days:
            day = load.local(sent).date()
        day = min(max(day, days[0]), days[-1])
        found.setdefault(day, ([], []))[0 if duty.is_open else 1].append(duty)
    return {day: [part for part in parts if part] for day, parts in found.items()}


def _mark(scope: Scope, duties: Sequence[Duty]) -> Markup:
    is_open = duties[0].is_open
    cls = "worse" if is_open else "better"
    symbol = icon("schedule" if is_open else "check_circle", 14)
    return tag("span", symbol, _names(scope, duties), cls=f"rd {cls}")


def _planned(scope: Scope, day: dt.date, is_locked: bool) -> Child:
    """Return what the bureau plans for a day: review, lock (or that it is locked), print."""
    calendar = load.catalog().calendar
    for name, (key, symbol) in PLANNED.items():
        if getattr(calendar, name) == day.day:
            key = "locked" if key == "lock" and is_locked else key
            return tag("span", icon(symbol, 14), scope.t(f"desk.day.{key}"), cls="plan mu")
    return None


def _names(scope: Scope, duties: Sequence[Duty]) -> Markup:
    """Return the codes of forms briefly, neighbours joined: M01–M05、M07; lines break between."""
    order = list(load.catalog().forms)
    places = sorted(order.index(duty.form.code) for duty in duties)
    runs: list[list[int]] = []
    for place in places:
        if runs and place == runs[-1][-1] + 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    said = [order[run[0]] if len(run) == 1 else f"{order[run[0]]}–{order[run[-1]]}" for run in runs]
    between = "、" if scope.lang == "zh" else ","
    ends = [*[between] * (len(said) - 1), ""]
    return join(
        [tag("span", f"{name}{end}", cls="nw") for name, end in zip(said, ends, strict=True)], " "
    )


def _weekday(scope: Scope, day: dt.date) -> str:
    return scope.t(f"returns.weekday.d{day.weekday()}")


def _months(
    scope: Scope, months: Sequence[dt.date], known: Mapping[dt.date, Sequence[Duty]]
) -> Markup:
    """Return the months of the year, each a link with how far its returns are."""
    cells = []
    for month in months:
        name = tag("b", scope.t(f"ui.month.m{month.month}"))
        if month not in known:
            said = tag("span", scope.t("desk.year.coming"), cls="mu")
            cells.append(tag("li", tag("div", name, said, cls="month"), cls="off"))
            continue
        where = here("returns", scope, period=f"{month:%Y-%m}", form=None)
        on = month == scope.period
        said = _month_words(scope, known[month])
        cells.append(
            tag("li", link(join([name, said]), where, cls="month", aria_current=on and "true"),
                cls="today" if on else "")
        )  # fmt: skip
    label = scope.t("desk.year.label", year=scope.period.year)
    strip = tag("ol", cells, cls="strip year")
    return tag("div", strip, cls="scroll", tabindex="0", role="region", aria_label=label)


def _month_words(scope: Scope, duties: Sequence[Duty]) -> Markup:
    """Return how far the returns of a month are, the most urgent first."""
    late = _late(duties)
    left = [duty for duty in duties if duty.is_open]
    waiting = [duty for duty in duties if duty.state in IN_REVIEW]
    if not duties:
        return tag("span", scope.t("desk.year.nothing"), cls="mu")
    if late:
        said, symbol, cls = scope.t("desk.year.late", count=len(late)), "error", "worse"
    elif left:
        said, symbol, cls = scope.t("desk.year.open", count=len(left)), "schedule", "accent"
    elif waiting:
        said, symbol, cls = scope.t("desk.year.waiting", count=len(waiting)), "hourglass_top", "mu"
    else:
        said, symbol, cls = scope.t("desk.year.done"), "task_alt", "mu"
    return tag("span", icon(symbol, 14), said, cls=f"rd {cls}")


def _late(duties: Sequence[Duty]) -> list[Duty]:
    return [duty for duty in duties if duty.is_open and duty.days_left < 0]


def extension_words(scope: Scope, duty: Duty, reason: str) -> str:
    """Return that a form was given more time, and why."""
    day = due_date(duty.form, scope.period)
    return scope.t(
        "desk.day.extended_to", day=f"{day:%m-%d}", until=f"{duty.due:%m-%d}", reason=reason
    )
