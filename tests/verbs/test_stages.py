"""The stages of money by command: the demonstration's own, India's, and a definition gone wrong."""

import contextlib
import csv
import io
import shutil
from pathlib import Path

import pytest

import kpi
from data.catalog import BUILT_IN, check_definitions, load_catalog

INDIA = Path(__file__).resolve().parents[2] / "data" / "examples" / "india"


def run(*arguments: object) -> tuple[int, list[dict[str, str]], str]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = kpi.main([*map(str, arguments)])
    return code, list(csv.DictReader(io.StringIO(out.getvalue()))), err.getvalue()


@pytest.fixture
def bureau(tmp_path: Path) -> list[object]:
    """Return the options of an empty store with a station's 24 months of two stages."""
    store = ["--store", f"sqlite:///{tmp_path / 'x.db'}", "--lang", "en"]
    assert run(*store, "init")[0] == 0
    lines = ["unit,period,rec_loss_amount,rec_seized_amount,rec_returned_amount"]
    for year, amounts in ((2023, "100,20,10"), (2024, "100,40,50")):
        lines += [f"yz0101,{year}-{month:02d},{amounts}" for month in range(1, 13)]
    file = tmp_path / "M04.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    code, _, words = run(*store, "import", file, "--form", "M04")
    assert code == 0, words
    return store


def test_every_stage_and_rate_is_a_row_of_its_own(bureau: list[object]) -> None:
    asked = ("--unit", "yz0101", "--period", "2024-12", "--chain", "property", "--format", "csv")
    code, rows, words = run(*bureau, "stages", *asked)
    assert code == 0
    amounts = {row["measure"]: row["value"] for row in rows if row["row"] == "stage"}
    assert amounts == {
        "rec_loss_amount": "1200.0",
        "rec_seized_amount": "480.0",
        "rec_returned_amount": "600.0",
    }
    assert [row["measure"] for row in rows if row["row"] == "beside"] == ["rec_averted_amount"]
    rates = {(row["measure"], row["of"]): row for row in rows if row["row"] == "rate"}
    returned = rates["rec_returned_amount", "rec_seized_amount"]
    assert (returned["value"], returned["before"], returned["note"]) == (
        "125.0",
        "50.0",
        "over_whole",
    )
    assert (returned["high"], returned["high_lag"]) == ("250.0", "12")  # 600 ÷ 240
    assert (returned["low"], returned["low_lag"]) == ("125.0", "0")
    assert (returned["lag"], returned["indicator"]) == ("short", "d_returned_rate")
    assert "over 100 %" in words
    assert "240.00 CNY 10k in the 12 months before" in words


def test_a_chain_that_is_not_there_is_named_with_its_neighbour(bureau: list[object]) -> None:
    code, _, words = run(*bureau, "stages", "--period", "2024-12", "--chain", "proprty")
    assert code == 2
    assert "property" in words


def test_another_bureau_has_its_own_stages(tmp_path: Path) -> None:
    base = ["--definitions", INDIA / "definitions", "--store", f"sqlite:///{tmp_path / 'i.db'}"]
    file = INDIA / "property_four_states.csv"
    assert run(*base, "import", file, "--form", "ncrb_property")[0] == 0
    code, rows, words = run(
        *base, "--lang", "en", "stages", "--unit", "assam", "--period", "2009-12", "--format", "csv"
    )
    assert code == 0, words
    stolen, recovered, rate = rows
    assert (stolen["window"], rate["window"]) == ("year", "year")
    assert float(rate["numerator"]) == float(recovered["value"])
    assert float(rate["denominator"]) == float(stolen["value"])
    wanted = 100 * float(recovered["value"]) / float(stolen["value"])
    assert float(rate["value"]) == pytest.approx(wanted, rel=1e-12)
    # with what was stolen one and two years before
    stolen_then = ("--indicator", "total_value_stolen", "--period", "2007-12,2008-12")
    place = ("--unit", "assam", "--window", "year", "--format", "csv")
    earlier = run(*base, "figures", *stolen_then, *place)[1]
    values = [wanted, *(100 * float(recovered["value"]) / float(r["value"]) for r in earlier)]
    assert float(rate["low"]) == pytest.approx(min(values), rel=1e-12)
    assert float(rate["high"]) == pytest.approx(max(values), rel=1e-12)
    assert rate["lag"] == "short"


def test_a_bureau_without_stages_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "definitions"
    shutil.copytree(BUILT_IN, folder)
    (folder / "stages.toml").unlink()
    base = ["--definitions", folder, "--store", f"sqlite:///{tmp_path / 'n.db'}", "--lang", "en"]
    assert run(*base, "init")[0] == 0
    code, _, words = run(*base, "stages", "--period", "2024-10")
    assert code == 2
    assert "no stages.toml" in words
    assert load_catalog(folder).stages == {}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"rec_seized_amount", "rec_ret', '"rec_seised_amount", "rec_ret', "rec_seized_amount"),
        ('of = "rec_loss_amount"', 'of = "rec_returned_amount"', "does not come after"),
        ('indicator = "d_recovery_rate"', 'indicator = "d_returned_rate"', "is not rec_seized"),
        ('beside = ["rec_averted_amount"]', 'beside = ["rec_loss_amount"]', "each once"),
        ('beside = ["rec_averted_amount"]', 'beside = ["rec_return_persons"]', "another unit"),
        ("longest_lag = 12", "longest_lag = 40", "expected 0 to 36"),
        ("stages = [", "stagess = [", "stages"),
    ],
)
def test_a_wrong_chain_stops_at_load(tmp_path: Path, old: str, new: str, said: str) -> None:
    folder = tmp_path / "definitions"
    shutil.copytree(BUILT_IN, folder)
    path = folder / "stages.toml"
    content = path.read_text(encoding="utf-8")
    assert old in content
    path.write_text(content.replace(old, new, 1), encoding="utf-8")
    problems = "\n".join(check_definitions(folder))
    assert "stages.toml: property" in problems
    assert said in problems


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("denominator_ago = 3", "denominator_ago = 30", "expected 0 to 24 months"),
        ('absent = "optional"', 'absent = "perhaps"', "optional"),
        ('beside = ["d_backlog_share"', 'beside = ["d_backlog_shore"', "d_backlog_share"),
    ],
)
def test_wrong_words_of_cohorts_stop_at_load(tmp_path: Path, old: str, new: str, said: str) -> None:
    folder = tmp_path / "definitions"
    shutil.copytree(BUILT_IN, folder)
    for path in (folder / "measures.toml", folder / "indicators" / "criminal.toml"):
        content = path.read_text(encoding="utf-8")
        path.write_text(content.replace(old, new, 1), encoding="utf-8")
    assert said in "\n".join(check_definitions(folder))
