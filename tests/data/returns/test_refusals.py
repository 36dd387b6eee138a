"""Is every file that must not be opened refused in words, and no bytes ever a traceback?"""

import datetime as dt
import io
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

Read = Callable[..., Reading]
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def repacked(
    content: bytes,
    change: Callable[[str, bytes], bytes] | None = None,
    add: dict[str, bytes] | None = None,
) -> bytes:
    """Return the workbook with entries changed and added."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, change(name, data) if change else data)
        for name, data in (add or {}).items():
            new.writestr(name, data)
    return target.getvalue()


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
    ("an old xls", lambda _: OLE + b"\0" * 600, "xls"),
    ("a password", lambda _: OLE + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
    ("macros", lambda c: repacked(c, add={"xl/vbaProject.bin": b"\0"}), "macros"),
    ("entities", lambda c: repacked(c, entity), "entities"),
    ("a bomb", lambda c: repacked(c, add={"xl/media/a.xml": b" " * 90_000_000}), "expands"),
    ("a hundredfold bomb", lambda c: repacked(c, add={"xl/a.xml": b"0" * 3_000_000}), "expands"),
    ("too many cells", lambda c: repacked(c, crowd), "cells"),
    ("too large", lambda _: b"PK\x03\x04" + b"\0" * LARGEST_FILE, "large"),
    ("too many parts", lambda c: repacked(c, add={f"xl/{n}": b"" for n in range(2001)}), "entries"),
    ("damaged inside", lambda c: repacked(c, cut), "damaged"),
]  # fmt: skip


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
