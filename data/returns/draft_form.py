"""What form does a table propose: its blocks, labels and measures, in the words of the grammar?"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from data.returns.draft_axes import Axes, Line, filled, find_axes, heading_of
from data.returns.draft_given import given_period, given_unit, headings_of, opening
from data.returns.draft_grid import said
from data.returns.draft_labels import (
    column_labels,
    column_place,
    row_labels,
    span_roles,
    time_roles,
)
from data.returns.draft_measures import Proposal, code_for, describe, telling
from data.returns.draft_roles import OTHER, PERIOD, UNIT, Axis, Known, is_total, judge_axis
from data.returns.draft_tables import UNIT_NOTE, Block
from data.returns.draft_toml import literal, word
from data.returns.flat_table import column_letters
from data.returns.flat_words import plain

SPANS = {1: "M", 3: "Q", 6: "H", 12: "A"}
#: A table proposes at most so many measures; of a larger one its first rows are drafted.
MOST_MEASURES = 240
MOST_KINDS = 80

Note = tuple[str, dict[str, Any]]


@dataclass
class Table:
    """A kind of table of the proposed form, its parts as they will be written."""

    keys: dict[str, Any] = field(default_factory=dict)
    columns: dict[str, Any] = field(default_factory=dict)
    rows: dict[str, Any] = field(default_factory=dict)
    given: dict[str, Any] = field(default_factory=dict)
    select: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    measures: list[Proposal] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    units: list[str] = field(default_factory=list)
    matched: set[str] = field(default_factory=set)
    skip: dict[str, list[str]] = field(default_factory=dict)
    span: int = 0
    last_month: int = 0
    is_roc: bool = False
    needs: set[str] = field(default_factory=set)


@dataclass
class Context:
    """What is known of the whole file while its tables are drafted."""

    known: Known
    file: str
    title: str | None
    taken: set[str]
    names: set[str]
    prefix: str = ""
    is_alone: bool = True
    budget: int = MOST_MEASURES


def draft_table(block: Block, context: Context) -> Table:
    """Return what a table proposes."""
    table = Table()
    axes = find_axes(block, context.known)
    origin = _place_block(block, table, context)
    if axes.guessed:
        table.notes.append(("guessed", {"column": axes.guessed}))
    for name, why in axes.dropped:
        table.notes.append((f"dropped.{why}", {"column": name}))
    table.rows |= time_roles(block, axes)
    if not axes.events:
        table.columns |= span_roles(axes, origin)
    _times(axes, table)
    _measures(block, axes, origin, table, context)
    _said_once(block, table, context)
    _units(block, axes, table, context)
    _unique(block, axes, table)
    return table


def _place_block(block: Block, table: Table, context: Context) -> int:
    """Say where the table begins and ends; return the row from which its rows are counted."""
    found = opening(block) if block.same else None
    if found is not None:
        row, pattern, names = found
        axis = judge_axis(names, "", context.known)
        role = PERIOD if axis.role == PERIOD else UNIT
        table.keys["begins"] = pattern.replace("NAME", role)
        if role == UNIT:
            table.units += names
        else:
            table.span, table.last_month = axis.span, axis.last_month
        if all(block.sheet.is_blank(part.end) for part in (block, *block.same)):
            table.keys["ends"] = "/^$/"
        table.notes.append(("blocks", {"count": 1 + len(block.same), "first": names[0]}))
        return row
    if block.same:
        table.notes.append(("unopened", {"count": len(block.same)}))
    if not context.is_alone:
        return _apart(block, table)
    if block.notes is not None:
        words = block.sheet.words(block.notes)
        table.keys["ends"] = f"/^{literal(said(block.sheet.cell(block.notes, words[0]))[:20])}/"
    return 0


def _apart(block: Block, table: Table) -> int:
    """Say how one of several tables of a sheet is told from the others."""
    sheet = block.sheet
    texts = [said(text) for row in sheet.rows for text in row if text]
    for row in (*block.titles, *block.headers):
        for column in sheet.words(row):
            text = said(sheet.cell(row, column))
            if texts.count(text) == 1:
                table.keys["begins"] = f"/^{literal(text)}$/"
                table.keys["last_row"] = block.end - row
                return row
    table.notes.append(("same_sheet", {"row": block.start + 1}))
    return 0


def _times(axes: Axes, table: Table) -> None:
    """Take over from the months' labels how long a span is and how years are counted."""
    lines = [*axes.left, *axes.above]
    spans = [line.axis.span for line in lines if line.axis.span]
    table.span = min([*spans, *([table.span] if table.span else [])], default=0)
    table.is_roc = any(line.axis.is_roc for line in lines)
    table.last_month = max((line.axis.last_month for line in lines), default=0)


def _measures(block: Block, axes: Axes, origin: int, table: Table, context: Context) -> None:
    """Propose the measures: by row, by column, by both, or as kinds of events."""
    place, labels, names = row_labels(block, axes)
    if axes.events:
        _events(axes, place, labels, table, context)
        return
    above, heads, head_names = column_labels(block, axes, origin)
    only = len(axes.numbers) == 1 and above is not None and place is not None
    if only or (above is None and not table.columns and len(axes.numbers) == 1):
        column = axes.numbers[0]
        line = column_place(block, _line(block, column))
        table.rows["value"] = line
        above, heads, head_names = None, [""], [""]
        table.columns = {}
    empty = [
        column_letters(c) for c, head in zip(axes.numbers, heads, strict=True) if above and not head
    ]
    if empty:
        table.notes.append(("unheaded", {"columns": ", ".join(empty)}))
    cells = _cells(block, axes, labels, heads)
    rows = _distinct(labels, names)
    cols = _distinct(heads, head_names)
    if above is not None:
        cols.pop("", None)
        if not table.columns:
            _drop_twice(heads, cols, table, "twice_columns")
    if place is not None and not table.rows and not block.same:
        _drop_twice(labels, rows, table, "twice_rows")
    hint = _unit_hint(block)
    if place is None and above is None:
        name = heading_of(block, axes.numbers[0]) or context.file
        table.given["measure"] = {"word": _one(name, cells.get(("", ""), []), hint, table, context)}
        return
    if place is not None and above is not None:
        table.rows["item"], table.columns["col"] = place, above
    elif place is not None:
        table.rows["item"] = place
    elif above is not None:
        table.columns["col"] = above
    short = telling(list(rows.values())), telling(list(cols.values()))
    keep = max(1, context.budget // max(1, len(cols)))
    if len(rows) > keep:
        table.notes.append(("many", {"kept": keep, "count": len(rows), "table": context.prefix}))
    for row_label, row_name in list(rows.items())[:keep]:
        for head, head_name in cols.items():
            texts = cells.get((row_label, head), [])
            if not texts or len(table.measures) >= context.budget:
                continue
            words = {"item": row_label} if place is not None else {}
            words |= {"col": head} if above is not None else {}
            name = " · ".join(part for part in (row_name, head_name) if part)
            letters = [short[0][row_name], short[1][head_name]]
            plainly = "_".join(part for part in letters if part)
            code = _propose(name, words, texts, hint, table, context, plainly)
            table.select.append((code, {role: word(text) for role, text in words.items()}))


def _drop_twice(labels: Sequence[str], kept: dict[str, str], table: Table, note: str) -> None:
    """Leave out labels that stand over several columns or rows and so tell nothing apart."""
    twice = [label for label, count in Counter(labels).items() if label and count > 1]
    for label in twice:
        kept.pop(label, None)
    if twice:
        table.notes.append((note, {"count": len(twice), "names": "; ".join(twice[:4])}))


def _propose(
    name: str,
    words: dict[str, str],
    texts: Sequence[str],
    hint: str,
    table: Table,
    context: Context,
    plainly: str = "",
) -> str:
    """Add a measure and return its code, made of `plainly` where that has letters."""
    parts = [context.prefix, *(words.values())]
    fallback = "m_" + "_".join(p for p in parts if p and p.isascii() and p.isalnum()).lower()
    fallback = fallback if len(fallback) > 3 else f"m_{len(context.taken) + 1}"
    shown = f"{context.prefix} {name}" if context.prefix else name
    if shown in context.names:
        # Two labels read alike; their codes or places tell them apart.
        shown = f"{shown} ({', '.join(words.values())})"
    while shown in context.names:
        shown += " *"
    context.names.add(shown)
    letters = f"{context.prefix} {plainly}" if plainly else shown
    proposal = Proposal(code_for(letters, fallback, context.taken), shown, words)
    describe(proposal, texts, hint)
    proposal.is_total = any(is_total(text) for text in (*words.values(), *name.split(" · ")))
    table.measures.append(proposal)
    return proposal.code


def _one(name: str, texts: Sequence[str], hint: str, table: Table, context: Context) -> str:
    return _propose(name, {}, texts, hint, table, context)


def _events(
    axes: Axes, place: dict[str, Any] | None, labels: list[str], table: Table, context: Context
) -> None:
    """Propose a count of rows, one measure a kind of event."""
    table.keys["count"] = True
    table.notes.append(("events", {}))
    kinds = dict.fromkeys(label for label in labels if label)
    if place is None or len(kinds) > MOST_KINDS:
        table.given["measure"] = {"word": _one(context.file, [], "", table, context)}
        return
    table.rows["item"] = place
    for kind in kinds:
        code = _propose(kind, {"item": kind}, [], "", table, context)
        table.select.append((code, {"item": word(kind)}))


def _line(block: Block, column: int) -> Line:
    return Line(column, Axis(OTHER, (), heading_of(block, column)))


def _cells(
    block: Block, axes: Axes, labels: Sequence[str], heads: Sequence[str]
) -> dict[tuple[str, str], list[str]]:
    """Return the texts of the cells by their row's and column's label."""
    found: dict[tuple[str, str], list[str]] = {}
    for row, label in zip(axes.rows, labels, strict=True):
        for column, head in zip(axes.numbers, heads, strict=True):
            if block.sheet.number(row, column) is not None:
                text = block.sheet.cell(row, column)
                found.setdefault((label, head), []).append(text or "")
    return found


def _distinct(labels: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    """Return labels with their names, in order, each once."""
    found: dict[str, str] = {}
    for label, name in zip(labels, names, strict=True):
        found.setdefault(label, name)
    return found


def _unit_hint(block: Block) -> str:
    """Return the unit of measure that a line above the table states, where it is one for all."""
    for row in block.titles:
        for column in block.sheet.words(row):
            text = said(block.sheet.cell(row, column))
            if found := UNIT_NOTE.search(text):
                unit = text[found.end() :].strip()
                return unit if 0 < len(unit) <= 20 and not set(unit) & set(";；,，、") else ""
    return ""


def _said_once(block: Block, table: Table, context: Context) -> None:
    """Look for unit and month in titles and names where the labels do not say them."""
    roles = {*table.rows, *table.columns}
    begins = table.keys.get("begins", "")
    headings = headings_of(block.sheet, block, context.file, context.title)
    if not roles & {PERIOD, "year"} and f"<{PERIOD}>" not in begins:
        found = given_period(headings, context.known)
        if found is None:
            table.needs.add("period")
        else:
            table.given["year" if "month" in roles else PERIOD], span = found
            table.span = table.span or span
    if UNIT not in roles and f"<{UNIT}>" not in begins:
        source = given_unit(headings, context.known)
        if source is None:
            table.needs.add("unit")
        else:
            table.given[UNIT] = source


def _units(block: Block, axes: Axes, table: Table, context: Context) -> None:
    """List the units that the definitions do not know; leave out totals and group headings."""
    for line in (*axes.left, *axes.above):
        if line.axis.role == UNIT:
            table.units += line.axis.distinct
    known = context.known.units
    codes = (known.get(plain(name)) for name in table.units)
    table.matched = {code for code in codes if code}
    strange = [
        name for name in dict.fromkeys(table.units) if plain(name) not in context.known.units
    ]
    totals = [name for name in strange if is_total(name)]
    if totals:
        table.skip[UNIT] = [word(name) for name in totals]
        table.notes.append(("totals", {"names": ", ".join(totals[:5])}))
    table.units = [name for name in strange if name not in totals]
    heads = _group_heads(block, axes)
    if heads:
        table.skip[UNIT] = [*table.skip.get(UNIT, []), *map(word, heads)]
        table.notes.append(("headings", {"names": ", ".join(heads[:5])}))


def _group_heads(block: Block, axes: Axes) -> list[str]:
    """Return what stands in the column of units in rows that hold no number."""
    columns = [line for line in axes.left if line.axis.role == UNIT]
    if not columns or axes.events:
        return []
    data = set(axes.rows)
    known = set(columns[0].axis.distinct)
    texts = [
        said(block.sheet.cell(row, columns[0].place))
        for row in range(block.start, block.end)
        if row not in data
    ]
    return [text for text in dict.fromkeys(texts) if text and text not in known]


def _unique(block: Block, axes: Axes, table: Table) -> None:
    """Notice rows that say the same in every label: parts, or a label that was left out."""
    if axes.events or not axes.left:
        return
    lines = [filled(x.axis.labels) if x.fill else x.axis.labels for x in axes.left]
    keys = [tuple(labels[row] for labels in lines) for row in range(len(axes.rows))]
    if len(set(keys)) < len(keys) and not block.same:
        table.notes.append(("repeated", {"count": len(keys) - len(set(keys))}))
