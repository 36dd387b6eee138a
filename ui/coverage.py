"""How is Coverage shown? What is in of what is owed, month by month, and whom one has to call."""

from collections.abc import Mapping

from ui import load, panel
from ui.clock import moment
from ui.coverage_call import show_calls
from ui.coverage_data import DONE, Locked, Part, locks_of, part_of
from ui.coverage_data import standing_counts as counts_of
from ui.coverage_data import totals as totals_of
from ui.coverage_forms import show_forms
from ui.coverage_grid import show_months
from ui.frame import current_scope
from ui.html import Child, Markup, icon, join, tag
from ui.numbers import share, shown
from ui.scope import Scope, period_label
from ui.template_set import show_each

PAGE = "coverage"
# Units of a month that the page's first sentences name.
MOST_NAMED = 3


def show() -> None:
    """Show what is in of what the units in scope owe."""
    scope = current_scope()
    part = part_of(scope)
    month = period_label(scope.period, "month", scope.lang)
    unit = load.unit_title(scope.unit, scope.lang)
    crumb = " · ".join([scope.t("ui.page.coverage"), unit, month])
    if part.rows.is_empty():
        panel.head(crumb, scope.t("coverage.none", unit=unit))
        panel.empty(scope.t("coverage.none_what"), scope.t("coverage.none_how"))
        return
    now = part.of_month(scope.period)
    counts, sums = counts_of(now), totals_of(now)
    panel.head(crumb, title_of(scope, part, counts, sums), _lead(scope, part, sums))
    locks = locks_of(part.months)
    with panel.guard("coverage in figures", scope.lang):
        panel.show(_figures(scope, part, sums, locks.get(scope.period)))
        _show_lock(scope, locks.get(scope.period))
        if (part.rows["standing"] == "imported").all():
            panel.notice(scope.t("coverage.all_imported"), "input")
    with panel.guard("coverage by month", scope.lang):
        show_months(scope, part, locks)
    if not now.is_empty():
        with panel.guard("chase list", scope.lang):
            lock = locks.get(scope.period)
            show_calls(scope, part, lock is not None and lock.is_whole)
            show_each(scope, scope.unit)
        # Of a single form that is in everywhere the months have said all.
        if now["form"].n_unique() > 1 or counts.keys() - set(DONE) or part.units == (scope.unit,):
            with panel.guard("coverage by form", scope.lang):
                show_forms(scope, part)
    lines = [scope.t(f"coverage.how.{key}") for key in ("a", "b", "c", "d", "e", "f")]
    panel.how_to_read(lines, scope.lang)


def title_of(scope: Scope, part: Part, counts: Mapping[str, int], sums: Mapping[str, int]) -> str:
    """Return the sentence that says how far the month is: of so many so many, and what is open."""
    t = scope.t
    month = t("coverage.month", month=t(f"ui.month.m{scope.period.month}"), year=scope.period.year)
    if not sums["units"]:
        return t("coverage.title_nothing", month=month)
    alone = sums["units"] == 1 and part.units == (scope.unit,)
    if counts.get("imported") == sums["units"]:
        return t("coverage.title_imported", month=month, units=shown(sums["units"]))
    keys = ("forms", "done_forms") if alone else ("units", "done")
    owed, done = (sums[key] for key in keys)
    said = [
        t(
            "coverage.title_form" if alone else "coverage.title_unit",
            month=month,
            owed=owed,
            done=done,
        )
    ]
    open_ = {key: counts[key] for key in counts if key not in DONE}
    if alone:
        rows = part.of_month(scope.period)
        open_ = {
            key: count
            for key, count in rows.group_by("standing", maintain_order=True).len().rows()
            if key not in DONE
        }
    kind = "form" if alone else "unit"
    said += [t(f"coverage.open_{kind}.{key}", count=count) for key, count in open_.items()]
    if not open_:
        late = sums["late_forms"] if alone else counts.get("late", 0)
        key = f"coverage.some_late_{kind}" if late else "coverage.none_late"
        said.append(t(key, count=late))
    return t("coverage.comma").join(said)


def _lead(scope: Scope, part: Part, sums: Mapping[str, int]) -> Child:
    """Return who is late by name, and how full the cells are."""
    t, rows = scope.t, part.of_month(scope.period)
    said: list[str] = []
    for key in ("missing", "returned"):
        units = rows.filter(standing=key)["unit"].unique(maintain_order=True).to_list()
        if not units or part.units == (scope.unit,):
            continue
        names = [load.unit_title(unit, scope.lang) for unit in units[:MOST_NAMED]]
        more = len(units) - len(names)
        words = t("coverage.list").join(names)
        words = t("coverage.and_more", names=words, count=more) if more else words
        said.append(t(f"coverage.named.{key}", names=words))
    if sums["owed"]:
        filled = sums["approved"] + sums["waiting"]
        values = {"owed": shown(sums["owed"]), "filled": shown(filled)}
        said.append(t("coverage.cells", **values, share=share(filled, sums["owed"])))
    return t("coverage.space").join(said)


def _figures(scope: Scope, part: Part, sums: Mapping[str, int], lock: Locked | None) -> Markup:
    """Return the month in a few figures: units, cells, days, what is open, the lock."""
    t = scope.t
    filled = sums["approved"] + sums["waiting"]
    left = sums["forms"] - sums["done_forms"]
    latest = part.of_month(scope.period)
    days = int(latest.filter(standing="missing")["late_days"].max() or 0)  # type: ignore[arg-type]
    judged = {"judged": shown(sums["judged"]), "in_time": shown(sums["in_time"])}
    split = {
        "approved": share(sums["approved"], sums["owed"]),
        "waiting": share(sums["waiting"], sums["owed"]),
    }
    is_alone = part.units == (scope.unit,)
    owed, done = ("forms", "done_forms") if is_alone else ("units", "done")
    items: list[tuple[Child, Child, Child]] = [
        (
            t(f"coverage.figure.{owed}"),
            join([shown(sums[done]), tag("span", f" / {shown(sums[owed])}", cls="mu")]),
            t("coverage.figure.units_note", forms=shown(sums["forms"])),
        ),
        (
            t("coverage.figure.cells"),
            _percent(share(filled, sums["owed"])),
            t("coverage.figure.cells_note", **split),
        ),
        (
            t("coverage.figure.in_time"),
            _percent(share(sums["in_time"], sums["judged"])),
            t("coverage.figure.in_time_note", **judged)
            if sums["judged"]
            else t("coverage.figure.in_time_none"),
        ),
        (
            t("coverage.figure.open"),
            shown(left),
            t("coverage.figure.days_late", days=days) if days else t("coverage.figure.no_late"),
        ),
        (t("coverage.figure.lock"), *_lock_words(scope, lock)),
    ]
    return tag("div", panel.key_figures(items), cls="card pad")


def _percent(written: str) -> Child:
    """Return a share with its sign; a dash stands alone."""
    return written if not written[0].isdigit() else join([written, tag("span", " %", cls="mu")])


def _lock_words(scope: Scope, lock: Locked | None) -> tuple[Child, Child]:
    """Return whether the month is locked, and since when, by whom, with what apart."""
    t = scope.t
    if lock is None:
        return t("coverage.lock.open"), t("coverage.lock.open_note")
    by = lock.act["by"]
    who = t("ui.role.operator") if by == "operator" else load.person_name(by, scope.lang)
    symbol, key = ("lock", "locked") if lock.is_whole else ("lock_open", "open_again")
    if not lock.is_whole and lock.parts:
        key = "in_part"
    word = join([icon(symbol, 20), " ", t(f"coverage.lock.{key}")])
    return word, f"{moment(lock.act['at'])} {who}"


def _show_lock(scope: Scope, lock: Locked | None) -> None:
    """Say why a month was opened again, and which forms and units stand otherwise than it."""
    if lock is None:
        return
    t, said = scope.t, []
    names = [_place(scope, form, unit) for form, unit in lock.parts if _in_sight(scope, unit)]
    if lock.act["reason"]:
        said.append(t("coverage.lock.why", reason=lock.act["reason"]))
    if names:
        key = "but_open" if lock.is_whole else "but_locked"
        said.append(t(f"coverage.lock.{key}", names=t("coverage.list").join(names)))
    if said:
        panel.notice(t("coverage.space").join(said), "lock_open" if lock.is_whole else "lock")


def _place(scope: Scope, form: str, unit: str) -> str:
    """Return a form, a unit or both in words."""
    name = load.unit_name(unit, scope.lang) if unit else ""
    return " ".join(part for part in (form, name) if part)


def _in_sight(scope: Scope, unit: str) -> bool:
    """Return whether a lock of a unit concerns the reader; that of a form concerns everybody."""
    return not unit or unit in load.own_units(load.viewer(scope.person))
