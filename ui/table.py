"""How is a dense table shown? Right-aligned digits, units in the header, marks that travel along.

    table(
        "各单位对增减的贡献",
        [Column("unit", "单位"), Column("value", "10月", unit="起", number=True)],
        [Row({"unit": "明湖分局", "value": marked("193", partial=True, lang="zh")}, kind="total")],
    )

The first column is the row's header and stays in sight when the table scrolls inside its card.
Cells are plain text (escaped) or `Markup` from `ui.html` and the helpers below. A missing cell is
an em dash, never 0.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from data.texts import text
from metrics.structure import NO_CHANGE
from ui.html import Child, Markup, icon, join, tag

READING_ICON = {
    "better": "trending_up",
    "worse": "trending_up",
    "up": "trending_up",
    "down": "trending_down",
    "watch": "trending_up",
    "not_significant": "airwave",
    "short_history": "hourglass_empty",
}
DASH = "—"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the key of its cells, what its header says, whether it holds numbers."""

    key: str
    label: Child
    unit: str = ""
    number: bool = False
    cls: str = ""
    hidden_label: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row: cells by column key, and a kind: total, sel(ected) or none."""

    cells: Mapping[str, Child]
    kind: str = ""
    cell_classes: Mapping[str, str] = field(default_factory=dict)


def table(
    caption: str,
    columns: Sequence[Column],
    rows: Sequence[Row],
    cls: str = "",
    show_caption: bool = False,
    card: bool = True,
) -> Markup:
    """Return a table that scrolls inside its card; the caption names it for screen readers."""
    head = tag("tr", [_header(column) for column in columns])
    body = [_row(columns, row) for row in rows]
    content = tag(
        "table",
        tag("caption", caption, cls="" if show_caption else "vh"),
        tag("thead", head),
        tag("tbody", body),
        cls=f"tb {cls}".strip(),
    )
    box = "scroll card" if card else "scroll"
    return tag("div", content, cls=box, tabindex="0", role="region", aria_label=caption)


def marked(value: Child, lang: str, partial: bool = False, gutter: bool = False) -> Markup:
    """Return a number with its partial mark; with a gutter digits align marked or not."""
    mark: Child = None
    if partial:
        word = text("ui.flag.partial", lang)
        mark = tag("span", icon("incomplete_circle", 12, "pm"), tag("span", word, cls="vh"))
    if gutter:
        return join([tag("span", value, cls="num"), tag("span", mark, cls="gut")])
    return join([value, mark])


def is_partial(row: Mapping[str, Any]) -> bool:
    """Return whether a figure lacks some of its units.

    >>> is_partial({"due": 126, "reported": 124}), is_partial({"due": 1, "reported": 0})
    (True, False)
    """
    return bool(row["due"]) and 0 < row["reported"] < row["due"]


def reading_badge(reading: str, word: str, rising: bool | None = None) -> Markup:
    """Return the variation icon with its word: the arrow is the direction, the colour the sense.

    `rising` overrules the arrow; None takes it from the reading (up, down) or leaves it rising.
    """
    name = READING_ICON.get(reading, "remove")
    if reading in ("better", "worse", "watch") and rising is False:
        name = "trending_down"
    return tag("span", icon(name, 18), word, cls=f"rd {reading}")


def flag(word: str, dashed: bool = False) -> Markup:
    """Return an outlined word such as 部分 14/15 or 小基数."""
    return tag("span", word, cls="flag dashed" if dashed else "flag")


def icon_word(name: str, word: Child, cls: str = "") -> Markup:
    """Return a status icon with its word."""
    return tag("span", icon(name, 16), word, cls=f"rd {cls}".strip())


def status_flags(row: Mapping[str, Any], lang: str, known: str = "") -> list[Markup]:
    """Return the flags of a figure: partial with its coverage, provisional, estimated, hidden.

    A status that the whole table has, and says so, is `known` and not repeated on each row.
    """
    flags = []
    due, reported = row.get("due"), row.get("reported")
    if due and reported is not None and 0 < reported < due:
        flags.append(flag(text("ui.flag.partial_of", lang, reported=reported, due=due)))
    if row.get("suppressed"):
        flags.append(icon_word("visibility_off", text("ui.flag.suppressed", lang)))
    if row.get("status") in ("provisional", "estimated") and row["status"] != known:
        flags.append(flag(text(f"ui.flag.{row['status']}", lang), dashed=True))
    if row.get("status") == "missing":
        # filed under two definitions, or of a unit that was not there: nothing that somebody owes
        note = row.get("note")
        key = f"words.note.{note}" if note in NO_CHANGE else "ui.flag.missing"
        flags.append(flag(text(key, lang)))
    return flags


def _header(column: Column) -> Markup:
    """Return a column's header with its unit of measure."""
    label: Child = tag("span", column.label, cls="vh") if column.hidden_label else column.label
    wide = isinstance(column.label, str) and not column.label.isascii()
    unit = None
    if column.unit:
        unit = f"（{column.unit}）" if wide else f" ({column.unit})"
    return tag("th", label, unit, scope="col", cls=_classes(column))


def _row(columns: Sequence[Column], row: Row) -> Markup:
    """Return a body row; its first cell is the row's header."""
    cells = []
    for i, column in enumerate(columns):
        value = row.cells.get(column.key)
        content = DASH if value is None or value == "" else value
        cls = f"{_classes(column)} {row.cell_classes.get(column.key, '')}".strip()
        scope = "row" if i == 0 else None
        cells.append(tag("td" if i else "th", content, cls=cls, scope=scope))
    return tag("tr", cells, cls=row.kind)


def _classes(column: Column) -> str:
    """Return a column's classes."""
    return f"{'n ' if column.number else ''}{column.cls}".strip()
