"""Do the People Survey's published figures come out of the command line, from the whole files?

Imports the six workbooks, and of the tidy extraction the two waves that have no workbook here;
compares each expected file with `kpi figures`, and every cell of the tidy extraction with the
figures that come from the workbooks.
"""

import shutil
from pathlib import Path

import polars as pl

from benchmarks.real.command import ask
from benchmarks.real.outcome import Outcome
from data.catalog import load_catalog
from data.returns.flat_words import plain
from data.units import tree

ROOT = Path(__file__).resolve().parent.parent.parent
DEFINITIONS = ROOT / "data" / "examples" / "csps" / "definitions"
SOURCE = "csps"
FORM = "people_survey"
MEASURES = "engagement_index,response_rate,w01,w02,w03,w04"
# The workbook of 2016 lists them in one order in table 1 and in the other in table 2.1.
SWAPPED = ("Department for International Development", "Department for International Trade")
# The extraction rounds to whole percentages.
ROUNDED, EXACT = 0.5 + 1e-9, 1e-9


def run(folder: Path, work: Path) -> list[Outcome]:
    """Return one outcome a published table."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    store = f"sqlite:///{work / 'csps.db'}"
    books = sorted((folder / "raw").glob("*.xlsx"))
    report, said = command(store, "import", *books, "--form", FORM)
    notes = sum(int(line.partition(":")[2].split()[0]) for line in said if "besides" in line)
    counts = (int(report["new"].cast(pl.Int64).sum()), notes)
    extraction = folder / "org_year_measure_2009_2016.csv"
    for month in ("2010-12", "2011-12"):
        command(store, "import", extraction, "--form", FORM, "--period", month)
    return [
        _changes(store, folder, counts),
        *_medians(store, folder, counts),
        _cells(store, extraction, counts),
        _survey(store, folder, counts),
    ]


def command(store: str, *arguments: object) -> tuple[pl.DataFrame, list[str]]:
    """Return what a command prints, as a frame of text, and the lines that it says."""
    out, said = ask(DEFINITIONS, store, *arguments)
    return pl.read_csv(out.encode(), infer_schema_length=0), said.split("\n")


def figures(store: str, indicators: str, period: str, *arguments: str) -> pl.DataFrame:
    """Return figures of waves with their numbers as numbers."""
    asked = ("--indicator", indicators, "--period", period, "--window", "year", *arguments)
    found, _ = command(store, "figures", *asked)
    numbers = [name for name in ("value", "base_value", "change") if name in found.columns]
    return found.with_columns(pl.col(numbers).cast(pl.Float64))


def bearers() -> dict[str, list[str]]:
    """Return the codes of the units that a published name may mean."""
    catalog = load_catalog(DEFINITIONS)
    found: dict[str, list[str]] = {}
    for alias in catalog.aliases:
        found.setdefault(plain(alias.name), []).append(alias.unit)
    for code, item in tree(catalog).units.items():
        found.setdefault(plain(item.name.en), [code])
    return found


def _outcome(what: str, counts: tuple[int, int], rows: pl.DataFrame) -> Outcome:
    """Return the outcome of rows that say whether they are `equal`, and for what `reason` not."""
    reasons = rows.filter(~pl.col("equal")).group_by("reason").len().sort("reason")
    equal = int(rows["equal"].sum())
    return Outcome(SOURCE, what, *counts, rows.height, equal, dict(reasons.iter_rows()))


def _near(wanted: str, found: str, within: float) -> pl.Expr:
    return ((pl.col(wanted) - pl.col(found)).abs() <= within).fill_null(value=False)


def _changes(store: str, folder: Path, counts: tuple[int, int]) -> Outcome:
    names = {name: codes[0] for name, codes in bearers().items()}
    expected = pl.read_csv(folder / "expected_engagement_change_2014_2015.csv")
    known = [names[plain(name)] for name in expected["organisation"]]
    expected = expected.with_columns(unit=pl.Series(known))
    asked = ("--unit", ",".join(known), "--compare", "yoy")
    found = figures(store, "engagement_index", "2015-12", *asked)
    rows = expected.join(found, on="unit", how="left", maintain_order="left").with_columns(
        equal=_near("2015", "value", EXACT)
        & _near("2014", "base_value", EXACT)
        & _near("change_pts", "change", EXACT),
        reason=pl.lit("not explained"),
    )
    return _outcome("engagement index 2015 against 2014, in points", counts, rows)


def _survey(store: str, folder: Path, counts: tuple[int, int]) -> Outcome:
    """Compare `kpi wellbeing` with the same published changes; one whose response says no has none.

    Its wave of 2014 or 2015 had under 40 % answers, more than 98 %, or more than were invited.
    """
    expected = pl.read_csv(folder / "expected_engagement_change_2014_2015.csv")
    names = {name: codes[0] for name, codes in bearers().items()}
    known = [names[plain(name)] for name in expected["organisation"]]
    asked = ("wellbeing", "--unit", ",".join(known), "--period", "2015-12")
    found, _ = command(store, *asked)
    found = found.filter(dimension="engagement_index").with_columns(
        pl.col("mean", "base_mean", "change").cast(pl.Float64)
    )
    rows = expected.with_columns(unit=pl.Series(known)).join(found, on="unit", how="left")
    rows = rows.with_columns(
        equal=_near("2015", "mean", EXACT)
        & _near("2014", "base_mean", EXACT)
        & _near("change_pts", "change", EXACT),
        reason=pl.when(pl.col("note").str.contains("query|over_invited|level_only"))
        .then(pl.lit("under 40 %, over 98 % or over 100 % answered in a wave: not compared"))
        .otherwise(pl.lit("not explained")),
    )
    return _outcome("the same changes by `kpi wellbeing`", counts, rows)


def _medians(store: str, folder: Path, counts: tuple[int, int]) -> list[Outcome]:
    expected = pl.read_csv(folder / "expected_median_vs_published_benchmark.csv")
    months = ",".join(f"{year}-12" for year in expected["year"].unique().sort())
    published = figures(store, "engagement_index", months).select("period", benchmark="value")
    peers = figures(
        store, "engagement_index", months, "--level", "organisation", "--compare", "peers"
    )
    medians = peers.filter(pl.col("value").is_not_null()).group_by("period").agg(
        median=pl.col("base_value").first(), units=pl.col("compared_units").first().cast(pl.Int64)
    )  # fmt: skip
    rows = expected.with_columns(period=pl.format("{}-12", "year"))
    rows = rows.join(published, on="period", how="left").join(medians, on="period", how="left")
    few = pl.lit("the table leaves out an organisation whose name ends in Group")
    many = pl.lit("the table counts what is printed for a whole group as an organisation")
    reason = pl.when(pl.col("n_orgs") < pl.col("units")).then(few).otherwise(many)
    first = rows.with_columns(
        equal=_near("published_benchmark", "benchmark", EXACT), reason=pl.lit("not explained")
    )
    second = rows.with_columns(equal=_near("median_of_orgs", "median", EXACT), reason=reason)
    return [
        _outcome("published benchmark", counts, first),
        _outcome("median of the organisations", counts, second),
    ]


def _cells(store: str, extraction: Path, counts: tuple[int, int]) -> Outcome:
    """Compare every cell of the extraction, rounded there, with the figure from the workbook."""
    tidy = pl.read_csv(extraction, infer_schema_length=None).filter(
        ~pl.col("year").is_in([2010, 2011])
    )
    units = tree(load_catalog(DEFINITIONS))
    names = bearers()
    parts = []
    for (year,), rows in tidy.group_by("year", maintain_order=True):
        month = pl.date(pl.lit(year), 12, 1)
        day = pl.select(month).item()
        known = [
            next(code for code in names[plain(name)] if units.is_open(code, day))
            for name in rows["organisation"]
        ]
        rows = rows.with_columns(unit=pl.Series(known))
        asked = ("--unit", ",".join(dict.fromkeys(known)))
        found = figures(store, MEASURES, f"{year}-12", *asked)
        found = found.select("unit", measure="indicator", found="value")
        parts.append(rows.join(found, on=["unit", "measure"], how="left", maintain_order="left"))
    rows = pl.concat(parts)
    swapped = (pl.col("year") == 2016) & pl.col("organisation").is_in(SWAPPED)
    reason = (
        pl.when(swapped)
        .then(pl.lit("the extraction swaps two departments, in another order in table 2.1"))
        .when(pl.col("found") > 100)
        .then(pl.lit("the extraction cuts a printed 101 % to 100"))
        .otherwise(pl.lit("not explained"))
    )
    rows = rows.with_columns(equal=_near("value", "found", ROUNDED), reason=reason)
    return _outcome("cells of the tidy extraction, from the workbooks", counts, rows)
