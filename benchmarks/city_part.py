"""All indicators, three levels, four windows, 60 months, matched year on year: three ways.

The three answers must be equal before any time is reported.
"""

import subprocess
import sys

import numpy as np

from benchmarks import by_duckdb, by_pandas, ours
from benchmarks.city import WINDOWS, make_city
from benchmarks.timing import best, load, peak_mb, report


def main() -> None:
    """Measure, compare and report; with an argument, only the memory of one way."""
    city = make_city()
    base = peak_mb()
    if sys.argv[1:] == ["memory"]:
        cube = ours.build(city)
        ours.kernel(cube, city)
        report(before=base, peak=peak_mb())
        return
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
    again = subprocess.run(
        [sys.executable, "-m", "benchmarks.city_part", "memory"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    rows = len(city.indicators) * len(city.units) * len(city.periods) * len(WINDOWS)
    report(
        figures=rows,
        facts=len(city.facts),
        build=building,
        kernel=kernel,
        frames=frames,
        pandas=pandas,
        duckdb=duckdb,
        memory=again.stdout.splitlines()[-1],
        load=before,
    )


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
