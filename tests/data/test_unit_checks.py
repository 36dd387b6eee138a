"""Definitions of units whose dates contradict each other are refused: where, what, what to do."""

from pathlib import Path

import pytest

from data.catalog import load_catalog
from tests.data.unit_small import small_definitions


def written(folder: Path, **files: str) -> Path:
    """Return the small bureau with lines added to its tables (`parents`, `steps`) or replaced."""
    found = small_definitions(folder / "definitions")
    names = {"units": "units.csv", "parents": "unit_parents.csv", "steps": "unit_successions.csv"}
    for key, lines in files.items():
        path = found / names[key]
        text = path.read_text(encoding="utf-8")
        for line in lines.split("\n"):
            old, arrow, new = line.partition(" -> ")
            if arrow:
                assert old in text
                text = text.replace(old, new)
            else:
                text += f"{line}\n"
        path.write_text(text, encoding="utf-8")
    return found


SPLIT = {
    "units": "a,borough,A,甲所,Station A,甲,A,, -> a,borough,A,甲所,Station A,甲,A,,2024-01-01\n"
    "x,borough,A,戊所,Station X,戊,X,2024-01-01,\ny,borough,A,己所,Station Y,己,Y,2024-01-01,",
    "parents": "x,d1,2024-01-01,\ny,d2,2024-01-01,",
    "steps": "a,x,2024-01-01,0.3\na,y,2024-01-01,0.7",
}


def test_a_split_that_fits_is_accepted(tmp_path: Path) -> None:
    found = load_catalog(written(tmp_path, **SPLIT))
    assert [step.share for step in found.successions] == [0.3, 0.7]
    assert [step.line for step in found.successions] == [2, 3]


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        (
            "a,x,2024-01-01,0.3\na,y,2024-01-01,0.6",
            "unit_successions.csv: line 2: a: the shares out of it on 2024-01-01 sum to 0.9, not 1",
        ),
        (
            "a,x,2024-01-01,0.3\na,x,2024-01-01,0.7",
            "one unit is named twice on 2024-01-01; give it one line with the whole share",
        ),
        (
            "a,x,2024-02-01,0.3\na,y,2024-02-01,0.7",
            "a: is taken over on 2024-02-01, but closed says 2024-01-01; give closed 2024-02-01",
        ),
        ("a,x,2023-12-01,1", "'x' opens on 2024-01-01, after it takes over on 2023-12-01"),
        ("b,x,2024-01-01,1", "b: is taken over on 2024-01-01, but it is not closed; give closed"),
        ("a,d2,2024-01-01,1", "'a' files, 'd2' is the sum of units below it; name filing units"),
        ("a,a,2024-01-01,0.5\na,x,2024-01-01,0.5", "keeps a share on 2024-01-01 but is closed"),
        ("x,a,2024-01-01,1", "x: opens on 2024-01-01 and has nothing to hand over"),
        ("x,a,2024-06-01,1", "'a' is closed from 2024-01-01 on and cannot take over"),
        ("a,x,2024-01-01,-1\na,y,2024-01-01,2", "the share -1 is not above 0 and at most 1"),
        ("a,z,2024-01-01,1", "unit_successions.csv: line 2: a: unknown unit 'z'"),
    ],
)
def test_a_handover_that_cannot_be(tmp_path: Path, steps: str, said: str) -> None:
    folder = written(tmp_path, units=SPLIT["units"], parents=SPLIT["parents"], steps=steps)
    with pytest.raises(ValueError, match="unit_successions.csv") as raised:
        load_catalog(folder)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("parents", "said"),
    [
        (
            "a,d2,2023-01-01,",
            "unit_parents.csv: line 8: a: has two parents from 2023-01-01; end the line of 'd1'",
        ),
        (
            "a,d1,2010-01-01, -> a,d1,2010-01-01,2023-01-01\na,d2,2023-03-01,",
            "a: has no parent from 2023-01-01 to 2023-03-01; let one line begin where the other",
        ),
        (
            "a,d1,2010-01-01, -> a,d1,2010-01-01,2023-01-01",
            "a: has no parent from 2023-01-01 on; add a line for the next one, or give closed",
        ),
        (
            "f,d2,2023-03-01, -> f,d2,2023-05-01,",
            "f: has no parent from 2023-03-01 (opened) to 2023-05-01; begin with 2023-03-01",
        ),
        (
            "f,d2,2023-03-01, -> f,d2,2022-03-01,",
            "f: from 2022-03-01 is before the unit opened (2023-03-01); begin with 2023-03-01",
        ),
        (
            "a,d1,2010-01-01, -> a,d1,2010-01-01,2009-01-01",
            "a: to 2009-01-01 is not after from 2010-01-01",
        ),
        (
            "d2,c,2010-01-01, -> d2,c,2010-01-01,2023-01-01\nd2,a,2023-01-01,"
            "\na,d1,2010-01-01, -> a,d1,2010-01-01,2023-01-01\na,d2,2023-01-01,",
            "a unit lies below itself: ",
        ),
    ],
)
def test_parents_that_cannot_be(tmp_path: Path, parents: str, said: str) -> None:
    with pytest.raises(ValueError, match="unit_parents.csv") as raised:
        load_catalog(written(tmp_path, parents=parents))
    assert said in str(raised.value)


def test_a_parent_must_be_there_while_it_is_one(tmp_path: Path) -> None:
    closing = "西分局,West District,,,, -> 西分局,West District,,,,2024-01-01"
    with pytest.raises(ValueError, match="unit_parents.csv") as raised:
        load_catalog(written(tmp_path, units=closing))
    said = str(raised.value)
    assert "line 6: e: its parent 'd2' closes on 2024-01-01; end this line with 2024-01-01" in said
    assert "line 7: f: its parent 'd2' closes" in said


def test_a_unit_closes_after_it_opens(tmp_path: Path) -> None:
    line = "丁,F,2023-03-01, -> 丁,F,2023-03-01,2023-03-01"
    with pytest.raises(ValueError, match="f: closed 2023-03-01 is not after opened 2023-03-01"):
        load_catalog(written(tmp_path, units=line))
