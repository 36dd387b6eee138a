"""Is every file that must not be opened refused in words, and no bytes ever a traceback?"""

import datetime as dt
import io
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.checks.run import CheckedReturn
from data.definition_types import Catalog
from data.returns.guard import LARGEST_FILE
from data.returns.read import read_workbook
from data.returns.reading import Reading
from data.texts import text
from data.units import Tree
from tests.data.returns.conftest import TODAY, edited
from tests.data.returns.repack import repacked

Read = Callable[..., Reading]
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def entity(name: str, data: bytes) -> bytes:
    declared = b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet'
    return data.replace(b"<worksheet", declared, 1) if "sheet1.xml" in name else data


def cut(name: str, data: bytes) -> bytes:
    return data[:200] if "sheet1.xml" in name else data


def crowd(name: str, data: bytes) -> bytes:
    cells = b"".join(b'<c r="A%d"><v>%d</v></c>' % (n, n * 7919) for n in range(400_001))
    return data.replace(b"<sheetData>", b"<sheetData>" + cells) if "sheet1.xml" in name else data


REFUSED = [
    ("nothing at all", lambda _: b"", "empty"),
    ("a text file", lambda _: b"unit,value\nyz0101,1\n", "not_a_workbook"),
    ("a zip of something else", lambda _: repacked(_zip({"a.txt": b"a"})), "not_a_workbook"),
    ("half a file", lambda content: content[: len(content) // 2], "not_a_workbook"),
    ("a container of nothing", lambda _: OLE + b"\0" * 600, "damaged"),
    ("a text document", lambda _: ole({"WordDocument": b"\0" * 4096}), "not_a_workbook"),
    ("a password", lambda _: ole({"EncryptedPackage": b"\0" * 4096}), "encrypted"),
    ("a password on an xls", lambda _: ole({"Workbook": BOF + record(0x2F, b"\1\0")}), "encrypted"),
    ("macros in an xls", lambda _: ole({"Workbook": BOF, "_VBA_PROJECT": b"\0"}), "macros"),
    ("a macro sheet", lambda _: ole({"Workbook": BOF + MACRO_SHEET}), "macros"),
    ("too many cells in an xls", lambda _: ole({"Workbook": BOF + BLANKS * 1_600}), "cells"),
    ("a binary workbook", lambda c: repacked(c, binary), "binary"),
    ("a web page", lambda _: b"<html><table><tr><td>1</td></tr></table></html>", "markup"),
    ("a text of 2003 in XML", lambda _: b'<?xml version="1.0"?><Workbook/>', "markup"),
    ("a drawing", lambda _: _zip({"mimetype": b"a", "content.xml": b""}), "not_a_workbook"),
    ("an ods with a password", lambda _: ods(manifest="<encryption-data/>"), "encrypted"),
    ("an ods with macros", lambda _: ods(add={"Basic/Standard/Module1.xml": b"x"}), "macros"),
    ("an ods with entities", lambda _: ods(body='<!DOCTYPE x [<!ENTITY a "b">]>'), "entities"),
    ("an ods of repeated cells", lambda _: ods(cells=REPEATED), "cells"),
    ("a document type in UTF-16", lambda c: repacked(c, wide_entity), "entities"),
    ("macros", lambda c: repacked(c, add={"xl/vbaProject.bin": b"\0"}), "macros"),
    ("entities", lambda c: repacked(c, entity), "entities"),
    ("a bomb", lambda c: repacked(c, add={"xl/media/a.xml": b" " * 90_000_000}), "expands"),
    ("a hundredfold bomb", lambda c: repacked(c, add={"xl/a.xml": b"0" * 3_000_000}), "expands"),
    ("too many cells", lambda c: repacked(c, crowd), "cells"),
    ("too large", lambda _: b"PK\x03\x04" + b"\0" * LARGEST_FILE, "large"),
    ("too many parts", lambda c: repacked(c, add={f"xl/{n}": b"" for n in range(2001)}), "entries"),
    ("damaged inside", lambda c: repacked(c, cut), "damaged"),
]  # fmt: skip


BOF = b"\x09\x08\x10\x00\x00\x06\x05\x00" + b"\0" * 12
BLANKS = b"\xbe\x00" + (6 + 2 * 256).to_bytes(2, "little") + b"\0" * (6 + 2 * 256)
REPEATED = (
    '<table:table-row table:number-rows-repeated="2000">'
    '<table:table-cell table:number-columns-repeated="400" office:value-type="float"'
    ' office:value="1"/></table:table-row>'
)


def record(kind: int, data: bytes) -> bytes:
    return kind.to_bytes(2, "little") + len(data).to_bytes(2, "little") + data


MACRO_SHEET = record(0x85, b"\0\0\0\0\0\1\1\0a")


def ole(streams: dict[str, bytes]) -> bytes:
    """Return the container of Office 97 with these streams, each in sectors of its own."""
    sector, end, free = 512, 0xFFFFFFFE, 0xFFFFFFFF
    chain: list[int] = []
    body = b""
    listed = [("Root Entry", 5, end, 0)]
    for name, data in streams.items():
        data = data.ljust(4096, b"\0")  # noqa: PLW2901 - shorter ones are kept elsewhere
        first, count = len(chain), -(-len(data) // sector)
        chain += [*range(first + 1, first + count), end]
        body += data.ljust(count * sector, b"\0")
        listed.append((name, 2, first, len(data)))
    folder = len(chain)
    entries = b"".join(
        name.encode("utf-16-le").ljust(64, b"\0")
        + struct.pack(
            "<HBBIII",
            2 * len(name) + 2,
            kind,
            1,
            free,
            n + 1 if n + 1 < len(listed) else free,
            1 if kind == 5 else free,
        )
        + b"\0" * 36
        + struct.pack("<III", start, size, 0)
        for n, (name, kind, start, size) in enumerate(listed)
    )
    entries = entries.ljust(-(-len(entries) // sector) * sector, b"\0")
    count = len(entries) // sector
    chain += [*range(folder + 1, folder + count), end]
    tables = -(-(len(chain) + 200) // 128)
    table_start = len(chain)
    chain += [0xFFFFFFFD] * tables
    packed = struct.pack(f"<{len(chain)}I", *chain).ljust(tables * sector, b"\xff")
    head = OLE + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    head += struct.pack("<IIIIIIIII", 0, tables, folder, 0, 4096, end, 0, end, 0)
    places = [table_start + n for n in range(tables)]
    head += struct.pack("<109I", *places, *[free] * (109 - tables))
    return head + body + entries + packed


def binary(name: str, data: bytes) -> bytes:
    kind = b"application/vnd.ms-excel.sheet.binary.macro"
    return data + b"<!-- " + kind[:39] + b" -->" if name == "[Content_Types].xml" else data


def wide_entity(name: str, data: bytes) -> bytes:
    text = data.decode("utf-8").replace("<worksheet", "<!DOCTYPE x []><worksheet", 1)
    return text.encode("utf-16") if "sheet1.xml" in name else data


def ods(
    body: str = "", cells: str = "", manifest: str = "", add: dict[str, bytes] | None = None
) -> bytes:
    """Return an ods workbook of one sheet with these cells."""
    office = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'{body}<office:document-content xmlns:office="{office}:office:1.0"'
        f' xmlns:table="{office}:table:1.0" xmlns:text="{office}:text:1.0"><office:body>'
        f'<office:spreadsheet><table:table table:name="a">{cells}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    return _zip(
        {
            "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": content.encode(),
            "META-INF/manifest.xml": manifest.encode(),
            **(add or {}),
        }
    )


def _zip(entries: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return target.getvalue()


@pytest.mark.parametrize(
    ("make", "reason"), [pytest.param(make, key, id=name) for name, make, key in REFUSED]
)
def test_what_must_not_be_opened_is_refused_in_words(
    make: Callable[[bytes], bytes], reason: str, station: bytes, read: Read
) -> None:
    reading = read(make(station))
    assert reading.refusal is not None
    key, values = reading.refusal
    assert key == f"returns.refused.{reason}"
    for lang in ("zh", "en"):
        assert text(key, lang, **values)
    assert reading.parts.is_empty()


def test_a_workbook_that_is_no_return_is_refused(read: Read) -> None:
    book = openpyxl.Workbook()
    book.active.append(["a", "b"])
    saved = io.BytesIO()
    book.save(saved)
    assert read(saved.getvalue()).refusal[0] == "returns.refused.no_form"


def test_a_cell_at_the_far_corner_costs_nothing(station: bytes, read: Read) -> None:
    def far(book: openpyxl.Workbook) -> None:
        book["接处警"]["XFD1048576"] = "x"

    assert read(edited(station, far)).cells.height == 28


def test_text_that_looks_like_a_formula_or_markup_stays_text(
    station: bytes, check: Callable[..., CheckedReturn]
) -> None:
    def inject(book: openpyxl.Workbook) -> None:
        book["接处警"]["D8"] = "<script>alert(1)</script>"
        book["接处警"]["D7"] = "{calls}"

    checked = check(edited(station, inject))
    words = "".join(checked.findings["message_zh"])
    assert "<script>alert(1)</script>" in words
    assert "{calls}" in words


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(content=st.binary(max_size=400) | st.binary(max_size=200).map(lambda b: b"PK\x03\x04" + b))
def test_random_bytes_are_refused(content: bytes, catalog: Catalog, units: Tree) -> None:
    assert read_workbook(content, catalog, units, today=TODAY).refusal is not None


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_flipped_bytes_are_read_or_refused(
    data: st.DataObject, station: bytes, catalog: Catalog, units: Tree
) -> None:
    content = bytearray(station)
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    read_workbook(bytes(content), catalog, units, today=TODAY)


VALUES = st.one_of(
    st.none(),
    st.integers(-(10**15), 10**15),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=12),
    st.booleans(),
    st.datetimes(min_value=dt.datetime(1950, 1, 1)),
)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    changes=st.lists(
        st.tuples(st.integers(1, 30), st.integers(1, 8), VALUES), min_size=1, max_size=12
    )
)
def test_any_content_of_cells_gets_a_verdict(
    changes: list[tuple[int, int, object]], station: bytes, check: Callable[..., CheckedReturn]
) -> None:
    def scribble(book: openpyxl.Workbook) -> None:
        sheet = book["接处警"]
        for merged in list(sheet.merged_cells.ranges):
            sheet.unmerge_cells(str(merged))
        for row, column, value in changes:
            sheet.cell(row, column).value = value

    checked = check(edited(station, scribble))
    assert (
        checked.findings.null_count()
        .select("rule", "severity", "message_zh")
        .sum_horizontal()
        .item()
        == 0
    )


def test_a_path_is_read_like_its_bytes(
    station: bytes, catalog: Catalog, units: Tree, tmp_path: Path
) -> None:
    (tmp_path / "a.xlsx").write_bytes(station)
    reading = read_workbook(tmp_path / "a.xlsx", catalog, units, today=TODAY)
    assert reading.source.name == "a.xlsx"
    assert reading.refusal is None


@pytest.mark.parametrize("words", ["填表人：", "填报单位：", "calls_total", "yz0101"])
def test_a_crowd_of_labels_keeps_nobody_waiting(words: str, station: bytes, read: Read) -> None:
    def crowd(name: str, data: bytes) -> bytes:
        if "sheet1.xml" not in name:
            return data
        cells = "".join(
            f'<row r="{row}">'
            + "".join(f'<c t="inlineStr"><is><t>{words}</t></is></c>' for _ in range(300))
            + "</row>"
            for row in range(100, 200)
        )
        return data.replace(b"</sheetData>", cells.encode() + b"</sheetData>")

    content = repacked(station, crowd)
    began = time.process_time()
    read(content)
    assert time.process_time() - began < 10


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("Акмолинская область".encode("cp1251"), "encoding"),
        ("表号：M01\n锟斤拷".encode(), "garbled"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, "not_a_workbook"),
        ("单位,数值\n某所,5\n".encode("gb18030"), "no_form"),
        (b"a" * 200_000 + b"\n", "damaged"),
        (b"," * 20_000, "not_a_workbook"),
    ],
)
def test_a_text_that_is_no_return_is_refused_in_words(
    content: bytes, reason: str, read: Read
) -> None:
    refusal = read(content, name="return.csv").refusal
    assert refusal is not None
    assert refusal[0] == f"returns.refused.{reason}"
    assert all(text(refusal[0], lang, **refusal[1]) for lang in ("zh", "en"))


def test_a_workbook_of_hundreds_of_sheets_is_refused(read: Read) -> None:
    book = openpyxl.Workbook()
    for number in range(200):
        book.create_sheet(f"s{number}")
    saved = io.BytesIO()
    book.save(saved)
    key, values = read(saved.getvalue()).refusal
    assert (key, values["count"]) == ("returns.refused.sheets", 201)
