"""What becomes of published workbooks that are no form of ours: refused, or read by a stated form?

`python -m benchmarks.not_ours FOLDER` gives every workbook and text table under the folder of
original files to `kpi check`: once as a return of the fictional bureau, naming no form, and once by
each form that describes its source. It rewrites docs/not-ours.md and ends with 1 where anything
but a sentence came back.
"""

import contextlib
import csv
import io
import re
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

import kpi
from benchmarks.real_data import FOLDERS

ROOT = Path(__file__).resolve().parent.parent
SUFFIXES = {".xlsx", ".xls", ".ods", ".csv", ".txt"}
#: The month of files that do not name it themselves.
MONTH = "2023-12"
PAGE = ROOT / "docs" / "not-ours.md"
HEAD = """# Files that are no form of ours

Written by `python -m benchmarks.not_ours FOLDER`; do not edit. `FOLDER` holds the published files
of other services, which are not part of this repository. Each is given to `kpi check` twice: as a
return of the fictional bureau, naming no form, and by the forms that describe its source under
`data/examples`. A dash means that no form describes it. No file led to anything but the
sentence shown, or to figures.

| file | KB | as a return of ours | by a stated form | s |
|---|---:|---|---|---:|
"""


@dataclass(frozen=True, slots=True)
class Told:
    """What a check ended with: its code, the last sentence, the figures read."""

    code: int
    words: str
    figures: int
    trace: str = ""


def main() -> int:
    """Check every file and rewrite the page."""
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        print("usage: python -m benchmarks.not_ours FOLDER", file=sys.stderr)
        return 2
    folder = Path(sys.argv[1]).resolve()
    lines, broken = [], 0
    for path in sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES):
        began = time.perf_counter()
        ours = check(ROOT / "data" / "definitions", path)
        stated, traces = by_stated_form(folder, path)
        seconds = time.perf_counter() - began
        for trace in (ours.trace, *traces):
            broken += bool(trace)
            sys.stderr.write(trace)
        taken = f"**read: {ours.figures} figures**" if ours.figures else first_words(ours.words)
        size = path.stat().st_size / 1024
        lines.append(
            f"| {path.relative_to(folder)} | {size:,.0f} | {taken} | {stated} | {seconds:.1f} |"
        )
        print(lines[-1], flush=True)
    PAGE.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    return 1 if broken else 0


def by_stated_form(folder: Path, path: Path) -> tuple[str, list[str]]:
    """Return which form of the file's source reads it, or why none does; and any traceback."""
    source = path.relative_to(folder).parts[0]
    example = next((name for name, place in FOLDERS.items() if place == source), None)
    if example is None:
        return "–", []
    definitions = ROOT / "data" / "examples" / example / "definitions"
    refused, traces = "", []
    forms = sorted((definitions / "forms").glob("*.toml"))
    for form, month in ((form, month) for form in forms for month in ((), ("--period", MONTH))):
        told = check(definitions, path, "--form", form.stem, *month)
        traces.append(told.trace)
        if told.figures and not told.code:
            return f"`{' '.join((form.stem, *month))}`: {told.figures:,} figures", traces
        if told.figures:
            refused = f"`{form.stem}` refuses: {first_words(told.words)}"
        refused = refused or first_words(told.words)
    return refused, traces


def check(definitions: Path, path: Path, *options: str) -> Told:
    """Return what `kpi check` says of a file, in a store of its own."""
    out, said = io.StringIO(), io.StringIO()
    with tempfile.TemporaryDirectory() as place:
        base = ["--definitions", str(definitions), "--store", f"sqlite:///{place}/none.db"]
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(said):
                code = kpi.main([*base, "--lang", "en", "check", str(path), *options])
        except Exception:  # noqa: BLE001 - a traceback is what this looks for
            return Told(70, "traceback", 0, traceback.format_exc())
    words = said.getvalue().strip()
    found = re.search(r"Figures read: ([\d,]+)", words)
    figures = int(found[1].replace(",", "")) if found else 0
    return Told(code, words if not found else first_finding(out.getvalue()), figures)


def first_finding(printed: str) -> str:
    """Return what the first finding says."""
    return next((row["message_en"] for row in csv.DictReader(io.StringIO(printed))), "")


def first_words(words: str) -> str:
    """Return the first sentence of a refusal, short enough for a table."""
    line = words.splitlines()[-1] if words else "nothing said"
    line = re.sub(r"^kpi: ", "", line).replace("|", "/").partition(". ")[0]
    return line if len(line) <= 130 else f"{line[:127]}…"


if __name__ == "__main__":
    sys.exit(main())
