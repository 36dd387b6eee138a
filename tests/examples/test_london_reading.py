"""London: is the new case system read as a special cause, and can the boroughs be told apart?

The extract is the publication's own (Open Government Licence, see `data/examples/london`); its last
month, March 2024, is the first after the change. Months after it are made up here and say so.
"""

import contextlib
import csv
import io
import shutil
from pathlib import Path

import polars as pl
import pytest

import kpi
from metrics.districts import read_sides
from metrics.funnel_limits import Funnel, drawn_in

EXAMPLE = Path(__file__).resolve().parents[2] / "data" / "examples" / "london"
BREAK = """
[[event]]
from = "2024-03"
effect = "{effect}"
indicators = ["outcomes_victim", "outcomes_non_victim"]
reason = {{zh = "新的案件系统上线", en = "A new case system went live"}}
"""


class London:
    """A store with London's figures and definitions that a test may add to."""

    def __init__(self, folder: Path, event: str = "") -> None:
        self.definitions = folder / "definitions"
        shutil.copytree(EXAMPLE / "definitions", self.definitions)
        if event:
            (self.definitions / "events.toml").write_text(event, encoding="utf-8")
        self.store = f"sqlite:///{folder / 'london.db'}"
        code, _, err = self.run("import", EXAMPLE / "mps_dashboard_tno.parquet", *FORM)
        assert code == 0, err

    def run(self, *arguments: object, lang: str = "en") -> tuple[int, list[dict], str]:
        base = ["--definitions", str(self.definitions), "--store", self.store, "--lang", lang]
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = kpi.main([*base, *map(str, arguments)])
        return code, list(csv.DictReader(io.StringIO(out.getvalue()))), err.getvalue()

    def figures(self, *arguments: object) -> list[dict]:
        code, rows, err = self.run("figures", *arguments)
        assert code == 0, err
        return rows


FORM = ("--form", "mps_dashboard")
SPAN = ("--from", "2021-08", "--to", "2024-03")


@pytest.fixture(scope="module")
def london(tmp_path_factory: pytest.TempPathFactory) -> London:
    return London(tmp_path_factory.mktemp("london"))


def expected(name: str) -> list[dict[str, str]]:
    with (EXAMPLE / name).open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_control_charts_come_out_as_worked_out_apart(london: London, tmp_path: Path) -> None:
    names = {"recorded": "recorded", "cleared": "cleared", "rate": "clearance_rate"}
    found = london.figures("--indicator", ",".join(names.values()), *SPAN)
    code_of = {code: name for name, code in names.items()}
    points, charts = tmp_path / "points.csv", tmp_path / "series.csv"
    lines = [f"{code_of[r['indicator']]},{r['period']},{r['value']}" for r in found]
    points.write_text("\n".join(["series,x,y", *lines]))
    lines = [f"{name},neutral,24,FALSE" for name in names]
    head = "series,improvement_direction,fix_after_n_points,screen_outliers"
    charts.write_text("\n".join([head, *lines]))
    code, rows, _ = london.run("analyse", "spc", "--input", points, "--series", charts)
    assert code == 0
    found_by = {(r["series"], r["x"]): r for r in rows}
    wanted = expected("expected_xmr_london_tno.csv")
    assert len(wanted) == len(rows) == 96
    for row in wanted:
        here = found_by[row["series"], row["month"]]
        for mine, theirs in (("mean", "mean_first24"), ("lpl", "lnpl"), ("upl", "unpl"),
                             ("y", "value"), ("mr", "moving_range")):  # fmt: skip
            if row[theirs] and here[mine]:  # ranges after the first 24 months set no limit
                assert float(here[mine]) == pytest.approx(float(row[theirs]), abs=2e-4), row
        assert here["outside_limits"] == row["outside"].upper(), row


def test_the_month_after_the_new_system_is_a_special_cause(london: London) -> None:
    asked = ("--indicator", "cleared,clearance_rate", *SPAN, "--compare", "yoy")
    found = {(r["indicator"], r["period"]): r for r in london.figures(*asked)}
    for code in ("cleared", "clearance_rate"):
        march = found[code, "2024-03"]
        assert march["reading"] == "worse"
        assert float(march["value"]) < float(march["lower"])
        february = found[code, "2024-02"]
        assert float(february["lower"]) <= float(february["value"]) <= float(february["upper"])
    recorded = {(r["indicator"], r["period"]): r for r in london.figures(
        "--indicator", "recorded", "--period", "2024-03", "--compare", "yoy")}  # fmt: skip
    march = recorded["recorded", "2024-03"]
    assert float(march["lower"]) <= float(march["value"]) <= float(march["upper"])


# Camden's outcomes after the change, made up: the level of March 2024 with its ordinary ups and
# downs, for fifteen months; offences stay as they were.
AFTER = (163, 178, 170, 181, 167, 174, 160, 176, 169, 172, 165, 179, 168, 175, 171)


def later(path: Path) -> Path:
    """Write a later edition of the publication with made-up months of one borough."""
    head = ["Month_Year", "Area Type", "Borough_SNT", "Area name", "Crime Subtype", "Measure"]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([*head, "Count"])
        for n, outcomes in enumerate(AFTER):
            month = f"{2024 + (n + 3) // 12}-{(n + 3) % 12 + 1:02}-01"
            place = [month, "Borough", "Camden", "Camden", "TNO Victim Based"]
            writer.writerow([*place, "Offences", 3300 + n % 3])
            writer.writerow([*place, "Positive Outcomes", outcomes])
    return path


def test_a_break_gives_new_limits_and_no_false_signals(tmp_path: Path) -> None:
    asked = ("--indicator", "cleared", "--unit", "camden", "--from", "2024-03", "--to", "2025-06",
             "--compare", "yoy")  # fmt: skip
    readings = {}
    for effect in ("", "rebase", "break"):
        folder = tmp_path / (effect or "plain")
        folder.mkdir()
        held = London(folder, BREAK.format(effect=effect) if effect else "")
        code, _, err = held.run("import", later(folder / "later.csv"), *FORM)
        assert code == 0, err
        readings[effect] = held.figures(*asked)
    # Nothing set: one borough's first month may be chance, seven below the old mean are not, and
    # so it stays until the new year sets a yardstick of its own.
    told = [r["reading"] for r in readings[""]]
    assert told == ["not_significant"] * 6 + ["worse"] * 7 + ["not_significant"] * 3
    # A new start: too short a history, then the new level's own range, and not one signal in it.
    for effect in ("rebase", "break"):
        rows = readings[effect]
        told = [r["reading"] for r in rows]
        assert "worse" not in told
        assert "better" not in told
        assert told[0] == ("none" if effect == "break" else "short_history")
        assert all(r["reading"] in ("none", "short_history") for r in rows[:10])
    rebased = readings["rebase"][-1]
    assert rebased["reading"] == "not_significant"
    assert 140 < float(rebased["lower"]) < 171 < float(rebased["upper"]) < 200
    # A break besides: nothing is compared across it; two months on its far side are.
    across, beyond = readings["break"][:12], readings["break"][12:]
    assert {(r["note"], r["change"]) for r in across} == {("break", "")}
    assert {r["note"] for r in beyond} == {"none"}
    assert all(r["change"] for r in beyond)


def boroughs(london: London) -> pl.DataFrame:
    """Return cleared and recorded cases of 2023-24 of the boroughs, not of airports and unknown."""
    found = london.figures(
        "--indicator", "clearance_rate", "--level", "borough", "--period", "2024-03",
        "--window", "year",
    )  # fmt: skip
    rows = [
        (r["unit"], float(r["numerator"]), float(r["denominator"]))
        for r in found
        if r["unit"] not in ("other_nk", "aviation_security")
    ]
    return pl.DataFrame(rows, schema=["group", "numerator", "denominator"], orient="row")


def test_boroughs_and_their_spread_are_as_worked_out_apart(london: London) -> None:
    """The table worked out apart stands on plain shares: z = (p − p₀) ÷ √(p₀ (1 − p₀) ÷ n)."""
    groups = boroughs(london)
    wanted = expected("expected_funnel_clearance_fy23-24.csv")
    assert groups.height == len(wanted) == 32
    centre = groups["numerator"].sum() / groups["denominator"].sum()
    scores = []
    for (unit, x, n), row in zip(groups.iter_rows(), wanted, strict=True):
        assert unit == row["borough_snt"].lower().replace(" ", "_")
        assert (x, n) == (float(row["x"]), float(row["n"]))
        error = (centre * (1 - centre) / n) ** 0.5
        scores.append((x / n - centre) / error)
        assert scores[-1] == pytest.approx(float(row["z"]), abs=1e-5)
        for z, level in ((1.959964, "95"), (3.090232, "998")):
            assert centre - z * error == pytest.approx(float(row[f"lo{level}"]), abs=2e-6)
            assert centre + z * error == pytest.approx(float(row[f"hi{level}"]), abs=2e-6)
    phi = sum(z * z for z in scores) / len(scores)
    assert phi == pytest.approx(float(wanted[0]["phi_unwinsorised"]), rel=1e-5)
    drawn, _ = drawn_in(pl.Series(scores).to_numpy(), Funnel("PR"))
    assert (drawn**2).mean() == pytest.approx(float(wanted[0]["phi_winsor10"]), rel=1e-5)


def test_a_large_spread_does_not_make_an_outlier_of_everyone(london: London, tmp_path) -> None:
    table = tmp_path / "boroughs.csv"
    boroughs(london).write_csv(table)
    asked = ("analyse", "funnel", "--input", table, "--type", "PR")
    _, plain, _ = london.run(*asked)
    wanted = {
        row["borough_snt"].lower().replace(" ", "_")
        for row in expected("expected_funnel_clearance_fy23-24.csv")
        if row["outside_998"] == "True"
    }
    assert {r["group"] for r in plain if r["outlier"] == "1"} == wanted
    assert len(wanted) == 24  # chance alone would put three quarters of London outside
    _, widened, err = london.run(*asked, "--overdispersion")
    assert [r["group"] for r in widened if r["outlier"] == "1"] == ["barking_and_dagenham"]
    assert "phi = 33.31" in err  # 34.31 on plain shares, 33.31 on the scale of even spread
    assert "5.8 times as far apart as chance" in err
    _, widened, _ = london.run(*asked, "--overdispersion", "--limit", "95")
    assert sum(r["outlier"] == "1" for r in widened) == 6


def test_the_districts_page_tells_the_same(london: London) -> None:
    from data.access import OPERATOR
    from data.catalog import load_catalog
    from data.periods import parse_period
    from data.store.database import open_store
    from data.store.snapshot import read_facts
    from metrics.cube import build_cube

    catalog = load_catalog(london.definitions)
    store = open_store(london.store)
    facts = read_facts(store, OPERATOR)
    store.engine.dispose()
    units = boroughs(london)["group"].to_list()
    sides = read_sides(
        build_cube(facts, catalog), "clearance_rate", "london", units, parse_period("2024-03"),
        "year", "now", lambda rows: rows,
    )  # fmt: skip
    assert sides.funnel is not None
    # In some months more outcomes were given than offences recorded: no share, both sides vary.
    assert sides.funnel.kind == "pair"
    # By chance alone 23 of 32 would be named; of boroughs that differ anyway none is.
    assert (sides.funnel.outside(plain=True), sides.funnel.outside()) == (23, 0)
    beyond = {unit: v for unit, v in sides.funnel.verdicts.items() if v != "inside"}
    assert beyond == {
        "barking_and_dagenham": "high95",
        "kingston_upon_thames": "high95",
        "richmond_upon_thames": "low95",
    }
    # 29.2 drawn in, of which a bell keeps 0.6787 (and chance as the limits have it).
    assert sides.funnel.phi == pytest.approx(42.21, abs=0.01)
