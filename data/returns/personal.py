"""Does a sheet hold anything about a person: a name, an ID number, a telephone?

In the body of a table it is refused; what people sign with above or below it is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise

from data.returns.cells import Cell, clean
from data.returns.page import Grid

_ID = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)|(?<!\d)\d{15}(?!\d)")
_PHONE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d(?:\d{8}|\.\d{4}\.\d{4})(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)(?:0\d{2,3}[- ]|\(0\d{2,3}\) ?)\d{7,8}(?!\d)")
#: No number of a person is shorter than a telephone's.
_SHORTEST = 11
_HEADING = re.compile(
    r"姓名|身份证|证件号|警号|手机|联系电话|电话号码|联系方式|住址|家庭地址|出生日期"
    r"|^(民警|责任人|负责人|经办人|办案人|办案民警|主办人|填报人|联系人|当事人|嫌疑人|报警人|受害人|事主)$"
    r"|\bid (number|card|no\b)|\b(tele)?phone\b|\bmobile\b|\bpassport\b|\bsurname\b|date of birth"
    r"|^((full|first|last|person'?s?) )?name$",
    re.IGNORECASE,
)
_SIGNED = re.compile(
    r"((?:单位|统计|部门)?负责人|审核人|复核人|填表人|制表人|填报人|经办人|联系人|签发人|局长|所长|签字|签章"
    r"|联系电话|电话|手机|head of unit|reviewer|filled in by|prepared by|signed|telephone|phone)"
    r"\s*(?:[（(][^（()）]*[)）])?\s*[:：]\s*",
    re.IGNORECASE,
)
#: The hundred commonest surnames, of which four in five people in China bear one; and double ones.
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任"
    "卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常"
)
_DOUBLE = ("欧阳", "上官", "司马", "诸葛", "皇甫", "尉迟", "慕容", "司徒", "令狐", "端木")
_LATIN = re.compile(r"[A-Z][\w'-]{1,30}")
_HAN = re.compile(r"[\u4e00-\u9fff]{2,4}")
#: So many names in a column, and such a share of its texts, are no chance.
_FEWEST_NAMES, _NAME_SHARE = 3, 0.8
#: Headings stand at most this many rows above the first row of figures.
_HEADING_ROWS = 4
STRUCK = "***"


def personal_cells(
    grid: Grid,
    first_row: int,
    last_row: int,
    is_figure: Collection[tuple[int, int]] = (),
    named_columns: Collection[int] = (),
) -> list[tuple[int, int]]:
    """Return the cells of a table's body that look personal, one for each column.

    `last_row` is the last row of the body: the foot, where people sign, is never looked at.
    `named_columns` hold names of units and measures, which may look like those of people.
    """
    found: dict[int, tuple[int, int]] = {}
    texts: dict[int, list[tuple[tuple[int, int], str]]] = {}
    for place, cell in grid.items():
        row, column = place
        if row > last_row or is_small(cell) or cell.kind == "empty":
            continue
        words = clean(cell.text)
        is_heading = first_row - _HEADING_ROWS <= row < first_row and place not in is_figure
        if (is_heading and ":" not in words and _HEADING.search(words)) or (
            is_personal(words) and not (row < first_row and _SIGNED.search(words))
        ):
            found[column] = min(place, found.get(column, place))
        elif row >= first_row and column not in named_columns and cell.kind == "text":
            texts.setdefault(column, []).append((place, words))
    for column, written in texts.items():
        names = [place for place, words in written if is_person(words)]
        if len(names) >= _FEWEST_NAMES and len(names) >= _NAME_SHARE * len(written):
            found.setdefault(column, min(names))
    return [found[column] for column in sorted(found)]


def is_small(cell: Cell) -> bool:
    """Return whether a cell is a number too short for an ID or a telephone."""
    return cell.kind == "number" and cell.value is not None and abs(cell.value) < 1e9


def is_personal(words: str) -> bool:
    """Return whether a text holds an ID number or a telephone number.

    >>> is_personal("13800138000"), is_personal("1,234"), is_personal("11010119900307123X")
    (True, False, True)
    >>> is_personal("138.0013.8000"), is_personal("(0515)88881234"), is_personal("1380.013800")
    (True, True, False)
    """
    if len(words) < _SHORTEST:
        return False
    compact = words.replace(" ", "").replace("-", "")
    return bool(_ID.search(compact) or _PHONE.search(compact) or _LANDLINE.search(words))


def is_person(words: str) -> bool:
    """Return whether a text looks like the name of a person written in Chinese.

    >>> is_person("张建国"), is_person("欧阳 雪"), is_person("湖滨路派出所"), is_person("已办结")
    (True, True, False, False)
    """
    bare = words.replace(" ", "").replace("·", "")
    if not _HAN.fullmatch(bare):
        return False
    return bare.startswith(_DOUBLE) or (len(bare) < 4 and bare[0] in _SURNAMES)


def signed_cells(grid: Grid) -> tuple[dict[tuple[int, int], str], frozenset[str]]:
    """Return what is left of the cells in which people sign, and the names that stood there.

    A name stands behind its label (`填表人：张三`) or in the next cell to the right.
    """
    left: dict[tuple[int, int], str] = {}
    names: set[str] = set()
    signed = sorted(
        p for p, cell in grid.items() if cell.kind == "text" and _SIGNED.search(cell.text)
    )
    rows = {row for row, _ in signed}
    beside = _beside(place for place in grid if place[0] in rows)
    for place in signed:
        if place in left:
            continue
        cell = grid[place]
        marks = list(_SIGNED.finditer(cell.text))
        kept = cell.text[: marks[0].start()]
        for mark, later in zip(marks, [*marks[1:], None], strict=True):
            end = later.start() if later else len(cell.text)
            said = cell.text[mark.end() : end]
            names |= _names(said)
            kept += mark[0] + (STRUCK if said.strip() else "")
        left[place] = kept
        next_to = beside.get(place)
        if not cell.text[marks[-1].end() :].strip() and next_to is not None:
            other = grid[next_to]
            if other.kind == "text" and not _SIGNED.search(other.text) and ":" not in other.text:
                names |= _names(other.text)
                left[next_to] = STRUCK
    return left, frozenset(names)


def _beside(places: Iterable[tuple[int, int]]) -> dict[tuple[int, int], tuple[int, int]]:
    """Return for each place the next one of its row to the right."""
    return {a: b for a, b in pairwise(sorted(places)) if a[0] == b[0]}


def _names(said: str) -> set[str]:
    """Return the names in what stands behind a label; dates, numbers and titles are none.

    >>> sorted(_names("艾红、李四　报出日期 2024年11月3日")), sorted(_names("Ann Lee (clerk)"))
    (['李四', '艾红'], ['Ann', 'Lee'])
    """
    words = [word for word in re.split(r"[\s,，、;；/（）()]+", clean(said)) if word]
    first = {word for word in words[:1] if _HAN.fullmatch(word)}
    return first | {word for word in words if is_person(word) or _LATIN.fullmatch(word)}


def struck(words: str, names: Collection[str] = ()) -> str:
    """Return a text without the given names and without any personal number.

    >>> struck("接警_张三_13800138000.xlsx", ["张三"])
    '接警_***_***.xlsx'
    """
    for pattern in (_ID, _PHONE, _LANDLINE):
        words = pattern.sub(STRUCK, words)
    return without(words, sorted(names, key=len, reverse=True))


def without(words: str, names: Sequence[str]) -> str:
    """Return a text without the given names, the longest of them first."""
    for name in names:
        words = words.replace(name, STRUCK)
    return words
