"""How is the page of editions shown: the list, one edition against another, and the revisions?"""

import streamlit as st

from data.store.editions import Edition
from metrics.edition_check import HOLDS
from ui import load, panel
from ui.clock import moment
from ui.editions_changes import show_changes
from ui.editions_data import (
    basis_link,
    changed_since,
    chosen_of,
    is_whole_day,
    last_day,
    published,
    verdict_of,
)
from ui.editions_revisions import show_revisions
from ui.frame import current_scope
from ui.html import Child, Markup, icon, join, link, tag
from ui.numbers import shown
from ui.scope import Scope, href, period_label
from ui.table import Column, Row, icon_word, table

PAGE = "editions"
HASH_SHOWN = 12
MARK = {"sound": "verified", **dict.fromkeys(HOLDS[1:], "edit_note")}


def show() -> None:
    """Show the editions, what the chosen one changed, and the revisions of an indicator."""
    scope = current_scope()
    found = published(scope.as_of)
    crumb = f"{scope.t('ui.page.editions')} · {load.catalog().bureau.name.get(scope.lang)}"
    if load.is_empty():
        panel.head(crumb, scope.t("ui.page.editions"))
        panel.empty(scope.t("ui.panel.empty_store"), scope.t("ui.panel.empty_store_how"))
        return
    if found:
        last = found[-1]
        since = changed_since(last.name, scope.as_of).height
        key = "title_same" if not since else "title"
        title = scope.t(f"editions.{key}", count=len(found), last=last.name, since=shown(since))
    else:
        title = scope.t("editions.title_none")
    panel.head(crumb, title, scope.t("editions.lead"))
    with panel.guard("editions", scope.lang):
        if found:
            chosen = chosen_of(scope, found)
            _show_list(scope, found, chosen)
            _show_check(scope, chosen)
            show_changes(scope, found, chosen)
        else:
            how = "none_how" if scope.as_of is None else "none_then"
            panel.empty(scope.t("editions.none"), scope.t(f"editions.{how}"))
    with panel.guard("revisions", scope.lang):
        show_revisions(scope)


def open_link(scope: Scope, edition: Edition) -> Markup:
    """Return the link that opens the overview as this edition had it."""
    day = last_day(edition)
    asked = {"period": edition.period, "as_of": day, "basis": basis_link(edition)}
    address = href("overview", scope, **asked)
    words = scope.t("editions.open")
    return link(join([icon("open_in_new", 14), " ", words]), address, cls="nw", aria_label=words)


def _show_list(scope: Scope, found: tuple[Edition, ...], chosen: Edition) -> None:
    t = scope.t
    panel.section(t("editions.list"), t("editions.list_note"))
    columns = [
        Column("name", t("editions.column.name")),
        Column("as_of", t("editions.column.as_of")),
        Column("state", t("editions.column.state")),
        Column("basis", t("editions.column.basis")),
        Column("note", t("editions.column.revised")),
        Column("since", t("editions.column.since"), number=True),
        Column("hash", t("editions.column.hash")),
        Column("open", t("editions.column.open"), hidden_label=True),
    ]
    rows = [
        Row(_list_cells(scope, edition), kind="sel" if edition.name == chosen.name else "")
        for edition in reversed(found)
    ]
    panel.show(table(t("editions.list"), columns, rows))


def _list_cells(scope: Scope, edition: Edition) -> dict[str, Child]:
    t = scope.t
    address = href(PAGE, scope, edition=edition.name, indicator=scope.extras.get("indicator"))
    is_locked = edition.state == "final"
    state = icon_word("lock" if is_locked else "edit_note", t(f"edition.state.{edition.state}"))
    since = changed_since(edition.name, scope.as_of).height
    return {
        "name": tag("span", link(edition.name, address), cls="b"),
        "as_of": tag("span", moment(edition.as_of), cls="nw"),
        "state": state,
        "basis": tag("span", t(f"ui.basis.{edition.hashes.basis}"), cls="nw"),
        "note": note_words(scope, edition),
        "since": shown(since) if since else "0",
        "hash": tag("code", edition.hashes.figures_hash[:HASH_SHOWN], cls="s"),
        "open": open_link(scope, edition),
    }


def note_words(scope: Scope, edition: Edition) -> Child:
    """Return what an edition revised of the months published before it."""
    counts = edition.revised
    if not edition.previous:
        return tag("span", scope.t("editions.first"), cls="mu")
    moved = sum(counts.get(name, 0) for name in ("revised", "withdrawn", "new"))
    if not moved:
        return tag("span", scope.t("editions.nothing_revised"), cls="mu")
    words: list[Child] = [scope.t("editions.revised", count=shown(moved))]
    if counts.get("after_lock"):
        late = scope.t("editions.after_lock", count=shown(counts["after_lock"]))
        words.append(tag("span", icon("lock_open", 14), " ", late, cls="rd worse"))
    return join(words, " ")


def _show_check(scope: Scope, edition: Edition) -> None:
    """Show the chosen edition's facts, and check it when asked."""
    t = scope.t
    name = load.person_name(edition.made_by, scope.lang) if edition.made_by else ""
    made = t("editions.made", who=name, when=moment(edition.made_at))
    same = edition.definitions.digest == load.catalog().digest
    definitions = t("editions.definitions_same" if same else "editions.definitions_changed")
    month = period_label(edition.period, "month", scope.lang)
    stands = f"{month} · {t(f'ui.basis.{edition.hashes.basis}')}"
    items: list[tuple[Child, Child, Child]] = [
        (t("editions.chosen"), edition.name, stands),
        (t("editions.column.hash"), tag("code", edition.hashes.figures_hash[:HASH_SHOWN]), made),
        (
            t("editions.definitions"),
            tag("code", edition.definitions.digest[:HASH_SHOWN]),
            definitions,
        ),
        (t("editions.column.figures"), shown(edition.hashes.figures), t("editions.figures_note")),
    ]
    panel.show(tag("div", panel.key_figures(items), cls="card pad"))
    notes: list[Child] = [tag("span", edition.note)] if edition.note else []
    if not is_whole_day(edition):
        notes.append(tag("span", t("editions.part_of_day", day=last_day(edition).isoformat())))
    if notes:
        panel.notice(join(notes, " "), "campaign")
    if st.button(t("editions.check"), icon=":material/verified:", key="edition-check"):
        verdict, differ = verdict_of(edition.name)
        words = t(f"edition.verdict.{verdict}", name=edition.name)
        more = t("edition.said.differ", count=len(differ), indicators=", ".join(differ[:8]))
        panel.notice(join([words, more] if differ else [words], " "), MARK.get(verdict, "error"))
