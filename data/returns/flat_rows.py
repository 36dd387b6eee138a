"""Which cells of a published table hold numbers, and of which measure?"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import polars as pl

from data.definition_types import Catalog, Form
from data.returns.flat_findings import Found
from data.returns.flat_layout import Layout, Shape, measure_names, named
from data.returns.flat_numbers import numbers
from data.returns.flat_whole import short_rows
from data.returns.flat_words import Words, plain
from data.returns.matrix_layout import Select

# Between year and month of their own, where no text has it.
SEPARATOR = "\x1f"
# So many headings and measures a question names.
FEW = 3


@dataclass(frozen=True, slots=True)
class Part:
    """The number cells that a table contributes, and how many rows it has."""

    kept: pl.DataFrame
    rows: int


def table_cells(
    shape: Shape, layout: Layout, form: Form, catalog: Catalog, found: list[Found]
) -> Part:
    """Return one row a number cell: who, when, what (as text), and where it stands."""
    table = shape.table
    rows = table.rows
    total = rows.height
    for role, words in layout.keep.items():
        rows = rows.filter(says(rows, f"c{shape.places[role]}", words))
    for role, words in layout.skip.items():
        rows = rows.filter(~says(rows, f"c{shape.places[role]}", words))
    if not layout.is_short_blank:
        kept = set(rows["row"])
        short = [item for item in table.short if item[0] in kept]
        found += short_rows(short, len(table.headings), table.rows["row"][-1] if short else 0)
    if layout.all_zero == "missing" and shape.spread:
        rows = _telling_rows(rows, shape, found)
    _ask_about_headings(shape, layout, form, catalog, found)
    roles = [label_of(shape, layout, role).alias(named(role)) for role in shape.places]
    base = [pl.col("row"), *roles]
    if shape.kind == "long":
        place = shape.places["value"]
        cells = rows.select(base).with_columns(place=pl.lit(place, pl.Int64))
        cells = cells.with_columns(text=pl.col("value")).drop("value")
    else:
        pieces = [
            rows.select(*base, pl.col(f"c{place}").alias("text")).with_columns(
                pl.lit(place, pl.Int64).alias("place"),
                pl.lit(key).alias("month" if shape.kind == "months" else "measure_code"),
            )
            for place, key in shape.spread.items()
        ]
        cells = pl.concat(pieces)
        if shape.kind == "months":
            cells = cells.with_columns(period=pl.col("month").cast(pl.String)).drop("month")
    cells = with_measures(with_period_text(cells), layout, form, catalog)
    # A fault of a unit or month is shown at its own cell, not at the number's.
    told = {"unit": shape.places.get("unit")}
    told["period"] = shape.places.get("period", shape.places.get("month"))
    at = {f"{role}_at": pl.lit(place, pl.Int64) for role, place in told.items()}
    return Part(cells.with_columns(sheet=pl.lit(table.sheet, pl.String), **at), total)


def label_of(shape: Shape, layout: Layout, role: str) -> pl.Expr:
    """Return the words of a role: those of its column, or of several put together."""
    together = [pl.col(f"c{shape.places[part]}") for part in layout.joined.get(role, (role,))]
    return pl.concat_str(together, separator=" ") if len(together) > 1 else together[0]


def _telling_rows(rows: pl.DataFrame, shape: Shape, found: list[Found]) -> pl.DataFrame:
    """Return the rows that have any number but zero outside the columns that describe the row."""
    places = [place for place in shape.spread if place not in shape.places.values()]
    is_zero = [pl.col(f"c{place}").cast(pl.Float64, strict=False) == 0 for place in places]
    is_text = [pl.col(f"c{place}").is_null() for place in places]
    silent = [zero.fill_null(False) | blank for zero, blank in zip(is_zero, is_text, strict=True)]
    kept = rows.filter(~pl.all_horizontal(silent))
    if kept.height < rows.height:
        left = {"count": rows.height - kept.height}
        found.append(Found("info", "all_zero", left, fix="all_zero"))
    return kept


def _ask_about_headings(
    shape: Shape, layout: Layout, form: Form, catalog: Catalog, found: list[Found]
) -> None:
    """Ask about headings of numbers that nobody knows where measures of the form have no column.

    A heading that was spelt anew would otherwise lose its measure without a word.
    """
    lacking = [code for code in form.measures if code not in shape.spread.values()]
    if shape.kind != "measures" or not lacking:
        return
    known = {plain(word) for words in layout.columns.values() for word in words}
    strange = [
        place
        for place, heading in enumerate(shape.table.headings)
        if heading and place not in shape.spread and plain(heading) not in known
    ]
    rows = shape.table.rows
    strange = [place for place in strange if numbers(rows[f"c{place}"]).is_not_null().any()]
    if strange and rows.height:
        first = {"place": strange[0], "row": rows["row"][0] - 1, "sheet": shape.table.sheet}
        words = {
            lang: ", ".join(catalog.measures[code].name.get(lang) for code in lacking[:FEW])
            for lang in ("zh", "en")
        }
        headings = [shape.table.headings[place] for place in strange]
        value = {"value": ", ".join(headings[:FEW]), "count": len(lacking)}
        asked = Found.at(first, "query", "heading", value, fix="heading")
        found.append(replace(asked, words={"measures": words}))


def with_period_text(cells: pl.DataFrame) -> pl.DataFrame:
    """Put year and month of their own together as the text of a period."""
    if "period" in cells.columns or "year" not in cells.columns:
        return cells
    if "month" not in cells.columns:
        return cells.rename({"year": "period"})
    both = pl.concat_str(pl.col("year", "month").str.strip_chars(), separator=SEPARATOR)
    return cells.with_columns(period=both)


def with_measures(
    cells: pl.DataFrame, layout: Layout, form: Form, catalog: Catalog
) -> pl.DataFrame:
    """Add `measure_code`, null where a row is none of the form's measures, and its `label`.

    Of several selects that fit the first one holds; those of a kind of table go before all others.
    Where neither the kind of table nor the form selects, the role `measure` names the measure.
    """
    if "measure_code" in cells.columns:
        return cells.with_columns(label=pl.col("measure_code"))
    is_block = "kind" in cells.columns
    choices: list[tuple[int | None, Select]] = []
    if is_block:
        choices += [(kind.number, item) for kind in layout.kinds for item in kind.select]
    choices += [(None, item) for item in layout.select]
    code, scale = pl.lit(None, pl.String), pl.lit(None, pl.Float64)
    if "measure" in cells.columns and not layout.select:
        names = measure_names(form, catalog)
        code = pl.lit(mapped(cells, "measure", lambda text: names.get(plain(text))))
        if is_block:
            selecting = [kind.number for kind in layout.kinds if kind.select]
            code = pl.when(~pl.col("kind").is_in(selecting)).then(code)
    if not choices:
        return cells.with_columns(measure_code=code, label=pl.col("measure"))
    matches: dict[tuple[str, Words], pl.Series] = {}
    for number, item in reversed(choices):
        for role, words in item.words.items():
            if (role, words) not in matches:
                matches[role, words] = says(cells, named(role), words)
        is_it = pl.all_horizontal([pl.lit(matches[pair]) for pair in item.words.items()])
        if number is not None:
            is_it &= pl.col("kind") == number
        code = pl.when(is_it).then(pl.lit(item.measure)).otherwise(code)
        scale = pl.when(is_it).then(pl.lit(item.scale, pl.Float64)).otherwise(scale)
    roles = dict.fromkeys(named(role) for _, item in choices for role in item.words)
    roles |= {"measure": None}
    there = [role for role in roles if role in cells.columns]
    label = pl.concat_str(there, separator=" · ", ignore_nulls=True) if there else pl.lit("")
    return cells.with_columns(measure_code=code, label=label, own_scale=scale)


def missing_measures(cells: pl.DataFrame, layout: Layout) -> list[Found]:
    """Return a finding for each measure whose labels stand nowhere in a file of blocks."""
    if not cells.height:
        return []
    there = set(cells["measure_code"].unique())
    return [
        Found("mandatory", "no_measure", {"value": item.measure, "labels": labels}, "no_label")
        for item in layout.select
        if not item.optional and item.measure not in there
        for labels in [" · ".join(words.written for words in item.words.values())]
    ]


def says(frame: pl.DataFrame, column: str, words: Words) -> pl.Series:
    """Return for each row whether a text column says one of the words."""
    if column not in frame.columns:
        return pl.Series(column, [False] * frame.height, dtype=pl.Boolean)
    found = mapped(frame, column, words.match).cast(pl.Boolean)
    return found.fill_null(value=False)


def mapped(frame: pl.DataFrame, column: str, work: Callable[[str], object]) -> pl.Series:
    """Return a text column put through a function, which sees each distinct word once."""
    words = frame[column].unique().drop_nulls()
    found = pl.DataFrame({"word": words, "result": [work(word) for word in words]}, strict=False)
    if not words.len():
        return pl.Series(column, [None] * frame.height, dtype=pl.String)
    key = frame.select(word=pl.col(column))
    result = key.join(found, on="word", how="left", maintain_order="left")["result"].alias(column)
    # Where no word means anything there is not even a type.
    return result.cast(pl.String) if result.dtype == pl.Null else result
