"""Are the rules of published forms asked when a file comes in, with what is stored already?"""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from data.catalog import load_catalog
from data.checks.imported import (
    as_questions,
    checks_at_import,
    imported_findings,
    measures_asked,
)
from data.definition_types import Catalog
from data.schema import FACTS
from data.store.facts import LOADED
from data.units import tree
from tests.data.returns.small_bureau import bureau

FORM = """
[[options.tables]]
[options.tables.columns]
measure = {row = 1}
[options.tables.rows]
unit = {column = "A"}
"""
RULES = """
[rules.published]
severity = "mandatory"
scope = "total"
clauses = ["children(murder) == own(murder_published)"]
message = {zh = "合计应等于公布数", en = "The sum must equal the published total"}
fix = {zh = "核对", en = "Compare them."}
passing = [{unit = "north", period = "2023-12", facts = '''
unit  | period  | children(murder) | own(murder_published)
north | 2023-12 | 4                | 4
'''}]
failing = [{unit = "north", period = "2023-12", facts = '''
unit  | period  | children(murder) | own(murder_published)
north | 2023-12 | 3                | 4
'''}]

[rules.less]
severity = "query"
scope = "table"
clauses = ["murder <= theft"]
message = {zh = "少", en = "Murders are fewer than thefts"}
fix = {zh = "核对", en = "Compare them."}
passing = [{facts = '''
unit | period  | murder | theft
aba  | 2023-12 | 1      | 2
'''}]
failing = [{facts = '''
unit | period  | murder | theft
aba  | 2023-12 | 3      | 2
'''}]
"""


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    (tmp_path / "rules.toml").write_text(RULES, encoding="utf-8")
    return bureau(tmp_path, FORM)


def facts(*rows: tuple[str, str, float, str]) -> pl.DataFrame:
    return pl.DataFrame(
        [(measure, 1, unit, dt.date(2023, 12, 1), value, "S", cell)
         for measure, unit, value, cell in rows],
        schema=LOADED, orient="row",
    )  # fmt: skip


def stored(frame: pl.DataFrame) -> pl.DataFrame:
    missing = [name for name in FACTS if name not in frame.columns]
    return frame.with_columns(pl.lit(None).cast(FACTS[name]).alias(name) for name in missing)


def found(catalog: Catalog, new: pl.DataFrame, old: pl.DataFrame) -> list[tuple[str, str, str]]:
    checks = checks_at_import(catalog, catalog.forms["f"])
    findings = imported_findings(new, checks, stored(old), catalog, tree(catalog))
    return findings.select("rule", "unit", "cell").rows()


NOTHING = facts()
STATIONS = facts(("murder", "aba", 3, "B2"), ("murder", "taipei", 1, "B3"))


def test_a_total_is_compared_with_the_sum_of_the_file(catalog: Catalog) -> None:
    right = pl.concat([STATIONS, facts(("murder_published", "north_published", 4, "B9"))])
    wrong = pl.concat([STATIONS, facts(("murder_published", "north_published", 5, "B9"))])
    assert found(catalog, right, NOTHING) == []
    assert found(catalog, wrong, NOTHING) == [("published", "north", "B9")]


def test_a_total_is_compared_with_what_is_stored(catalog: Catalog) -> None:
    total = facts(("murder_published", "north_published", 5, "B9"))
    assert found(catalog, total, STATIONS) == [("published", "north", "B9")]
    assert found(catalog, total, NOTHING) == []


def test_a_new_figure_stands_for_the_one_it_replaces(catalog: Catalog) -> None:
    older = facts(("murder", "aba", 9, "B2"), ("theft", "aba", 5, "C2"))
    assert found(catalog, facts(("murder", "aba", 4, "B2")), older) == []
    assert found(catalog, facts(("theft", "aba", 8, "C2")), older) == [("less", "aba", "C2")]


def test_the_finding_names_unit_values_and_remedy(catalog: Catalog) -> None:
    checks = checks_at_import(catalog, catalog.forms["f"])
    assert set(measures_asked(checks)) == {"murder", "theft", "murder_published"}
    new = facts(("murder", "aba", 4, "B2"), ("theft", "aba", 3, "C2"))
    (row,) = imported_findings(
        new, checks, stored(NOTHING), catalog, tree(catalog)
    ).rows(named=True)  # fmt: skip
    assert row["message_en"].startswith("Aba: ")
    assert "Murders are fewer than thefts" in row["message_en"]
    assert row["severity"] == "query"
    assert "Compare them." in row["fix_en"]


def test_history_of_forms_that_are_filed_is_asked_about_and_never_held_up() -> None:
    built_in = load_catalog()
    checks = checks_at_import(built_in, built_in.forms["M02"])
    asked = {check.rule.code for check in checks}
    # Sums, parts, balances and years to date; not what is unusual (R18, R49, R60) or copied (R48).
    assert {"R07", "R08", "R10", "R13", "R16"} <= asked
    assert not asked & {"R18", "R44", "R46", "R48", "R49", "R60"}
    new = facts(
        ("crim_cleared", "yz0101", 10.0, "C2"),
        ("crim_cleared_current", "yz0101", 7.0, "D2"),
        ("crim_cleared_backlog", "yz0101", 2.0, "E2"),
    )
    broken = imported_findings(new, checks, stored(new.clear()), built_in, tree(built_in))
    assert broken.select("rule", "unit", "cell", "severity").rows() == [
        ("R07", "yz0101", "C2", "mandatory")
    ]
    assert as_questions(broken)["severity"].to_list() == ["query"]
