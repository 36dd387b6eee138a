"""A bureau whose structure changes, written as small text tables."""

from dataclasses import replace

import polars as pl

from data.definition_types import Catalog, Parent, Succession, Text, Unit
from data.schema import FACTS, conform
from data.unit_checks import check_units
from metrics.compare import compare_figures
from metrics.cube import Cube, build_cube
from metrics.figures import compute_figures
from tests.metrics.small import VINTAGE, catalog, m

LEVELS = {"own": "county_own", "small": "county_small"}


def bureau(units: str, steps: str = "") -> Catalog:
    """Return the default definitions on units written as `unit | parents | life`.

    Parents are `a` or, dated, `a to 2024-04, b`; life is `2024-04 to` or `to 2024-04`. Depth makes
    the level: the city, counties, stations; `a-own` and `a-small` are what they say. Steps are
    `2024-04: a1 = a2 0.3 + a3 0.7`.
    """
    known, parents = [], []
    for place, line in enumerate(units.strip().splitlines()):
        code, above, life = [part.strip() for part in f"{line} | |".split("|")][:3]
        links = _links(code, above)
        level = "city" if not links else "county" if links[0].parent == "c" else "station"
        level = LEVELS.get(code.split("-")[-1], level) if "-" in code else level
        level = "city_own" if code == "c-own" else level
        name = Text(code, code)
        known.append(Unit(code, level, "A", name, name, *_life(life), place))
        parents += links
    found = replace(
        catalog(festival=False),
        units=tuple(known),
        parents=tuple(parents),
        successions=_steps(steps),
    )
    problems = list(check_units(found))
    if problems:
        raise ValueError("\n".join(problems))
    return found


def _links(code: str, written: str) -> list[Parent]:
    links, start = [], None
    for part in written.split(","):
        parent, _, end = (word.strip() for word in part.partition(" to "))
        if parent:
            links.append(Parent(code, parent, start, m(end) if end else None))
            start = m(end) if end else None
    return links


def _life(written: str) -> tuple:
    opened, _, closed = (word.strip() for word in f" {written} ".partition(" to "))
    return (m(opened) if opened else None, m(closed) if closed else None)


def _steps(written: str) -> tuple[Succession, ...]:
    found = []
    for line in written.strip().splitlines():
        day, rest = (part.strip() for part in line.split(":"))
        unit, takers = (part.strip() for part in rest.split("="))
        for taker in takers.split("+"):
            code, share = taker.split()
            found.append(Succession(unit, code, m(day), float(share)))
    return tuple(found)


def filed(measure: str, table: str) -> pl.DataFrame:
    """Return FACTS of one measure from a table: months on top, units at the side, blank: none."""
    header, *lines = [line for line in table.strip().splitlines() if line.strip()]
    months = [m(word.strip()) for word in header.split("|")[1:]]
    rows = []
    for line in lines:
        unit, *values = [cell.strip() for cell in line.split("|")]
        for month, value in zip(months, values, strict=True):
            if value:
                rows.append((measure, unit, month, float(value)))
    frame = pl.DataFrame(rows, schema=["measure", "unit", "period", "value"], orient="row")
    frame = frame.with_columns(
        definition=pl.lit(1), status=pl.lit("final"), vintage=pl.lit(VINTAGE),
        submission=pl.lit("s1"), sheet=pl.lit(""), cell=pl.lit(""),
    )  # fmt: skip
    return conform(frame, FACTS)


def on(basis: str, held: pl.DataFrame, definitions: Catalog, scope: str | None = None) -> Cube:
    """Return the cube of facts on a basis."""
    return build_cube(held, definitions, scope=scope, basis=basis)


def get(cube: Cube, indicator: str, units: str, month: str, window: str = "month") -> list:
    """Return the values of several units."""
    frame = compute_figures(cube, [indicator], units.split(), [m(month)], window)
    return frame["value"].to_list()


def row(cube: Cube, indicator: str, unit: str, month: str, window: str = "month") -> dict:
    """Return one figure."""
    return compute_figures(cube, [indicator], [unit], [m(month)], window).row(0, named=True)


def changes(
    cube: Cube, indicator: str, unit: str, month: str, window: str = "month", name: str = "yoy"
) -> dict:
    """Return one comparison on the basis of the cube."""
    return compare_figures(cube, [indicator], [unit], [m(month)], window, [name]).row(0, named=True)


def moved_and_split(month: str) -> Catalog:
    """Return three counties where, from a month on, a3 is one of b's and d1 is d3 and d4.

    Shares are 0.6 and 0.4; a, b, d and the city have own levels.
    """
    return bureau(
        f"""
        c
        a      | c
        a1     | a
        a2     | a
        a3     | a to {month}, b
        a-own  | a
        b      | c
        b1     | b
        b2     | b
        b-own  | b
        d      | c
        d1     | d            | to {month}
        d2     | d
        d3     | d            | {month} to
        d4     | d            | {month} to
        d-own  | d
        c-own  | c
        """,
        f"{month}: d1 = d3 0.6 + d4 0.4",
    )


# a1 is split in April 2024: a2 takes 30 %, a3 takes 70 %. b1 moves from b to a in June 2024.
SPLIT = bureau(
    """
    c
    a  | c
    a1 | a | to 2024-04
    a2 | a | 2024-04 to
    a3 | a | 2024-04 to
    b  | c
    b1 | b to 2024-06, a
    b2 | b
    """,
    "2024-04: a1 = a2 0.3 + a3 0.7",
)
THEFT = filed(
    "calls_theft",
    """
       | 2023-05 | 2023-06 | 2024-03 | 2024-04 | 2024-05 | 2024-06
    a1 | 10      | 20      | 11      |         |         |
    a2 |         |         |         | 5       | 6       | 9
    a3 |         |         |         | 1       | 2       | 3
    b1 | 7       | 9       | 6       | 4       | 4       | 5
    b2 | 4       | 4       | 3       | 1       | 1       | 1
    """,
)
# The whole of county b goes: b1 to a, b2 to the new county n, b's own level in equal parts.
COUNTIES = bureau(
    """
    c
    a     | c
    a1    | a
    a-own | a
    b     | c | to 2024-01
    b1    | b to 2024-01, a
    b2    | b to 2024-01, n
    b-own | b | to 2024-01
    n     | c | 2024-01 to
    n-own | n | 2024-01 to
    """,
    """
    2024-01: b = a 0.5 + n 0.5
    2024-01: b-own = a-own 0.5 + n-own 0.5
    """,
)
MONTHS = filed(
    "calls_theft",
    """
          | 2023-06 | 2024-06
    a1    | 10      | 11
    a-own | 1       | 2
    b1    | 20      | 22
    b2    | 30      | 33
    b-own | 4       |
    n-own |         | 5
    """,
)
