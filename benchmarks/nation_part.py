"""A nation: one indicator of all units from Parquet three ways, a page's question, an import."""

import json
import subprocess
import sys

from benchmarks.nation_store import build
from benchmarks.nation_ways import check
from benchmarks.timing import load, report

WAYS = ("ours", "duckdb", "pandas")


def main() -> None:
    """Build the nation if it is not there, then measure each question in its own process."""
    build()
    before = load()
    found = {f"{way}_{size}": ask(way, size) for size in ("1", "12") for way in WAYS}
    figures = {size: check(int(size)) for size in ("1", "12")}
    found["page"] = ask("page")
    found["catalog"] = ask("catalog")
    for kind in ("parquet", "csv"):
        found[f"read_{kind}"] = ask("read", kind)
    for database in ("sqlite", "postgresql"):
        found[f"import_{database}"] = ask("import", database)
    loads = [part["load"] for part in found.values()]
    report(**found, figures=figures, load=max(before, *loads))


def ask(*words: str) -> dict:
    """Return what one question takes."""
    command = [sys.executable, "-m", "benchmarks.nation_ways", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(words)} failed:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
