"""Do Rio de Janeiro's published figures come out of the command line, as of each edition?

Imports the five editions in order, then compares every expected file with `kpi figures` and the
list of revised cells with `kpi revisions`.
"""

import shutil
from pathlib import Path

import polars as pl

from benchmarks.real.command import ask
from benchmarks.real.outcome import Outcome

ROOT = Path(__file__).resolve().parent.parent.parent
DEFINITIONS = ROOT / "data" / "examples" / "rio" / "definitions"
FORM = "isp_municipality"
SOURCE = "rio"
EDITION = "2024-12-20"
REGIONS = {
    "Baixada Fluminense": "baixada_fluminense",
    "Capital": "capital",
    "Grande Niterói": "grande_niteroi",
    "Interior": "interior",
}
# The published tables round to four digits.
ROUNDED = 0.00005 + 1e-9
# Months in which the last edition leaves the region of one municipality of the interior blank.
NO_REGION = ("2024-07", "2024-08", "2024-09")


def run(folder: Path, work: Path) -> list[Outcome]:
    """Return one outcome a published table."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    store = f"sqlite:///{work / 'rio.db'}"
    rows, findings = 0, 0
    for path in sorted((folder / "vintages").glob("*.parquet")):
        day = path.stem.rpartition("_")[2]
        rows += pl.scan_parquet(path).select(pl.len()).collect().item()
        _, said = command(store, "import", path, "--form", FORM, "--vintage", day)
        findings += sum(int(line.partition(":")[2].split()[0]) for line in said if "Notes" in line)
    counts = (rows, findings)
    return [
        _municipalities(store, folder, counts),
        _regions(store, folder, counts),
        _state(store, folder, counts),
        _movers(store, folder, counts),
        _revisions(store, folder, counts),
        _csv(folder, work),
    ]


def command(store: str, *arguments: object) -> tuple[pl.DataFrame, list[str]]:
    """Return what a command prints, as a frame of text, and the lines that it says."""
    out, said = ask(DEFINITIONS, store, *arguments)
    return pl.read_csv(out.encode(), infer_schema_length=0), said.split("\n")


def compared(expected: pl.DataFrame, found: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """Return expected and found figures side by side with whether they agree.

    Needs: key columns and `value` in both; no value agrees with no value.
    """
    joined = expected.join(found, on=key, how="left", suffix="_found", maintain_order="left")
    wanted = pl.col("value").cast(pl.Float64, strict=False)
    given = pl.col("value_found").cast(pl.Float64, strict=False)
    is_near = (wanted - given).abs() <= ROUNDED
    both_blank = wanted.is_null() & given.is_null()
    return joined.with_columns(equal=is_near.fill_null(False) | both_blank)


def _outcome(
    what: str, counts: tuple[int, int], rows: pl.DataFrame, reasons: dict[str, pl.Expr]
) -> Outcome:
    """Return the outcome of a comparison; each unequal row takes the first reason that fits."""
    unequal = rows.filter(~pl.col("equal"))
    found: dict[str, int] = {}
    for reason, fits in reasons.items():
        found[reason] = unequal.filter(fits).height
        unequal = unequal.filter(~fits)
    found["not explained"] = unequal.height
    counted = {reason: count for reason, count in found.items() if count}
    return Outcome(SOURCE, what, *counts, rows.height, int(rows["equal"].sum()), counted)


def _long(frame: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    columns = [name for name in frame.columns if name not in key]
    return frame.select(*key, *columns).unpivot(index=key, variable_name="column")


def _municipalities(store: str, folder: Path, counts: tuple[int, int]) -> Outcome:
    expected = pl.read_csv(
        folder / "expected_municipality_ytd11_2024_vs_2023.csv", infer_schema_length=0
    ).drop("fmun")
    names = {name.removesuffix("_2024") for name in expected.columns if name.endswith("_2024")}
    found, _ = command(
        store, "figures", "--indicator", ",".join([*names, "veh_recovered_per_100_taken"]),
        "--level", "municipality", "--period", "2024-11", "--window", "ytd", "--compare", "yoy",
    )  # fmt: skip
    parts = [
        found.select("unit", column=pl.col("indicator") + suffix, value=pl.col(source))
        for suffix, source in (("_2024", "value"), ("_2023", "base_value"), ("_yoy_pct", "change"))
    ]
    rate = found.filter(indicator="veh_recovered_per_100_taken")
    parts.append(rate.select("unit", column="indicator", value="value"))
    given = pl.concat(parts).rename({"unit": "fmun_cod"})
    kinds = found.select("change_kind", fmun_cod="unit", column=pl.col("indicator") + "_yoy_pct")
    given = given.join(kinds, on=["fmun_cod", "column"], how="left")
    # From a base of nought there is no percentage, as the published table has none.
    is_plain = pl.col("column").str.ends_with("_yoy_pct") & (pl.col("change_kind") != "pct")
    given = given.with_columns(value=pl.when(~is_plain.fill_null(False)).then("value"))
    rows = compared(_long(expected, ["fmun_cod"]), given, ["fmun_cod", "column"])
    return _outcome("municipality, January-November 2024 against 2023", counts, rows, {})


def _regions(store: str, folder: Path, counts: tuple[int, int]) -> Outcome:
    expected = pl.read_csv(
        folder / f"expected_region_month_vintage_{EDITION}.csv", infer_schema_length=0
    )
    names = expected.columns[2:]
    found, _ = command(
        store, "figures", "--indicator", ",".join(names), "--level", "region",
        "--from", "2015-01", "--to", "2024-11",
    )  # fmt: skip
    wanted = _long(_with_month(expected), ["regiao", "period"]).with_columns(
        unit=pl.col("regiao").replace_strict(REGIONS)
    )
    rows = compared(wanted, found.rename({"indicator": "column"}), ["unit", "period", "column"])
    lacks = (pl.col("unit") == "interior") & pl.col("period").is_in(NO_REGION)
    reason = "the table leaves out Paraty, whose region cell is empty in the edition"
    return _outcome("region by month", counts, rows, {reason: lacks})


def _state(store: str, folder: Path, counts: tuple[int, int]) -> Outcome:
    expected = pl.read_csv(
        folder / f"expected_state_month_yoy_vintage_{EDITION}.csv", infer_schema_length=0
    )
    names = [name for name in expected.columns[1:] if not name.endswith("_yoy_pct")]
    found, _ = command(
        store, "figures", "--indicator", ",".join(names), "--from", "2015-01", "--to", "2024-11",
        "--compare", "yoy",
    )  # fmt: skip
    percent = found.with_columns(value=pl.when(pl.col("change_kind") == "pct").then("change"))
    percent = percent.with_columns(indicator=pl.col("indicator") + "_yoy_pct")
    given = pl.concat([found, percent]).select("period", "value", column="indicator")
    rows = compared(_long(_with_month(expected), ["period"]), given, ["period", "column"])
    return _outcome("state by month, with the change on a year before", counts, rows, {})


def _movers(store: str, folder: Path, counts: tuple[int, int]) -> Outcome:
    expected = pl.read_csv(
        folder / f"expected_top_movers_vintage_{EDITION}.csv", infer_schema_length=0
    )
    units = pl.read_csv(DEFINITIONS / "units.csv", infer_schema_length=0)
    expected = expected.join(units.select("code", fmun="name_en"), on="fmun").drop("fmun")
    found, _ = command(
        store, "figures", "--indicator", "registro_ocorrencias", "--level", "municipality",
        "--period", "2024-11", "--window", "ytd", "--compare", "yoy",
    )  # fmt: skip
    names = {"value": "2024", "base_value": "2023", "change": "yoy_pct"}
    given = pl.concat(
        [
            found.select(
                code="unit", column=pl.lit(f"registro_ocorrencias_{name}"), value=pl.col(source)
            )
            for source, name in names.items()
        ]
    )
    rows = compared(_long(expected, ["code"]), given, ["code", "column"])
    return _outcome("municipalities that moved most (figures, not ranks)", counts, rows, {})


def _revisions(store: str, folder: Path, counts: tuple[int, int]) -> Outcome:
    """Compare the list of revised cells both ways: what it lacks counts as a difference too."""
    expected = pl.read_parquet(folder / f"revisions_to_{EDITION}.parquet")
    names = ",".join(expected["indicator"].unique().sort())
    found, _ = command(
        store, "revisions", "--indicator", names, "--level", "municipality",
        "--from", "2014-01", "--to", "2024-11", "--only-revised",
    )  # fmt: skip
    month = pl.col("ano").cast(pl.String) + "-" + pl.col("mes").cast(pl.String).str.zfill(2)
    wanted = expected.select(
        pl.col("fmun_cod").cast(pl.String).alias("unit"),
        "indicator",
        "vintage",
        period=month,
        value=pl.col("value_prev").cast(pl.Float64) * 1e6 + pl.col("value"),
    )
    both = pl.col("previous").cast(pl.Float64) * 1e6 + pl.col("value").cast(pl.Float64)
    given = found.with_columns(value=both, vintage=pl.col("vintage").str.head(10))
    key = ["unit", "indicator", "period", "vintage"]
    rows = compared(wanted, given.select(*key, "value"), key)
    extra = given.join(wanted, on=key, how="anti").select(*key, "value")
    extra = extra.with_columns(value_found="value", equal=pl.lit(value=False))
    return _outcome("every revised cell", counts, pl.concat([rows, extra], how="diagonal"), {})


def _csv(folder: Path, work: Path) -> Outcome:
    """Compare the published csv with the edition in Parquet, cell by cell, through the reader."""
    paths = {"csv": next(folder.glob("Base*.csv"))}
    paths["parquet"] = folder / "vintages" / f"BaseMunicipioMensal_{EDITION}.parquet"
    counts, facts = (0, 0), {}
    for name, path in paths.items():
        store = f"sqlite:///{work / f'{name}.db'}"
        report, said = command(store, "import", path, "--form", FORM, "--vintage", EDITION)
        if name == "csv":
            counts = (int(report["facts"][0]) // 54, sum("Notes" in line for line in said))
        facts[name], _ = command(
            store, "figures", "--indicator", "registro_ocorrencias,letalidade_violenta,fase",
            "--level", "municipality", "--from", "2023-01", "--to", "2024-11",
        )  # fmt: skip
    key = ["indicator", "unit", "period"]
    rows = compared(facts["csv"], facts["parquet"].select(*key, "value"), key)
    return _outcome("the csv (Latin-1, semicolons) against the Parquet copy", counts, rows, {})


def _with_month(frame: pl.DataFrame) -> pl.DataFrame:
    month = pl.col("ym").str.head(4) + "-" + pl.col("ym").str.tail(2)
    return frame.with_columns(period=month).drop("ym")
