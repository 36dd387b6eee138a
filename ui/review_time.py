"""Who gets more time for a form, and which months or forms are closed? For those who may say so."""

import datetime as dt
from collections.abc import Sequence

import streamlit as st

from data.access import may_extend, may_lock
from data.returns.due import due_date, forms_due
from data.returns.recording import lock_month
from data.said import SpokenError, say
from data.store.locking import is_locked
from data.store.record import extend, extensions, lock, lock_entries, lock_history, unlock
from ui import load, panel
from ui.clock import moment, now, today
from ui.html import Child, Markup, icon, tag
from ui.scope import Scope, period_label
from ui.table import Column, Row, table

SAID, OPENED = "review-time-said", "review-time-opened"
LONGEST = 200
# More days than these at once are no extension any more.
MOST_DAYS = 20


def show_time(scope: Scope) -> None:
    """Show, folded away, what was extended and locked for the month, and the way to do so."""
    viewer = load.viewer(scope.person)
    units = [unit for unit in load.own_units(viewer) if may_extend(viewer, unit)]
    if not units and not may_lock(viewer):
        return
    month = period_label(scope.period, "month", scope.lang)
    said = st.session_state.pop(SAID, None)
    given = extensions(load.store(), viewer, scope.period)
    title = scope.t("review.time.title", month=month, count=given.height)
    if said is not None:
        st.session_state[OPENED] = scope.period
    # Once something was done here it stays unfolded: its answer and the next act stand inside.
    is_open = st.session_state.get(OPENED) == scope.period
    with st.expander(title, expanded=is_open, icon=":material/event_available:"):
        if said is not None:
            symbol, words = said
            panel.show(tag("div", icon(symbol, 18), tag("div", words), cls="notice", role="status"))
        left, right = st.columns(2, gap="medium")
        with left, panel.guard("extensions", scope.lang):
            panel.show(tag("h2", scope.t("review.time.extend")))
            _show_extend(scope, units)
            panel.show(_given(scope, given.rows(named=True)))
        with right, panel.guard("locks", scope.lang):
            panel.show(tag("h2", scope.t("review.time.lock")))
            _show_locks(scope)


def _show_extend(scope: Scope, units: Sequence[str]) -> None:
    """Show the way to give a unit more time for a form."""
    t, tree = scope.t, load.tree()
    open_ = [unit for unit in units if unit in tree.units and tree.is_open(unit, scope.period)]
    start = open_.index(scope.unit) if scope.unit in open_ else None
    unit = st.selectbox(
        t("review.time.unit"),
        open_,
        index=start,
        format_func=lambda code: unit_path(scope, code),
        placeholder=t("review.time.unit_hint"),
        key="extend-unit",
    )
    if unit is None:
        panel.show(tag("div", t("review.time.extend_how"), cls="s mu"))
        return
    due = {form.code: form for form, _ in forms_due(load.catalog(), tree, unit, scope.period)}
    if not due:
        panel.show(tag("div", t("review.time.owes_nothing"), cls="s mu"))
        return
    code = st.selectbox(
        t("review.time.form"),
        list(due),
        format_func=lambda code: f"{code} {due[code].name.get(scope.lang)}",
        key=f"extend-form-{unit}",
    )
    day = due_date(due[code], scope.period)
    until = st.selectbox(
        t("review.time.until"),
        later_days(max(day, today())),
        format_func=lambda chosen: _day_words(scope, chosen, day),
        key=f"extend-until-{unit}-{code}",
    )
    why = f"extend-why-{unit}-{code}"
    st.text_input(t("review.time.reason"), max_chars=LONGEST, key=why)
    st.button(
        t("review.time.give"),
        icon=":material/more_time:",
        key="extend-give",
        on_click=_extend,
        args=(scope, code, unit, until, why, day),
    )


def later_days(day: dt.date, most: int = MOST_DAYS) -> list[dt.date]:
    """Return the days after a day.

    >>> [str(found) for found in later_days(dt.date(2024, 12, 30), 3)]
    ['2024-12-31', '2025-01-01', '2025-01-02']
    """
    return [day + dt.timedelta(days=ahead) for ahead in range(1, most + 1)]


def _day_words(scope: Scope, day: dt.date, due: dt.date) -> str:
    weekday = scope.t(f"returns.weekday.d{day.weekday()}")
    return scope.t("review.time.day", day=f"{day:%m-%d}", weekday=weekday, more=(day - due).days)


def unit_path(scope: Scope, code: str) -> str:
    """Return a unit with the one above it, so that stations of one name are told apart."""
    tree = load.tree()
    parent = tree.parent(code)
    name = load.unit_title(code, scope.lang)
    if parent is None or parent == tree.root:
        return name
    return f"{load.unit_name(parent, scope.lang)} › {name}"


def _extend(scope: Scope, form: str, unit: str, until: dt.date, why: str, due: dt.date) -> None:
    """Give more time, or say in one line why that is refused.

    The reason is read now: what was typed last is newer than the page that drew the button.
    """
    viewer, reason = load.viewer(scope.person), st.session_state.get(why) or ""
    try:
        extend(load.store(), viewer, form, unit, scope.period, until, reason, due, now())
    except SpokenError as error:
        st.session_state[SAID] = ("error", say(error, scope.lang))
        return
    name = load.unit_title(unit, scope.lang)
    words = scope.t("review.time.given", unit=name, form=form, day=f"{until:%m-%d}")
    st.session_state[SAID] = ("check_circle", words)


def _given(scope: Scope, rows: Sequence[dict]) -> Markup:
    """Return who was given more time for this month."""
    t = scope.t
    if not rows:
        return tag("div", t("review.time.none_given"), cls="s mu")
    columns = [
        Column("unit", t("ui.frame.unit")),
        Column("form", t("returns.page.form")),
        Column("until", t("review.time.until_short"), number=True),
        Column("by", t("review.by")),
        Column("reason", t("returns.receipt.reason"), cls="wrap"),
    ]
    body = [
        Row(
            {
                "unit": load.unit_name(row["unit"], scope.lang),
                "form": row["form"],
                "until": f"{row['until']:%m-%d}",
                "by": load.person_name(row["given_by"], scope.lang),
                "reason": row["reason"],
            }
        )
        for row in rows
    ]
    return table(t("review.time.given_before"), columns, body, cls="dense tight")


def _show_locks(scope: Scope) -> None:
    """Show whether the month is closed, who closed and opened what, and the way to do so."""
    t, viewer = scope.t, load.viewer(scope.person)
    entries = lock_entries(load.store(), scope.period)
    whole = is_locked(entries, "", "")
    closed = [code for code in load.catalog().forms if is_locked(entries, code, "")]
    state = _lock_words(scope, whole, closed)
    panel.show(tag("div", icon("lock" if whole else "lock_open", 16), " ", state))
    if may_lock(viewer):
        forms = load.catalog().forms
        form = st.selectbox(
            t("review.time.what"),
            ["", *forms],
            format_func=lambda code: (
                f"{code} {forms[code].name.get(scope.lang)}" if code else t("review.time.month")
            ),
            key="lock-form",
        )
        _show_lock_button(scope, form, whole if not form else form in closed)
    else:
        panel.show(tag("div", t("review.time.lock_who"), cls="s mu"))
    panel.show(_history(scope))


def _lock_words(scope: Scope, whole: bool, closed: Sequence[str]) -> str:
    month = period_label(scope.period, "month", scope.lang)
    opened = [code for code in load.catalog().forms if code not in closed]
    if whole and opened:
        return scope.t("review.time.locked_but", month=month, forms=" ".join(opened))
    if whole:
        return scope.t("review.time.locked", month=month)
    if closed:
        return scope.t("review.time.locked_forms", month=month, forms=" ".join(closed))
    return scope.t("review.time.open", month=month)


def _show_lock_button(scope: Scope, form: str, is_closed: bool) -> None:
    t = scope.t
    if not is_closed:
        panel.show(tag("div", t("review.time.lock_how"), cls="s mu"))
        st.button(
            t("review.time.do_lock"),
            icon=":material/lock:",
            key="lock-do",
            on_click=_lock,
            args=(scope, form),
        )
        return
    why = f"open-why-{form}"
    st.text_input(t("review.time.open_reason"), max_chars=LONGEST, key=why)
    st.button(
        t("review.time.do_open"),
        icon=":material/lock_open:",
        key="lock-open",
        on_click=_unlock,
        args=(scope, form, why),
    )


def _lock(scope: Scope, form: str) -> None:
    viewer = load.viewer(scope.person)
    try:
        # With a whole month, what is counted of its returns becomes final too.
        whole = (load.store(), viewer, load.catalog(), load.tree(), scope.period, now())
        part = (load.store(), viewer, scope.period, now(), form)
        count = lock(*part) if form else lock_month(*whole)
    except SpokenError as error:
        st.session_state[SAID] = ("error", say(error, scope.lang))
        return
    key = "did_lock_form" if form else "did_lock"
    st.session_state[SAID] = ("lock", scope.t(f"review.time.{key}", count=count, form=form))


def _unlock(scope: Scope, form: str, why: str) -> None:
    viewer, reason = load.viewer(scope.person), st.session_state.get(why) or ""
    try:
        unlock(load.store(), viewer, scope.period, reason, now(), form)
    except SpokenError as error:
        st.session_state[SAID] = ("error", say(error, scope.lang))
        return
    key = "did_open_form" if form else "did_open"
    st.session_state[SAID] = ("lock_open", scope.t(f"review.time.{key}", form=form))


def _history(scope: Scope) -> Markup:
    """Return who locked and opened what of the month, the newest first."""
    t = scope.t
    rows = lock_history(load.store(), scope.period).rows(named=True)
    if not rows:
        return tag("div", t("review.time.never_locked"), cls="s mu")
    columns = [
        Column("act", t("review.time.act")),
        Column("what", t("review.time.what")),
        Column("by", t("review.by")),
        Column("at", t("review.time.at")),
        Column("reason", t("returns.receipt.reason"), cls="wrap"),
    ]
    body = []
    for row in rows:
        what: Child = row["form"] or t("review.time.month")
        if row["units"]:
            names = load.unit_title(row["units"][0], scope.lang)
            what = f"{what} · {t('review.time.units', unit=names, count=len(row['units']))}"
        body.append(
            Row(
                {
                    "act": t(f"review.time.act_{row['act']}"),
                    "what": what,
                    "by": load.person_name(row["by"], scope.lang),
                    "at": moment(row["at"]),
                    "reason": row["reason"],
                }
            )
        )
    return table(t("review.time.history"), columns, body, cls="dense tight")
