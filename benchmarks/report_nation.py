"""How is the nation told: goals beside measurements, then what each row is and what dominates."""

from typing import Any

HEAD = """
## A nation

40,000 stations under 2,846 counties, 341 cities, 31 provinces and a country; 100 measures, a file a
month, 12 months: 47.5 M synthetic facts, imported by the product into SQLite and its snapshot (a
part a month, 112 MB in all). One share of all 43,219 units, for one month and for twelve, each way
in a process of its own on the same Parquet files. The answers are asserted equal to 1e-9. Ours also
gives coverage, status and definition of each figure; definitions and tree (for DuckDB and pandas a
table of unit and leaf) are in memory before the clock starts.

| way | months | best s | first s | processor s | peak MB | clock against ours |
|---|---|---|---|---|---|---|
"""
TAIL = """
Loading the definitions with all units takes {seconds:.1f} s, once a process. What dominates: for a
month, opening the file and laying the figures out; for twelve, decoding words of Parquet; for an
import, the database's insert, then the words of four million cells.
"""
WAYS = {"ours": "ours", "duckdb": "DuckDB SQL", "pandas": "pandas"}


def nation_rows(nation: dict[str, Any]) -> list[tuple[str, str, str, bool]]:
    """Return the rows of the table of goals: work, goal, measured, met."""
    one, page = nation["ours_1"], nation["page"]
    figures = nation["figures"]["1"]
    return [
        (
            f"nation, one indicator of all units and levels ({figures:,} figures), from Parquet",
            "≤ 1 s (goal 0.8 s)",
            f"{one['seconds']:.2f} s, first {one['first']:.2f} s (processor {one['cpu']:.2f} s)",
            one["seconds"] <= 1,
        ),
        ("memory of that process", "≤ 1 GB", f"{one['peak']:.0f} MB", one["peak"] <= 1000),
        (
            "nation, what a page asks: country and provinces, 12 months, from Parquet",
            "≤ 300 ms",
            f"{page['seconds'] * 1000:.0f} ms (processor {page['cpu'] * 1000:.0f} ms)",
            page["seconds"] <= 0.3,
        ),
    ]


def nation_details(nation: dict[str, Any]) -> str:
    """Return the section about the nation."""
    lines = [HEAD]
    for size in ("1", "12"):
        ours = nation[f"ours_{size}"]["seconds"]
        for way, name in WAYS.items():
            times = nation[f"{way}_{size}"]
            lines.append(
                f"| {name} | {size} | {times['seconds']:.2f} | {times['first']:.2f} | "
                f"{times['cpu']:.2f} | {times['peak']:.0f} | {times['seconds'] / ours:.1f}× |\n"
            )
    lines.append("\n| bringing a month in | s | processor s | rows a second | peak MB |\n")
    lines.append("|---|---|---|---|---|\n")
    names = {
        "read_parquet": "reading and checking the file, Parquet",
        "read_csv": "reading and checking the file, CSV",
        "import_sqlite": "into the record (SQLite) and the snapshot",
        "import_postgresql": "into the record (PostgreSQL, fsync off) and the snapshot",
    }
    for key, name in names.items():
        part = nation[key]
        lines.append(
            f"| {name} | {part['seconds']:.1f} | {part['cpu']:.1f} | "
            f"{part['rows'] / part['seconds']:,.0f} | {part['peak']:.0f} |\n"
        )
    lines.append(TAIL.format(seconds=nation["catalog"]["seconds"]))
    return "".join(lines)
