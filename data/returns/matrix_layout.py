"""How does a form describe tables whose numbers have labels above, to the left and at the head?

The grammar is told in docs/how-to/new-form.md. Here its words become frozen records; a wrong one
raises with file, key, what was found and the nearest right word.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from data.definition_types import Form
from data.parse import Place, check_keys, take, take_word, wrong
from data.returns.flat_words import Words, pattern_of, words_of

DASH = ("zero", "missing")
TABLE_KEYS = (
    *("sheets", "optional", "when", "expects", "begins", "across", "ends", "last_row", "count"),
    *("dash", "strict", "scale", "columns", "rows", "given", "select"),
)
SOURCES = ("title", "file", "sheet", "cell", "right_of", "found", "word")
FILLS = {"columns": ("right", "merged"), "rows": ("down", "merged")}
CELL = re.compile(r"([A-Z]{1,3})([1-9]\d*)")


@dataclass(frozen=True, slots=True)
class Select:
    """The labels that make a number this measure."""

    measure: str
    words: dict[str, Words]
    scale: float | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """Where the labels of a role stand: lines (rows above, or columns to the left) or an anchor.

    Lines count from 1, the block's first; `anchor` finds the line that holds a text, `offset` lines
    further on. `heads`: the labels are headings between the rows. `is_numbered`: a label that
    stands again further right is told apart by its number.
    """

    role: str
    lines: tuple[int, ...]
    anchor: Words | None
    offset: int
    join: str
    fill: str
    pattern: re.Pattern[str] | None
    heads: bool
    is_numbered: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact about the whole table is said: document title, file name, a cell, ..."""

    kind: str
    pattern: re.Pattern[str] | None
    words: Words | None
    row: int
    column: int
    constant: str
    is_optional: bool


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of table of a form."""

    number: int
    sheets: Words | None
    is_optional: bool
    when: tuple[Source, ...]
    expects: tuple[Source, ...]
    begins: re.Pattern[str] | None
    is_across: bool
    ends: re.Pattern[str] | None
    last_row: int | None
    is_count: bool
    dash: str
    is_strict: bool
    scale: float
    columns: tuple[Label, ...]
    rows: tuple[Label, ...]
    given: dict[str, tuple[Source, ...]]
    select: tuple[Select, ...]

    @property
    def roles(self) -> tuple[str, ...]:
        """Return every role that a number of such a table has."""
        return tuple(dict.fromkeys((*self.labelled, *self.given)))

    @property
    def labelled(self) -> tuple[str, ...]:
        """Return the roles that stand in the table itself, the opening line among it."""
        named = tuple(self.begins.groupindex) if self.begins else ()
        return (*(label.role for label in (*self.columns, *self.rows)), *named)


def read_kinds(form: Form, options: Mapping[str, Any], place: Place) -> tuple[Kind, ...]:
    """Return the kinds of tables of a form's options."""
    entries = take(options, "tables", list, place, [])
    if not entries:
        wrong(place, "a form with layout matrix needs [[options.tables]]")
    return tuple(
        _kind(number, entry, form, options, place.at("tables").at(number))
        for number, entry in enumerate(entries)
    )


def _kind(
    number: int, entry: Mapping[str, Any], form: Form, options: Mapping[str, Any], place: Place
) -> Kind:
    if not isinstance(entry, dict):
        wrong(place, f"expected a table, found {entry!r}")
    check_keys(entry, place, (), TABLE_KEYS)
    pattern = {
        key: pattern_of(entry[key], place.at(key)) if key in entry else None
        for key in ("begins", "ends")
    }
    both = {**{k: options[k] for k in ("dash", "scale", "count") if k in options}, **entry}
    kind = Kind(
        number=number,
        sheets=words_of(entry["sheets"], place.at("sheets")) if "sheets" in entry else None,
        is_optional=take(entry, "optional", bool, place, False),
        when=_sources(entry.get("when", []), place.at("when")),
        expects=_sources(entry.get("expects", []), place.at("expects")),
        begins=pattern["begins"],
        is_across=take(entry, "across", bool, place, False),
        ends=pattern["ends"],
        last_row=take(entry, "last_row", int, place, None),
        is_count=take(both, "count", bool, place, False),
        dash=take_word(both, "dash", DASH, place, "missing"),
        is_strict=take(entry, "strict", bool, place, False),
        scale=take(both, "scale", float, place, 1.0),
        columns=_labels(entry, "columns", place),
        rows=_labels(entry, "rows", place),
        given={
            role: _sources(found, place.at("given").at(role))
            for role, found in take(entry, "given", dict, place, {}).items()
        },
        select=read_select(entry, form, place.at("select")),
    )
    _check_kind(kind, place)
    return kind


def _check_kind(kind: Kind, place: Place) -> None:
    roles = kind.roles
    has_value = "value" in roles
    if kind.is_across and kind.begins is None:
        wrong(place.at("across"), "blocks side by side need a cell that begins each: begins")
    if kind.is_count and (kind.columns or has_value):
        wrong(place, "a table of events has neither columns of numbers nor a value")
    if not kind.is_count and not kind.columns and not has_value:
        wrong(place, "say where the numbers are: [columns], or a role 'value' in rows")
    if kind.columns and has_value:
        wrong(place, "with columns every labelled column holds numbers; leave out the role 'value'")
    for entry in kind.select:
        for role in entry.words:
            if role not in roles:
                wrong(place.at("select"), f"no label has the role '{role}'", role, roles)


def read_select(options: Mapping[str, Any], form: Form, place: Place) -> tuple[Select, ...]:
    """Return the labels by which a form's measures are known."""
    found = []
    for number, entry in enumerate(take(options, "select", list, place, [])):
        here = place.at(number)
        measure = take_word(entry, "measure", form.measures, here)
        roles = [role for role in entry if role not in ("measure", "scale", "optional")]
        found.append(
            Select(
                measure=measure,
                words={role: words_of(entry[role], here.at(role)) for role in roles},
                scale=take(entry, "scale", float, here, None),
                optional=take(entry, "optional", bool, here, False),
            )
        )
    return tuple(found)


def _labels(table: Mapping[str, Any], key: str, place: Place) -> tuple[Label, ...]:
    line, lines, anchor = {
        "columns": ("row", "rows", "beside"),
        "rows": ("column", "columns", "under"),
    }[key]
    extra = ("heads",) if key == "rows" else ()
    own = ("number",) if key == "columns" else ()
    found = []
    for role, entry in take(table, key, dict, place, {}).items():
        here = place.at(key).at(role)
        if not isinstance(entry, dict):
            wrong(here, f"expected a table such as {{{line} = …}}, found {entry!r}")
        ways = (line, lines, anchor, *extra)
        check_keys(entry, here, (), (*ways, *own, "offset", "join", "fill", "pattern"))
        if sum(way in entry for way in ways) != 1:
            wrong(here, f"say just one of {', '.join(ways)}")
        where = entry.get(line, entry.get("heads"))
        numbers = [where] if where is not None else take(entry, lines, list, here, [])
        found.append(
            Label(
                role=role,
                lines=tuple(_line(item, key, here) for item in numbers),
                anchor=words_of(entry[anchor], here.at(anchor)) if anchor in entry else None,
                offset=take(entry, "offset", int, here, 0),
                join=take(entry, "join", str, here, " / "),
                fill=take_word(entry, "fill", FILLS[key], here, ""),
                pattern=pattern_of(entry["pattern"], here.at("pattern"))
                if "pattern" in entry
                else None,
                heads="heads" in entry,
                is_numbered=take(entry, "number", bool, here, False),
            )
        )
    return tuple(found)


def _line(value: Any, key: str, place: Place) -> int:
    """Return a row's number, or a column's from its letters; both from 1."""
    if key == "columns":
        if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
            return value
        wrong(place, f"expected the number of a row from 1, found {value!r}")
    if not isinstance(value, str) or not re.fullmatch("[A-Z]{1,3}", value):
        wrong(place, f"expected the letters of a column such as 'D', found {value!r}")
    return column_number(value)


def column_number(letters: str) -> int:
    """Return the number of a column from its letters.

    >>> column_number("A"), column_number("AA")
    (1, 27)
    """
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _sources(value: Any, place: Place) -> tuple[Source, ...]:
    entries = value if isinstance(value, list) else [value]
    return tuple(_source(entry, place) for entry in entries)


def _source(entry: Any, place: Place) -> Source:
    if not isinstance(entry, dict):
        wrong(place, f"expected a table such as {{title = '/…/'}}, found {entry!r}")
    check_keys(entry, place, (), (*SOURCES, "pattern", "optional"))
    kinds = [kind for kind in SOURCES if kind in entry]
    if len(kinds) != 1:
        wrong(place, f"say just one of {', '.join(SOURCES)}")
    kind = kinds[0]
    value = take(entry, kind, str, place)
    row = column = 0
    pattern, words = None, None
    if kind in ("title", "file", "sheet", "found"):
        pattern = pattern_of(value, place.at(kind))
    elif "pattern" in entry:
        pattern = pattern_of(entry["pattern"], place.at("pattern"))
    if kind == "cell":
        if not (found := CELL.fullmatch(value)):
            wrong(place.at(kind), f"expected a cell such as 'A2', found '{value}'")
        row, column = int(found[2]), column_number(found[1])
    if kind == "right_of":
        words = words_of(value, place.at(kind))
    optional = take(entry, "optional", bool, place, False)
    return Source(kind, pattern, words, row, column, value, optional)
