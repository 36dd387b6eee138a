"""What do the definitions say, in the words of a page: units, indicators, people, policies?

Nothing here looks at a figure; `ui.load` adds the figures and hands these on.
"""

import datetime as dt
import logging
import os
from functools import cache, lru_cache
from pathlib import Path

from data import units as unit_tree
from data.catalog import Catalog, Indicator, Text, load_catalog
from data.people import person_called
from data.texts import text
from data.units import Tree
from metrics.rounding import format_number, round_half_up
from ui.scope import Scope

# Trees of past months that are kept: the months that pages show side by side.
TREES = 72
UNIT_FILES = ("units.csv", "unit_parents.csv", "unit_successions.csv")
log = logging.getLogger("hengjing.definitions")
# When the files of the units were last changed, by folder.
_STAMPS: dict[Path, tuple[int, ...]] = {}


@cache
def _catalog(_folder: str) -> Catalog:
    """Read the definitions once for the life of the server."""
    return load_catalog()


def catalog() -> Catalog:
    """Return the definitions in force."""
    return _catalog(os.environ.get("KPI_DEFINITIONS", ""))


def refresh() -> None:
    """Read the definitions again where the units have changed on disk; wrong ones are not taken.

    Three files are looked at, so that it may be done at each run.
    """
    folder = catalog().folder
    stamp = tuple(_touched(folder / name) for name in UNIT_FILES)
    known = _STAMPS.setdefault(folder, stamp)
    if stamp == known:
        return
    _STAMPS[folder] = stamp
    try:
        load_catalog(folder)
    except ValueError:
        log.exception("the changed units of %s are not taken", folder)
        return
    for made in (_catalog, _tree, _tree_then, _indicator_order, _indicator_labels, _people):
        made.cache_clear()


def _touched(path: Path) -> int:
    """Return when a file was changed last, 0 where there is none."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


@cache
def _tree(_folder: str) -> Tree:
    """Hang the units together once."""
    return unit_tree.tree(catalog())


def tree() -> Tree:
    """Return the units as they hang together today."""
    return _tree(os.environ.get("KPI_DEFINITIONS", ""))


@lru_cache(maxsize=TREES)
def _tree_then(_folder: str, period: dt.date) -> Tree:
    """Hang the units together as in a month."""
    return unit_tree.tree_at(catalog(), period)


def tree_then(period: dt.date) -> Tree:
    """Return the units as they hung together in a month."""
    return _tree_then(os.environ.get("KPI_DEFINITIONS", ""), period)


def indicator(code: str) -> Indicator:
    """Return an indicator by its code."""
    return catalog().indicators[code]


def headline() -> tuple[str, ...]:
    """Return the indicators that the overview leads with, the first ones if none are named."""
    found = catalog()
    return found.bureau.headline or tuple(found.indicators)[:8]


def matrix() -> tuple[str, ...]:
    """Return the indicators of the matrix."""
    return catalog().bureau.matrix or headline()


def indicator_order() -> tuple[str, ...]:
    """Return all indicators: the headline first, then by category as the catalogue has them."""
    return _indicator_order(os.environ.get("KPI_DEFINITIONS", ""))


@cache
def _indicator_order(_folder: str) -> tuple[str, ...]:
    """Put the indicators in order once."""
    lead = (*headline(), *(code for code in matrix() if code not in headline()))
    rest = sorted(
        (item for code, item in catalog().indicators.items() if code not in lead),
        key=lambda item: (list(catalog().bureau.categories).index(item.category), item.order),
    )
    return (*lead, *(item.code for item in rest))


def indicator_labels(lang: str) -> dict[str, str]:
    """Return what each indicator is called in a list to choose from."""
    return _indicator_labels(os.environ.get("KPI_DEFINITIONS", ""), lang)


@cache
def _indicator_labels(_folder: str, lang: str) -> dict[str, str]:
    """Write the labels once."""
    items = catalog().indicators.items()
    return {code: f"{item.name.get(lang)} · {code}" for code, item in items}


def target_of(code: str, period: dt.date) -> float | None:
    """Return the value that is aimed at in a month, where a number is set."""
    valid = [
        goal
        for goal in indicator(code).targets
        if goal.valid_from <= period and (not goal.months or period.month in goal.months)
    ]
    return max(valid, key=lambda goal: goal.valid_from).value if valid else None


def window_for(scope: Scope, item: Indicator) -> str:
    """Return the window an indicator is shown in: the one in scope, else its first."""
    window = scope.shown_window
    offered = ("month", "jan_feb") if "month" in item.windows else ()
    if not item.windows or window in (*item.windows, *offered):
        return window
    return item.windows[0]


def has_history(item: Indicator) -> bool:
    """Return whether an indicator moves from month to month and has a control chart."""
    return item.frequency == "M" and item.kind != "yoy" and "month" in (item.windows or ("month",))


@cache
def _people(_folder: str) -> dict[str, tuple[Text, Text, str]]:
    """List the people of the definitions once."""
    bureau = catalog().bureau
    found = {}
    for person in bureau.people:
        role = f"ui.role.{person.role}"
        found[person.user] = (person.name, Text(text(role, "zh"), text(role, "en")), person.unit)
    if not found:
        role = "ui.role.operator"
        found["operator"] = (bureau.name, Text(text(role, "zh"), text(role, "en")), bureau.root)
    return found


def people() -> dict[str, tuple[Text, Text, str]]:
    """Return who may be taken on in the demonstration: name, what they do, their unit."""
    return _people(os.environ.get("KPI_DEFINITIONS", ""))


def person_name(user: str | None, lang: str) -> str:
    """Return how a person is called."""
    return person_called(catalog(), user, lang) if user else ""


def unit_name(code: str, lang: str) -> str:
    """Return a unit's short name for charts and narrow places."""
    unit = tree().unit(code)
    return unit.short.get(lang) or unit.name.get(lang)


def unit_title(code: str, lang: str) -> str:
    """Return how a unit is called in a table: in Chinese its name, in English the short one."""
    unit = tree().unit(code)
    if lang == "en" or code == catalog().bureau.root:
        return unit.short.get(lang) or unit.name.get(lang)
    return unit.name.get(lang)


def level_name(code: str, lang: str) -> str:
    """Return what kind of unit it is."""
    level = tree().level(code)
    names = {item.code: item.name.get(lang) for item in catalog().bureau.levels}
    return names.get(level, level)


def category_name(code: str, lang: str) -> str:
    """Return the name of a category."""
    found = catalog().bureau.categories.get(code)
    return found.get(lang) if found else code


def parts_name(item: Indicator, lang: str) -> str:
    """Return what a share's denominator counts."""
    names = [catalog().indicators[code].name.get(lang) for code in item.denominator]
    return (" + " if len(names) > 1 else "").join(names)


def policy_note(item: Indicator, lang: str) -> str:
    """Return what an indicator may be used for, why, and where the rule stands."""
    if item.policy == "rank":
        return text(
            "districts.policy.rank" if item.direction else "districts.policy.rank_neutral", lang
        )
    flags = [catalog().flags[code] for code in sorted(item.flags) if code in catalog().flags]
    strict = [flag for flag in flags if flag.policy == item.policy] or flags
    if not strict:
        return text(f"policy.{item.policy}", lang)
    return text(
        f"districts.policy.{item.policy}",
        lang,
        flag=strict[0].name.get(lang),
        reason=strict[0].reason.get(lang),
        source=strict[0].source.get(lang),
    )


def say(key: str, lang: str, /, **values: object) -> str:
    """Return a text in a language."""
    return text(key, lang, **values)


def plain(value: float, decimals: int) -> str:
    """Return a number without a sign for plus."""
    return format_number(round_half_up(value, decimals=decimals))


def signed(value: float | None, decimals: int) -> str:
    """Return a number with its sign; empty for none."""
    return (
        "" if value is None else format_number(round_half_up(value, decimals=decimals), signed=True)
    )


def header(label: str, unit: str, lang: str) -> str:
    """Return a column's header with its unit of measure."""
    return f"{label}（{unit}）" if lang == "zh" else f"{label} ({unit})"
