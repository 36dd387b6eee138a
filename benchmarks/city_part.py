"""All indicators, three levels, four windows, 60 months, matched year on year: three ways.

The three answers must be equal before any time is reported.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks import by_duckdb, by_pandas, ours
from benchmarks.city import WINDOWS, City, make_city
from benchmarks.timing import best, load, peak_mb, report


def main() -> None:
    """Measure, compare and report; with a file of facts, only the memory that our way takes."""
    if sys.argv[1:]:
        city = make_city(Path(sys.argv[1]))
        start = peak_mb()
        cube = ours.build(city)
        ours.frames(cube, city)
        report(start=start, peak=peak_mb())
        return
    city = make_city()
    before = load()
    cube = ours.build(city)
    building = best(lambda: ours.build(city))
    ours.kernel(cube, city)
    kernel = best(lambda: ours.kernel(cube, city), 5)
    frames = best(lambda: ours.frames(cube, city), 3)
    mine = ours.answer(cube, city)
    wide = by_pandas.load(city)
    theirs = by_pandas.answer(wide, city)
    check(mine, theirs, "pandas")
    pandas = best(lambda: by_pandas.answer(wide, city), 2)
    link = by_duckdb.load(city)
    check(mine, by_duckdb.answer(link, city), "DuckDB")
    duckdb = best(lambda: by_duckdb.answer(link, city), 2)
    memory = our_memory(city)
    rows = len(city.indicators) * len(city.units) * len(city.periods) * len(WINDOWS)
    report(
        figures=rows,
        facts=len(city.facts),
        build=building,
        kernel=kernel,
        frames=frames,
        pandas=pandas,
        duckdb=duckdb,
        memory=memory,
        load=before,
    )


def our_memory(city: City) -> dict[str, float]:
    """Return the peak memory of a process that answers our way, window after window."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "facts.parquet"
        city.facts.write_parquet(path)
        command = [sys.executable, "-m", "benchmarks.city_part", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def check(mine: dict[str, np.ndarray], theirs: dict[str, np.ndarray], name: str) -> None:
    """Raise unless both answers are the same figures.

    Where there is no base at all, the compared value stands alone with us and is blank elsewhere.
    """
    for window in WINDOWS:
        for answer in (mine, theirs):
            answer[window][1][np.isnan(answer[window][2])] = np.nan
        np.testing.assert_allclose(
            theirs[window], mine[window], rtol=1e-9, err_msg=f"{name}, {window}"
        )


if __name__ == "__main__":
    main()
