"""How many cases would a group have, if each kind of its cases fared as it does in all groups?

Indirect standardisation: the expected cases of a group are, over the strata (crime types, age
groups), its denominator times the rate of the stratum in all groups together. Observed over
expected then compares groups whatever mix they have; over all groups both sums are the same.

Source: Breslow and Day 1987, Statistical methods in cancer research II, chapter 2.
"""

import polars as pl


def expected_cases(rows: pl.DataFrame) -> pl.DataFrame:
    """Return `group, numerator, denominator`: the observed and the expected cases of each group.

    Needs: `group, stratum, numerator, denominator`; rows of one group and stratum are added.
    Rows: one a group, in the order of their first rows. A stratum without any denominator expects
    nothing.

    >>> rows = pl.DataFrame({"group": ["a", "a", "b"], "stratum": ["theft", "fraud", "theft"],
    ...                      "numerator": [30.0, 1.0, 20.0], "denominator": [50.0, 10.0, 50.0]})
    >>> expected_cases(rows)["denominator"].to_list()
    [26.0, 25.0]
    """
    of_stratum = [pl.col(name).sum().over("stratum") for name in ("numerator", "denominator")]
    rate = pl.when(of_stratum[1] > 0).then(of_stratum[0] / of_stratum[1]).otherwise(0.0)
    return (
        rows.with_columns(expected=pl.col("denominator") * rate)
        .group_by("group", maintain_order=True)
        .agg(pl.col("numerator").sum(), denominator=pl.col("expected").sum())
    )
