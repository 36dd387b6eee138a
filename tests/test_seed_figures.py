"""Do the published figures of five source documents come out of filed base quantities?

Each source has a plan (data/examples/seed/plans.toml) of what the units of a small bureau file. The
plan is written into workbooks, the workbooks are imported, and every expectation of figures.csv is
worked out from the figures of the kernel. No figure is typed, except counts that one unit files.
"""

import csv
import datetime as dt
import operator
import re
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from openpyxl import Workbook

from data.access import OPERATOR
from data.catalog import Catalog, load_catalog
from data.checks.context import VALUES, Hierarchy
from data.checks.rules import bound_checks, failing
from data.demo.seeds import SEEDS, plan_facts, read_plans, write_definitions
from data.periods import parse_period
from data.returns.flat import read_flat
from data.returns.read import read_workbook
from data.returns.template import write_template
from data.store.database import Store, open_store
from data.store.record import Load, Source, import_files
from data.store.snapshot import read_facts
from data.units import Tree, tree
from metrics.cube import Cube, build_cube
from metrics.figures import compute_figures

ROWS = list(csv.DictReader((SEEDS / "figures.csv").read_text("utf-8").splitlines()))
PLANS = read_plans()
COMPARE: dict[str, Callable[[float, float], bool]] = {
    "==": lambda left, right: left == pytest.approx(right, abs=1e-9),
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}
FILERS = ("a", "b", "c-own")


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return load_catalog(write_definitions(tmp_path_factory.mktemp("seed") / "definitions"))


@pytest.fixture(scope="module")
def cubes(catalog: Catalog, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Cube]:
    """The figures of each source, after its workbooks have been imported into a record."""
    found = {}
    for source, plan in PLANS.items():
        folder = tmp_path_factory.mktemp(f"source{source}")
        store = open_store(f"sqlite:///{folder / 'record.db'}")
        store.init(catalog.bureau.timezone)
        facts = plan_facts(plan, catalog)
        last = parse_period(plan["last"])
        is_recent = pl.col("period") >= last.replace(month=last.month - 2)
        import_table(store, catalog, facts.filter(~is_recent), folder)
        import_workbooks(store, catalog, facts.filter(is_recent), folder)
        found[source] = build_cube(read_facts(store, OPERATOR), catalog)
    return found


def import_table(store: Store, catalog: Catalog, facts: pl.DataFrame, folder: Path) -> None:
    """Import the earlier months as flat tables, one workbook a form."""
    for code in used_forms(catalog, facts):
        form = catalog.forms[code]
        rows = facts.filter(pl.col("measure").is_in(form.measures))
        book = Workbook()
        book.active.append(["单位", "月份", "指标", "数值"])
        for measure, unit, period, value in rows.iter_rows():
            book.active.append([unit, f"{period:%Y-%m}", measure, value])
        path = folder / f"{code}_history.xlsx"
        book.save(path)
        table = read_flat(path, form, catalog)
        assert table.findings.filter(pl.col("severity") == "mandatory").is_empty()
        assert table.facts.height == rows.height
        import_files(store, OPERATOR, [Load(Source.of_path(path), table.facts)], form)


def import_workbooks(store: Store, catalog: Catalog, facts: pl.DataFrame, folder: Path) -> None:
    """Import the last quarter as collection workbooks: each district's and the city level's own."""
    units = tree(catalog)
    loads: dict[str, list[Load]] = {}
    for period in facts["period"].unique().sort():
        month = facts.filter(pl.col("period") == period)
        for filer in FILERS:
            mine = month.filter(pl.col("unit").is_in(units.leaves(filer)))
            if filer == "c-own":
                mine = month.filter(
                    pl.col("measure").is_in(provided(catalog, month)) | (pl.col("unit") == filer)
                )
            path = folder / f"{filer}_{period:%Y-%m}.xlsx"
            forms = used_forms(catalog, mine)
            write_template(catalog, units, forms, filer, period, path, values=mine)
            for code, cells in read_cells(catalog, units, path):
                loads.setdefault(code, []).append(Load(Source.of_path(path), cells, unit=filer))
    for code, files in loads.items():
        import_files(store, OPERATOR, files, catalog.forms[code])


def provided(catalog: Catalog, facts: pl.DataFrame) -> list[str]:
    """Return the measures that the city's own level files for other units."""
    codes = facts["measure"].unique()
    return [code for code in codes if catalog.measures[code].filers == ("city_own",)]


def read_cells(catalog: Catalog, units: Tree, path: Path) -> list[tuple[str, pl.DataFrame]]:
    """Return what a workbook files, form by form."""
    reading = read_workbook(path, catalog, units)
    assert reading.refusal is None
    cells = reading.cells.filter(pl.col("is_due"), pl.col("value").is_not_null())
    version = {code: item.version for code, item in catalog.measures.items()}
    cells = cells.with_columns(
        definition=pl.col("measure").replace_strict(version, return_dtype=pl.Int64)
    )
    return [(str(key[0]), rows) for key, rows in cells.partition_by("form", as_dict=True).items()]


def used_forms(catalog: Catalog, facts: pl.DataFrame) -> list[str]:
    return sorted({catalog.measures[code].form for code in facts["measure"].unique()})


# --- the grammar of expectations ---------------------------------------------------------------


class Question:
    """Who and when an expectation asks about, and the figures to answer it from."""

    def __init__(self, cube: Cube, row: dict[str, str]) -> None:
        self.cube = cube
        self.units = [{"county": "a", "city": "c", "station": "a1"}[row["level"]]]
        if "group=城区" in row["inputs"]:
            inside = set(cube.tree.leaves("a"))
            self.units = [u.code for u in cube.catalog.units if u.group == "A" and u.code in inside]
        self.period = parse_period(PLANS[row["source"]]["last"])

    def parts(self, code: str, window: str, years_ago: int = 0) -> tuple[float, float | None]:
        """Return an indicator's pooled numerator and denominator."""
        period = dt.date(self.period.year - years_ago, self.period.month, 1)
        figures = compute_figures(self.cube, [code], self.units, [period], window)
        assert figures["value"].null_count() == 0, f"{code} has no figure"
        numerator = figures["numerator"].sum()
        has_base = figures["denominator"].null_count() == 0
        return numerator, figures["denominator"].sum() if has_base else None

    def value(self, code: str, window: str, years_ago: int = 0) -> float:
        """Return an indicator's value; a yoy one is the change from its denominator."""
        item = self.cube.catalog.indicators[code]
        numerator, denominator = self.parts(code, window, years_ago)
        if denominator is None:
            return numerator
        if item.kind == "yoy":
            return (numerator - denominator) / denominator * item.scale
        return numerator / denominator * item.scale

    def expression(self, text: str, window: str, years_ago: int = 0) -> float:
        """Return a sum of indicators, or its change on the year before."""
        if found := re.fullmatch(r"yoy\((.+)\)", text.strip()):
            now = self.expression(found[1], window)
            before = self.expression(found[1], window, 1)
            return (now - before) / before * 100
        return sum(self.value(code.strip(), window, years_ago) for code in text.split("+"))

    def term(self, text: str) -> float:
        """Return the value of one side: a number, a count of units, or an expression."""
        text = text.strip()
        if re.fullmatch(r"-?\d+(\.\d+)?", text):
            return float(text)
        if found := re.fullmatch(r"units\((\w+)\)", text):
            today = [unit for unit in load_catalog().units if unit.closed is None]
            return sum(unit.level == found[1] for unit in today)
        asked = re.fullmatch(r"(.+?)(?:\[(\w+)(?::(\d+))?\])?", text)
        assert asked
        window, years = asked[2] or "month", int(asked[3] or 1)
        return sum(self.expression(asked[1], window, ago) for ago in range(years))


def holds(question: Question, clause: str) -> bool:
    """Return whether one assertion is true."""
    if found := re.fullmatch(r"(.+?) = (-?[\d.]+)±([\d.]+)", clause.strip()):
        return abs(question.term(found[1]) - float(found[2])) <= float(found[3]) + 1e-9
    pieces = re.split(r"\s(==|<=|>=|<|>)\s", clause.strip())
    terms = [question.term(piece) for piece in pieces[::2]]
    pairs = zip(terms, pieces[1::2], terms[1:], strict=False)
    return all(COMPARE[sign](left, right) for left, sign, right in pairs)


# --- the tests -----------------------------------------------------------------------------------


def test_all_69_figures_in_scope_are_asked_for() -> None:
    assert len(ROWS) == 69
    assert {row["source"] for row in ROWS} == set(PLANS)


@pytest.mark.parametrize("row", ROWS, ids=[f"{r['source']}-{r['name_zh']}" for r in ROWS])
def test_a_published_figure_is_reproduced(row: dict[str, str], cubes: dict[str, Cube]) -> None:
    question = Question(cubes[row["source"]], row)
    for clause in row["expected"].split(";"):
        assert holds(question, clause), clause


@pytest.mark.parametrize("source", PLANS)
def test_what_is_filed_breaks_no_mandatory_rule(source: str, catalog: Catalog) -> None:
    facts = plan_facts(PLANS[source], catalog)
    units = tree(catalog)
    parents = {u: units.children(u) for u in units.codes if units.children(u)}
    hierarchy = Hierarchy(parents, {}, {})
    checks = bound_checks(catalog, with_form_clauses=True)
    leaves = list(units.leaves("c"))
    months = facts["period"].unique().sort()
    for period in (month for month in months if month.month in (2, 3, 6, 9, 12)):
        values = facts.filter(pl.col("period") == period).select("unit", "measure", "value")
        values = values.with_columns(
            decimals=pl.lit(0.0),
            reported_ytd=pl.lit(None, pl.Float64),
            reported_same_period=pl.lit(None, pl.Float64),
        )
        before = facts.filter(pl.col("period") < period)
        found = failing(
            checks, values.select(VALUES.names()), before, period, leaves, catalog, hierarchy
        )
        broken = [f.check.rule.code for f in found if f.check.rule.severity == "mandatory"]
        assert broken == [], f"{source} {period}"


@pytest.mark.parametrize("row", ROWS, ids=[f"{r['source']}-{r['name_zh']}" for r in ROWS])
def test_enough_is_filed_for_the_figure(row: dict[str, str], catalog: Catalog) -> None:
    if row["inputs"] == "units":
        return
    facts = plan_facts(PLANS[row["source"]], catalog)
    inputs = [code for code in row["inputs"].split("+") if code in catalog.measures]
    assert inputs
    filed = facts.filter(pl.col("measure").is_in(inputs))
    months = facts["period"].n_unique()
    assert months >= int(row["months"])
    assert set(filed["measure"].unique()) == set(inputs)
    below = [unit for unit in catalog.units if unit.level == "station"]
    assert sum(unit.code.startswith("a") for unit in below) >= 2
    assert sum(unit.code.startswith("b") for unit in below) >= 2


@pytest.mark.parametrize(
    "row",
    [row for row in ROWS if row["typed"] != "raw"],
    ids=[f"{r['source']}-{r['name_zh']}" for r in ROWS if r["typed"] != "raw"],
)
def test_the_figure_itself_is_nowhere_typed(row: dict[str, str], catalog: Catalog) -> None:
    facts = plan_facts(PLANS[row["source"]], catalog)
    asked = set(re.findall(r"[a-z_0-9]+", row["expected"])) & set(catalog.measures)
    for code, value in re.findall(r"(\w+)\[\w+\] (?:==|=) (-?[\d.]+)", row["expected"]):
        if code in asked and float(value) > 2:
            cells = facts.filter(pl.col("measure") == code)["value"]
            assert float(value) not in cells.to_list(), f"{code} {value} is filed as it stands"
