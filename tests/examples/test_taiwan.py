"""Do Taiwan's published police figures come out of the command line, tables and incident lists?"""

import contextlib
import csv
import shutil
import sqlite3
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from tests.examples.speaker import EXAMPLES, Speaker

EXAMPLE = EXAMPLES / "taiwan"
COUNTIES = EXAMPLE / "主要警政統計指標2V.csv"
NATION = EXAMPLE / "主要警政統計指標1V.csv"
OFFENCES = EXAMPLE / "刑事案件發生數、破獲數及嫌疑犯人數－按案類別1V.csv"
STAFF = EXAMPLE / "現有正式員額統計V.csv"
RATES = EXAMPLE / "111年行政區犯罪人口率統計_縣市.csv"
COUNTS = EXAMPLE / "township_month_2015_2019_extract.parquet"
LIST_2016 = EXAMPLE / "105年度犯罪資料_extract.xlsx"
# The published changes are rounded to four digits.
ROUNDED = 0.00005 + 1e-9
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


class Taiwan(Speaker):
    """A store with Taiwan's figures, spoken to through the command line."""

    def __init__(self, folder: Path, definitions: Path = EXAMPLE / "definitions") -> None:
        super().__init__(definitions, folder / "taiwan.db")

    def load(self, path: Path, form: str, *more: str) -> tuple[int, str]:
        code, _, err = self.run("import", path, "--form", form, *more)
        return code, err

    def figures(self, *arguments: object) -> dict[tuple[str, str, str], dict[str, str]]:
        rows = self.rows("figures", *arguments)
        return {(r["indicator"], r["unit"], r["period"]): r for r in rows}


@pytest.fixture(scope="module")
def taiwan(tmp_path_factory: pytest.TempPathFactory) -> Taiwan:
    found = Taiwan(tmp_path_factory.mktemp("taiwan"))
    for path, form, more in (
        (COUNTIES, "key_indicators_county", ("--period", "2023-12")),
        (NATION, "key_indicators_national", ()),
        (OFFENCES, "offences_national", ()),
        (STAFF, "personnel", ()),
        (RATES, "offender_rates", ()),
        (COUNTS, "incidents", ()),
    ):
        code, err = found.load(path, form, *more)
        assert code == 0, err
    return found


@pytest.fixture
def empty(tmp_path: Path) -> Taiwan:
    return Taiwan(tmp_path)


def expected(name: str) -> list[dict[str, str]]:
    with (EXAMPLE / name).open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def codes() -> dict[str, str]:
    units = pl.read_csv(EXAMPLE / "definitions" / "units.csv", infer_schema_length=0)
    return dict(units.select("name_zh", "code").iter_rows())


def year(indicator: str, level: str, month: str) -> list[str]:
    return ["--indicator", indicator, "--level", level, "--period", month, "--window", "year"]


def test_counties_are_standardised_by_their_mix_of_crimes(taiwan: Taiwan, tmp_path: Path) -> None:
    """What figures print goes into a funnel as it is: cases cleared over those its mix expects."""
    rates = "violent_clearance_rate,theft_clearance_rate"
    code, written, _ = taiwan.run("figures", *year(rates, "county", "2023-12"), "--format", "csv")
    assert code == 0
    table = tmp_path / "rates.csv"
    table.write_text(written, encoding="utf-8")
    options = ("--group", "unit", "--type", "SR", "--standardise", "indicator", "--sr-method")
    found = taiwan.rows("analyse", "funnel", "--input", table, *options, "CQC")
    sides = pl.read_csv(written.encode(), schema_overrides={"unit": pl.String}).select(
        "indicator", "unit", cleared="numerator", cases="denominator"
    )
    level = pl.col("cleared").sum().over("indicator") / pl.col("cases").sum().over("indicator")
    wanted = (
        sides.with_columns(due=level * pl.col("cases"))
        .group_by("unit")
        .agg(pl.col("cleared", "due").sum())
        .filter(pl.col("due") > 0)
    )
    assert {r["group"]: (float(r["numerator"]), float(r["denominator"])) for r in found} == {
        unit: (cleared, pytest.approx(due, rel=1e-12)) for unit, cleared, due in wanted.iter_rows()
    }
    assert sum(float(r["denominator"]) for r in found) == pytest.approx(wanted["cleared"].sum())
    assert taiwan.run("analyse", "funnel", "--input", table, "--type", "PR")[2].count("group") == 1


def test_clearance_rates_of_2023_are_recomputed(taiwan: Taiwan) -> None:
    groups = {"全般刑案": "all", "暴力犯罪": "violent", "竊盜": "theft"}
    asked = [
        f"{group}_{what}"
        for group in groups.values()
        for what in ("recorded", "cleared", "clearance_rate", "clearance_published")
    ]
    found = taiwan.figures(*year(",".join(asked), "county", "2023-12"))
    rows, code = expected("expected_clearance_recomputed_2023.csv"), codes()
    assert len(rows) == 66
    for row in rows:
        group, unit = groups[row["type"]], code[row["unit"]]
        value = {what.removeprefix(f"{group}_"): found[what, unit, "2023-12"] for what in asked}
        assert float(value["recorded"]["value"]) == float(row["recorded"])
        assert float(value["cleared"]["value"]) == float(row["cleared"])
        assert float(value["clearance_published"]["value"]) == float(row["published_rate"])
        rate = float(value["clearance_rate"]["value"])
        assert abs(rate - float(row["recomputed_rate"])) <= 0.005


def test_the_nation_is_its_counties_and_agencies(taiwan: Taiwan) -> None:
    """The heading of violent crime stands one column late in one table, of larceny in the other."""
    names = [f"{g}_{w}" for g in ("all", "violent", "theft") for w in ("recorded", "cleared")]
    asked = ",".join([*names, *(f"national_{name}" for name in names)])
    found = taiwan.figures(*year(asked, "country", "2023-12"))
    for name in names:
        summed, printed = (found[n, "taiwan", "2023-12"] for n in (name, f"national_{name}"))
        assert float(summed["value"]) == float(printed["value"]) > 0
    assert float(found["all_recorded", "taiwan", "2023-12"]["value"]) == 275268
    assert float(found["violent_cleared", "taiwan", "2023-12"]["value"]) == 451


def test_rates_as_printed_are_never_added_up(taiwan: Taiwan) -> None:
    asked = "all_clearance_published,offender_rate_all"
    for month in ("2022-12", "2023-12"):
        found = taiwan.figures(*year(asked, "country", month))
        assert [row["value"] for row in found.values()] == ["", ""]
    found = taiwan.figures(*year("offender_rate_juvenile", "county", "2022-12"))
    assert float(found["offender_rate_juvenile", "09007", "2022-12"]["value"]) == 916.59
    # A rate is a dash for the agencies, which have no inhabitants: missing, not zero.
    found = taiwan.figures(*year("all_crime_rate_published", "agencies", "2023-12"))
    assert found["all_crime_rate_published", "npa_agencies", "2023-12"]["value"] == ""


def test_years_and_dashes_of_the_offence_table(taiwan: Taiwan) -> None:
    asked = "o_civil_disturbance_recorded,o_computer_cleared,o_violent_offenders"
    found = taiwan.figures(
        "--indicator", asked, "--period", "2015-12,2022-12", "--window", "year"
    )  # fmt: skip
    value = {(key[0], key[2]): float(row["value"]) for key, row in found.items()}
    assert value == {
        ("o_civil_disturbance_recorded", "2015-12"): 0,
        ("o_civil_disturbance_recorded", "2022-12"): 0,
        ("o_computer_cleared", "2015-12"): 578,
        ("o_computer_cleared", "2022-12"): 1247,
        ("o_violent_offenders", "2015-12"): 2522,
        ("o_violent_offenders", "2022-12"): 761,
    }


def test_the_total_row_of_staff_is_a_control(taiwan: Taiwan) -> None:
    asked = "staff_total,staff_officers,staff_contract,national_staff_total"
    found = taiwan.figures(*year(asked, "country", "2023-12"))
    value = {key[0]: float(row["value"]) for key, row in found.items()}
    assert value["staff_total"] == value["national_staff_total"] == 72840
    assert value["staff_officers"] == 68724
    assert value["staff_contract"] == 31
    found = taiwan.figures(*year("staff_total", "agency", "2023-12"))
    assert float(found["staff_total", "police_college", "2023-12"]["value"]) == 262


def test_counts_by_county_and_month_with_their_changes(taiwan: Taiwan) -> None:
    code = codes()
    both = {}
    for comparison in ("yoy", "mom"):
        both[comparison] = taiwan.figures(
            "--indicator", "incidents", "--level", "county", "--from", "2015-01", "--to", "2019-12",
            "--compare", comparison,
        )  # fmt: skip
    rows = expected("expected_county_month_yoy_mom.csv")
    assert len(rows) > 200
    for row in rows:
        key = ("incidents", code[row["county"]], f"{row['year']}-{int(row['month']):02}")
        for comparison, base, change in (
            ("yoy", "n_prev_year", "yoy_pct"),
            ("mom", "n_prev_month", "mom_pct"),
        ):
            here = both[comparison][key]
            assert float(here["value"]) == float(row["n"])
            if row[change]:
                assert float(here["base_value"]) == float(row[base])
                assert abs(float(here["change"]) - float(row[change])) <= ROUNDED
            else:  # nothing published before, or no incident at all: no percentage
                assert here["change_kind"] != "pct"
                assert here["base_value"] in ("", "0.0")


def test_counts_by_county_type_and_year(taiwan: Taiwan) -> None:
    code = codes()
    found: dict[tuple[str, str, str], dict[str, str]] = {}
    for number in range(2015, 2020):
        found |= taiwan.figures(*year(",".join(TYPES.values()), "county", f"{number}-12"))
    rows = expected("expected_county_type_year.csv")
    assert {row["county"] for row in rows} >= {"臺東縣", "其他/不詳"}
    for row in rows:
        for number in range(2015, 2020):
            key = (TYPES[row["type"]], code[row["county"]], f"{number}-12")
            assert float(found[key]["value"]) == float(row[str(number)])


def test_townships_and_what_is_known_of_the_county_only(taiwan: Taiwan) -> None:
    asked = ["--indicator", "incidents", "--period", "2015-12", "--window", "year"]
    found = taiwan.figures(*asked, "--unit", "10014,10014_taitung,10014_own")
    frame = pl.read_parquet(COUNTS).filter(year=2015, county="臺東縣")
    parts = {
        "10014": frame["n"].sum(),
        "10014_taitung": frame.filter(township="台東市")["n"].sum(),
        "10014_own": frame.filter(pl.col("township").is_null())["n"].sum(),
    }
    assert {key[1]: float(row["value"]) for key, row in found.items()} == parts
    assert min(parts.values()) > 0


def test_a_list_of_incidents_gives_the_same_counts_and_keeps_no_row(empty: Taiwan) -> None:
    """One sheet has the whole year, the other repeats the last quarter without headings."""
    code, err = empty.load(LIST_2016, "incidents")
    assert code == 0, err
    asked = [code for code in TYPES.values() if code != "rape"]  # left out of the extract
    found = empty.figures(
        "--indicator", ",".join(asked), "--level", "township", "--from", "2016-01", "--to",
        "2016-12",
    )  # fmt: skip
    given = pl.DataFrame(
        [(*key, float(row["value"])) for key, row in found.items()],
        schema=["indicator", "unit", "period", "value"],
        orient="row",
    ).filter(pl.col("value") > 0)
    frame = pl.read_parquet(COUNTS).filter(
        (pl.col("year") == 2016) & pl.col("township").is_not_null()
        & (pl.col("crime_type") != "強制性交") & (pl.col("county") != "其他/不詳")
    )  # fmt: skip
    assert given["value"].sum() == frame["n"].sum() > 1000
    assert given.height == frame.height
    with contextlib.closing(sqlite3.connect(empty.path)) as record:
        tables = record.execute("select name from sqlite_master where type = 'table'").fetchall()
        rows = [row for (name,) in tables for row in record.execute(f'select * from "{name}"')]  # noqa: S608
    kept = "\n".join(map(str, rows))
    assert "台東市" not in kept
    assert "住宅竊盜" not in kept


def test_the_same_files_again_write_nothing(taiwan: Taiwan) -> None:
    for path, form in ((NATION, "key_indicators_national"), (COUNTS, "incidents")):
        code, err = taiwan.load(path, form)
        assert code == 0
        assert "nothing was written" in err


def incident_list(path: Path, *rows: str) -> Path:
    head = "type,oc_year,oc_data,oc_county,oc_region\n案類,發生年度,發生日期,發生縣市,發生鄉鎮市區"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


def test_another_year_comes_in_by_the_same_definitions(empty: Taiwan, tmp_path: Path) -> None:
    path = incident_list(
        tmp_path / "113年度犯罪資料全.csv",
        "毒品,113,101,臺北市,中正區",
        "毒品,113,0131,台北市,中正區",  # a leading zero, the other 台
        "毒品,113,100,台北市,中正區",  # the day is not known
        "機車竊盜,113,1201,臺北市,",  # the district is not known
        "機車竊盜,113,1130102,臺中市,臺中市西屯區",  # the whole day, the county repeated
        "自行車竊盜,113,102,彰化縣,員林鎮",  # a town that is a city now
        "毒品,113,1231,外國,",
        "毒品,113,1231,,",  # no place at all
        "說明:機車竊盜案件因發生地在路界、縣界等區域，發生地僅顯示縣、市。,,,,",
    )
    assert empty.load(path, "incidents")[0] == 0
    found = empty.figures(
        "--indicator", "drugs,motorcycle_theft,bicycle_theft,incidents", "--unit",
        "63000,63000_own,66000_xitun,10007_yuanlin,other", "--period", "2024-01,2024-12",
    )  # fmt: skip
    value = {key: float(row["value"]) for key, row in found.items() if row["value"]}
    assert value["drugs", "63000", "2024-01"] == 3
    assert value["motorcycle_theft", "63000_own", "2024-12"] == 1
    assert value["motorcycle_theft", "66000_xitun", "2024-01"] == 1
    assert value["bicycle_theft", "10007_yuanlin", "2024-01"] == 1
    assert value["drugs", "other", "2024-12"] == 2
    assert value["incidents", "63000", "2024-01"] == 3


@pytest.mark.parametrize(
    ("row", "cell", "says"),
    [
        ("毒品,113,1301,臺北市,中正區", "C4", "'113-«1301»' is not a month"),
        ("毒品,113,132,臺北市,中正區", "C4", "'113-«132»' is not a month"),
        ("毒品,1x3,101,臺北市,中正區", "is not a month", "1x3-1"),
        ("毒品,113,101,臺北縣,板橋市", "E4", "'臺北縣板橋市' is not a known unit"),
        ("詐欺,113,101,臺北市,中正區", "A4", "'詐欺' is no measure of form incidents"),
    ],
)
def test_an_incident_that_cannot_be_counted_is_refused(
    empty: Taiwan, tmp_path: Path, row: str, cell: str, says: str
) -> None:
    path = incident_list(tmp_path / "list.csv", "毒品,113,101,臺北市,中正區", row)
    code, err = empty.load(path, "incidents")
    assert code == 1
    assert cell in err
    assert says in err
    assert not empty.path.exists()


def test_a_list_speaks_for_the_year_in_its_name(empty: Taiwan, tmp_path: Path) -> None:
    """A stray row of another year would turn that year's published counts into noughts."""
    rows = ("毒品,113,101,臺北市,中正區", "毒品,112,1231,外國,")
    path = incident_list(tmp_path / "113年度犯罪資料全.csv", *rows)
    code, err = empty.load(path, "incidents")
    assert code == 1
    assert "B4: '112' stands here, but the whole table says '113'" in err


def test_a_sheet_that_repeats_other_counts_is_refused(empty: Taiwan, tmp_path: Path) -> None:
    path = tmp_path / "105年度犯罪資料.xlsx"
    shutil.copyfile(LIST_2016, path)
    book = openpyxl.load_workbook(path)
    book["10510-1012"].append(["毒品", 105, 1231, "台東縣", "台東市"])
    book.save(path)
    code, err = empty.load(path, "incidents")
    assert code == 1
    assert "given different values" in err
    assert not empty.path.exists()


@pytest.mark.parametrize(
    ("source", "form", "old", "new", "says"),
    [
        (COUNTIES, "key_indicators_county", "\n臺南市", "\n臺難市", "A9: '臺難市' is not a"),
        (COUNTIES, "key_indicators_county", '"40,967"', '"4o,967"', "B5: '4o,967' is not a number"),
        (COUNTIES, "key_indicators_county", "95.92", "59.92", "D5: "),
        (NATION, "key_indicators_national", "民國104年,2015", "民國104年,2016", "B18: "),
        (NATION, "key_indicators_national", "暴力犯罪", "暴 行", "暴力犯罪"),
        (OFFENCES, "offences_national", "民國104年\n2015", "民國104年\n2051", "A6: "),
        (OFFENCES, "offences_national", "妨害電腦使用(2)", "妨害計算機(2)", "o_computer_recorded"),
        (OFFENCES, "offences_national", '"66,255"', '"66,552"', "50 items (E6:BB6)"),
        (STAFF, "personnel", "End of 2003 - 2023", "End of year", "month"),
        (STAFF, "personnel", "鐵路警察局", "鐵道警察局", "'鐵道警察局' is not a known unit"),
    ],
)  # fmt: skip
def test_a_damaged_table_is_refused_at_its_cell(
    empty: Taiwan, tmp_path: Path, source: Path, form: str, old: str, new: str, says: str
) -> None:
    text = source.read_text(encoding="utf-8-sig")
    assert old in text
    path = tmp_path / source.name
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    more = ("--period", "2023-12") if form == "key_indicators_county" else ()
    code, err = empty.load(path, form, *more)
    assert (code, says in err) == (1, True), err
    assert not empty.path.exists()


def test_a_table_without_a_year_asks_for_one(empty: Taiwan) -> None:
    code, err = empty.load(COUNTIES, "key_indicators_county")
    assert code != 0
    assert "--period" in err or "month" in err
    assert not empty.path.exists()


def test_years_are_read_where_months_stand_below_them(empty: Taiwan, tmp_path: Path) -> None:
    """The edition 年(月)別 has a column more and twelve months below its last year."""
    with OFFENCES.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    wide = [[row[0], "", *row[1:]] for row in rows]
    wide[3][0] = "年(月)別"
    months = [["　　  1月 Jan.", *wide[5][1:]], wide[6], wide[7]]
    path = tmp_path / OFFENCES.name
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([*wide[:8], *months])
    assert empty.load(path, "offences_national")[0] == 0
    found = empty.figures(
        "--indicator", "o_total_recorded", "--period", "2015-12", "--window", "year"
    )
    assert float(found["o_total_recorded", "taiwan", "2015-12"]["value"]) == 297800


def test_the_year_of_a_county_table_may_stand_in_its_name(empty: Taiwan, tmp_path: Path) -> None:
    path = tmp_path / "113年主要警政統計指標2V.csv"
    shutil.copyfile(COUNTIES, path)
    assert empty.load(path, "key_indicators_county")[0] == 0
    found = empty.figures(*year("all_recorded", "county", "2024-12"))
    assert float(found["all_recorded", "65000", "2024-12"]["value"]) == 40967
    code, err = empty.load(path, "key_indicators_county", "--period", "2023-12")
    assert code == 1
    assert "2024" in err


def test_big5_is_told_from_other_encodings(empty: Taiwan, tmp_path: Path) -> None:
    path = tmp_path / "112年行政區犯罪人口率統計_縣市.csv"
    text = RATES.read_text(encoding="cp950")
    path.write_text(text.replace("111Y", "112Y").replace("09020", "9020"), encoding="utf-8-sig")
    assert empty.load(path, "offender_rates")[0] == 0
    found = empty.figures(*year("offender_rate_all", "county", "2023-12"))
    assert float(found["offender_rate_all", "09020", "2023-12"]["value"]) == 1148.38
