"""Does a sentence that somebody types - an explanation, a reason - hold anything about a person?

Explanations and reasons are kept and shown for years, so they may speak of cases but not of people:
no ID number, no telephone, no name behind a label (`报警人：张三`). Names in running text cannot be
told from words; forms and guidance ask people to leave them out.
"""

from __future__ import annotations

import re
import unicodedata

from data.returns.personal import is_person

_NUMERALS = str.maketrans("〇零一二三四五六七八九", "00123456789")
#: Between the digits of one number; a comma, a slash or a full stop begins another.
_BETWEEN = re.compile(r"(?<=\d)[ \-\u2010-\u2015_·]{1,2}(?=[\dXx])")
_BIRTH = r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_ID = re.compile(rf"(?<!\d)[1-9]\d{{5}}{_BIRTH}\d{{3}}[\dXx](?!\d)")
_OLD_ID = re.compile(
    r"(?<!\d)[1-9]\d{5}\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}(?!\d)",
)
_MOBILE = re.compile(r"(?<!\d)(?:\+?86)?1[3-9]\d{9}(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)0\d{2,3}[- ]\d{7,8}(?!\d)")
_NUMERAL_RUN = re.compile(r"[〇零一二三四五六七八九]{11,18}")
_LABELLED = re.compile(
    r"(?:当事人|(?:犯罪)?嫌疑人|报警人|报案人|受害人|被害人|事主|证人|举报人|失主|死者|伤者|民警|辅警|联系人|经办人"
    r"|负责人|填表人|填报人|制表人|审核人|复核人|姓名|name|contact|suspect|victim|caller)\s*(?:[（(][^（()）]*[)）]\s*)?[:：]\s*"
    r"([\u4e00-\u9fff·]{2,5}|[A-Z][\w'-]+ [A-Z][\w'-]+)",
    re.IGNORECASE,
)
_LATIN_NAME = re.compile(r"[A-Z][\w'-]+ [A-Z][\w'-]+")


def personal_in(words: str) -> str:
    """Return what about a person a sentence holds: id, phone or name; nothing where it holds none.

    >>> personal_in("已与报警人核实，电话 138 0013-8000"), personal_in("身份证11010119900307851X")
    ('phone', 'id')
    >>> personal_in("报警人：张建国反映属实"), personal_in("嫌疑人：张某某，另案处理")
    ('name', '')
    >>> personal_in("2024-10-11 与 2024-11-03 两日集中破案 1380 起，见受理登记 20241103000123 号")
    ''
    """
    plain = unicodedata.normalize("NFKC", words)
    plain = _NUMERAL_RUN.sub(lambda run: run[0].translate(_NUMERALS), plain)
    if _LANDLINE.search(plain):
        return "phone"
    compact = _BETWEEN.sub("", plain)
    if _ID.search(compact) or _OLD_ID.search(compact):
        return "id"
    if _MOBILE.search(compact):
        return "phone"
    return "name" if any(_is_name(found[1]) for found in _LABELLED.finditer(plain)) else ""


def _is_name(found: str) -> bool:
    """Return whether what stands behind a label is a name; 张某 and 李某某 are none.

    >>> _is_name("张建国反映"), _is_name("李某某"), _is_name("均已核实"), _is_name("Ann Lee")
    (True, False, False, True)
    """
    if _LATIN_NAME.fullmatch(found):
        return True
    return any("某" not in found[:n] and is_person(found[:n]) for n in (2, 3, 4))
