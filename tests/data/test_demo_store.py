"""Does the demonstration bureau's record hold what was generated, the way a bureau's would?"""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from data.access import OPERATOR, viewer_for
from data.catalog import Catalog, load_catalog
from data.definition_versions import version_in_force
from data.demo.build import FIRST_WORKBOOK, RECORD
from data.demo.generate import generate_facts
from data.demo.quality import quality_facts
from data.demo.recounts import MEASURE, VERSION, as_counted_then, recounted
from data.returns.outcomes import COUNTS
from data.returns.quality import counted, outcomes, returns_over
from data.store.database import Store, open_store
from data.store.record import confirmations, differences, submissions
from data.store.snapshot import read_facts
from data.store.verify import verify
from data.units import tree

KEY = ["measure", "unit", "period"]
SEPTEMBER, OCTOBER = dt.date(2024, 9, 1), dt.date(2024, 10, 1)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


@pytest.fixture(scope="module")
def store(demo_folder: Path) -> Store:
    return open_store(f"sqlite:///{demo_folder / RECORD}")


@pytest.fixture(scope="module")
def facts(store: Store) -> pl.DataFrame:
    return read_facts(store, OPERATOR)


def test_workbooks_and_tables_bring_in_what_was_generated(
    catalog: Catalog, facts: pl.DataFrame
) -> None:
    made = generate_facts(catalog)
    made = as_counted_then(pl.concat([made, quality_facts(catalog, made)]))
    filed = facts.filter(pl.col("definition") == version_in_force(catalog.measures))
    is_counted = pl.col("measure").is_in(list(COUNTS)) & (pl.col("period") >= FIRST_WORKBOOK)
    filed = filed.filter(~is_counted)
    both = made.join(filed.select(*KEY, stored="value"), on=KEY, how="full", coalesce=True)
    differs = both.filter(pl.col("value").ne_missing(pl.col("stored")))
    # Three corrections still wait: the approved figures stand until then.
    off = differs.with_columns(off=pl.col("stored") - pl.col("value")).sort("unit")
    assert off.select(*KEY, "off").rows() == [
        ("sup_leads", "yz03-own", OCTOBER, -6),
        ("adm_first_warning", "yz0505", OCTOBER, -1),
        ("adm_first_warning", "yz0806", OCTOBER, 2),
    ]


def test_a_year_of_dissuasions_was_counted_again_under_the_new_definition(
    catalog: Catalog, facts: pl.DataFrame
) -> None:
    again = facts.filter(pl.col("definition") != version_in_force(catalog.measures))
    assert again["measure"].unique().to_list() == [MEASURE]
    assert again["definition"].unique().to_list() == [VERSION]
    wanted = recounted(generate_facts(catalog)).select(*KEY, "value")
    assert again.select(*KEY, "value").sort(KEY).equals(wanted.sort(KEY))
    first = facts.filter(measure=MEASURE, definition=1).select(*KEY, old="value")
    pairs = again.join(first, on=KEY)
    assert pairs.height == again.height
    assert (pairs["old"] <= pairs["value"]).all()  # alerts with a visit are no more than visits


def test_the_last_three_months_name_the_cell_of_their_workbook(
    catalog: Catalog, facts: pl.DataFrame
) -> None:
    filed = [
        code
        for code, item in catalog.measures.items()
        if item.form != "system" and item.absent != "optional"  # those a case system counts
    ]
    recent = facts.filter(pl.col("period") >= FIRST_WORKBOOK, pl.col("measure").is_in(filed))
    assert recent["sheet"].null_count() == 0
    assert recent["cell"].str.contains(r"^[A-Z]+\d+$").all()
    theft = recent.filter(pl.col("measure") == "calls_theft", pl.col("period") == OCTOBER)
    assert theft["sheet"].unique().to_list() == ["接处警"]


def test_months_to_september_are_final_and_october_is_provisional(facts: pl.DataFrame) -> None:
    status = facts.select(is_october=pl.col("period") == OCTOBER, status="status").unique()
    assert sorted(status.rows()) == [(False, "final"), (True, "provisional")]


def test_the_desk_s_locked_months_are_counted_and_the_past_is_as_it_was_noted(
    catalog: Catalog, store: Store, facts: pl.DataFrame
) -> None:
    rows = facts.filter(pl.col("measure").is_in(list(COUNTS)))
    since = rows.filter(pl.col("period") >= FIRST_WORKBOOK)
    assert since["period"].unique().sort().to_list() == [FIRST_WORKBOOK, SEPTEMBER]
    assert rows["period"].n_unique() > 50
    units = tree(catalog)
    live = counted(store, OPERATOR, catalog, units, FIRST_WORKBOOK, OCTOBER, catalog.bureau.today)
    wide = since.pivot(on="measure", index=["unit", "period"], values="value")
    both = wide.join(live, on=["unit", "period"], suffix="_live")
    assert both.height == wide.height
    for code in COUNTS:
        assert (both[code] == both[f"{code}_live"]).all()
    source = set(submissions(store, OPERATOR).filter(kind="system")["receipt"])
    assert set(since["submission"]) == source


def test_the_desk_s_months_tell_of_lateness_returns_refusals_and_corrections(
    catalog: Catalog, store: Store
) -> None:
    units, today = tree(catalog), catalog.bureau.today
    found = outcomes(store, OPERATOR, catalog, units, FIRST_WORKBOOK, OCTOBER, today)
    late = found.filter(~pl.col("on_time"), pl.col("came").is_not_null())
    told = late.select(pl.col("unit").str.head(4), "form", pl.col("period").dt.month()).unique()
    assert set(told.rows()) == {("yz07", "M02", 8), ("yz07", "M02", 9), ("yz06", "M05", 10)}
    given = found.filter(pl.col("due") == dt.date(2024, 10, 8), form="M05")
    assert given["unit"].str.head(4).unique().to_list() == ["yz03"]
    assert given["on_time"].all()
    missing = found.filter(pl.col("came").is_null())
    assert set(missing["unit"]) == {"yz0411", "yz0708"}
    back = found.filter(~pl.col("first_pass"), pl.col("came").is_not_null())
    month = pl.col("period").dt.month()
    assert back.select("unit", "form", month).sort("period", "unit").rows() == [
        ("yz0405", "M01", 8), ("yz0504", "M03", 8), ("yz0405", "M01", 9), ("yz0603", "M07", 9),
    ]  # fmt: skip
    revised = found.filter("revised").select("unit", "form", month).rows()
    assert sorted(revised) == [("yz0104", "M01", 10), ("yz0213", "M04", 9)]
    files = returns_over(store, OPERATOR, FIRST_WORKBOOK, OCTOBER)
    refused = files.filter(pl.col("refused").list.len() > 0)
    assert refused.select("unit", "form", "refused").rows() == [("yz09", "M03", ["yz0902"])]


def test_returns_were_sent_back_corrected_and_one_still_waits(
    catalog: Catalog, store: Store
) -> None:
    listed = submissions(store, viewer_for(catalog, "city_reviewer"))
    filed = listed.filter(kind="return")
    states = filed.group_by("form", "unit", "period").agg(pl.col("state").sort(), pl.len())
    twice = states.filter(pl.col("len") == 2)
    assert {(row[1], row[0], row[2].month): row[3] for row in twice.iter_rows()} == {
        ("yz05", "M03", 8): ["approved", "returned"],
        ("yz04", "M01", 8): ["approved", "returned"],
        ("yz04", "M01", 9): ["approved", "returned"],
        ("yz09", "M03", 9): ["approved", "returned"],
        ("yz06", "M07", 9): ["approved", "returned"],
        ("yz02", "M04", 9): ["approved", "approved"],
        ("yz01", "M01", 10): ["approved", "approved"],
        ("yz03", "M05", 10): ["approved", "submitted"],
        ("yz05", "M03", 10): ["approved", "reviewed"],
        ("yz08", "M03", 10): ["approved", "confirming"],
    }


def test_each_station_confirmed_what_its_district_typed(catalog: Catalog, store: Store) -> None:
    city = viewer_for(catalog, "city_reviewer")
    filed = submissions(store, city, OCTOBER).filter(kind="return")
    first = filed.filter(unit="yz01", form="M01", version=1).row(0, named=True)
    asked = confirmations(store, city, first["receipt"])
    assert asked["unit"].to_list() == list(tree(catalog).at_level("station", "yz01"))
    assert set(asked["decision"]) == {"confirmed"}
    assert "hubinlu_statistician" in asked["by"]
    assert first["steps"] == ["county", "city"]
    again = filed.filter(unit="yz01", form="M01", version=2).row(0, named=True)
    assert confirmations(store, city, again["receipt"])["unit"].to_list() == ["yz0104"]
    waiting = filed.filter(state="confirming").row(0, named=True)
    assert (waiting["unconfirmed"], waiting["may_review"]) == (["yz0806"], False)
    changed = differences(store, city, waiting["receipt"])
    assert changed.select("unit", "measure", "change").rows() == [
        ("yz0806", "adm_first_warning", -2)
    ]


def test_nobody_judged_their_own_return(catalog: Catalog, store: Store) -> None:
    listed = submissions(store, viewer_for(catalog, "city_reviewer"))
    judged = listed.filter(pl.col("kind") == "return", pl.col("reviewer").is_not_null())
    assert judged.height > 240
    assert (judged["submitted_by"] != judged["reviewer"]).all()
    assert (judged["reviewed_at"] > judged["submitted_at"]).all()


def test_the_log_of_the_build_holds(store: Store) -> None:
    assert verify(store) == []
