"""Which number does a cell of a published table hold?"""

import re
import unicodedata

import polars as pl

from data.returns.flat_findings import Found
from data.returns.flat_layout import Layout
from data.returns.flat_words import FOOTNOTES, plain

DASH_ALONE = "-"
# Thousands stand in threes at the end (1,234,567; 12,34,567; 1 234) and never behind a nought:
# 12,5 is twelve and a half to some and a slip to others, so it is no number unless the form says.
_GROUPED = re.compile(r"[+-]? ?[1-9]\d{0,2}(?:(?:, ?| )\d{2,3})*(?:, ?| )\d{3}(?:\.\d+)? ?%?")
# The same where the form says that a comma parts the decimals: 1.234,5 and 1 234,5.
_COMMA = re.compile(r"[+-]? ?(?:[1-9]\d{0,2}(?:[. ]\d{3})+|\d+)(?:,\d+)? ?%?")


def numbers(texts: pl.Series, is_comma: bool = False) -> pl.Series:
    """Return numbers from text, whatever their width, separators, footnote signs and percent sign.

    `is_comma`: the file writes decimals behind a comma.

    >>> numbers(pl.Series(["1,234", "１２", "-", None, "many", "inf", "NaN"])).to_list()
    [1234.0, 12.0, None, None, None, None, None]
    >>> numbers(pl.Series(["25¹", "7 *", "12(r)", "95.9%"])).to_list()
    [25.0, 7.0, 12.0, 95.9]
    >>> numbers(pl.Series(["1 234.5", "12,34,567", "558,5", "12 34"])).to_list()
    [1234.5, 1234567.0, None, None]
    >>> numbers(pl.Series(["12,5", "1.234,5", "1,234", "1.234", "12.5"]), is_comma=True).to_list()
    [12.5, 1234.5, 1.234, 1234.0, None]
    """
    plain_numbers = texts.cast(pl.Float64, strict=False)
    if is_comma:
        has_point = texts.str.contains(".", literal=True).fill_null(value=False)
        plain_numbers = pl.select(pl.when(~has_point).then(plain_numbers)).to_series()
    plain_numbers = pl.select(pl.when(plain_numbers.is_finite()).then(plain_numbers)).to_series()
    odd = texts.filter(plain_numbers.is_null() & texts.is_not_null()).unique()
    if not odd.len():
        return plain_numbers
    read = {}
    for text in odd:
        bare = FOOTNOTES.sub("", text.strip())
        written = unicodedata.normalize("NFKC", bare).strip()
        if is_comma:
            if not _COMMA.fullmatch(written):
                continue
            written = written.replace(".", "").replace(" ", "").replace(",", ".")
        elif _GROUPED.fullmatch(written):
            written = written.replace(",", "").replace(" ", "")
        try:
            value = float(written.removesuffix("%"))
        except ValueError:
            continue
        if abs(value) < float("inf"):
            read[text] = value
    extra = texts.replace_strict(read, default=None, return_dtype=pl.Float64)
    return pl.select(pl.coalesce(plain_numbers, extra)).to_series()


def written_numbers(
    cells: pl.DataFrame, layout: Layout, found: list[Found], is_text: bool = False
) -> pl.DataFrame:
    """Add `number`: dashes as the form reads them, scaled; formulas and blanks are asked about.

    `is_text`: a text file, in which decimals may stand behind a comma where the form says so.

    Needs: text, cell; of blocks also dash, scale, own_scale, is_formula, kind.
    """
    is_block = "block" in cells.columns
    dash = pl.col("dash") if is_block else pl.lit(layout.dash)
    alone = [text for text in cells["text"].unique().drop_nulls() if plain(text) == DASH_ALONE]
    is_dash = pl.col("text").is_in(alone)
    text = pl.when(is_dash & (dash == "zero")).then(pl.lit("0")).otherwise("text")
    cells = cells.with_columns(text=text)
    scale = pl.col("scale") if is_block else pl.lit(layout.scale)
    if "own_scale" in cells.columns:
        scale = pl.coalesce("own_scale", scale)
    is_comma = layout.decimal == "comma" and is_text
    number = pl.lit(numbers(cells["text"], is_comma))
    # Fourteen digits take back what a product of fractions adds at the end.
    # A number with a percent sign is in percent already.
    is_whole = (scale == 1) | ((scale == 100) & pl.col("text").str.contains(r"[%％]\s*$"))
    product = (number * scale).round_sig_figs(14)
    scaled = pl.when(is_whole.fill_null(value=False)).then(number).otherwise(product)
    cells = cells.with_columns(number=scaled)
    if is_block:
        _ask(cells, layout, found)
    if is_block and layout.all_zero == "missing" and cells.height:
        is_silent = (pl.col("number").fill_null(0) == 0).all().over("sheet", "kind", "block", "row")
        cells = cells.filter(~is_silent)
    return cells


def _ask(cells: pl.DataFrame, layout: Layout, found: list[Found]) -> None:
    """Ask about formulas, numbers kept as text, and blank cells of a table's own measures."""
    for row in cells.filter("is_formula", pl.col("number").is_not_null()).iter_rows(named=True):
        found.append(Found.at(row, "query", "formula", {"value": row["text"]}, fix="formula"))
    strict = [kind.number for kind in layout.kinds if kind.is_strict]
    is_digits = pl.col("text").str.contains(r"^\s*-?\d[\d\s]*(?:[.,]\d+)*\s*$")
    for row in cells.filter("is_text", is_digits).iter_rows(named=True):
        severity = "mandatory" if row["kind"] in strict else "query"
        found.append(Found.at(row, severity, "as_text", {"value": row["text"]}, fix="as_text"))
    own = [kind.number for kind in layout.kinds if kind.select]
    blank = cells.filter(pl.col("text").is_null() & pl.col("kind").is_in(own))
    for row in blank.iter_rows(named=True):
        if row["kind"] in strict:
            found.append(Found.at(row, "mandatory", "gap", {}, fix="blank"))
        else:
            found.append(Found.at(row, "query", "blank", {}, fix="blank"))
