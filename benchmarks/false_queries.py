"""How often does each rule ask about figures that are sound?

`python -m benchmarks.false_queries [--months 24] [--stations 4]` writes the clean months of the
demonstration bureau into workbooks as districts and units file them, has them read and checked as
uploads are, and counts what is asked. Every district and the city's own level file every month,
which is every unit there is; so many stations a month file by themselves as well. The rates are
kept in data/checks/false_queries.csv, from which docs/checks.md and the reports are written.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from benchmarks.clean_returns import Bureau, check_file, clean_months, write_return
from data.checks.false_rates import KEPT, Rate, write_rates
from data.checks.rules import cross_checks
from data.checks.run import CheckedReturn
from data.checks.sets import field_bounds
from data.definition_types import Catalog
from data.returns.reading import Reading

#: Checks of the form itself that ask or block and belong to no rule.
OWN = ("F01", "F02", "F04", "F05")
_PRINTED = frozenset({"reported_ytd", "reported_same_period"})


@dataclass(slots=True)
class Tally:
    """What was asked by each rule: returns and cells that it could ask about, and did."""

    measures: Mapping[str, frozenset[str]]
    printed: frozenset[str]
    of_parents: frozenset[str]
    returns: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    cells: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    asked: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    marked: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    examples: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, reading: Reading, checked: CheckedReturn) -> None:
        """Count one workbook: a return is what one unit files for one month."""
        cells = reading.cells.filter(pl.col("value").is_not_null())
        printed = cells.filter(
            pl.any_horizontal(pl.col("reported_ytd", "reported_same_period").is_not_null())
        )
        totals, leaves = cells.filter("is_total"), cells.filter(~pl.col("is_total"))
        for rule, measures in self.measures.items():
            of = totals if rule in self.of_parents else printed if rule in self.printed else leaves
            found = of.filter(pl.col("measure").is_in(list(measures))) if measures else of
            self.returns[rule] += found["unit"].n_unique()
            self.cells[rule] += found.height
        filed = set(cells["unit"])
        raised = checked.findings.filter(
            pl.col("severity").is_in(["query", "mandatory"]), pl.col("unit").is_in(list(filed))
        )
        for (rule,), rows in raised.partition_by("rule", as_dict=True).items():
            self.asked[str(rule)] += rows["unit"].n_unique()
            self.marked[str(rule)] += rows.height
            for row in rows.head(3).iter_rows(named=True):
                line = f"{row['unit']} {row['period']:%Y-%m} {row['sheet']}!{row['cell']}: "
                self.examples[str(rule)].append(line + row["message_en"])


def tally_of(catalog: Catalog) -> Tally:
    """Return an empty tally of the rules that can be asked about a return."""
    measures: dict[str, set[str]] = {rule.code: set() for rule in catalog.rules}
    printed, parents = set(), set()
    for check in cross_checks(catalog):
        measures[check.rule.code].update(check.measures)
        if check.calls & _PRINTED:
            printed.add(check.rule.code)
        if check.is_of_parents:
            parents.add(check.rule.code)
    for bound in field_bounds(catalog):
        measures[bound.rule].add(bound.measure)
    whole = {rule: frozenset(found) for rule, found in measures.items()}
    for rule in catalog.rules:
        if any("count(" in clause for clause in rule.clauses):
            # A rule that counts over a set is about all that the unit files of it.
            whole[rule.code] = frozenset(m for name in rule.sets for m in catalog.sets[name])
    own = {code: frozenset[str]() for code in OWN}
    return Tally({**whole, **own}, frozenset(printed), frozenset(parents))


def main(arguments: list[str] | None = None) -> int:
    """Check the clean months, print and keep the rates."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--stations", type=int, default=4, help="unit forms a month")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--examples", action="store_true", help="print what was asked")
    parser.add_argument("--keep", action="store_true", help=f"rewrite {KEPT.name}")
    options = parser.parse_args(arguments)
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        bureau = Bureau(Path(folder))
        try:
            tally = measure(bureau, options.months, options.stations, options.seed)
        finally:
            bureau.worker.stop()
    rates = rates_of(tally, bureau.catalog)
    sys.stdout.write(table(rates))
    if options.examples:
        for rule, lines in sorted(tally.examples.items()):
            sys.stdout.write("\n".join([rule, *(f"  {line}" for line in lines[:12])]) + "\n")
    if options.keep:
        write_rates(rates, bureau.catalog)
    sys.stderr.write(f"{time.perf_counter() - began:.0f} s\n")
    return 0


def measure(bureau: Bureau, months: int, stations: int, seed: int) -> Tally:
    """Return what the checks ask about the clean months."""
    draw = random.Random(seed)
    tally = tally_of(bureau.catalog)
    for period in clean_months(bureau, months):
        alone = draw.sample(bureau.stations(period), stations)
        for filer in (*bureau.filers(period), *alone):
            written = write_return(bureau, filer, period)
            if written is None:
                continue
            path, past = written
            reading, checked = check_file(bureau, path, period, past)
            tally.add(reading, checked)
            path.unlink()
        sys.stderr.write(f"{period:%Y-%m}\n")
    return tally


def rates_of(tally: Tally, catalog: Catalog) -> list[Rate]:
    """Return the rates in the order of the rules, then the form's own checks."""
    today = dt.datetime.now(dt.UTC).date()
    return [
        Rate(
            rule,
            tally.returns[rule],
            tally.asked[rule],
            tally.cells[rule],
            tally.marked[rule],
            today,
        )
        for rule in [*(r.code for r in catalog.rules), *OWN]
    ]


def table(rates: list[Rate]) -> str:
    """Return the rates as lines of text."""
    lines = [f"{'rule':6}{'returns':>9}{'asked':>7}{'share':>9}  95 %{'cells':>15}{'marked':>8}"]
    for rate in rates:
        low, high = rate.interval
        lines.append(
            f"{rate.rule:6}{rate.returns:9,}{rate.asked:7,}{rate.share:9.3%}"
            f"  {low:.3%}–{high:.3%}{rate.cells:10,}{rate.marked:8,}"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    raise SystemExit(main())
