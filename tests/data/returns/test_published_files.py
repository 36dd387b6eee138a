"""Is a published workbook that must not be opened refused in words, and no bytes a traceback?"""

import contextlib
import datetime as dt
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.catalog import load_catalog
from data.definition_types import Catalog
from data.returns.flat import read_flat
from data.returns.flat_book import open_book, read_sheets
from data.returns.flat_text import FileError

HERE = Path(__file__).resolve().parent.parent.parent.parent
EXAMPLE = HERE / "data" / "examples" / "kazakhstan"
SNG1 = EXAMPLE / "form_SNG1" / "Akmola region.XLSX"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(EXAMPLE / "definitions")


def repacked(change: Callable[[str, bytes], bytes], **added: bytes) -> bytes:
    target = io.BytesIO()
    with (
        zipfile.ZipFile(SNG1) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
        for name, data in added.items():
            new.writestr(name, data)
    return target.getvalue()


def same(name: str, data: bytes) -> bytes:
    return data


def entity(name: str, data: bytes) -> bytes:
    is_sheet = "worksheets" in name
    return b"<!DOCTYPE x [<!ENTITY a 'b'>]>" + data if is_sheet else data


def cut(name: str, data: bytes) -> bytes:
    return data[:300] if "worksheets" in name else data


def lengthened(name: str, data: bytes) -> bytes:
    return data + b" " * 30_000_000 if "worksheets" in name else data


REFUSED = {
    "nothing": (b"", "no workbook"),
    "text": (b"unit,value\n", "no workbook"),
    "half": (SNG1.read_bytes()[:9000], "no workbook"),
    "password": (OLE + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
    "old": (OLE + b"\0" * 600, "cannot read"),
    "macros": (repacked(same, **{"xl/vbaProject.bin": b"\0"}), "macros"),
    "entities": (repacked(entity), "entities"),
    "bomb": (repacked(lengthened), "too much"),
    "cut inside": (repacked(cut), "cannot read"),
}


@pytest.mark.parametrize("name", list(REFUSED))
def test_what_must_not_be_opened_is_refused(name: str, catalog: Catalog, tmp_path: Path) -> None:
    content, says = REFUSED[name]
    path = tmp_path / "Akmola region.xlsx"
    path.write_bytes(content)
    with pytest.raises(FileError) as refusal:
        read_flat(path, catalog.forms["form_sng1"], catalog, None, dt.date(2023, 12, 1))
    assert says in refusal.value.say("en")
    assert path.name in refusal.value.say("zh")


SIZE = SNG1.stat().st_size
DAMAGE = st.lists(st.tuples(st.integers(0, SIZE - 1), st.integers(0, 255)), min_size=1, max_size=12)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damage=DAMAGE, kept=st.integers(0, SIZE))
def test_damaged_bytes_never_end_in_a_traceback(
    damage: list[tuple[int, int]], kept: int, catalog: Catalog, tmp_path: Path
) -> None:
    content = bytearray(SNG1.read_bytes())
    for place, byte in damage:
        content[place] = byte
    path = tmp_path / "Akmola region.xlsx"
    path.write_bytes(bytes(content[:kept]))
    with contextlib.suppress(FileError):
        read_flat(path, catalog.forms["form_sng1"], catalog, None, dt.date(2023, 12, 1))


def test_only_the_sheets_asked_for_are_read() -> None:
    book = open_book(SNG1)
    assert book.names == ("R1", "R2", "R3")
    assert book.title == "СНГ-1  Акмолинская область (Свод)"
    (sheet,) = read_sheets(book, lambda name: name == "R2")
    assert (sheet.name, sheet.rows[6][1]) == ("R2", "несовершеннолетними или при их соучастии")
    assert (6, 1, 6, 3) in sheet.merges


def test_errors_and_formulas_are_seen(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append([1, "#DIV/0!", "=A1+1"])
    book.create_sheet("plain").append([2, "text"])
    book.save(tmp_path / "x.xlsx")
    opened = open_book(tmp_path / "x.xlsx")
    assert opened.doubtful == {"Sheet"}
    first, second = read_sheets(opened)
    assert first.rows == [[1, "#DIV/0!", "=A1+1"]]
    assert second.rows == [[2.0, "text"]]


def test_an_ods_with_errors_is_refused_as_a_whole(tmp_path: Path, catalog: Catalog) -> None:
    cell = (
        b'<table:table-cell office:value-type="string" calcext:value-type="error">'
        b"<text:p>#DIV/0!</text:p></table:table-cell>"
    )
    with zipfile.ZipFile(tmp_path / "x.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", cell)
    with pytest.raises(FileError) as refusal:
        read_flat(tmp_path / "x.ods", catalog.forms["form_sng1"], catalog)
    assert "Save it as xlsx" in refusal.value.say("en")
