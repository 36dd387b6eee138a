"""In which encoding is a text file written, and what does it say?

A published csv rarely names its encoding. UTF-8 proves itself; between the others the bytes decide:
which of them makes nearly all of the file common signs of its language. If none does, or two do,
the file is refused and the form must name the encoding; a guess that may be wrong is no reading.
"""

import codecs
import csv
import io
import re
from pathlib import Path

from data.said import SpokenError

ENCODINGS = ("utf-8", "utf-16", "gb18030", "big5", "latin-1")
# Windows writes its own signs into what it calls Latin-1 and Big5.
CODECS = {"utf-8": "utf-8-sig", "latin-1": "cp1252", "big5": "cp950"}
# How much of the signs beyond ASCII must be common ones, and by how much the best must lead.
CERTAIN, LEAD = 0.9, 0.03
# Of so many bytes beyond ASCII hardly ever all are UTF-8 by chance: six signs, each one in eight.
BY_CHANCE = 12
# UTF-8 that was once read as Latin-1, or whose bytes were lost, as it looks afterwards.
BROKEN = re.compile("�|Ã[\u0080-¿]|Â[\u0080-¿]|â€|[åæçèé][\u0080-¿]{2}|锟斤拷|锘")
_RUNS = re.compile(rb"[\x80-\xff][\x40-\xff]?")
_LATIN = re.compile(rb"(?<![\x80-\xff])[\x80-\xff]{1,2}(?![\x80-\xff])")
_LETTERS = frozenset(b"\xaa\xba\xb0\xa7\xb7\x96\x97\x91\x92\x93\x94\x80\xa0") | frozenset(
    range(0xC0, 0x100)
)


class FileError(SpokenError):
    """A file cannot be read; the text says why and what to do."""


def read_text_rows(path: Path, encoding: str | None = None) -> list[list[str]]:
    """Return the records of a csv file, whatever its delimiter.

    Raises:
        FileError: the encoding is in doubt, the text is garbled, or a quotation never ends.
    """
    text = decoded(path.read_bytes(), path.name, encoding)
    head = text[:10_000]
    delimiter = max(",;\t", key=head.count)
    strict = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    try:
        rows += strict
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise FileError(key="flat.error.quote", file=path.name, row=len(rows) + 1) from None
        # A quotation mark within a field is no fault of the numbers.
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    return rows


def ends_open(path: Path) -> bool:
    """Return whether a text file lacks the line end after its last row, as one that was cut."""
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - 4))
        tail = stream.read().rstrip(b"\0")
    return bool(tail) and tail[-1:] not in b"\r\n"


def decoded(content: bytes, file: str, encoding: str | None = None) -> str:
    """Return the text of a file's bytes, in the given encoding or the one that they prove.

    A copy that was saved as Unicode proves itself and is read so, whatever the form says.
    """
    chosen = _unicode_copy(content, encoding) or encoding or guess_encoding(content)
    if chosen is None:
        raise FileError(key="flat.error.encoding", file=file, encodings=" ".join(ENCODINGS))
    try:
        text = content.decode(CODECS.get(chosen, chosen))
    except UnicodeDecodeError as error:
        values = {"file": file, "encoding": chosen, "place": error.start}
        if seen := guess_encoding(content):
            raise FileError(key="flat.error.other_encoding", seen=seen, **values) from None
        raise FileError(key="flat.error.not_encoding", **values) from None
    if "\0" in text:
        raise FileError(key="flat.error.binary", file=file)
    if found := BROKEN.search(text):
        row = text.count("\n", 0, found.start()) + 1
        values = {"file": file, "row": row, "value": found[0], "encoding": chosen}
        raise FileError(key="flat.error.garbled", **values)
    return text


def _unicode_copy(content: bytes, encoding: str | None) -> str | None:
    """Return the Unicode encoding that bytes prove against what a form says; None: they do not.

    Two Chinese signs in GB18030 may be UTF-8 by chance, so a few common signs prove nothing.

    >>> [_unicode_copy("São 新北市".encode(), name) for name in ("latin-1", "gb18030", "utf-8")]
    ['utf-8', 'utf-8', None]
    >>> _unicode_copy("联通".encode("gb18030"), "gb18030")
    >>> _unicode_copy("unit,value".encode("utf-16-le"), "latin-1")
    'utf-16-le'
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    head = content[:4096]
    even, odd = head[::2].count(0), head[1::2].count(0)
    # Every other byte of plain letters is nought.
    if max(even, odd) > len(head) / 8 and not min(even, odd):
        return "utf-16-le" if odd else "utf-16-be"
    if encoding in (None, "utf-8") or content.isascii() or not _decodes(content, "utf-8"):
        return None
    common = {"gb18030": (0xB0, 0xD7), "big5": (0xA4, 0xC6)}.get(str(encoding))
    is_few = sum(byte >= 0x80 for byte in content) < BY_CHANCE
    return None if common and is_few and _common_pairs(content, common) >= CERTAIN else "utf-8"


def guess_encoding(content: bytes) -> str | None:
    """Return the encoding of a text, None when it is in doubt.

    >>> [guess_encoding("行政區,新北市,臺北市".encode(name)) for name in ("utf-8", "big5")]
    ['utf-8', 'big5']
    >>> guess_encoding("单位,月份,数值".encode("gb18030"))
    'gb18030'
    >>> guess_encoding("São João;1".encode("latin-1"))
    'latin-1'
    """
    if _decodes(content, "utf-8"):
        return "utf-8"
    scores = {
        "gb18030": _common_pairs(content, (0xB0, 0xD7)),
        "big5": _common_pairs(content, (0xA4, 0xC6)),
        "latin-1": _letters_alone(content),
    }
    able = {
        name: score for name, score in scores.items() if _decodes(content, CODECS.get(name, name))
    }
    ranked = sorted(able.items(), key=lambda item: -item[1])
    if not ranked or ranked[0][1] < CERTAIN:
        return None
    is_close = len(ranked) > 1 and ranked[0][1] - ranked[1][1] < LEAD
    return None if is_close else ranked[0][0]


def _decodes(content: bytes, codec: str) -> bool:
    try:
        content.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def _common_pairs(content: bytes, common: tuple[int, int]) -> float:
    """Return which share of the two-byte signs are common ones or punctuation.

    The common signs of GB2312 and of Big5 stand in one range of first bytes each; in GB2312 both
    bytes are high.
    """
    is_gb = common[0] == 0xB0
    found = good = 0
    for run in _RUNS.findall(content):
        found += 1
        if len(run) < 2:
            continue
        first, second = run
        is_second = second >= 0xA1 if is_gb else 0x40 <= second <= 0x7E or second >= 0xA1
        good += is_second and (common[0] <= first <= common[1] or 0xA1 <= first <= 0xA3)
    return good / found if found else 0.0


def _letters_alone(content: bytes) -> float:
    """Return which share of the high bytes are letters between ASCII, as in western languages."""
    high = sum(byte >= 0x80 for byte in content)
    alone = sum(sum(byte in _LETTERS for byte in run) for run in _LATIN.findall(content))
    return alone / high if high else 0.0
