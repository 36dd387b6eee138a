"""Which groups does a table hold that somebody wants to see in a funnel?"""

from pathlib import Path

import numpy as np
import polars as pl

from data.said import SpokenError
from metrics.funnel_limits import Funnel, shown_denominator
from metrics.standardise import expected_cases
from verbs.csv_table import Line, number, read_table, short

PARTS = ("numerator", "denominator")
#: Figures outside these are slips, and their squares would have no number.
SMALLEST, LARGEST = 1e-6, 1e15


def read_groups(
    path: str, funnel: Funnel, group: str = "group", stratum: str | None = None
) -> tuple[pl.DataFrame, list[str]]:
    """Return `group, numerator, denominator`, rows of one group pooled, and groups left out.

    Needs: a column that names the groups, called `group` unless told. Left out are groups that
    have no denominator: they have no ratio. With a column of strata the denominators are the cases
    that each group's mix leads to expect.
    """
    names = [group, stratum] if stratum else [group]
    name = Path(path).name
    rows = [_row(line, name, names) for line in read_table(path, [*names, *PARTS])]
    if not rows:
        raise SpokenError(key="analyse.error.empty", file=name)
    schema = {"group": pl.String, "stratum": pl.String, **dict.fromkeys(PARTS, pl.Float64)}
    known = pl.DataFrame([row for row in rows if None not in row], schema=schema, orient="row")
    if stratum:
        _check_strata(known, name)
        pooled = expected_cases(known)
    else:
        pooled = known.group_by("group", maintain_order=True).agg(pl.col(PARTS).sum())
    used = shown_denominator(pooled["denominator"].to_numpy(), funnel)
    kept = pooled.filter(pl.Series(used > 0, dtype=pl.Boolean))
    _check(kept, funnel, name)
    found = set(kept["group"])
    return kept, [group for group in dict.fromkeys(row[0] for row in rows) if group not in found]


def _row(line: Line, file: str, names: list[str]) -> tuple:
    """Return group, stratum, numerator and denominator of a row; what is not a count is refused."""
    cells = line.cells
    for column in names:
        if not cells[column]:
            values = {"file": file, "line": line.number, "column": column}
            raise SpokenError(key="analyse.error.blank", **values)
    numbers = []
    for column in PARTS:
        value = number(cells[column], file, line.number, column)
        values = {"file": file, "line": line.number, "column": column}
        if value is not None and value < 0:
            raise SpokenError(key="analyse.error.negative", **values, found=short(cells[column]))
        if value and not SMALLEST <= value <= LARGEST:
            raise SpokenError(key="analyse.error.size", **values, found=short(cells[column]))
        numbers.append(value)
    return cells[names[0]], cells[names[1]] if len(names) > 1 else "", *numbers


def _check_strata(rows: pl.DataFrame, file: str) -> None:
    """Refuse cases of a stratum that has no denominator in any group: nothing expects them."""
    sums = rows.group_by("stratum", maintain_order=True).agg(pl.col(PARTS).sum())
    lost = sums.filter((pl.col("numerator") > 0) & (pl.col("denominator") <= 0))["stratum"]
    if len(lost):
        raise SpokenError(key="analyse.error.stratum", file=file, stratum=short(lost[0]))


def _check(groups: pl.DataFrame, funnel: Funnel, file: str) -> None:
    """Refuse groups that no funnel can be drawn of."""
    is_ratio = funnel.kind == "SR"  # its level is 1, whatever the groups are
    if groups.height < (1 if is_ratio else 2):
        raise SpokenError(key="analyse.error.groups", file=file, count=groups.height)
    over = groups.filter(pl.col("numerator") > pl.col("denominator"))["group"]
    if funnel.kind == "PR" and len(over):
        raise SpokenError(key="analyse.error.proportion", file=file, group=short(over[0]))
    if not is_ratio and not np.any(groups["numerator"].to_numpy() > 0):
        raise SpokenError(key="analyse.error.nothing", file=file)
