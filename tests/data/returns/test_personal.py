"""What in a sheet is personal, and what merely looks so?"""

import pytest

from data.returns.cells import Cell, read_cell
from data.returns.personal import is_person, personal_cells, signed_cells, struck

Grid = dict[tuple[int, int], Cell]


def grid(**cells: object) -> Grid:
    """Return cells by addresses such as `A1`."""
    return {(int(place[1:]), ord(place[0]) - 64): read_cell(v, None) for place, v in cells.items()}


def column(*words: str) -> Grid:
    return {(row, 7): read_cell(word, None) for row, word in enumerate(words, start=8)}


@pytest.mark.parametrize(
    "words",
    [
        ("张建国", "李红", "王小明"),
        ("欧阳雪", "赵 磊", "陈静", "刘洋"),
        ("张建国", "李红", "王小明", "赵磊", "备注"),
    ],
)
def test_a_column_of_names_is_found(words: tuple[str, ...]) -> None:
    assert personal_cells(column(*words), 8, 20) == [(8, 7)]


@pytest.mark.parametrize(
    "words",
    [
        ("张建国", "李红"),
        ("已办结", "未办结", "已办结", "已移交"),
        ("高速公路", "金融街口", "方塘河边"),
        ("张建国", "12起", "30", "无", "见附表"),
    ],
)
def test_a_few_words_are_no_column_of_names(words: tuple[str, ...]) -> None:
    assert personal_cells(column(*words), 8, 20) == []


def test_a_column_of_units_may_look_like_names() -> None:
    cells = column("马庄", "高桥", "孔桥")
    assert personal_cells(cells, 8, 20, named_columns={7}) == []
    assert personal_cells(cells, 8, 20) == [(8, 7)]


@pytest.mark.parametrize(
    "words",
    ["11010519491231002X", "110105491231002", "138 0013 8000", "+86-13800138000", "0515-88881234"],
)
def test_numbers_of_persons_are_found_in_the_body_and_struck_out(words: str) -> None:
    assert personal_cells(grid(G9=words), 8, 20) == [(9, 7)]
    assert not any(digit.isdigit() for digit in struck(words.replace(" ", "")))


def test_figures_are_no_numbers_of_persons() -> None:
    assert personal_cells(grid(D9=13800138, E9="1,234,567.89", F9=2024), 8, 20) == []


def test_who_signs_is_struck_out_wherever_a_label_says_so() -> None:
    cells = grid(
        A4="填表人：欧阳雪",
        A20="单位负责人：艾红　审核人（签字）：李四　联系电话：0515-88881234",
        A21="Filled in by:",
        B21="Ann Lee",
        A22="填报单位：湖滨路派出所",
    )
    left, names = signed_cells(cells)
    assert left == {
        (4, 1): "填表人：***",
        (20, 1): "单位负责人：***审核人（签字）：***联系电话：***",
        (21, 1): "Filled in by:",
        (21, 2): "***",
    }
    assert names == {"欧阳雪", "艾红", "李四", "Ann", "Lee"}


@pytest.mark.parametrize("word", ["派出所", "已办结", "接处警", "Ann", "王", "欧阳修远记"])
def test_what_is_no_name_of_a_person(word: str) -> None:
    assert not is_person(word)
