"""Which numbers with which labels do the blocks of a published workbook hold?

Every layout ends here as long cells with roles. What they mean, unit, month and measure, is worked
out behind it in the same way as for flat tables.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from data.returns.flat_book import Book, Sheet, open_book, read_sheets
from data.returns.flat_findings import Found
from data.returns.flat_layout import Layout, named
from data.returns.flat_table import TEXTS, guarded
from data.returns.flat_text import ends_open, read_text_rows
from data.returns.flat_whole import open_end, short_rows
from data.returns.flat_words import plain
from data.returns.matrix_blocks import (
    Area,
    Grid,
    Labels,
    Lacking,
    at,
    find_areas,
    grid_of,
    is_text,
    place_name,
    read_labels,
)
from data.returns.matrix_complete import Missing, cut_labels, missing_labels
from data.returns.matrix_given import (
    Context,
    Meaning,
    Said,
    given_value,
    is_about_file,
    unmet,
    unmet_finding,
)
from data.returns.matrix_layout import Kind

CELLS = {
    "row": pl.Int64,
    "place": pl.Int64,
    "sheet": pl.String,
    "text": pl.String,
    "kind": pl.Int64,
    "block": pl.Int64,
    "scale": pl.Float64,
    "dash": pl.String,
    "is_formula": pl.Boolean,
    "is_text": pl.Boolean,
    "part": pl.String,
    "unit_cell": pl.String,
    "period_cell": pl.String,
}


# The labels of a row by role, each with its place.
Spoken = dict[str, tuple[str, tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class File:
    """A file that may be read: a workbook, or the one sheet of a text file."""

    path: Path
    book: Book | None
    text: Sheet | None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the sheets, none in a text file."""
        return self.book.names if self.book else ()

    @property
    def is_open(self) -> bool:
        """Whether a text file lacks its last line end."""
        return self.text is not None and self.path.suffix.lower() in TEXTS and ends_open(self.path)

    @property
    def title(self) -> str | None:
        """The document title, where there is one."""
        return self.book.title if self.book else None


def open_file(path: Path, layout: Layout) -> File:
    """Return a file ready to be read.

    Raises:
        FileError: it is not there, must not be opened, or is no table.
    """
    if path.suffix.lower() in TEXTS:
        rows = guarded(path, lambda: read_text_rows(path, layout.encoding))
        return File(path, None, Sheet(None, rows))
    if path.suffix.lower() == ".parquet":
        frame = guarded(path, lambda: pl.read_parquet(path))
        return File(path, None, Sheet(None, [frame.columns, *map(list, frame.iter_rows())]))
    return File(path, guarded(path, lambda: open_book(path)), None)


def read_matrix(
    path: Path, layout: Layout, meaning: Meaning, given: frozenset[str], found: list[Found]
) -> pl.DataFrame:
    """Return one row a cell of every block: its labels as roles, its text, where it stands.

    `given` holds the roles that the command line answers: unit, period.
    """
    file = open_file(path, layout)
    context = Context(path, file.title)
    kinds = [kind for kind in layout.kinds if not unmet(_of_file(kind.when), context)]
    sheets = {sheet.name: sheet for sheet in _sheets(file, kinds)}
    grids = {name: grid_of(sheet) for name, sheet in sheets.items()}
    frames = []
    meant = False
    if file.text is not None:
        found += open_end(path, file.text.rows, found)
    for kind in kinds:
        chosen = [name for name in sheets if name is None or _is_of(kind, name)]
        contexts = [Context(path, file.title, name, grids[name]) for name in chosen]
        if chosen and all(unmet(kind.when, here) for here in contexts):
            continue
        meant = True
        missing = [test for test in _of_file(kind.expects) if unmet((test,), context)]
        found += [unmet_finding(test, context) for test in missing]
        if missing:
            continue
        reader = _Reader(kind, layout, meaning, given, found, file.is_open)
        if not chosen and not kind.is_optional:
            found.append(_no_sheet(kind, file))
        is_read = False
        for name, here in zip(chosen, contexts, strict=True):
            rows = list(reader.sheet_rows(sheets[name], here))
            is_read = is_read or bool(rows) or kind.sheets is not None
            frames.append(_frame(rows))
        if chosen and not is_read and not kind.is_optional:
            found.append(Found("mandatory", "no_block", _block_words(kind), fix="no_block"))
    if not meant:
        found.append(Found("mandatory", "no_kind", {"value": path.name}, fix="no_kind"))
    cells = pl.concat([_frame([]), *frames], how="diagonal")
    return _events(_without(cells, layout), layout)


def _of_file(tests: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(test for test in tests if is_about_file(test))


def _is_of(kind: Kind, name: str) -> bool:
    return kind.sheets is None or kind.sheets.match(name)


def _sheets(file: File, kinds: list[Kind]) -> list[Sheet]:
    """Return the sheets that any kind of table asks for; the others are never unpacked."""
    if file.text is not None:
        return [file.text]
    book = file.book
    if book is None:
        return []
    wanted = {name for name in book.names if any(_is_of(kind, name) for kind in kinds)}
    return guarded(file.path, lambda: read_sheets(book, wanted.__contains__))


def _no_sheet(kind: Kind, file: File) -> Found:
    wanted = kind.sheets.written if kind.sheets else ""
    values = {"value": wanted, "sheets": ", ".join(file.names) or "–"}
    return Found("mandatory", "no_sheet", values, fix="no_sheet", place={"sheet": wanted})


def _block_words(kind: Kind) -> dict[str, str]:
    anchors = [label.anchor.written for label in (*kind.columns, *kind.rows) if label.anchor]
    begins = [f"/{kind.begins.pattern}/"] if kind.begins else []
    return {"value": " · ".join([*begins, *anchors])}


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the sheets of one kind of table; what is wrong goes to `found`."""

    kind: Kind
    layout: Layout
    meaning: Meaning
    given: frozenset[str]
    found: list[Found]
    is_open: bool

    def sheet_rows(self, sheet: Sheet, context: Context) -> Iterator[dict[str, Any]]:
        """Yield the cells of every block of a sheet as rows of CELLS with labels."""
        kind, grid = self.kind, context.grid or []
        if unmet(kind.when, context):
            return
        missing = unmet(kind.expects, context)
        self.found.extend(unmet_finding(test, context) for test in missing)
        if missing:
            return
        areas = find_areas(grid, kind)
        if not areas and kind.sheets is not None and not kind.is_optional:
            place = {"sheet": context.sheet}
            self.found.append(Found("mandatory", "no_block", _block_words(kind), "no_block", place))
        said = self._given(context) if areas else None
        for number, area in enumerate(areas if said is not None else []):
            labels = read_labels(grid, sheet, area, kind)
            if isinstance(labels, list):
                if kind.sheets is not None or kind.begins is not None:
                    self._lacks(labels, context)
                continue
            self._whole(sheet, labels)
            yield from self._rows(sheet, grid, area, labels, number, said or {})
            self._complete(labels, area, context.sheet)

    def _given(self, context: Context) -> dict[str, Said] | None:
        """Return what is said once for the sheet; None when a unit or month is said by nobody."""
        before = len(self._blocking())
        said = {}
        for role, sources in self.kind.given.items():
            value = given_value(role, sources, context, self.meaning, self.found)
            if value is not None:
                said[role] = value
        known = {*said, *self.given, *self.kind.labelled}
        for role, stands_for in (("unit", {"unit"}), ("period", {"period", "year"})):
            if not known & {role, *stands_for} and len(self._blocking()) == before:
                key = f"unsaid_{role}"
                values = {"value": context.title or context.path.name}
                place = {"sheet": context.sheet}
                self.found.append(Found("mandatory", key, values, key, place))
        return said if len(self._blocking()) == before else None

    def _blocking(self) -> list[Found]:
        return [item for item in self.found if item.severity == "mandatory"]

    def _lacks(self, lacking: list[Lacking], context: Context) -> None:
        if self.kind.is_optional:
            return
        for item in lacking:
            place = {"sheet": context.sheet, "cell": place_name(item.place)}
            values = {"value": item.wanted, "role": item.role}
            self.found.append(Found("mandatory", "no_anchor", values, "no_anchor", place))

    def _rows(
        self,
        sheet: Sheet,
        grid: Grid,
        area: Area,
        labels: Labels,
        number: int,
        said: dict[str, Said],
    ) -> Iterator[dict[str, Any]]:
        base: dict[str, Any] = {
            "sheet": sheet.name,
            "kind": self.kind.number,
            "block": number,
            "scale": self.kind.scale,
            "dash": self.kind.dash,
            "unit_cell": None,
            "period_cell": None,
        }
        for role, item in said.items():
            base[named(role)] = item.value
        for role, text in area.named.items():
            base[named(role)] = text
            if role in ("unit", "period") and area.opening:
                base[f"{role}_cell"] = place_name(area.opening)
        columns = {column: _spoken(above) for column, above in labels.columns.items()}
        if labels.value:
            columns = {labels.value: {}}
        for row, beside in labels.rows.items():
            line = base | _spoken(beside)
            self._agree(beside, said, sheet.name)
            if self.kind.is_count:
                place = min((spot[1] for _, spot in beside.values()), default=area.left)
                yield line | {"row": row, "place": place - 1, "text": "1", "is_formula": False}
                continue
            for column, above in columns.items():
                yield line | above | {
                    "row": row,
                    "place": column - 1,
                    "text": at(grid, row, column),
                    "is_formula": (row, column) in sheet.formulas,
                    "is_text": is_text(sheet, row, column),
                }  # fmt: skip

    def _agree(self, labels: Spoken, said: dict[str, Said], sheet: str | None) -> None:
        """List a row's labels that contradict what is said of the whole table, each once."""
        skip = self.layout.skip
        if any(role in labels and words.match(labels[role][0]) for role, words in skip.items()):
            return
        # A unit or month of the whole table stands in where a row names none.
        for role in labels.keys() & said.keys() - {"unit", "period"}:
            text, place = labels[role]
            if plain(text) == plain(said[role].value):
                continue
            values = {"value": text, "other": said[role].value}
            spot = {"sheet": sheet, "cell": place_name(place)}
            known = [item.values.get("value") for item in self.found if item.key == "contrary_row"]
            if text not in known:
                self.found.append(Found("mandatory", "contrary_row", values, "contrary", spot))

    def _whole(self, sheet: Sheet, labels: Labels) -> None:
        """List the rows of a text file that end before the last labelled column.

        A note has no number and may be short, unless the file was cut behind it.
        """
        if sheet.name is not None or self.layout.is_short_blank:
            return
        numbers = [*labels.columns, *([labels.value] if labels.value else [])]
        width = max((*numbers, *(labels.lines if self.kind.is_count else ())), default=0)
        last = max((n for n, row in enumerate(sheet.rows, 1) if any(row)), default=0)
        short = [
            (row, len(sheet.rows[row - 1]))
            for row in labels.rows
            if len(sheet.rows[row - 1]) < width
            and (row == last and self.is_open or any(at(sheet.rows, row, c) for c in numbers))
        ]
        self.found.extend(short_rows(short, width, last))

    def _complete(self, labels: Labels, area: Area, sheet: str | None) -> None:
        """List the labels of the table's own measures that a block lacks."""
        said = frozenset((*self.kind.given, *area.named))
        measures: dict[Missing, list[str]] = {}
        for item, measure in missing_labels(labels, area, self.kind, said):
            measures.setdefault(item, []).append(measure)
        many, few = cut_labels(measures, max(labels.rows, default=area.top), sheet)
        self.found.extend(many)
        for item in few:
            codes = measures[item]
            values = {"value": item.wanted, "role": item.role, "hint": item.hint}
            values["measure"] = ", ".join(codes)
            spot = {"sheet": sheet, "cell": place_name(item.place), "measure": codes[0]}
            self.found.append(Found("mandatory", item.key, values, "no_label", spot))


def _spoken(labels: dict[str, tuple[str, tuple[int, int]]]) -> dict[str, Any]:
    """Return labels as columns of a row, with the cells of those that name unit or month."""
    found: dict[str, Any] = {named(role): text for role, (text, _) in labels.items()}
    for role in ("unit", "period", "year", "month"):
        if role in labels:
            key = "unit_cell" if role == "unit" else "period_cell"
            found[key] = place_name(labels[role][1])
    return found


def _frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    names = dict.fromkeys(name for row in rows for name in row if name not in CELLS)
    return pl.DataFrame(rows, schema=CELLS | dict.fromkeys(names, pl.String), orient="row")


def _without(cells: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """Leave out the rows that a form keeps out or skips."""
    for role, words in layout.keep.items():
        if named(role) in cells.columns:
            cells = cells.filter(_says(cells, named(role), words))
    for role, words in layout.skip.items():
        if named(role) in cells.columns:
            cells = cells.filter(~_says(cells, named(role), words))
    return cells


def _says(cells: pl.DataFrame, column: str, words: Any) -> pl.Series:
    known = [text for text in cells[column].unique() if words.match(text)]
    return cells[column].is_in(known).fill_null(value=False)


def _events(cells: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """Count the rows of tables of events by all their labels; other cells stay."""
    counted = [kind.number for kind in layout.kinds if kind.is_count]
    is_event = pl.col("kind").is_in(counted)
    events = cells.filter(is_event)
    if not events.height:
        return cells
    labels = [name for name in cells.columns if name not in CELLS]
    grouped = events.group_by("sheet", "kind", *labels, maintain_order=True).agg(
        pl.exclude("sheet", "kind", "text", "part", *labels).first(),
        text=pl.len().cast(pl.String),
    )
    # A sheet that repeats the months of another is no part of them: its counts must be the same.
    part = pl.concat_str(*labels, separator="|", ignore_nulls=True)
    grouped = grouped.with_columns(part=part)
    return pl.concat([cells.filter(~is_event), grouped.select(cells.columns)])
