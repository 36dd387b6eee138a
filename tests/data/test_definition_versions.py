"""Which definition is a month filed under, and are wrong versions refused with the place?"""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from data.access import OPERATOR
from data.definition_types import EMPTY, Version
from data.definition_versions import (
    breaks_between,
    parse_versions,
    version_at,
    version_in_force,
)
from data.parse import Place
from data.store.database import Store
from data.store.loading import import_facts
from data.store.snapshot import read_facts
from tests.data.store.samples import day, facts, source
from tests.data.store.test_loading import SCOPED

OLD = {"zh": "旧", "en": "old"}
FIRST = {"definition": OLD}
PLACE = Place("measures.toml", "fraud")
THREE = {
    "versions": [
        {"definition": OLD},
        {"from": "2023-07", "definition": OLD, "change": OLD},
        {"from": "2024-01", "change": OLD},
    ]
}


def m(text: str) -> dt.date:
    return dt.date.fromisoformat(f"{text}-01")


@pytest.mark.parametrize(
    ("month", "expected"),
    [
        ("2019-01", 1),
        ("2023-06", 1),
        ("2023-07", 2),
        ("2023-12", 2),
        ("2024-01", 3),
        ("2030-01", 3),
    ],
)
def test_a_month_belongs_to_the_version_in_force_then(month: str, expected: int) -> None:
    versions = parse_versions(THREE, EMPTY, PLACE)
    assert version_at(versions, m(month)) == expected


def test_the_version_in_force_of_many_facts_at_once() -> None:
    from dataclasses import replace

    from data.catalog import load_catalog

    measures = load_catalog().measures
    theft = replace(measures["calls_theft"], versions=parse_versions(THREE, EMPTY, PLACE))
    frame = pl.DataFrame(
        {
            "measure": ["calls_theft", "calls_theft", "calls_valid", "nobody"],
            "period": [m("2023-06"), m("2024-02"), m("2024-02"), m("2024-02")],
        }
    )
    found = frame.select(version_in_force(measures | {"calls_theft": theft}).alias("v"))
    assert found["v"].to_list() == [1, 3, 1, None]


def test_the_breaks_between_two_months() -> None:
    versions = parse_versions(THREE, EMPTY, PLACE)
    assert [v.number for v in breaks_between(versions, m("2023-01"), m("2024-01"))] == [2, 3]
    assert [v.number for v in breaks_between(versions, m("2023-07"), m("2023-12"))] == []


def test_a_measure_that_lists_no_versions_has_one() -> None:
    assert parse_versions({}, EMPTY, PLACE) == (Version(1, None, EMPTY, EMPTY),)
    assert parse_versions({"version": 4}, EMPTY, PLACE)[0].number == 4


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"version": 0}, "versions are counted from 1, found 0"),
        ({"version": 2, **THREE}, "2 is stated, but 3 versions are listed"),
        ({"versions": [{"definition": OLD}, {"change": OLD}]}, "from"),
        ({"versions": [{}, {"from": "2024-01", "change": OLD}]}, "needs its own definition text"),
        (
            {
                "versions": [
                    {"definition": OLD},
                    {"from": "2024-01", "change": OLD, "definition": OLD},
                ]
            },
            "the last version is the measure's own definition text",
        ),
        (
            {
                "versions": [
                    {"from": "2024-01", "definition": OLD},
                    {"from": "2024-01", "change": OLD},
                ]
            },
            "2024-01 is not after 2024-01",
        ),
        ({"versions": [{"from": "2024-13"}]}, "2024-13"),
    ],
)
def test_wrong_versions_are_refused_with_the_place(table: dict, said: str) -> None:
    with pytest.raises(ValueError, match="measures.toml: fraud") as error:
        parse_versions(table, EMPTY, PLACE)
    assert said in str(error.value)


MONTH = """
cases   a1 2023-10 12
cleared a1 2023-10 5
"""


def test_a_back_cast_withdraws_nothing_of_what_was_first_filed(store: Store) -> None:
    import_facts(store, OPERATOR, facts(MONTH), SCOPED, source(), day("2023-11-05"))
    again = facts("cases a1 2023-10 15").with_columns(definition=pl.lit(2, pl.Int64))
    scope = again.select("measure", "unit", "period", "definition")
    report = import_facts(
        store, OPERATOR, again, SCOPED, source("again.csv"), day("2024-02-05"), scope
    )
    assert (report.new, report.revised, report.withdrawn) == (1, 0, 0)
    found = read_facts(store, OPERATOR).sort("measure", "definition")
    assert found.select("measure", "definition", "value").rows() == [
        ("cases", 1, 12.0), ("cases", 2, 15.0), ("cleared", 1, 5.0),
    ]  # fmt: skip


def test_a_revised_first_filing_leaves_the_back_cast_alone(store: Store) -> None:
    import_facts(store, OPERATOR, facts(MONTH), SCOPED, source(), day("2023-11-05"))
    again = facts("cases a1 2023-10 15").with_columns(definition=pl.lit(2, pl.Int64))
    scope = again.select("measure", "unit", "period", "definition")
    import_facts(store, OPERATOR, again, SCOPED, source("again.csv"), day("2024-02-05"), scope)
    revised = facts(MONTH.replace("12", "13"))
    report = import_facts(store, OPERATOR, revised, SCOPED, source("r.csv"), day("2024-03-05"))
    assert (report.revised, report.withdrawn) == (1, 0)
    found = read_facts(store, OPERATOR).filter(measure="cases").sort("definition")
    assert found["value"].to_list() == [13.0, 15.0]


def test_a_former_code_that_is_still_in_use_is_refused() -> None:
    from dataclasses import replace

    from data.catalog import load_catalog
    from data.definition_checks import check_catalog

    catalog = load_catalog()
    measures = dict(catalog.measures)
    for code, former in (
        ("calls_theft", "calls_valid"),
        ("calls_help", "help"),
        ("calls_other", "help"),
    ):
        measures[code] = replace(measures[code], formerly=(former,))
    problems = check_catalog(replace(catalog, measures=measures))
    assert "measures.toml: formerly: 'calls_valid' is still the code of an indicator" in problems
    assert "measures.toml: formerly: 'help' is named by more than one measure" in problems


def test_a_measures_life_begins_and_ends_with_a_month(tmp_path: Path) -> None:
    import shutil

    from data.catalog import BUILT_IN, check_definitions

    folder = tmp_path / "definitions"
    shutil.copytree(BUILT_IN, folder)
    path = folder / "measures.toml"
    whole = path.read_text(encoding="utf-8")

    def problems(lines: str) -> str:
        changed = whole.replace("[calls_theft]\n", f"[calls_theft]\n{lines}\n", 1)
        path.write_text(changed, encoding="utf-8")
        return "\n".join(check_definitions(folder))

    assert problems("valid_from = 2024-01-01\nvalid_to = 2025-01-01") == ""
    assert "expected the first day of a month, found 2024-01-15" in problems(
        "valid_to = 2024-01-15"
    )
    wrong = problems("valid_from = 2024-01-01\nvalid_to = 2023-01-01")
    assert "2023-01-01 is not after valid_from, 2024-01-01" in wrong
