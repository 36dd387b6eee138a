"""Write the messy workbooks of `messy/`: what people make of a template before they send it back.

Run `python -m tests.data.returns.make_messy` (with LibreOffice) after adding one; the files are
kept, so that the tests need neither. What each must be read as stands in `messy/expected.toml`.
"""

import csv
import datetime as dt
import io
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from openpyxl import Workbook, load_workbook

from tests.data.returns.messy_edits import CALLS, DISTRICT, STATION, Edit, formatted
from tests.data.returns.repack import repacked

HERE = Path(__file__).parent / "messy"
#: Files that LibreOffice saves: from which variant, as what.
CONVERTED = {
    "formula_results.xlsx": "formulas",
    "sound.xls": "sound",
    "sound.ods": "sound",
    "messy.xls": "mixture",
    "messy.ods": "mixture",
    "district.ods": "district_sound",
    "shown_in_ten_thousands.ods": "shown_in_ten_thousands",
    "shown_in_ten_thousands.xls": "shown_in_ten_thousands",
    "district.xls": "district_messy",
    "raised_digits.ods": "raised_digits",
    "raised_digits.xls": "raised_digits",
}


def not_ours() -> bytes:
    """Return a duty roster."""
    book = Workbook()
    book.active.append(["日期", "班次", "人数"])
    book.active.append([dt.date(2024, 10, 1), "白班", 3])
    return saved(book)


def date_of_wps(content: bytes) -> bytes:
    """Give a number the format 58, month and day, which WPS counts among its own."""
    content = edited(content, formatted(CALLS, "D16", 45356, "0.000"))

    def change(name: str, data: bytes) -> bytes:
        text = data.decode()
        if name == "xl/styles.xml":
            number = text.partition('formatCode="0.000"')[0].rpartition('numFmtId="')[2][:3]
            text = text.replace(f'numFmtId="{number}" fontId', 'numFmtId="58" fontId')
            head, mark, cells = text.partition("<cellXfs")
            text = head + mark + cells.replace(f'numFmtId="{number}"', 'numFmtId="58"')
        return text.encode()

    return repacked(content, change)


def outside_reference(content: bytes) -> bytes:
    """Let a number come from another workbook, with the result last saved."""

    def change(name: str, data: bytes) -> bytes:
        if name != "xl/worksheets/sheet1.xml":
            return data
        text = data.decode()
        start = text.index('<c r="D16"')
        end = text.index("</c>", start)
        return (text[:end].replace("<v>9</v>", "<f>[1]台账!B2</f><v>9</v>") + text[end:]).encode()

    return repacked(content, change)


def with_macros(content: bytes) -> bytes:
    """Return the workbook as one with macros."""
    return repacked(content, add={"xl/vbaProject.bin": b"\0" * 64})


def saved(book: Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def edited(content: bytes, edit: Edit) -> bytes:
    book = load_workbook(io.BytesIO(content))
    edit(book)
    return saved(book)


def as_text(content: bytes, encoding: str, delimiter: str = ",") -> bytes:
    """Return the first sheet as text."""
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter)
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    for row in sheet.iter_rows(values_only=True):
        shown = [f"{v:%Y-%m-%d}" if isinstance(v, dt.datetime) else v for v in row]
        writer.writerow(["" if value is None else value for value in shown])
    return stream.getvalue().encode(encoding)


def converted(content: bytes, name: str) -> bytes:
    """Return a workbook as LibreOffice saves it under another name."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "in" / f"{Path(name).stem}.xlsx"
        source.parent.mkdir()
        source.write_bytes(content)
        command = ["soffice", "--headless", f"-env:UserInstallation=file://{folder}/profile"]
        command += ["--convert-to", Path(name).suffix[1:], "--outdir", folder, str(source)]
        subprocess.run(command, check=True, capture_output=True, timeout=180)
        return (Path(folder) / name).read_bytes()


def main() -> None:
    """Write every file again, or those named."""
    wanted = set(sys.argv[1:])
    bases = {name: (HERE / f"base_{name}.xlsx").read_bytes() for name in ("station", "district")}
    made: dict[str, Callable[[], bytes]] = {}
    for base, edits in (("station", STATION), ("district", DISTRICT)):
        for name, edit in edits.items():
            made[f"{name}.xlsx"] = lambda base=base, edit=edit: edited(bases[base], edit)
    for name, source in CONVERTED.items():
        made[name] = lambda name=name, source=source: converted(made[f"{source}.xlsx"](), name)
    first = bases["station"]
    made |= {
        "date_of_wps.xlsx": lambda: date_of_wps(first),
        "outside_reference.xlsx": lambda: outside_reference(first),
        "macros.xlsm": lambda: with_macros(first),
        "not_ours.xlsx": not_ours,
        "utf8.csv": lambda: as_text(first, "utf-8"),
        "utf8_with_mark.csv": lambda: as_text(first, "utf-8-sig"),
        "gb18030.csv": lambda: as_text(first, "gb18030"),
        "tabs.txt": lambda: as_text(first, "utf-16", "\t"),
        "carriage_returns.csv": lambda: as_text(first, "utf-8").replace(b"\r\n", b"\r"),
        "messy_gb18030.csv": lambda: as_text(made["mixture.xlsx"](), "gb18030"),
        "web_page.xls": lambda: "<html><table><tr><td>接警总数</td></tr></table>".encode(),
    }
    for name, make in made.items():
        if not wanted or name in wanted:
            (HERE / name).write_bytes(make())


if __name__ == "__main__":
    main()
