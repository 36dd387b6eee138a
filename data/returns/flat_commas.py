"""Does a comma in a table part thousands or decimals?

1,234 is a thousand to some publishers and little more than one to others. Other numbers of the
same file tell, or the form says it (`decimal`); where neither does, the reading is named.
"""

import polars as pl

from data.definition_types import Catalog
from data.returns.flat_findings import DECIMAL_COMMA, Found

# One comma with three digits behind it: thousands, or three decimals.
EITHER = r"^\s*[+-]?[1-9]\d{0,2},\d{3}\s*%?\s*$"
# Two commas, a point behind a comma, or one or two decimals behind a point: commas are thousands.
THOUSANDS = (
    r"^\s*[+-]?(?:\d{1,3}(?:,\d{2,3}){2,}(?:\.\d+)?|[\d,]+,\d{3}\.\d+|\d+\.\d{1,2})\s*%?\s*$"
)


def check_commas(cells: pl.DataFrame, catalog: Catalog, found: list[Found]) -> None:
    """List numbers whose comma may part decimals, once a measure.

    Where another number of the file has a decimal comma nothing is read; where no number of the
    file tells and the measure has decimals, the reading is asked about.

    Needs: text (as written), measure_code, cell.
    """
    either = cells.filter(pl.col("text").str.contains(EITHER))
    if not either.height:
        return
    is_decimal = [bool(DECIMAL_COMMA.match(text.strip())) for text in cells["text"].fill_null("")]
    proof = cells.filter(pl.Series(is_decimal, dtype=pl.Boolean))
    is_told = cells["text"].str.contains(THOUSANDS).fill_null(value=False).any()
    for (code,), rows in either.group_by("measure_code", maintain_order=True):
        first = rows.row(0, named=True)
        values = {"value": first["text"], "count": rows.height}
        if proof.height:
            other = proof.row(0, named=True)
            values |= {"other": other["text"], "where": other["cell"]}
            found.append(Found.at(first, "mandatory", "either", values, "comma"))
        elif catalog.measures[code].decimals and not is_told:
            number = first["text"].strip().replace(",", "")
            found.append(
                Found.at(first, "query", "thousands", values | {"number": number}, "comma")
            )
