"""Do Taiwan's published police figures come out of the command line, from the whole files?

Imports the five tables, the counts of five years and the list of incidents of 2016, and compares
each expected file with `kpi figures`; the list's counts are compared with the published ones.
"""

import shutil
from pathlib import Path

import polars as pl

from benchmarks.real.command import ask
from benchmarks.real.outcome import Outcome

ROOT = Path(__file__).resolve().parent.parent.parent
DEFINITIONS = ROOT / "data" / "examples" / "taiwan" / "definitions"
SOURCE = "taiwan"
TABLES = {
    "*指標2V.csv": ("key_indicators_county", "--period", "2023-12"),
    "*指標1V.csv": ("key_indicators_national",),
    "*按案類別1V.csv": ("offences_national",),
    "*員額統計V.csv": ("personnel",),
    "*犯罪人口率統計*.csv": ("offender_rates",),
}
GROUPS = {"全般刑案": "all", "暴力犯罪": "violent", "竊盜": "theft"}
TYPES = {
    "住宅竊盜": "residential_burglary",
    "強制性交": "rape",
    "強盜": "robbery",
    "搶奪": "snatching",
    "機車竊盜": "motorcycle_theft",
    "毒品": "drugs",
    "汽車竊盜": "car_theft",
    "組織犯罪防制條例": "organised_crime",
}
YEARS = range(2015, 2020)
# The published changes round to four digits, the rates to two.
ROUNDED, PERCENT = 0.00005 + 1e-9, 0.005 + 1e-9


def run(folder: Path, work: Path) -> list[Outcome]:
    """Return one outcome a published table."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    store = f"sqlite:///{work / 'taiwan.db'}"
    tables = [_load(store, folder / "tables", pattern, *how) for pattern, how in TABLES.items()]
    counts = _load(store, folder, "township_month*.parquet", "incidents")
    listed = f"sqlite:///{work / 'listed.db'}"
    events = _load(listed, folder, "105*.xlsx", "incidents")
    return [
        _clearance(store, folder, tables[0]),
        _months(store, folder, counts),
        _types(store, folder, counts),
        _listed(listed, folder, events),
        _national(store, (sum(rows for rows, _ in tables), sum(said for _, said in tables))),
    ]


def _load(store: str, folder: Path, pattern: str, form: str, *more: str) -> tuple[int, int]:
    """Import the one file of a pattern; return its figures and how many notes were made."""
    (path,) = folder.glob(pattern)
    report, said = command(store, "import", path, "--form", form, *more)
    notes = sum(int(line.partition(":")[2].split()[0]) for line in said if "besides" in line)
    return int(report["new"][0]), notes


def command(store: str, *arguments: object) -> tuple[pl.DataFrame, list[str]]:
    """Return what a command prints, as a frame of text, and the lines that it says."""
    out, said = ask(DEFINITIONS, store, *arguments)
    return pl.read_csv(out.encode(), infer_schema_length=0), said.split("\n")


def figures(store: str, indicators: list[str], *arguments: str) -> pl.DataFrame:
    """Return figures with their numbers as numbers."""
    found, _ = command(store, "figures", "--indicator", ",".join(indicators), *arguments)
    numbers = [name for name in ("value", "base_value", "change") if name in found.columns]
    return found.with_columns(pl.col(numbers).cast(pl.Float64))


def codes() -> dict[str, str]:
    """Return the codes of units by their Chinese names."""
    units = pl.read_csv(DEFINITIONS / "units.csv", infer_schema_length=0)
    return dict(units.select("name_zh", "code").iter_rows())


def _outcome(what: str, counts: tuple[int, int], rows: pl.DataFrame, within: float) -> Outcome:
    """Compare `wanted` with `found`, blank with blank; needs `reason` for what may differ."""
    near = ((pl.col("wanted") - pl.col("found")).abs() <= within).fill_null(value=False)
    both_blank = pl.col("wanted").is_null() & pl.col("found").is_null()
    rows = rows.with_columns(equal=near | both_blank)
    reasons = rows.filter(~pl.col("equal")).group_by("reason").len().sort("reason")
    return Outcome(
        SOURCE, what, *counts, rows.height, int(rows["equal"].sum()), dict(reasons.iter_rows())
    )


def _clearance(store: str, folder: Path, counts: tuple[int, int]) -> Outcome:
    names = ("recorded", "cleared", "clearance_published", "clearance_rate")
    asked = [f"{group}_{name}" for group in GROUPS.values() for name in names]
    found = figures(store, asked, "--level", "county", "--period", "2023-12", "--window", "year")
    expected = pl.read_csv(folder / "expected_clearance_recomputed_2023.csv").with_columns(
        unit=pl.col("unit").replace_strict(codes()), group=pl.col("type").replace_strict(GROUPS)
    )
    columns = dict(zip(("recorded", "cleared", "published_rate", "recomputed_rate"), names,
                       strict=True))  # fmt: skip
    rows = expected.rename(columns).unpivot(names, index=["unit", "group"], value_name="wanted")
    rows = rows.with_columns(indicator=pl.col("group") + "_" + pl.col("variable"))
    rows = _joined(rows, found, "value", ["indicator", "unit"])
    return _outcome("clearance 2023 by county", counts, rows, PERCENT)


def _joined(rows: pl.DataFrame, found: pl.DataFrame, column: str, key: list[str]) -> pl.DataFrame:
    given = found.select(*key, found=column)
    rows = rows.join(given, on=key, how="left", maintain_order="left")
    return rows.with_columns(reason=pl.lit("not explained"))


def _months(store: str, folder: Path, counts: tuple[int, int]) -> Outcome:
    expected = pl.read_csv(folder / "expected_county_month_yoy_mom.csv").with_columns(
        unit=pl.col("county").replace_strict(codes()),
        period=pl.format("{}-{}", "year", pl.col("month").cast(pl.String).str.zfill(2)),
    )
    span = ("--level", "county", "--from", "2015-01", "--to", "2019-12", "--compare", "yoy,mom")
    found = figures(store, ["incidents"], *span)
    parts = []
    for comparator, base, change in (
        ("yoy", "n_prev_year", "yoy_pct"),
        ("mom", "n_prev_month", "mom_pct"),
    ):
        here = found.filter(comparator=comparator)
        # From a base of nought there is no percentage, as the published table has no row for it.
        is_pct = pl.col("change_kind") == "pct"
        here = here.with_columns(
            change=pl.when(is_pct).then("change"),
            base_value=pl.when(pl.col("base_value") != 0).then("base_value"),
        )
        wanted = {"value": "n", "base_value": base, "change": change}
        for column, name in wanted.items():
            if column == "value" and comparator == "mom":
                continue
            rows = expected.select("unit", "period", wanted=pl.col(name).cast(pl.Float64))
            parts.append(_joined(rows, here, column, ["unit", "period"]))
    rows = pl.concat(parts)
    return _outcome("incidents by county and month, with changes", counts, rows, ROUNDED)


def _types(store: str, folder: Path, counts: tuple[int, int]) -> Outcome:
    expected = pl.read_csv(folder / "expected_county_type_year.csv").with_columns(
        unit=pl.col("county").replace_strict(codes()),
        indicator=pl.col("type").replace_strict(TYPES),
    )
    months = ",".join(f"{year}-12" for year in YEARS)
    found = figures(
        store, list(TYPES.values()), "--level", "county", "--period", months, "--window", "year"
    )
    rows = expected.unpivot(
        [str(year) for year in YEARS], index=["unit", "indicator"], variable_name="year",
        value_name="wanted",
    )  # fmt: skip
    rows = rows.with_columns(pl.col("wanted").cast(pl.Float64), period=pl.col("year") + "-12")
    rows = _joined(rows, found, "value", ["indicator", "unit", "period"])
    return _outcome("incidents by county, type and year", counts, rows, 0.0)


def _listed(store: str, folder: Path, counts: tuple[int, int]) -> Outcome:
    """Compare the counted list of 2016 with the published counts, place by place."""
    (path,) = folder.glob("township_month*.parquet")
    published = pl.read_parquet(path).filter(year=2016)
    town = pl.col("township").str.replace("台", "臺").fill_null("")
    town = town.replace({"員林鎮": "員林市", "頭份鎮": "頭份市"})
    names = codes()
    rows = published.select(
        indicator=pl.col("crime_type").replace_strict(TYPES),
        name=pl.when(pl.col("county") == "其他/不詳").then("county").otherwise(
            pl.col("county") + town
        ),
        period=pl.format("2016-{}", pl.col("month").cast(pl.String).str.zfill(2)),
        wanted=pl.col("n").cast(pl.Float64),
    )  # fmt: skip
    # What is known of the county only belongs to the county's own leaf.
    owners = {code.removesuffix("_own"): code for code in names.values() if code.endswith("_own")}
    unit = pl.col("name").replace_strict(names)
    rows = rows.with_columns(unit=unit.replace(owners))
    keys = ["indicator", "unit", "period"]
    rows = rows.group_by(keys, maintain_order=True).agg(pl.col("wanted").sum())
    units = ",".join(rows["unit"].unique().sort())
    found = figures(
        store, list(TYPES.values()), "--unit", units, "--from", "2016-01", "--to", "2016-12"
    )
    given = found.select(*keys, found="value")
    rows = given.join(rows, on=keys, how="full", coalesce=True)
    rows = rows.with_columns(
        pl.col("wanted", "found").fill_null(0.0), reason=pl.lit("not explained")
    )
    return _outcome("list of incidents 2016, counted, against the counts", counts, rows, 0.0)


def _national(store: str, counts: tuple[int, int]) -> Outcome:
    """Compare the printed totals of the nation with the sums over counties and agencies."""
    names = [f"{group}_{what}" for group in GROUPS.values() for what in ("recorded", "cleared",
             "offenders")]  # fmt: skip
    pairs = {name: f"national_{name}" for name in [*names, "staff_total", "staff_officers"]}
    found = figures(
        store, [*pairs, *pairs.values()], "--period", "2023-12", "--window", "year"
    ).select("indicator", "value")
    value = dict(found.iter_rows())
    rows = pl.DataFrame(
        [(value[total], value[name], "not explained") for name, total in pairs.items()],
        schema=["wanted", "found", "reason"],
        orient="row",
    )
    return _outcome("printed national totals against the sums", counts, rows, 0.0)
