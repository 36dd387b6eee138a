"""What is being looked at: who, which unit, period, window, basis, language; and its address.

The address is the truth. `read_scope` takes what a link says, keeps only what is allowed for this
viewer and this data, and falls back to what was seen last or to the defaults; `href` writes a link
to any page with the same scope. Nothing from the address is used unchecked.
"""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from data.texts import text
from metrics.compare import OFFERED_BASES as BASES

LANGUAGES = ("zh", "en")
# What the scope bar offers; January–February appears by itself in February (festival rule).
WINDOWS = ("month", "quarter", "half", "ytd", "rolling12")
STEP = {"quarter": 3, "half": 6}
# No record is older; far days would fall out of the calendar in some time zone.
FIRST_DAY = dt.date(1900, 1, 1)
# What an address that says all has; what else it lacks is at its default.
WHOLE = frozenset({"as", "unit", "period"})
# Only the plain form of a day is taken from an address; ISO has others.
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# Keys that only some pages use, with what their values may look like.
EXTRAS = (
    "indicator",
    "level",
    "scheme",
    "group",
    "round",
    "station",
    "form",
    "q",
    "edition",
    "all",
    "cell",
    "tree",
    "receipt",
    "order",
    "page",
    "question",
)


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may be chosen: people and units by code, periods (oldest first).

    `latest` is the period to start with, where later ones are still being filed. `today` is the
    last day as of which figures may be asked for.
    """

    people: Sequence[str]
    units: Sequence[str]
    periods: Sequence[dt.date]
    root: str
    festival: bool = False
    latest: dt.date | None = None
    today: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Sight:
    """What figures are made for: whose subtree is seen, on which basis, as known on which day.

    An empty unit is everything, no day is today. What is computed is kept by this, so that readers
    of equal sight share it, and no other reader does.
    """

    unit: str = ""
    basis: str = "now"
    as_of: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """What every page shows, until the reader changes it."""

    person: str
    unit: str
    period: dt.date
    window: str = "month"
    basis: str = "now"
    lang: str = "zh"
    festival: bool = False
    extras: Mapping[str, str] = field(default_factory=dict)
    as_of: dt.date | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """Return the scope as a key: equal views have equal keys."""
        return (*(f"{k}={v}" for k, v in query_of(self).items()), str(self.festival))

    @property
    def shown_window(self) -> str:
        """Return the window whose figures are shown: in February the two months together."""
        together = self.festival and self.window == "month" and self.period.month == 2
        return "jan_feb" if together else self.window

    @property
    def levels_only(self) -> bool:
        """Return whether the festival forbids changes: January alone."""
        return self.festival and self.window == "month" and self.period.month == 1

    @property
    def is_plain(self) -> bool:
        """Return whether figures are shown as they are by default: units of now, data of today."""
        return self.basis == "now" and self.as_of is None

    def t(self, key: str, /, **values: object) -> str:
        """Return a text in the reader's language."""
        return text(key, self.lang, **values)


def language_of(accepted: str | None) -> str:
    """Return the language for a browser's first wish; anything that is not Chinese is English.

    >>> language_of("zh-CN"), language_of("en-GB,en;q=0.8,zh;q=0.2"), language_of(None)
    ('zh', 'en', 'zh')
    """
    if not accepted:
        return "zh"
    return "zh" if accepted.strip().lower().startswith("zh") else "en"


def read_scope(
    query: Mapping[str, str], allowed: Allowed, before: Scope | None, lang: str = "zh"
) -> Scope:
    """Return the scope that an address asks for, each part checked by itself.

    A part that is not allowed counts as not said: then what was seen before, then the default.

    >>> months = [dt.date(2024, 9, 1), dt.date(2024, 10, 1)]
    >>> allowed = Allowed(["li"], ["yz", "yz01"], months, "yz")
    >>> scope = read_scope({"unit": "yz01", "period": "1999-01", "lang": "en"}, allowed, None)
    >>> scope.unit, scope.period.isoformat(), scope.lang
    ('yz01', '2024-10-01', 'en')
    """
    months = {f"{p:%Y-%m}": p for p in allowed.periods}

    # A whole address leaves out only what is at its default: nothing of before shines through.
    rare: Scope | None = None if set(query) >= WHOLE else before

    def pick(key: str, options: Sequence[str], default: str, seen: str | None) -> str:
        said = query.get(key)
        if said in options:
            return str(said)
        return seen if seen in options and seen is not None else default

    last = f"{allowed.latest or allowed.periods[-1]:%Y-%m}"
    seen_period = f"{before.period:%Y-%m}" if before else None
    extras = {key: query[key][:80] for key in EXTRAS if query.get(key)}
    return Scope(
        person=pick("as", allowed.people, allowed.people[0], before.person if before else None),
        unit=pick("unit", allowed.units, allowed.root, before.unit if before else None),
        period=months[pick("period", list(months), last, seen_period)],
        window=pick("window", WINDOWS, "month", rare.window if rare else None),
        basis=pick("basis", BASES, "now", rare.basis if rare else None),
        lang=pick("lang", LANGUAGES, lang, before.lang if before else None),
        festival=allowed.festival,
        extras=extras,
        as_of=_day(query.get("as_of"), allowed.today, rare.as_of if rare else None),
    )


def _day(said: str | None, today: dt.date | None, seen: dt.date | None) -> dt.date | None:
    """Return the day of an address, one that is over; today, or a later day, is None.

    An empty value goes back to today; one that is no day counts as not said.

    >>> _day("2024-03-05", dt.date(2024, 11, 11), None)
    datetime.date(2024, 3, 5)
    >>> _day("2024-W10-2", dt.date(2024, 11, 11), None), _day("", None, dt.date(2024, 3, 5))
    (None, None)
    """
    if said == "":
        return None
    try:
        day = dt.date.fromisoformat(said) if said and DAY.fullmatch(said) else None
    except ValueError:
        day = None
    if day is None or day < FIRST_DAY:
        return seen
    return day if today is None or day < today else None


def query_of(scope: Scope, extras: bool = True) -> dict[str, str]:
    """Return the scope as the parameters of an address; defaults of rare parts are left out."""
    query = {
        "as": scope.person,
        "unit": scope.unit,
        "period": f"{scope.period:%Y-%m}",
        "lang": scope.lang,
    }
    if scope.window != "month":
        query["window"] = scope.window
    if scope.basis != "now":
        query["basis"] = scope.basis
    if scope.as_of is not None:
        query["as_of"] = scope.as_of.isoformat()
    return query | dict(scope.extras) if extras else query


def href(page: str, scope: Scope, /, **changes: str | dt.date | None) -> str:
    """Return a link to a page in this scope, parts changed or (`None`) left out.

    >>> scope = Scope("li", "yz", dt.date(2024, 10, 1))
    >>> href("indicator", scope, unit="yz01", indicator="calls_theft")
    'indicator?as=li&unit=yz01&period=2024-10&lang=zh&indicator=calls_theft'
    """
    query: dict[str, str | dt.date | None] = {**query_of(scope, extras=False), **changes}
    written = {key: _written(key, value) for key, value in query.items() if value is not None}
    return f"{page}?{urlencode(written, quote_via=quote)}"


def here(page: str, scope: Scope, /, **changes: str | dt.date | None) -> str:
    """Return a link to the same page with parts of the scope changed or (`None`) left out.

    >>> scope = Scope("li", "yz", dt.date(2024, 10, 1), extras={"q": "x"})
    >>> here("catalogue", scope, basis="matched")
    'catalogue?as=li&unit=yz&period=2024-10&lang=zh&q=x&basis=matched'
    """
    return href(page, scope, **(dict(scope.extras) | changes))


def _written(key: str, value: str | dt.date) -> str:
    """Return a part of the scope as an address has it: a day in full, a period as its month."""
    if not isinstance(value, dt.date):
        return value
    return value.isoformat() if key == "as_of" else f"{value:%Y-%m}"


def step(scope: Scope, allowed: Sequence[dt.date], by: int) -> dt.date:
    """Return the period one window earlier or later, held within the periods with data.

    >>> months = [dt.date(2024, m, 1) for m in (8, 9, 10)]
    >>> step(Scope("li", "yz", months[1]), months, +1).isoformat()
    '2024-10-01'
    """
    index = scope.period.year * 12 + scope.period.month - 1 + by * STEP.get(scope.window, 1)
    wanted = dt.date(index // 12, index % 12 + 1, 1)
    return min(max(wanted, allowed[0]), allowed[-1])


def period_label(period: dt.date, window: str, lang: str) -> str:
    """Return how a window is called; a quarter or half that is not over says up to which month.

    >>> period_label(dt.date(2024, 10, 1), "month", "zh")
    '2024年10月'
    >>> period_label(dt.date(2024, 2, 1), "jan_feb", "en")
    'Jan–Feb 2024'
    """
    values = {
        "year": period.year,
        "month": period.month,
        "month_name": text(f"ui.month.m{period.month}", lang),
        "number": text(
            f"ui.ordinal.n{(period.month - 1) // (6 if window == 'half' else 3) + 1}", lang
        ),
        "digit": (period.month - 1) // (6 if window == "half" else 3) + 1,
    }
    return text(f"ui.period.{window}", lang, **values)
