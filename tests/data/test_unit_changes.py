"""Does a file of unit changes say what it should, and is what is wrong told by its cell?"""

import datetime as dt
import io
from pathlib import Path

import pytest
from openpyxl import Workbook

from data.catalog import load_catalog
from data.definition_types import Catalog
from data.returns.guard import UnreadableError
from data.unit_changes import Finding, read_changes
from data.unit_changes_check import Checked, check_changes, filed_months
from data.unit_changes_draft import catalog_of
from data.unit_history import timeline
from data.units import tree, tree_at
from tests.data.unit_small import TODAY, small_definitions, small_facts

HEAD = "date,kind,unit,to_unit,share,parent,level,group,name_zh,name_en,short_zh,short_en,reason\n"
APRIL, JULY, SEPTEMBER = (dt.date(2024, month, 1) for month in (4, 7, 9))


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    folder: Path = tmp_path_factory.mktemp("small") / "definitions"
    return load_catalog(small_definitions(folder))


def checked(
    catalog: Catalog, table: str, through: dt.date = dt.date(2024, 3, 1)
) -> tuple[Checked, list[Finding]]:
    changes, found = read_changes((HEAD + table).encode(), "changes.csv")
    filed = filed_months(small_facts(through))
    outcome = check_changes(catalog, changes, filed, TODAY)
    return outcome, [*found, *outcome.findings]


def said(found: list[Finding]) -> list[tuple[str, str, str]]:
    return [(f["cell"], f["rule"].removeprefix("unit_changes_"), f["severity"]) for f in found]


SPLIT = """\
2024-04,split,a,a1,60%,,,,甲一所,Station A1,甲一,A1,Decision 7/2024
2024-04,split,a,a2,0.4,,,,甲二所,Station A2,,,
"""


def test_a_split_opens_its_heirs_where_the_old_unit_stood(catalog: Catalog) -> None:
    outcome, found = checked(catalog, SPLIT)
    assert said(found) == []
    after = catalog_of(catalog, outcome.draft)
    assert list(outcome.draft.units) == ["c", "d1", "a", "a1", "a2", "b", "d2", "e", "f"]
    a, a1 = (outcome.draft.units[code] for code in ("a", "a1"))
    assert a.closed == APRIL
    assert (a1.level, a1.group, a1.opened, a1.short.zh) == ("borough", "A", APRIL, "甲一")
    assert outcome.draft.units["a2"].short.en == "Station A2", "the full name where none is given"
    assert [(s.from_unit, s.to_unit, s.share) for s in after.successions] == [
        ("a", "a1", 0.6),
        ("a", "a2", 0.4),
    ]
    assert tree(after).children("d1") == ("a1", "a2", "b")
    assert tree_at(after, dt.date(2024, 3, 1)).children("d1") == ("a", "b")


def test_a_part_may_be_handed_over_while_the_old_unit_lives_on(catalog: Catalog) -> None:
    rows = "2024-04,split,a,a,0.75,,,,,,,,\n2024-04,split,a,b,0.25,,,,,,,,\n"
    outcome, found = checked(catalog, rows, through=dt.date(2024, 10, 1))
    assert said(found) == []
    assert outcome.draft.units["a"].closed is None
    assert len(outcome.draft.successions) == 2


def test_a_merger_into_a_new_unit_and_a_move(catalog: Catalog) -> None:
    rows = (
        "2024-04,合并,e,g,,,,,新所,Station G,,,\n"
        "2024-04,合并,f,g,,,,,,,,,\n"
        "2024年7月,改隶,b,,,d2,,,,,,,编办7号\n"
    )
    outcome, found = checked(catalog, rows)
    assert said(found) == []
    after = catalog_of(catalog, outcome.draft)
    assert tree(after).children("d2") == ("b", "g")
    assert tree_at(after, APRIL).children("d2") == ("g",)
    assert tree_at(after, APRIL).parent("b") == "d1"
    kinds = [(event.kind, event.unit, event.date) for event in timeline(after)][1:]
    assert kinds == [("merged", "e", APRIL), ("merged", "f", APRIL), ("moved", "b", JULY)]


def test_a_chain_is_carried_out_by_date_whatever_the_order_of_rows(catalog: Catalog) -> None:
    chain = (
        "2024-09,move,b,,,d2,,,,,,,\n"
        "2024-07,merge,a2,b,,,,,,,,,\n"
        + SPLIT
    )  # fmt: skip
    outcome, found = checked(catalog, chain)
    assert said(found) == []
    assert [change.kind for change in outcome.changes] == ["split", "split", "merge", "move"]
    after = catalog_of(catalog, outcome.draft)
    assert tree(after).children("d1") == ("a1",)
    assert tree(after).children("d2") == ("b", "e", "f")


def test_a_district_is_merged_by_moving_its_stations(catalog: Catalog) -> None:
    merger = "2024-04,merge,d2,d1,,,,,,,,,\n"
    _, found = checked(catalog, merger)
    assert said(found) == [("C2", "children", "mandatory")]
    assert "e, f" in found[0]["message_en"]
    moves = "2024-04,move,e,,,d1,,,,,,,\n2024-04,move,f,,,d1,,,,,,,\n"
    outcome, found = checked(catalog, merger + moves)
    assert said(found) == []
    assert tree(catalog_of(catalog, outcome.draft)).children("d1") == ("a", "b", "e", "f")


def test_a_district_opens_before_its_first_station_moves(catalog: Catalog) -> None:
    rows = (
        "2024-04,move,b,,,d3,,,,,,,\n"
        "2024-04,open,d3,,,c,District,,南分局,South District,,,\n"
    )  # fmt: skip
    outcome, found = checked(catalog, rows)
    assert said(found) == []
    assert list(outcome.draft.units)[-3:] == ["d3", "e", "f"]
    assert outcome.draft.units["d3"].level == "district"


def test_a_new_name_takes_the_place_of_the_old_one(catalog: Catalog) -> None:
    outcome, found = checked(catalog, "2024-04,rename,b,,,,,,乙新所,,,,\n")
    assert said(found) == []
    b = outcome.draft.units["b"]
    assert (b.name.zh, b.name.en, b.short.zh, b.short.en) == ("乙新所", "Station B", "乙新所", "B")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("2024-04-15,close,a,,,,,,,,,,\n", ("A2", "month_start")),
        ("soon,close,a,,,,,,,,,,\n", ("A2", "date")),
        ("2024-13,close,a,,,,,,,,,,\n", ("A2", "date")),
        ("2024-04,burn,a,,,,,,,,,,\n", ("B2", "kind")),
        ("2024-04,close,,x,,,,,,,,,\n", ("C2", "no_unit")),
        ("2024-04,close,aa,,,,,,,,,,\n", ("C2", "unknown")),
        ("2024-04,close,<script>,,,,,,,,,,\n", ("C2", "code")),
        ("2024-04,close,c,,,,,,,,,,\n", ("C2", "root")),
        ("2025-01,close,a,,,,,,,,,,\n", ("A2", "future")),
        ("2024-02,close,a,,,,,,,,,,\n", ("A2", "filed_after")),
        ("2023-03,close,f,,,,,,,,,,\n", ("A2", "not_open")),
        ("2024-04,close,d1,,,,,,,,,,\n", ("C2", "children")),
        ("2024-04,open,a,,,d1,borough,,新,New,,,\n", ("C2", "taken")),
        ("2024-04,open,n,,,zz,borough,,新,New,,,\n", ("F2", "unknown")),
        ("2024-04,open,n,,,,borough,,新,New,,,\n", ("F2", "no_parent")),
        ("2024-04,open,n,,,a,borough,,新,New,,,\n", ("F2", "parent_files")),
        ("2024-04,open,n,,,d1,burough,,新,New,,,\n", ("G2", "level")),
        ("2024-04,open,n,,,d1,borough,,,New,,,\n", ("I2", "no_name")),
        ("2024-04,open,n,,,d1,borough,,新,,,,\n", ("J2", "no_name")),
        ("2024-04,open,n,,,d1,borough,,=1+1,New,,,\n", ("I2", "formula")),
        ("2024-04,split,a,b,0.5,,,,,,,,\n2024-04,split,a,e,0.4,,,,,,,,\n", ("E2", "shares")),
        ("2024-04,split,a,b,1.5,,,,,,,,\n", ("E2", "share")),
        ("2024-04,split,a,b,1,,,,,,,,\n", ("D2", "one_taker")),
        ("2024-04,split,a,b,,,,,,,,,\n2024-04,split,a,e,0.4,,,,,,,,\n", ("E2", "no_share")),
        ("2024-04,split,a,b,0.6,,,,,,,,\n2024-04,split,a,b,0.4,,,,,,,,\n", ("D2", "taker_twice")),
        ("2024-04,split,d1,d2,0.5,,,,,,,,\n2024-04,split,d1,x,0.5,,,,,,,,\n",
         ("C2", "inner_split")),
        ("2024-04,split,a,d2,0.5,,,,,,,,\n2024-04,split,a,b,0.5,,,,,,,,\n", ("D2", "taker_inner")),
        ("2024-04,merge,a,,,,,,,,,,\n", ("D2", "no_taker")),
        ("2024-04,merge,a,a,,,,,,,,,\n", ("D2", "itself")),
        ("2024-04,merge,a,b,0.5,,,,,,,,\n", ("E2", "merge_share")),
        ("2024-04,move,b,,,d1,,,,,,,\n", ("F2", "same_parent")),
        ("2024-04,move,b,,,,,,,,,,\n", ("F2", "no_parent")),
        ("2024-04,rename,b,,,,,,乙所,,,,\n", ("I2", "no_new_name")),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_by_its_cell(
    catalog: Catalog, rows: str, expected: tuple[str, str]
) -> None:
    outcome, found = checked(catalog, rows)
    assert (*expected, "mandatory") in said(found)
    assert not outcome.is_sound
    assert all(f["message_zh"] and f["message_en"] and f["fix_zh"] and f["fix_en"] for f in found)


def test_a_unit_never_comes_to_lie_below_itself(catalog: Catalog) -> None:
    rows = (
        "2024-04,open,d3,,,d1,district,,南分局,South District,,,\n"
        "2024-07,move,d1,,,d3,,,,,,,\n"
    )  # fmt: skip
    _, found = checked(catalog, rows)
    assert said(found) == [("F3", "cycle", "mandatory")]


def test_nothing_comes_in_before_what_is_recorded(catalog: Catalog) -> None:
    rows = "2024-04,move,b,,,d2,,,,,,,\n"
    outcome, _ = checked(catalog, rows)
    later = catalog_of(catalog, outcome.draft)
    changes, _ = read_changes((HEAD + "2024-02,move,b,,,d2,,,,,,,\n").encode(), "x.csv")
    found = list(check_changes(later, changes, {}, TODAY).findings)
    assert said(found) == [("A2", "later", "mandatory")]
    again = check_changes(later, read_changes((HEAD + rows).encode(), "x.csv")[0], {}, TODAY)
    assert said(list(again.findings)) == [("A2", "later", "mandatory")], "twice is once too often"


def test_the_nearest_name_is_offered(catalog: Catalog) -> None:
    _, found = checked(
        catalog, "2024-04,open,n,,,d1,borogh,,新,New,,,\n2024-04,mrge,a,b,,,,,,,,,\n"
    )
    assert "did you mean 'merge'" in found[0]["message_en"]
    assert "did you mean 'borough'" in found[1]["message_en"]


def book(*rows: tuple) -> bytes:
    made = Workbook()
    sheet = made.active
    sheet.title = "变动"
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def test_a_workbook_with_chinese_headings_dates_and_notes_above(catalog: Catalog) -> None:
    content = book(
        ("云泽市公安局单位变动表",),
        (),
        ("日期（月初）", "事项", "单位", "承接单位", "份额", "依据"),
        (dt.datetime(2024, 4, 1), "拆分", "a", "b", 0.6, "编办〔2024〕7号"),
        ("2024年4月", "拆分", "a", "e", "40%", None),
    )
    changes, found = read_changes(content, "changes.xlsx")
    assert found == []
    assert [(c.date, c.kind, c.to_unit, c.share) for c in changes] == [
        (APRIL, "split", "b", 0.6),
        (APRIL, "split", "e", 0.4),
    ]
    assert changes[0].reason == "编办〔2024〕7号"
    assert changes[1].at["share"] == "E5"
    assert changes[0].sheet == "变动"


def test_formulas_are_never_taken(catalog: Catalog) -> None:
    content = book(("date", "kind", "unit"), ("2024-04", "close", '=CONCAT("a","")'))
    changes, found = read_changes(content, "changes.xlsx")
    assert changes == []
    assert said(found) == [("C2", "formula", "mandatory")]


@pytest.mark.parametrize(
    "content",
    [b"", b"PK\x03\x04 no archive", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", book(("a", "b"))],
)
def test_what_is_no_table_of_changes_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableError):
        read_changes(content, "changes.xlsx")


def test_an_empty_table_says_what_to_do() -> None:
    changes, found = read_changes(HEAD.encode(), "changes.csv")
    assert changes == []
    assert said(found) == [("A1", "nothing", "mandatory")]


def test_a_comma_too_many_and_a_cell_without_end_are_refused_by_their_row() -> None:
    shifted = f"{HEAD}2024-04,open,n,,,d1,borough,A,甲所,Station, North,甲,N,decided\n"
    with pytest.raises(UnreadableError, match="Row 2 has more cells .*'decided' stands under none"):
        read_changes(shifted.encode(), "changes.csv")
    blank = f"{HEAD}2024-04,move,a,,,d2,,,,,,,,,,\n"
    assert len(read_changes(blank.encode(), "changes.csv")[0]) == 1, "blank cells shift nothing"
    endless = f'{HEAD}2024-04,rename,a,,,,,,"{"x" * 140_000}'
    with pytest.raises(UnreadableError, match="Row 2 has a cell too long to be read"):
        read_changes(endless.encode(), "changes.csv")
