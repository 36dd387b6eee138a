"""What is known of a return: its file, its day, and the way that it has come?"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from data.store.record import confirmations, extensions, steps_of
from ui import load, panel
from ui.clock import moment
from ui.html import Child, Markup, icon, join, link, tag
from ui.numbers import shown
from ui.review_items import Item
from ui.review_queue import flags, level_word, turn
from ui.scope import Scope, here
from ui.table import Column, Row, table


def head(scope: Scope, item: Item, neighbours: tuple[Item | None, Item | None]) -> Markup:
    """Return the head: whose return, whose turn, who sent it, and the way so far."""
    row = item.row
    form = load.catalog().forms.get(row["form"])
    name = f"{row['form']} {form.name.get(scope.lang)}" if form else row["form"]
    title = f"{load.unit_title(row['unit'], scope.lang)} · {name}"
    line = [
        tag("h2", title),
        turn(scope, item),
        tag("span", flags(scope, item)),
        _steps_links(scope, neighbours),
    ]
    return join([tag("div", line, cls="line"), _facts(scope, item)])


def _steps_links(scope: Scope, neighbours: tuple[Item | None, Item | None]) -> Markup:
    """Return the ways to the returns before and after."""
    found = []
    for symbol, word, item in zip(
        ("chevron_left", "chevron_right"), ("before", "after"), neighbours, strict=True
    ):
        inner = join([icon(symbol, 18), tag("span", scope.t(f"review.{word}"), cls="vh")])
        if item is None:
            found.append(tag("span", inner, cls="arrow off", aria_disabled="true"))
        else:
            where = here("review", scope, receipt=item.receipt, page=None, order=None)
            found.append(link(inner, where, cls="arrow"))
    return tag("span", found, cls="ctl stepper push")


def _facts(scope: Scope, item: Item) -> Markup:
    """Return what is known of the file, each fact with its name."""
    row, t = item.row, scope.t
    sent = f"{moment(row['submitted_at'])} · {load.person_name(row['submitted_by'], scope.lang)}"
    digest = tag("code", row["sha256"], cls="s hash")
    pairs: list[tuple[str, Child, str]] = [
        ("number", f"{row['receipt']} · {t('review.version', version=row['version'])}", ""),
        ("sent", sent, ""),
        ("due", _in_time(scope, item), ""),
        ("content", t("returns.page.figures", count=f"{row['facts']:,}"), ""),
        ("file", [row["file"], " ", tag("span", _size(row["size"]), cls="mu nw")], "all"),
        ("hash", digest, "all"),
    ]
    cells = [
        [tag("dt", t(f"review.fact.{key}")), tag("dd", words, cls=cls)] for key, words, cls in pairs
    ]
    why = None
    if row["why"] is not None:
        said = t("review.why", why=row["why"])
        why = tag("div", icon("edit_note", 18), tag("div", said), cls="notice")
    return join([tag("dl", cells, cls="pp facts"), why])


def _size(size: int) -> str:
    """Return a file's size as people say it.

    >>> _size(900), _size(48_300), _size(2_500_000)
    ('1 KB', '48 KB', '2.5 MB')
    """
    kilobytes = max(1, round(size / 1000))
    return f"{kilobytes} KB" if kilobytes < 1000 else f"{size / 1_000_000:.1f} MB"


def _in_time(scope: Scope, item: Item) -> Child:
    """Return the day it was due with how it was kept, and who gave more time."""
    row, t = item.row, scope.t
    if row["due"] is None:
        return t("review.no_day")
    parts: list[Child] = [f"{row['due']:%Y-%m-%d}"]
    if row["why"] is not None:
        parts.append(tag("span", t("review.never_late"), cls="mu"))
    if row["late"] is not None:
        came = load.local(row["ready_at"] or row["submitted_at"]).date()
        late = t("review.days_late", days=(came - row["due"]).days)
        word = late if row["late"] else t("review.in_time")
        symbol, cls = ("error", "worse") if row["late"] else ("check_circle", "better")
        parts.append(tag("span", icon(symbol, 14), word, cls=f"rd {cls}"))
    return join(parts, " ")


def show_way(scope: Scope, item: Item, earlier: Sequence[Mapping[str, Any]]) -> None:
    """Show the way of the return: what was done by whom, what comes next."""
    store, viewer = load.store(), load.viewer(scope.person)
    steps = steps_of(store, viewer, item.row["id"]).rows(named=True)
    asked = confirmations(store, viewer, item.row["id"]).rows(named=True)
    panel.show(_way(scope, item, steps, asked))
    said = [
        *_earlier_words(scope, earlier),
        *_extension_words(scope, item),
        *_step_words(scope, steps),
    ]
    if said:
        panel.show(tag("ul", [tag("li", words) for words in said], cls="said s"))
    if asked:
        panel.show(_confirmed(scope, asked))


def _way(
    scope: Scope,
    item: Item,
    steps: Sequence[Mapping[str, Any]],
    asked: Sequence[Mapping[str, Any]],
) -> Markup:
    """Return the stations of the way in a row: done, now, still to come."""
    row, t = item.row, scope.t
    points: list[tuple[str, str, str, str]] = []
    by = load.person_name(row["submitted_by"], scope.lang)
    points.append(
        ("done", "upload_file", t("review.way.filed"), f"{_short(row['submitted_at'])} {by}")
    )
    if asked:
        done = sum(entry["decision"] == "confirmed" for entry in asked)
        state = "done" if done == len(asked) else "now" if row["state"] == "confirming" else "next"
        words = t("review.way.confirmed_of", done=done, total=len(asked))
        points.append((state, "how_to_reg", t("review.way.confirm"), words))
    levels = row["route"].split() or [""]
    judged = {step["level"]: step for step in steps if step["decision"] in ("accept", "return")}
    for level in levels:
        name = (
            t("review.way.level", level=level_word(scope, level)) if level else t("review.way.any")
        )
        points.append(_point(scope, row, name, judged.get(level), level))
    state = "done" if row["state"] == "approved" else "next"
    when = _short(row["vintage"]) if row["state"] == "approved" else t("review.way.later")
    points.append((state, "database", t("review.way.counts"), when))
    entries = [
        tag(
            "li",
            icon(symbol, 18),
            tag("span", name, cls="b"),
            tag("span", words, cls="s mu"),
            cls=state,
            aria_current="step" if state == "now" else None,
        )
        for state, symbol, name, words in points
    ]
    return tag("ol", entries, cls="way", aria_label=t("review.way.title"))


def _short(when: dt.datetime) -> str:
    return f"{load.local(when):%m-%d %H:%M}"


def _point(
    scope: Scope, row: Mapping[str, Any], name: str, step: Mapping[str, Any] | None, level: str
) -> tuple[str, str, str, str]:
    """Return one review level of the way."""
    if step is not None:
        words = f"{_short(step['at'])} {load.person_name(step['by'], scope.lang)}"
        if step["decision"] == "return":
            return "back", "undo", scope.t("review.way.back", name=name), words
        return "done", "task_alt", name, words
    is_now = row["state"] in ("submitted", "reviewed") and (row["waits_for"] or "") == level
    words = scope.t("review.way.now" if is_now else "review.way.later")
    return "now" if is_now else "next", "rule", name, words


def _step_words(scope: Scope, steps: Sequence[Mapping[str, Any]]) -> list[Child]:
    """Return what was said with the decisions so far."""
    return [
        scope.t(
            f"review.said.{step['decision']}",
            who=load.person_name(step["by"], scope.lang),
            when=moment(step["at"]),
            reason=step["reason"],
        )
        for step in steps
        if step["reason"]
    ]


def _earlier_words(scope: Scope, earlier: Sequence[Mapping[str, Any]]) -> list[Child]:
    """Return why earlier versions of this return were sent back."""
    return [
        scope.t(
            "review.said.earlier",
            version=row["version"],
            who=load.person_name(row["reviewer"], scope.lang),
            when=moment(row["reviewed_at"]),
            reason=row["reason"],
        )
        for row in earlier
        if row["state"] == "returned" and row["reason"]
    ]


def _extension_words(scope: Scope, item: Item) -> list[Child]:
    """Return who gave more time for this return, and why."""
    given = extensions(load.store(), load.viewer(scope.person), item.row["period"])
    mine = given.filter(form=item.row["form"], unit=item.row["unit"])
    return [
        scope.t(
            "review.said.extended",
            who=load.person_name(row["given_by"], scope.lang),
            when=moment(row["given_at"]),
            until=f"{row['until']:%m-%d}",
            reason=row["reason"],
        )
        for row in mine.iter_rows(named=True)
    ]


def _confirmed(scope: Scope, asked: Sequence[Mapping[str, Any]]) -> Markup:
    """Return whose rows somebody else typed and what they said of them, folded away."""
    columns = [
        Column("unit", scope.t("ui.frame.unit")),
        Column("cells", scope.t("returns.receipt.content"), number=True),
        Column("decision", scope.t("returns.page.state")),
        Column("by", scope.t("review.by")),
    ]
    rows = []
    for entry in asked:
        by = f"{moment(entry['at'])} {load.person_name(entry['by'], scope.lang)}"
        rows.append(
            Row(
                {
                    "unit": load.unit_title(entry["unit"], scope.lang),
                    "cells": shown(entry["cells"]),
                    "decision": scope.t(f"review.confirmation.{entry['decision']}"),
                    "by": "" if entry["decision"] == "asked" else by,
                }
            )
        )
    title = scope.t("review.confirmations", count=len(asked))
    listed = table(title, columns, rows, cls="dense", card=False)
    return tag("details", tag("summary", title), listed, cls="fold")
