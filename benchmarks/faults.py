"""Which faults do the checks find, at the right cell and by the right rule?

`python -m benchmarks.faults [--faults 200] [--seed 1]` writes sound workbooks of random units and
months, of both layouts, puts one fault at a time into a copy, and has the copy read and checked as
an upload is. A fault counts as found where a new error or question stands at a wrong cell, or at
another cell of the relation that is broken, by a rule that is right for it. A fault in a single
figure that stands in no equation and stays within what the same unit filed in the last three years
cannot be told from a true figure by anybody: those are counted apart.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from benchmarks.clean_returns import Bureau, check_file, write_return
from benchmarks.fault_kinds import Fault, Page, Written
from benchmarks.fault_pages import page_of
from benchmarks.fault_relations import KINDS
from benchmarks.fault_report import Result, keep_results, printed
from data.checks.grammar import Chain, walk
from data.checks.rules import bound_checks
from data.definition_types import Catalog
from data.periods import add_months

#: Months from which the workbooks are drawn: three years of seasons stand before each.
MONTHS = 24
#: Faults that are put into one sound workbook, each into a copy of its own.
EACH = 10
#: How far back a unit's own figures say what is within its reach.
OWN_RANGE = 36
_SAME = ["rule", "unit", "measure", "sheet", "cell"]


@dataclass(frozen=True, slots=True)
class Relations:
    """Which figures are named together by the conditions of each rule, and stand in equations."""

    together: frozenset[tuple[str, str, str]]
    equated: frozenset[str]


def relations_of(catalog: Catalog) -> Relations:
    """Return what the rules relate."""
    together, equated = set(), set()
    for check in bound_checks(catalog, with_form_clauses=True):
        named = check.measures or ()
        together |= {(check.rule.code, a, b) for a in named for b in named}
        is_sum = any(isinstance(n, Chain) and "==" in n.operators for n in walk(check.condition))
        is_of_print = check.reads_print or check.is_of_parents or "has" in check.calls
        if is_sum and not is_of_print and (len(named) > 1 or "prev" in check.calls):
            equated |= set(named)
    return Relations(frozenset(together), frozenset(equated))


def main(arguments: list[str] | None = None) -> int:
    """Seed the faults, print what was found of each kind."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--faults", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=60, help="stop seeding after so long")
    parser.add_argument("--misses", action="store_true", help="print what was not found")
    parser.add_argument("--keep", action="store_true", help="write the table into docs/checks.md")
    options = parser.parse_args(arguments)
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        bureau = Bureau(Path(folder))
        try:
            run = seed_faults(bureau, options.faults, options.seed, options.minutes)
        finally:
            bureau.worker.stop()
    sys.stdout.write(printed(run.results, run.returns, run.asked))
    if options.misses:
        sys.stdout.writelines(
            f"{r.kind}: {r.words} [{r.state}] {r.said}\n" for r in run.results if not r.is_found
        )
    if options.keep:
        keep_results(run.results, run.returns, run.asked, options.seed)
    sys.stderr.write(f"{time.perf_counter() - began:.0f} s\n")
    return 0


@dataclass(slots=True)
class Run:
    """The faults with what became of them; sound returns beside them, and how many were asked.

    `homes` are the ways of filing in whose workbooks a kind has found a place.
    """

    results: list[Result] = field(default_factory=list)
    returns: int = 0
    asked: int = 0
    homes: dict[str, set[str]] = field(default_factory=dict)

    def way(self, waiting: list[str], draw: random.Random) -> str:
        """Return who files next: anybody, until it is known where the kinds that wait fit."""
        if all(name in self.homes for name in waiting):
            return draw.choice(sorted(self.homes[draw.choice(waiting)]))
        return draw.choice(("district", "district", "unit", "city"))


def seed_faults(bureau: Bureau, count: int, seed: int, minutes: float) -> Run:
    """Return what the checks found of faults of all kinds in turn, as many as time allows."""
    end = time.monotonic() + 60 * minutes
    draw = random.Random(seed)
    relations = relations_of(bureau.catalog)
    waiting = [name for _ in range(-(-count // len(KINDS))) for name in KINDS][:count]
    run = Run()
    while waiting and time.monotonic() < end:
        before = len(waiting)
        way = run.way(waiting, draw)
        for sound in _sound(bureau, way, draw, run):
            _seed_one(bureau, sound, waiting, draw, relations, run)
        for name in {result.kind for result in run.results[count - before :]}:
            run.homes.setdefault(name, set()).add(way)
        sys.stderr.write(f"{len(run.results)} of {count}\n")
    return run


@dataclass(frozen=True, slots=True)
class Sound:
    """A sound workbook, its page, and what the checks say of it as it is."""

    path: Path
    page: Page
    period: dt.date
    past: pl.DataFrame
    findings: pl.DataFrame


def _sound(bureau: Bureau, way: str, draw: random.Random, run: Run) -> Iterator[Sound]:
    """Give a random sound workbook: a district's, a station's, or that of the city's own level.

    The last of these files the surveys, in the last month of a quarter.
    """
    months = [add_months(bureau.last, -back) for back in range(MONTHS)]
    period = draw.choice([m for m in months if way != "city" or m.month % 3 == 0])
    *districts, city = bureau.filers(period)
    among = {"district": districts, "unit": bureau.stations(period), "city": [city]}
    filer = draw.choice(among[way])
    written = write_return(bureau, filer, period)
    if written is None:
        return
    path, past = written
    reading, checked = check_file(bureau, path, period, past)
    raised = checked.findings.filter(pl.col("severity").is_in(["mandatory", "query"]))
    filled = reading.cells.filter(pl.col("value").is_not_null(), ~pl.col("is_total"))
    units = set(filled["unit"])
    run.returns += len(units)
    run.asked += raised.filter(pl.col("unit").is_in(list(units)))["unit"].n_unique()
    yield Sound(path, page_of(bureau, path, reading, period, past), period, past, raised)
    path.unlink()


def _seed_one(
    bureau: Bureau,
    sound: Sound,
    waiting: list[str],
    draw: random.Random,
    relations: Relations,
    run: Run,
) -> None:
    """Put up to so many of the waiting kinds into copies of one workbook."""
    seeded = 0
    book = load_workbook(sound.path)
    for name in draw.sample(waiting, len(waiting)):
        if seeded == EACH or name not in waiting:
            continue
        fault = KINDS[name](sound.page, draw)
        if fault is None:
            continue
        waiting.remove(name)
        seeded += 1
        copy = sound.path.with_name(f"wrong_{sound.path.name}")
        sound_values = {place: book[place[0]][place[1]].value for place in fault.written}
        _write(book, fault.written)
        book.save(copy)
        _write(book, sound_values)
        checked = check_file(bureau, copy, sound.period, sound.past)[1]
        raised = checked.findings.filter(pl.col("severity").is_in(["mandatory", "query"]))
        new = raised.join(sound.findings.select(_SAME), on=_SAME, how="anti", nulls_equal=True)
        run.results.append(judged(name, fault, new, sound, relations))
        copy.unlink()


def _write(book: Workbook, cells: Written) -> None:
    for (sheet, cell), value in cells.items():
        book[sheet][cell].value = value


def judged(
    name: str, fault: Fault, new: pl.DataFrame, sound: Sound, relations: Relations
) -> Result:
    """Return what became of a fault: found, told elsewhere or by another rule, or missed."""
    places = {*fault.written, *fault.beside, *(spot.place for spot in fault.wrong)}
    units = {spot.unit for spot in fault.wrong}
    measures = {spot.measure for spot in fault.wrong}
    hits = others = 0
    for row in new.iter_rows(named=True):
        is_right_rule = not fault.rules or row["rule"] in fault.rules
        is_there = (row["sheet"], row["cell"]) in places
        is_related = row["unit"] in units and any(
            (row["rule"], row["measure"], measure) in relations.together for measure in measures
        )
        hits += is_right_rule and (is_there or is_related)
        others += not (is_right_rule and (is_there or is_related))
    said = "; ".join(
        f"{r['rule']} {r['unit']} {r['cell']}" for r in new.head(4).iter_rows(named=True)
    )
    is_hidden = not hits and _cannot_be_seen(fault, sound.past, relations)
    state = "found" if hits else "hidden" if is_hidden else "elsewhere" if others else "missed"
    return Result(name, state, fault.words, said)


def _cannot_be_seen(fault: Fault, past: pl.DataFrame, relations: Relations) -> bool:
    """Return whether a single wrong figure is one that the unit might well have filed."""
    if len(fault.becomes) != 1 or len(fault.wrong) != 1:
        return False
    (spot,) = fault.wrong
    if spot.measure in relations.equated:
        return False
    own = past.filter(unit=spot.unit, measure=spot.measure).sort("period").tail(OWN_RANGE)["value"]
    (value,) = fault.becomes.values()
    return own.len() > 0 and float(own.min()) <= value <= float(own.max())  # type: ignore[arg-type]


if __name__ == "__main__":
    raise SystemExit(main())
