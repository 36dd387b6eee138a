"""Do Rio de Janeiro's published figures come out of the command line, as of each edition?"""

from pathlib import Path

import polars as pl
import pytest

from tests.examples.speaker import EXAMPLES, Speaker

EXAMPLE = EXAMPLES / "rio"
FORM = "isp_municipality"
EDITIONS = ("2024-08-05", "2024-08-30", "2024-09-20", "2024-10-20", "2024-12-20")
REGIONS = {
    "Baixada Fluminense": "baixada_fluminense",
    "Capital": "capital",
    "Grande Niterói": "grande_niteroi",
    "Interior": "interior",
}
# Half a unit of the last published digit.
ROUNDED = 0.00005 + 1e-9
APERIBE, ANGRA, TERESOPOLIS = "3300159", "3300100", "3305802"


class Rio(Speaker):
    """A store with Rio's figures, spoken to through the command line."""

    def __init__(self, folder: Path) -> None:
        super().__init__(EXAMPLE / "definitions", folder / "rio.db")

    def load(self, path: Path, day: str) -> tuple[int, pl.DataFrame, str]:
        code, out, err = self.run("import", path, "--form", FORM, "--vintage", day)
        return code, table(out) if out else pl.DataFrame(), err

    def ask(self, *arguments: object) -> pl.DataFrame:
        code, out, err = self.run(*arguments, "--format", "csv")
        assert code == 0, err
        return table(out)


def table(out: str) -> pl.DataFrame:
    return pl.read_csv(out.encode(), infer_schema_length=0)


def extract(day: str) -> Path:
    return EXAMPLE / "vintages" / f"municipio_2024_{day}.parquet"


@pytest.fixture(scope="module")
def rio(tmp_path_factory: pytest.TempPathFactory) -> Rio:
    """All five editions of 2024, and the last one's months since 2014."""
    found = Rio(tmp_path_factory.mktemp("rio"))
    for day in EDITIONS:
        code, _, err = found.load(extract(day), day)
        assert code == 0, err
    code, _, err = found.load(EXAMPLE / "municipio_2014-01_2024-11.parquet", EDITIONS[-1])
    assert code == 0, err
    return found


def expected(name: str, *key: str) -> pl.DataFrame:
    """Return an expected file in long form: its key columns, `column` and `value`."""
    frame = pl.read_csv(EXAMPLE / name, infer_schema_length=0)
    if "ym" in frame.columns:
        month = pl.col("ym").str.head(4) + "-" + pl.col("ym").str.tail(2)
        frame = frame.with_columns(period=month).drop("ym")
    if "regiao" in frame.columns:
        frame = frame.with_columns(unit=pl.col("regiao").replace_strict(REGIONS)).drop("regiao")
    frame = frame.rename({"fmun_cod": "unit"}, strict=False)
    columns = [name for name in frame.columns if name not in (*key, "fmun")]
    return frame.unpivot(columns, index=list(key), variable_name="column")


def unequal(wanted: pl.DataFrame, found: pl.DataFrame, *key: str) -> pl.DataFrame:
    """Return the expected figures that were not found, or found otherwise."""
    both = wanted.join(found, on=[*key, "column"], how="left", suffix="_found")
    numbers = [pl.col(name).cast(pl.Float64) for name in ("value", "value_found")]
    is_near = ((numbers[0] - numbers[1]).abs() <= ROUNDED).fill_null(False)
    return both.filter(~is_near & ~(numbers[0].is_null() & numbers[1].is_null()))


def compared_columns(found: pl.DataFrame, now: str, then: str) -> pl.DataFrame:
    """Return a comparison as the published table has it: this year, last year, percent."""
    # From a base of nought there is no percentage, in the published table neither.
    percent = pl.when(pl.col("change_kind") == "pct").then("change")
    sides = ((now, pl.col("value")), (then, pl.col("base_value")), ("_yoy_pct", percent))
    return pl.concat(
        [
            found.select("unit", "period", column=pl.col("indicator") + suffix, value=value)
            for suffix, value in sides
        ]
    )


def test_eleven_months_by_municipality(rio: Rio) -> None:
    wanted = expected("expected_municipality_ytd11_2024_vs_2023.csv", "unit")
    names = {c.removesuffix("_2024") for c in wanted["column"].unique() if c.endswith("_2024")}
    found = rio.ask(
        "figures", "--indicator", ",".join([*names, "veh_recovered_per_100_taken"]),
        "--level", "municipality", "--period", "2024-11", "--window", "ytd", "--compare", "yoy",
    )  # fmt: skip
    columns = compared_columns(found, "_2024", "_2023")
    rate = pl.col("column") == "veh_recovered_per_100_taken_2024"
    name = pl.when(rate).then(pl.lit("veh_recovered_per_100_taken")).otherwise("column")
    assert wanted.height == 92 * 29
    assert not unequal(wanted, columns.with_columns(name.alias("column")), "unit").height


def test_every_month_by_region(rio: Rio) -> None:
    wanted = expected("expected_region_month_vintage_2024-12-20.csv", "unit", "period")
    found = rio.ask(
        "figures", "--indicator", ",".join(wanted["column"].unique()), "--level", "region",
        "--from", "2015-01", "--to", "2024-11",
    ).rename({"indicator": "column"})  # fmt: skip
    differ = unequal(wanted, found, "unit", "period")
    assert wanted.height == 4 * 119 * 12
    # The edition leaves Paraty's region blank in three months; it stays in the interior here.
    assert differ.select("unit", "period").unique().sort("period").rows() == [
        ("interior", month) for month in ("2024-07", "2024-08", "2024-09")
    ]


def test_every_month_of_the_state_and_its_change(rio: Rio) -> None:
    wanted = expected("expected_state_month_yoy_vintage_2024-12-20.csv", "period")
    names = [c for c in wanted["column"].unique() if not c.endswith("_yoy_pct")]
    found = rio.ask(
        "figures", "--indicator", ",".join(names), "--from", "2015-01", "--to", "2024-11",
        "--compare", "yoy",
    )  # fmt: skip
    assert wanted.height == 119 * 25
    assert not unequal(wanted, compared_columns(found, "", "_before"), "period").height


def test_the_figures_of_those_that_moved_most(rio: Rio) -> None:
    units = pl.read_csv(EXAMPLE / "definitions" / "units.csv", infer_schema_length=0)
    frame = pl.read_csv(EXAMPLE / "expected_top_movers_vintage_2024-12-20.csv")
    named = units.select("code", fmun="name_en")
    codes = frame.join(named, on="fmun", maintain_order="left")["code"]
    found = rio.ask(
        "figures", "--indicator", "registro_ocorrencias", "--period", "2024-11", "--window", "ytd",
        "--unit", ",".join(codes), "--compare", "yoy",
    )  # fmt: skip
    assert found["value"].cast(pl.Float64).to_list() == (
        frame["registro_ocorrencias_2024"].cast(pl.Float64).to_list()
    )
    assert found["change"].cast(pl.Float64).round(4).to_list() == (
        frame["registro_ocorrencias_yoy_pct"].to_list()
    )


def test_every_revised_cell_between_the_editions(rio: Rio) -> None:
    wanted = pl.read_parquet(EXAMPLE / "revisions_to_2024-12-20.parquet")
    found = rio.ask(
        "revisions", "--indicator", ",".join(wanted["indicator"].unique()),
        "--level", "municipality", "--from", "2024-01", "--to", "2024-11", "--only-revised",
    )  # fmt: skip
    month = pl.format("{}-{}", "ano", pl.col("mes").cast(pl.String).str.zfill(2))
    code = pl.col("fmun_cod").cast(pl.String)
    numbers = [pl.col(name).cast(pl.Int64) for name in ("value_prev", "value")]
    rows = set(wanted.select("indicator", code, month, "vintage", *numbers).rows())
    numbers = [pl.col(name).cast(pl.Float64).cast(pl.Int64) for name in ("previous", "value")]
    assert len(rows) == 890
    assert set(found.select("indicator", "unit", "period", "vintage", *numbers).rows()) == rows


@pytest.mark.parametrize("day", EDITIONS)
def test_figures_as_of_an_edition_are_those_it_published(rio: Rio, day: str) -> None:
    published = pl.read_parquet(extract(day))
    last = f"2024-{published['mes'].max():02}"
    found = rio.ask(
        "figures", "--indicator", "hom_doloso,registro_ocorrencias,fase", "--level", "municipality",
        "--from", "2024-01", "--to", last, "--as-of", day,
    )  # fmt: skip
    month = pl.format("2024-{}", pl.col("mes").cast(pl.String).str.zfill(2))
    key = [pl.col("fmun_cod").cast(pl.String).alias("unit"), month.alias("period")]
    columns = [name for name in ("hom_doloso", "fase") if name in published.columns]
    wanted = published.select(*key, *columns).unpivot(columns, index=["unit", "period"])
    joined = wanted.join(
        found, left_on=["unit", "period", "variable"], right_on=["unit", "period", "indicator"]
    )
    assert joined.height == wanted.height > 0
    assert (joined["value"] == joined["value_right"].cast(pl.Float64)).all()


def test_what_the_publisher_has_consolidated_is_final(rio: Rio) -> None:
    def status(day: str) -> list[str]:
        asked = ("--indicator", "hom_doloso", "--from", "2024-03", "--to", "2024-06")
        return rio.ask("figures", *asked, "--as-of", day)["status"].to_list()

    assert status("2024-08-30") == ["final", "provisional", "provisional", "provisional"]
    assert status("2024-09-20") == ["final"] * 4


def test_a_correction_of_a_consolidated_month_counts_as_after_the_lock(rio: Rio) -> None:
    found = rio.ask(
        "revisions", "--indicator", "hom_doloso", "--unit", TERESOPOLIS, "--period", "2024-01"
    )
    columns = ("vintage", "value", "stage", "after_lock")
    assert found.select(columns).rows() == [
        ("2024-08-05", "5.0", "first", "false"),
        ("2024-09-20", "4.0", "revision", "true"),
    ]


def test_a_row_of_zeros_is_no_figure_where_there_was_no_station(rio: Rio) -> None:
    asked = ("--indicator", "registro_ocorrencias", "--unit", APERIBE)
    found = rio.ask("figures", *asked, "--period", "2017-04,2017-05", "--compare", "yoy")
    assert found.select("value", "status", "due", "note").rows() == [
        (None, "missing", "0", "opened"),  # in May 2017
        ("23.0", "final", "1", "opened"),  # no figure a year before, and none was due
    ]
    # A zero among other numbers is a zero.
    lethal = rio.ask(
        "figures", "--indicator", "letalidade_violenta", *asked[2:], "--period", "2017-05"
    )
    assert lethal["value"].to_list() == ["0.0"]


@pytest.fixture
def fresh(tmp_path: Path) -> Rio:
    return Rio(tmp_path)


def test_the_same_edition_again_writes_nothing(fresh: Rio) -> None:
    fresh.load(extract("2024-08-30"), "2024-08-30")
    before = fresh.run("audit", "verify")
    code, report, err = fresh.load(extract("2024-08-30"), "2024-08-30")
    assert (code, report["receipt"].to_list()) == (0, [""])
    assert "nothing was written" in err
    assert fresh.run("audit", "verify") == before


def test_an_older_edition_than_stored_is_refused(fresh: Rio) -> None:
    fresh.load(extract("2024-09-20"), "2024-09-20")
    code, _, err = fresh.load(extract("2024-08-30"), "2024-08-30")
    assert code == 2
    assert "2024-09-20" in err
    assert "2024-08-30" in err


def test_the_published_csv_is_read_by_the_same_form(fresh: Rio, tmp_path: Path) -> None:
    """ISP publishes Latin-1 with semicolons; names with accents stand beside the codes."""
    frame = pl.read_parquet(extract("2024-08-05")).with_columns(fmun=pl.lit("Aperibé"))
    text = frame.write_csv(separator=";")
    (tmp_path / "base.csv").write_bytes(text.encode("latin-1"))
    code, report, err = fresh.load(tmp_path / "base.csv", "2024-08-05")
    assert code == 0, err
    code, again, _ = fresh.load(extract("2024-08-05"), "2024-08-05")
    assert (code, again["receipt"].to_list()) == (0, [""])
    assert report["facts"].to_list() == again["unchanged"].to_list()


def test_another_year_comes_in_by_the_same_definitions(fresh: Rio, tmp_path: Path) -> None:
    later = pl.read_parquet(extract("2024-12-20")).filter(pl.col("mes") <= 2)
    later = later.with_columns(ano=pl.lit(2026), hom_doloso=pl.lit(1))
    later.write_parquet(tmp_path / "2026.parquet")
    code, _, err = fresh.load(tmp_path / "2026.parquet", "2026-03-20")
    assert code == 0, err
    asked = ("--indicator", "hom_doloso", "--unit", "interior", "--period", "2026-02")
    assert fresh.ask("figures", *asked)["value"].to_list() == ["75.0"]


@pytest.mark.parametrize(
    ("column", "value", "cell", "says"),
    [
        ("fmun_cod", 3399999, "A2", "'3399999' is not a known unit"),
        ("mes", 13, "C2", "'2024-13' is not a month"),
        ("hom_doloso", -4, "D2", "below the least"),
        ("fase", 7, "AG2", "above the greatest"),
    ],
)
def test_what_cannot_be_used_is_named_and_nothing_is_stored(
    fresh: Rio, tmp_path: Path, column: str, value: int, cell: str, says: str
) -> None:
    frame = pl.read_parquet(extract("2024-08-05"))
    is_first = pl.int_range(pl.len()) == 0
    wrong = pl.when(is_first).then(value).otherwise(column).alias(column)
    frame.with_columns(wrong.cast(pl.Int64)).write_parquet(tmp_path / "wrong.parquet")
    code, _, err = fresh.load(tmp_path / "wrong.parquet", "2024-08-05")
    assert code == 1
    assert says in err
    assert f"{cell}:" in err
    assert not fresh.path.exists()
