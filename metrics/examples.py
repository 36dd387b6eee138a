"""Do the definitions compute what their worked examples say by hand?

Each example is a small table of facts on a small tree of units. It runs through the same kernel as
every page, so that a changed formula, scale, base or way of adding up makes an example fail.
"""

import datetime as dt
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import polars as pl

from data.definition_types import Catalog, Example
from data.parse import Place, parse_month
from data.schema import FACTS, conform
from metrics.cube import build_cube
from metrics.figures import compute_figures

TOLERANCE = 1e-9
VINTAGE = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an example gave; `found` None means that there is no value."""

    example: Example
    found: float | None

    @property
    def holds(self) -> bool:
        """Return whether the value is the one written by hand."""
        wanted = self.example.expected
        if wanted is None or self.found is None:
            return wanted is self.found
        return math.isclose(self.found, wanted, rel_tol=TOLERANCE, abs_tol=TOLERANCE)

    @property
    def words(self) -> str:
        """Return one line: indicator, place, what was expected and what was found."""
        example = self.example
        where = f"{example.unit} {example.period:%Y-%m} {example.window}"
        return f"{example.indicator} ({where}): expected {example.expected}, found {self.found}"


def all_examples(catalog: Catalog) -> list[Example]:
    """Return the examples of the measures and of the derived indicators."""
    derived = [example for item in catalog.derived() for example in item.examples]
    return [*catalog.examples, *derived]


def run_examples(catalog: Catalog, examples: Iterable[Example] | None = None) -> list[Outcome]:
    """Return what each worked example of a catalogue gives."""
    small = example_catalog(catalog)
    chosen = all_examples(catalog) if examples is None else examples
    return [Outcome(example, run_example(small, example)) for example in chosen]


def check_examples(catalog: Catalog) -> list[str]:
    """Return a line for each worked example that does not hold; empty when all do."""
    return [outcome.words for outcome in run_examples(catalog) if not outcome.holds]


def example_catalog(catalog: Catalog) -> Catalog:
    """Return the catalogue with the small tree of the examples instead of the bureau's units."""
    if not catalog.example_units:
        msg = "examples.toml: it gives no tree of units to run the worked examples on"
        raise ValueError(msg)
    return replace(
        catalog,
        units=catalog.example_units,
        parents=catalog.example_parents,
        successions=(),
        bureau=replace(catalog.bureau, root=catalog.example_units[0].code),
        digest=f"{catalog.digest}-examples",
    )


def run_example(small: Catalog, example: Example) -> float | None:
    """Return the value of an example's indicator on the small tree."""
    cube = build_cube(example_facts(small, example), small)
    figures = compute_figures(
        cube, [example.indicator], [example.unit], [example.period], example.window
    )
    return figures["value"].item()


def example_facts(catalog: Catalog, example: Example) -> pl.DataFrame:
    """Return the facts of an example; an empty cell is no fact.

    Rows: one measure of one unit and month, as FACTS.
    """
    place = Place("examples", example.indicator)
    header, *rows = [
        [cell.strip() for cell in line.split("|")] for line in example.facts.strip().splitlines()
    ]
    found = [
        {
            "measure": measure,
            "definition": catalog.measures[measure].version,
            "unit": row[0],
            "period": parse_month(row[1], place),
            "value": float(cell),
            "status": "final",
            "vintage": VINTAGE,
            "submission": "",
            "sheet": "",
            "cell": "",
        }
        for row in rows
        for measure, cell in zip(header[2:], row[2:], strict=True)
        if cell
    ]
    return conform(pl.DataFrame(found, schema=FACTS, orient="row"), FACTS)
