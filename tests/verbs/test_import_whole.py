"""Does `kpi import` ask about a file that ends too early, by what was imported before it?"""

import contextlib
import io
from pathlib import Path

import kpi
from data.catalog import load_catalog
from data.units import tree

STATIONS = tree(load_catalog()).leaves("yz01")[:6]


def test_units_of_the_last_import_without_rows_are_named(tmp_path: Path) -> None:
    base = ["--store", f"sqlite:///{tmp_path / 'x.db'}", "--lang", "en"]

    def run(*arguments: object) -> tuple[int, str]:
        err = io.StringIO()
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(err):
            code = kpi.main([*base, *map(str, arguments)])
        return code, err.getvalue()

    def table(month: str, count: int) -> Path:
        path = tmp_path / f"{month}.csv"
        rows = [f"{unit},{month},crim_recorded,7\n" for unit in STATIONS[:count]]
        path.write_text("unit,period,measure,value\n" + "".join(rows))
        return path

    assert run("init")[0] == 0
    code, said = run("import", table("2024-05", 6), "--form", "M02")
    assert (code, "?" in said) == (0, False)
    code, said = run("import", table("2024-06", 4), "--form", "M02")
    assert code == 0
    assert "of 6 units that this form was imported for before, 4 have rows here" in said
    assert "The file ends in row 5" in said
    code, said = run("import", table("2024-07", 6), "--form", "M02")
    assert (code, "?" in said) == (0, False)
