"""How is it shown, before a return is submitted, what it does to figures and coverage?"""

from collections import Counter
from collections.abc import Sequence

from data.checks.run import CheckedReturn
from data.periods import add_months
from data.returns.gain import Gain
from metrics.effect import Effect
from metrics.rounding import exact, format_number, format_value, round_fraction
from metrics.weigh import Weighed
from metrics.words import change_number, reading_words, signal_words, size_words
from ui import aside, load, panel
from ui.html import Child, Markup, join, tag
from ui.returns_draft import Draft
from ui.returns_owed import questions_then
from ui.scope import Scope, period_label
from ui.table import Column, Row, reading_badge, table

#: Under this name a draft keeps how its effect looks, with what that depends on.
PARTS = ("parts",)
COLUMNS = ("before", "own", "after", "mom", "yoy", "range")


def weighed_of(scope: Scope, draft: Draft, checked: CheckedReturn) -> Weighed:
    """Return what the return would change, worked out once for a file and a state of the record."""
    key = (load.version(), load.act(), scope.person)
    if key not in draft.worked:
        draft.worked = {key: aside.weigh(scope, checked)}
    return draft.worked[key]


def show_effect(scope: Scope, unit: str, draft: Draft, checked: CheckedReturn) -> None:
    """Show what the return would do to its unit and to the bureau above, if it were approved."""
    if checked.reading.unit != unit:
        return  # of another unit's file nothing is worked out
    weighed = weighed_of(scope, draft, checked)
    said = (load.version(), load.act(), scope.key, tuple(checked.counts.values()))
    known = draft.worked.get(PARTS)
    if known is None or known[0] != said:
        known = draft.worked[PARTS] = (said, _parts(scope, unit, weighed, checked))
    for title, note, shown in known[1]:
        if title:
            panel.section(title, note)
        panel.show(shown)


def _parts(
    scope: Scope, unit: str, weighed: Weighed, checked: CheckedReturn
) -> list[tuple[str, str | None, Markup]]:
    """Return the parts of the effect: title and note of a section, and what stands below it."""
    above = list(weighed.gains)
    month = period_label(scope.period, "month", scope.lang)
    parts: list[tuple[str, str | None, Markup]] = []
    for place in above:
        mine = [effect for effect in weighed.effects if effect.unit == place]
        key = "title" if place == above[0] else "title_own"
        title = scope.t(f"desk.effect.{key}", unit=load.unit_title(place, scope.lang), month=month)
        note = scope.t("desk.effect.note") if place == above[0] else None
        shown = [e for e in mine if not e.withheld and (e.before, e.after) != (None, None)]
        figures = _table(scope, title, shown) if shown else None
        lines = _lines(scope, place, mine, weighed.gains[place], checked)
        parts.append((title, note, join([figures, lines])))
    return [*parts, ("", None, tag("div", _found(scope, unit, checked), cls="s mu"))]


def _table(scope: Scope, title: str, effects: Sequence[Effect]) -> Child:
    """Return the figures without and with the return, one line each."""
    counts = Counter((e.reported_before, e.reported_after, e.due) for e in effects)
    usual = counts.most_common(1)[0][0]
    was, now, due = (str(number) for number in usual)
    is_change = all(effect.reported_before == effect.reported_after for effect in effects)
    heads = {
        "before": scope.t("desk.effect.now") + scope.t("desk.effect.units", reported=was, due=due),
        "own": scope.t("desk.effect.corrected" if is_change else "desk.effect.own"),
        "after": scope.t("desk.effect.after") + scope.t("desk.effect.units", reported=now, due=due),
        "mom": scope.t("desk.effect.mom"),
        "yoy": scope.t("desk.effect.yoy"),
        "range": scope.t("returns.effect.range"),
    }
    columns = [Column("name", scope.t("returns.effect.name"))]
    columns += [Column(name, heads[name], number=True) for name in COLUMNS]
    columns.append(Column("reading", scope.t("returns.effect.reading")))
    rows = [Row(_cells(scope, effect, usual)) for effect in effects]
    return table(title, columns, rows)


def _cells(scope: Scope, effect: Effect, usual: tuple[int, int, int]) -> dict[str, Child]:
    item = load.indicator(effect.indicator)
    lang = scope.lang
    limits = None
    if effect.lower is not None and effect.upper is not None:
        limits = f"{format_value(effect.lower, item)} – {format_value(effect.upper, item)}"
    unit = item.unit.get(lang)
    bracket = f"（{unit}）" if lang == "zh" else f" ({unit})"
    counts = (effect.reported_before, effect.reported_after, effect.due)
    notes = [None, None]
    if counts != usual:
        notes = [f" {number}/{effect.due}" for number in counts[:2]]
    was, now = (
        None if value is None else join([format_value(value, item), tag("span", note, cls="s mu")])
        for value, note in zip((effect.before, effect.after), notes, strict=True)
    )
    return {
        "name": f"{item.name.get(lang)}{bracket}",
        "before": was,
        "own": _moved(scope, effect),
        "after": None if now is None else tag("b", now),
        "mom": _change(scope, effect, "mom"),
        "yoy": _change(scope, effect, "yoy"),
        "range": limits,
        "reading": _read(scope, effect),
    }


def _read(scope: Scope, effect: Effect) -> Child:
    """Return how the figure is read, and where its range does not show it, by which rule."""
    rising = None if effect.after is None or effect.lower is None else _is_high(effect)
    badge = reading_badge(effect.reading, reading_words(effect.reading, scope.lang), rising)
    if effect.signal in ("none", "outside"):
        return badge
    row = {"signal": effect.signal, "side": effect.side, "run": effect.run}
    return join([badge, tag("div", signal_words(row, scope.lang), cls="s mu")])


def _is_high(effect: Effect) -> bool:
    middle = ((effect.lower or 0.0) + (effect.upper or 0.0)) / 2
    return (effect.after or 0.0) >= middle


def _moved(scope: Scope, effect: Effect) -> str | None:
    """Return by how much the figure moves, with its sign; of a count from nothing the whole."""
    if effect.after is None:
        return None
    item = load.indicator(effect.indicator)
    if effect.before is None and item.kind not in ("count", "stock"):
        return None
    difference = exact(effect.after) - exact(effect.before or 0.0)
    decimals = max(item.decimals, 1) if item.unit.get("en") == "%" else item.decimals
    printed = format_number(round_fraction(difference, decimals), signed=True)
    if item.unit.get("en") != "%":
        return printed
    row = {"change_kind": "pp"}
    number = round_fraction(difference, decimals)
    return size_words(number, row, item, scope.lang, signed=True)


def _change(scope: Scope, effect: Effect, name: str) -> Child:
    """Return the change with the return against last month or last year."""
    row = getattr(effect, name)
    if row is None:
        return None
    item = load.indicator(effect.indicator)
    number = change_number(row, item)
    return None if number is None else size_words(number, row, item, scope.lang, signed=True)


def _lines(
    scope: Scope,
    place: str,
    effects: Sequence[Effect],
    gain: Gain,
    checked: CheckedReturn,
) -> Child:
    """Return the coverage before and after, and what is not shown and why."""
    reading, lang = checked.reading, scope.lang
    lines = [
        scope.t(
            "desk.effect.coverage",
            unit=load.unit_title(place, lang),
            forms=("、" if lang == "zh" else ", ").join(reading.forms),
            before=f"{gain.cells_before:,}",
            after=f"{gain.cells_after:,}",
            due=f"{gain.cells_due:,}",
            units_before=gain.units_before,
            units_after=gain.units_after,
            units=gain.units_due,
        )
    ]
    reasons: dict[str, list[str]] = {}
    seen = load.viewer(scope.person).sees()
    if seen is not None and place not in seen and any(not effect.withheld for effect in effects):
        lines.append(scope.t("desk.effect.others"))
    for effect in effects:
        if effect.withheld:
            name = load.indicator(effect.indicator).name.get(lang)
            reasons.setdefault(effect.withheld, []).append(name)
    lines += [
        scope.t(
            "desk.effect.hidden",
            names=("、" if lang == "zh" else ", ").join(names),
            why=scope.t(f"returns.effect.withheld_{reason}"),
        )
        for reason, names in reasons.items()
    ]
    return tag("div", [tag("div", line) for line in lines], cls="s mu effect-notes")


def _found(scope: Scope, unit: str, checked: CheckedReturn) -> str:
    """Return the findings of this return beside those of last month and of last year."""
    months = [add_months(scope.period, -1), add_months(scope.period, -12)]
    asked = [(month, questions_then(scope.person, unit, month)) for month in months]
    said = [
        scope.t(
            "desk.effect.found_then",
            month=period_label(month, "month", scope.lang),
            count=sum(by_form.get(form, 0) for form in checked.reading.forms),
        )
        for month, by_form in asked
        if by_form.keys() & set(checked.reading.forms)
    ]
    counts = {name: checked.counts[name] for name in ("errors", "questions")}
    if not said:
        return scope.t("desk.effect.found_now", **counts)
    earlier = ("，" if scope.lang == "zh" else ", ").join(said)
    return scope.t("desk.effect.found", earlier=earlier, **counts)
