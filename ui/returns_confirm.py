"""How does a unit confirm what another unit typed for it? Its own rows beside earlier figures.

A district may type the rows of its stations; nothing of it counts until each station has said that
its rows are right. What was typed for other units is never shown here.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import streamlit as st

from data.access import homes_of
from data.said import SpokenError, say
from data.store.record import confirm_all
from ui import load, panel
from ui.clock import moment, now
from ui.html import Child, Markup, icon, join, link, tag
from ui.returns_owed import returns_of
from ui.review_figures import beside_of, figure_table
from ui.scope import Scope, here, period_label

SAID = "confirm-said"
LONGEST = 500


def show(scope: Scope, unit: str) -> None:
    """Show what others typed for a unit, and its ways to answer; nothing where nothing waits."""
    _show_said(scope)
    waiting = waiting_for(scope, unit)
    if not waiting:
        return
    numbers = [row["receipt"] for row in waiting]
    wanted = scope.extras.get("receipt", "")
    chosen = waiting[numbers.index(wanted) if wanted in numbers else 0]
    with panel.guard("confirm", scope.lang), st.container(key="card-confirm"):
        panel.show(_head(scope, unit, waiting), _choice(scope, waiting, chosen))
        rows = beside_of(scope.person, chosen["id"])
        # Cells without a filer are the typing unit's own work: nobody has to confirm these.
        mine = rows.filter(pl.col("filer") == unit)
        panel.show(figure_table(scope, chosen["period"], mine, is_many=False))
        _show_buttons(scope, unit, waiting, chosen)


def waiting_for(scope: Scope, unit: str) -> list[dict[str, Any]]:
    """Return the returns in which others typed rows of a unit that the reader may confirm."""
    rows = returns_of(scope.person, scope.period)
    homes = homes_of(load.tree(), unit)
    found = [row for row in rows if homes.intersection(row["may_confirm"])]
    place = {code: at for at, code in enumerate(load.catalog().forms)}
    return sorted(found, key=lambda row: (place.get(row["form"], len(place)), row["id"]))


def _head(scope: Scope, unit: str, waiting: Sequence[Mapping[str, Any]]) -> Markup:
    """Return who typed what for the unit, when, and what is asked of it."""
    first = waiting[0]
    names = sorted({load.person_name(row["submitted_by"], scope.lang) for row in waiting})
    title = scope.t(
        "confirm.title",
        unit=load.unit_title(unit, scope.lang),
        month=period_label(scope.period, "month", scope.lang),
        count=len(waiting),
    )
    note = scope.t(
        "confirm.note", who=", ".join(names), when=moment(max(r["submitted_at"] for r in waiting))
    )
    symbol = tag("span", icon("how_to_reg", 18), cls="rd accent")
    rule = tag(
        "div", scope.t("confirm.rule", by=load.unit_title(first["unit"], scope.lang)), cls="s mu"
    )
    return join([tag("div", symbol, tag("h2", title), cls="line"), tag("div", note), rule])


def _choice(scope: Scope, waiting: Sequence[Mapping[str, Any]], chosen: Mapping[str, Any]) -> Child:
    """Return the forms that wait as links, where there are several."""
    known = load.catalog().forms
    links = [
        link(
            f"{row['form']} {known[row['form']].name.get(scope.lang)}",
            here("returns", scope, receipt=row["receipt"]),
            cls="on" if row is chosen else "",
            aria_current=row is chosen and "true",
        )
        for row in waiting
    ]
    label = scope.t("confirm.forms")
    return tag("div", links, cls="seg wraps", role="group", aria_label=label, data_keep="1")


def _show_buttons(
    scope: Scope, unit: str, waiting: Sequence[Mapping[str, Any]], chosen: Mapping[str, Any]
) -> None:
    """Show the ways to confirm the form that is seen, all of them, or to refuse it."""
    t, form = scope.t, chosen["form"]
    why = f"refuse-{chosen['receipt']}"
    st.text_input(
        t("confirm.reason"),
        key=why,
        max_chars=LONGEST,
        placeholder=t("confirm.reason_hint"),
    )
    with st.container(horizontal=True, horizontal_alignment="right", key="confirm-buttons"):
        st.button(
            t("confirm.refuse", form=form),
            icon=":material/undo:",
            key="confirm-refuse",
            on_click=_decide,
            args=(scope, unit, [chosen], False, why),
        )
        st.button(
            t("confirm.one", form=form),
            icon=":material/check:",
            type="secondary" if len(waiting) > 1 else "primary",
            key="confirm-one",
            on_click=_decide,
            args=(scope, unit, [chosen], True, ""),
        )
        if len(waiting) > 1:
            st.button(
                t("confirm.all", count=len(waiting)),
                icon=":material/done_all:",
                type="primary",
                key="confirm-all",
                on_click=_decide,
                args=(scope, unit, list(waiting), True, ""),
            )


def _decide(
    scope: Scope, unit: str, rows: Sequence[Mapping[str, Any]], is_right: bool, why: str
) -> None:
    """Confirm or refuse the unit's rows; what is refused below is said in one line.

    The reason is read now, under its key: it may have been typed after the button was drawn.
    """
    viewer, store = load.viewer(scope.person), load.store()
    reason = "" if is_right else st.session_state.get(why) or ""
    homes = homes_of(load.tree(), unit)
    said = {"forms": " ".join(row["form"] for row in rows)}
    try:
        for home in sorted(homes):
            numbers = [row["id"] for row in rows if home in row["may_confirm"]]
            if numbers:
                confirm_all(store, viewer, numbers, is_right, reason, home, now())
    except SpokenError as error:
        st.session_state[SAID] = ("error", say(error, scope.lang))
        return
    if "receipt" in st.query_params:
        del st.query_params["receipt"]
    key = "confirmed" if is_right else "refused"
    st.session_state[SAID] = ("check_circle", scope.t(f"confirm.{key}", **said))


def _show_said(scope: Scope) -> None:
    """Say once what became of the rows."""
    said = st.session_state.pop(SAID, None)
    if said is not None:
        symbol, words = said
        panel.show(tag("div", icon(symbol, 18), tag("div", words), cls="notice", role="status"))
