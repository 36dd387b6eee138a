"""Which faults break what a form says of its own figures: sums, parts, stocks, lines, heads?

Entered beside the kinds of `fault_kinds`. The relations are those of the forms' definitions of
measures, written down here once more, so that a rule that went missing would be missed.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from benchmarks.fault_kinds import KINDS, Fault, Page, Spot, kind, plain

__all__ = ["KINDS"]

SUMS = (
    (("calls_total", "calls_valid", "calls_invalid"), "R01"),
    (("calls_valid", "calls_criminal", "calls_public_order", "calls_traffic", "calls_dispute")
     + ("calls_help", "calls_other"), "R02"),
    (("crim_cleared", "crim_cleared_current", "crim_cleared_backlog"), "R07"),
    (("inn_topics_total", "inn_topics_done", "inn_topics_ongoing", "inn_topics_planned"), "R37"),
)  # fmt: skip
PARTS = (
    ("calls_arrived_1min", "calls_arrived_3min", "R04"),
    ("calls_arrived_3min", "calls_arrived_5min", "R04"),
    ("calls_arrived_5min", "calls_dispatch_urgent", "R04"),
    ("response_n", "calls_valid", "R05"),
    ("calls_followup_satisfied", "calls_followup_n", "R05"),
    ("crim_homicide_recorded", "crim_eight_recorded", "R11"),
    ("crim_eight_recorded", "crim_recorded", "R11"),
    ("crim_property_recorded", "crim_recorded", "R12"),
    ("crim_rst_recorded", "crim_rtf_recorded", "R12"),
    ("crim_contact_recorded", "crim_recorded", "R13"),
    ("padm_accepted", "adm_accepted", "R13"),
    ("crim_eight_cleared", "crim_cleared", "R16"),
    ("fraud_cleared", "crim_cleared", "R16"),
    ("com_zero_month", "com_smart_total", "R31"),
    ("com_hours_community", "com_hours_total", "R33"),
    ("com_villages_covered", "com_villages_total", "R33"),
    ("dis_pending_over30", "dis_pending_end", "R33"),
    ("svc_online", "svc_handled", "R35"),
    ("qa_cases_passed", "qa_cases_checked", "R36"),
    ("task_done", "task_total", "R38"),
    ("staff_station", "staff_police", "R40"),
)
STOCKS = (
    ("crim_open_end", "R08"), ("dis_pending_end", "R34"), ("com_hazard_pending_end", "R57"),
)  # fmt: skip


def _changed(
    spot: Spot, value: float | None, rules: Sequence[str], also: Sequence[Spot] = ()
) -> Fault | None:
    if value is None or value == spot.value:
        return None
    said = f"{spot.unit} {spot.measure} {spot.value:g} → {value:g}"
    return Fault(
        {spot.place: plain(value)}, (spot, *also), frozenset(rules), said, {spot.place: value}
    )


def _units(page: Page, *measures: str) -> list[str]:
    """Return the units that have all of some figures."""
    held: dict[str, set[str]] = {}
    for spot in page.spots:
        held.setdefault(spot.unit, set()).add(spot.measure)
    return [unit for unit, found in held.items() if found.issuperset(measures)]


@kind("a total that is not its parts")
def sum_off(page: Page, draw: random.Random) -> Fault | None:
    """Return a total, or one of its parts, a little off."""
    names, rule = draw.choice(SUMS)
    units = _units(page, *names)
    if not units:
        return None
    unit = draw.choice(units)
    spots = [spot for name in names if (spot := page.get(unit, name))]
    spot = draw.choice(spots)
    step = draw.choice([-3, -2, -1, 1, 2, 3, 5, 10])
    return _changed(spot, max(spot.value + step, 0), (rule,), spots)


@kind("a part greater than its whole")
def part_over(page: Page, draw: random.Random) -> Fault | None:
    """Return a part that is greater than the whole that it belongs to."""
    part, whole, rule = draw.choice(PARTS)
    units = _units(page, part, whole)
    if not units:
        return None
    unit = draw.choice(units)
    one, other = page.get(unit, part), page.get(unit, whole)
    if one is None or other is None:
        return None
    return _changed(one, other.value + draw.randint(1, 6), (rule,), (other,))


@kind("a stock that does not balance")
def stock_off(page: Page, draw: random.Random) -> Fault | None:
    """Return what is open at the end of the month a little off."""
    fit = [(s, rule) for s in page.spots for name, rule in STOCKS if s.measure == name]
    fit = [(spot, rule) for spot, rule in fit if spot.before is not None]
    if not fit:
        return None
    spot, rule = draw.choice(fit)
    return _changed(spot, max(spot.value + draw.choice([-2, -1, 1, 2, 4, 7]), 0), (rule,))


@kind("a running count that runs back")
def running(page: Page, draw: random.Random) -> Fault | None:
    """Return communities without an incident that rise again, or tasks done that fall."""
    rising = []
    for unit in _units(page, "com_zero_ytd", "com_zero_month", "com_smart_total"):
        spot, month = page.get(unit, "com_zero_ytd"), page.get(unit, "com_zero_month")
        total = page.get(unit, "com_smart_total")
        if not (spot and month and total and spot.before is not None):
            continue
        floor = spot.before + max(0.0, total.value - (total.before or 0.0))
        if month.value > floor:
            rising.append((spot, draw.randint(int(floor) + 1, int(month.value)), "R32"))
    falling = [
        (spot, (spot.before or 0) - draw.randint(1, 3), "R39")
        for spot in page.spots
        if spot.measure in ("task_done", "inn_topics_done") and (spot.before or 0) > 3
    ]
    fit = [] if page.month == 1 else [*rising, *falling]
    if not fit:
        return None
    spot, value, rule = draw.choice(fit)
    return _changed(spot, value, (rule,))


@kind("casualties without an accident")
def casualties(page: Page, draw: random.Random) -> Fault | None:
    """Return no accident where somebody was hurt."""
    units = []
    for unit in _units(page, "tra_accidents", "tra_deaths", "tra_injured"):
        hurt = [page.get(unit, name) for name in ("tra_deaths", "tra_injured")]
        if sum(spot.value for spot in hurt if spot) > 0:
            units.append(unit)
    spot = page.get(draw.choice(units), "tra_accidents") if units else None
    return _changed(spot, 0.0, ("R29", "R30")) if spot else None


@kind("a score or its scatter out of range")
def out_of_range(page: Page, draw: random.Random) -> Fault | None:
    """Return a score without its decimal point, or mean and standard deviation swapped."""
    scores = [spot for spot in page.spots if spot.measure.startswith("wb_")]
    means = [s for s in scores if s.measure.endswith("_score")]
    if not means:
        return None
    spot = draw.choice(means)
    scatter = page.get(spot.unit, spot.measure.replace("_score", "_sd"))
    if draw.random() < 0.5 or scatter is None:
        return _changed(spot, float(f"{spot.value:.2f}".replace(".", "")), ("R42", "R47"))
    return Fault(
        {spot.place: scatter.value, scatter.place: spot.value},
        (spot, scatter),
        frozenset(("R42", "R61")),
        f"{spot.unit} {spot.measure} swapped with its deviation",
        {spot.place: scatter.value, scatter.place: spot.value},
    )


@kind("more answers than were asked")
def answers_over(page: Page, draw: random.Random) -> Fault | None:
    """Return a survey with more answers than invitations, or a mean without its n."""
    units = _units(page, "wb_invited", "wb_responded")
    if not units:
        return None
    unit = draw.choice(units)
    invited, answered = page.get(unit, "wb_invited"), page.get(unit, "wb_responded")
    if invited is None or answered is None:
        return None
    if draw.random() < 0.6:
        return _changed(answered, invited.value + draw.randint(1, 9), ("R42",), (invited,))
    said = f"{unit} wb_responded → blank"
    return Fault({answered.place: None}, (answered,), frozenset(("R53", "R47")), said)


@kind("a year to date typed over")
def year_typed_over(page: Page, draw: random.Random) -> Fault | None:
    """Return a printed year to date that is not what the months add up to."""
    fit = [spot for spot in page.spots if spot.place in page.printed and spot.value_type == "count"]
    if not fit:
        return None
    spot = draw.choice(fit)
    place = page.printed[spot.place]
    value = int(spot.value) + draw.randint(1, 40) * 7
    said = f"{spot.unit} {spot.measure} year to date → {value}"
    return Fault({place: value}, (spot,), frozenset(("R44",)), said)


@kind("a district's total that is not its lines")
def total_off(page: Page, draw: random.Random) -> Fault | None:
    """Return a total row typed by hand."""
    if not page.totals:
        return None
    spot = draw.choice(page.totals)
    return _changed(spot, max(spot.value + draw.choice([-5, -1, 1, 3, 10]), 0), ("R46",))


def _line_of(page: Page, draw: random.Random) -> tuple[str, str, list[Spot]] | None:
    lines = {key: line for key, line in page.lines().items() if key in page.codes}
    if not lines:
        return None
    (sheet, unit) = draw.choice(sorted(lines))
    return sheet, unit, lines[sheet, unit]


@kind("a wrong unit code")
def wrong_code(page: Page, draw: random.Random) -> Fault | None:
    """Return a line under a code that nobody has, or that belongs to another district."""
    found = _line_of(page, draw)
    if found is None:
        return None
    sheet, unit, line = found
    code = draw.choice([f"{unit}9", unit[:-1], f"x{unit}", draw.choice(page.others)])
    if code == unit:
        return None
    (cell, _), *names = page.codes[sheet, unit]
    beside = frozenset((sheet, name) for name, _ in names)
    said = f"{unit} → {code}"
    return Fault({(sheet, cell): code}, tuple(line), frozenset(("R51",)), said, beside=beside)


@kind("a line twice")
def line_twice(page: Page, draw: random.Random) -> Fault | None:
    """Return two lines of one unit: the next line carries its code and name as well."""
    found = _line_of(page, draw)
    if found is None:
        return None
    sheet, unit, line = found
    others = sorted(u for s, u in page.codes if s == sheet and u != unit)
    if not others:
        return None
    other = draw.choice(others)
    mine = page.codes[sheet, unit]
    said = {
        (sheet, cell): words
        for (cell, _), (_, words) in zip(page.codes[sheet, other], mine, strict=True)
    }
    theirs = page.lines().get((sheet, other), [])
    return Fault(said, (*line, *theirs), frozenset(("F04",)), f"{unit} also for {other}")


@kind("another month in the head")
def other_month(page: Page, draw: random.Random) -> Fault | None:
    """Return a sheet whose head says the month before."""
    if not page.heads:
        return None
    sheet = draw.choice(sorted(page.heads))
    line = tuple(spot for spot in page.spots if spot.sheet == sheet)
    cell, words = page.heads[sheet]
    return Fault({(sheet, cell): words}, line, frozenset(("R51",)), f"{sheet} head: {words}")
