"""Do changes of units reach the three files whole, or not at all?"""

import datetime as dt
import os
import random
import shutil
from pathlib import Path

import pytest

from data.access import OPERATOR, Viewer
from data.catalog import BUILT_IN, check_definitions, load_catalog
from data.definition_types import Catalog
from data.said import SpokenError
from data.store import audit
from data.store.database import Store, open_store
from data.store.verify import verify
from data.unit_changes import read_changes
from data.unit_changes_check import Checked, check_changes, filed_months
from data.unit_changes_draft import draft_of
from data.unit_changes_write import apply_changes, changed_tables, trial
from data.units import tree
from tests.data.test_unit_changes import HEAD, SPLIT
from tests.data.unit_small import TODAY, UNITS, small_definitions, small_facts

NOW = dt.datetime(2024, 11, 11, 9, 0, tzinfo=dt.UTC)
MARCH = dt.date(2024, 3, 1)


def check(catalog: Catalog, table: str) -> Checked:
    changes, found = read_changes((HEAD + table).encode(), "changes.csv")
    assert found == []
    return check_changes(catalog, changes, filed_months(small_facts(MARCH)), TODAY)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return small_definitions(tmp_path / "definitions")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = open_store(f"sqlite:///{tmp_path / 'record.sqlite'}")
    made.init("Europe/London")
    return made


def test_only_the_rows_that_change_are_written_anew(folder: Path) -> None:
    (folder / "units.csv").write_bytes(b"\xef\xbb\xbf" + UNITS.replace("\n", "\r\n").encode())
    catalog = load_catalog(folder)
    rows = SPLIT + "2024-09,move,b,,,d2,,,,,,,\n"
    texts = changed_tables(folder, draft_of(catalog), check(catalog, rows).draft)
    assert texts["units.csv"].split("\r\n") == [
        "\ufeffcode,level,group,name_zh,name_en,short_zh,short_en,opened,closed",
        "c,city,,全市,City,,,,",
        "d1,district,,东分局,East District,,,,",
        "a,borough,A,甲所,Station A,甲,A,,2024-04-01",
        "a1,borough,A,甲一所,Station A1,甲一,A1,2024-04-01,",
        "a2,borough,A,甲二所,Station A2,甲二所,Station A2,2024-04-01,",
        "b,borough,A,乙所,Station B,乙,B,,",
        "d2,district,,西分局,West District,,,,",
        'e,borough,B,"丙,所",Station E,丙,E,,',
        "f,borough,B,丁所,Station F,丁,F,2023-03-01,",
        "",
    ]
    assert texts["unit_parents.csv"].splitlines()[3:] == [
        "a,d1,2010-01-01,2024-04-01",
        "b,d1,2010-01-01,2024-09-01",
        "b,d2,2024-09-01,",
        "e,d2,2010-01-01,",
        "f,d2,2023-03-01,",
        "a1,d1,2024-04-01,",
        "a2,d1,2024-04-01,",
    ]
    assert texts["unit_successions.csv"].splitlines()[1:] == [
        "a,a1,2024-04-01,0.6",
        "a,a2,2024-04-01,0.4",
    ]


def test_separators_within_a_name_end_no_row(folder: Path) -> None:
    # Word's soft line break and the separators of Unicode come along when names are pasted.
    named = UNITS.replace("Station B", "Station\u2028B").replace("District", "Dis\x0btrict")
    (folder / "units.csv").write_text(named, encoding="utf-8")
    catalog = load_catalog(folder)
    texts = changed_tables(folder, draft_of(catalog), check(catalog, SPLIT).draft)
    assert "b,borough,A,乙所,Station\u2028B,乙,B,,\n" in texts["units.csv"]
    assert "a,borough,A,甲所,Station A,甲,A,,2024-04-01\n" in texts["units.csv"]


def test_applied_in_place_they_load_and_are_in_the_log(folder: Path, store: Store) -> None:
    catalog = load_catalog(folder)
    checked = check(catalog, SPLIT)
    assert apply_changes(catalog, checked, store, OPERATOR, NOW, "changes.csv") == folder.resolve()
    assert tree(load_catalog(folder)).children("d1") == ("a1", "a2", "b")
    assert not list(folder.glob(".*"))
    assert verify(store) == []
    assert audit.length(store) == 1
    with pytest.raises(SpokenError, match="changed since they were checked"):
        apply_changes(catalog, checked, store, OPERATOR, NOW, "changes.csv")
    assert audit.length(store) == 1


def test_into_a_new_folder_the_whole_definitions_go(
    folder: Path, store: Store, tmp_path: Path
) -> None:
    catalog, target = load_catalog(folder), tmp_path / "next"
    before = (folder / "units.csv").read_bytes()
    apply_changes(catalog, check(catalog, SPLIT), store, OPERATOR, NOW, "x.csv", target)
    assert (folder / "units.csv").read_bytes() == before
    assert check_definitions(target) == []
    assert "a1" in tree(load_catalog(target)).units
    with pytest.raises(SpokenError, match="not an empty folder"):
        apply_changes(catalog, check(catalog, SPLIT), store, OPERATOR, NOW, "x.csv", target)


@pytest.mark.parametrize("role", ["leader", "statistician", "reviewer", "evaluator"])
def test_others_than_administrators_are_refused(folder: Path, store: Store, role: str) -> None:
    catalog, before = load_catalog(folder), (folder / "units.csv").read_bytes()
    with pytest.raises(SpokenError, match="administrator"):
        apply_changes(catalog, check(catalog, SPLIT), store, Viewer("x", role, "c"), NOW, "x.csv")
    assert (folder / "units.csv").read_bytes() == before
    assert audit.length(store) == 0


def test_what_came_with_the_product_is_never_changed(store: Store, tmp_path: Path) -> None:
    catalog = load_catalog(BUILT_IN)
    changes, _ = read_changes((HEAD + "2024-01,rename,yz0101,,,,,,新名所,,,,\n").encode(), "x.csv")
    checked = check_changes(catalog, changes, {}, TODAY)
    with pytest.raises(SpokenError, match="--definitions"):
        apply_changes(catalog, checked, store, OPERATOR, NOW, "x.csv")
    apply_changes(catalog, checked, store, OPERATOR, NOW, "x.csv", tmp_path / "copy")
    assert load_catalog(tmp_path / "copy").digest != catalog.digest


def test_a_failed_write_leaves_every_file_and_the_log_as_they_were(
    folder: Path, store: Store
) -> None:
    catalog = load_catalog(folder)
    checked = check(catalog, SPLIT)
    before = {path.name: path.read_bytes() for path in folder.glob("unit*.csv")}
    # A folder in the place of the last file's new content makes writing it fail.
    blocker = folder / f".unit_successions.csv.{os.getpid()}.part"
    blocker.mkdir()
    with pytest.raises(SpokenError, match="Nothing was changed"):
        apply_changes(catalog, checked, store, OPERATOR, NOW, "changes.csv")
    shutil.rmtree(blocker, ignore_errors=True)
    assert {path.name: path.read_bytes() for path in folder.glob("unit*.csv")} == before
    assert audit.length(store) == 0


@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_applied_loads_again(tmp_path: Path, seed: int) -> None:
    """Chance changes, sound or not: what passes the check always gives definitions that load."""
    folder = small_definitions(tmp_path / "definitions")
    catalog, chance = load_catalog(folder), random.Random(seed)
    codes, rows = ["a", "b", "e", "f", "d1", "d2"], []
    for place in range(8):
        month, unit = f"2024-{4 + place % 8:02d}", chance.choice(codes)
        kind = chance.choice(["open", "close", "split", "merge", "move", "rename"])
        new = f"n{place}"
        names = f"新{new},New {new}"
        if kind == "open":
            rows.append(f"{month},open,{new},,,{chance.choice(['d1', 'd2'])},borough,,{names},,,")
            codes.append(new)
        elif kind == "close":
            rows.append(f"{month},close,{unit},,,,,,,,,,")
        elif kind == "split":
            share, other = chance.randint(1, 99) / 100, chance.choice(codes)
            rows.append(f"{month},split,{unit},{new},{share},,,,{names},,,")
            rows.append(f"{month},split,{unit},{other},{1 - share:.2f},,,,,,,,")
            codes.append(new)
        elif kind == "merge":
            rows.append(f"{month},merge,{unit},{chance.choice(codes)},,,,,,,,,")
        elif kind == "move":
            rows.append(f"{month},move,{unit},,,{chance.choice(['d1', 'd2', *codes])},,,,,,,")
        else:
            rows.append(f"{month},rename,{unit},,,,,,改{place}名,,,,")
    changes, _ = read_changes((HEAD + "\n".join(rows) + "\n").encode(), "x.csv")
    filed = filed_months(small_facts(MARCH))
    outcome = check_changes(catalog, changes, filed, TODAY)
    # Rows that would leave units without a parent are only told at the end: take these out.
    orphaned = {f["unit"] for f in outcome.findings if f["rule"] == "unit_changes_children"}
    sound = [c for c in outcome.changes if c.unit not in orphaned]
    outcome = check_changes(catalog, sound, filed, TODAY)
    if not any(f["rule"] == "unit_changes_children" for f in outcome.findings):
        assert trial(catalog, outcome, tmp_path / "trial") == []
