"""How are the trials of longer windows and of walls of cells told?"""

from typing import Any

from benchmarks.reading_wall import CELLS, WALLS_DRAWN, WINDOWS

Rows = list[dict[str, Any]]
WORD = {
    "month": "a month",
    "quarter": "a quarter",
    "half": "half a year",
    "ytd": "the year to date",
    "rolling12": "twelve months",
}
CAUSE = {"stable": "nothing", "seasonal": "the season", "festival": "the moving festival"}


def longer_part(rows: Rows) -> str:
    """Return the table of longer windows."""
    heads = " | ".join(WORD[window] for window in WINDOWS)
    lines = [
        "## Longer windows\n\n"
        "Against the same window of the year before, meant to be wrong in 5 % at most: the share "
        "called **worse / better**. Of the series that stepped in April, windows that hold months "
        "before the step are among them.\n\n"
        f"| figure | size | moved by | {heads} |\n|---|---|---|{'---:|' * len(WINDOWS)}\n"
    ]
    for row in rows:
        cells = " | ".join(f"{row[w][0]:.1%} / {row[w][1]:.1%}" for w in WINDOWS)
        lines.append(f"| {row['shape']} | {row['size']} | {_moved(row)} | {cells} |\n")
    still = [sum(row[w]) for row in rows if not row["step"] for w in WINDOWS]
    lines.append(
        f"\nWhere nothing changed {min(still):.1%} to {max(still):.1%} are called either way, "
        f"{sum(still) / len(still):.1%} in the mean of all rows.\n\n"
    )
    return "".join(lines)


def wall_part(rows: Rows) -> str:
    """Return the table of walls."""
    lines = [
        "## A wall of cells\n\n"
        f"{CELLS} cells drawn at random from the series without a change, some of them counts that "
        f"stepped ({WALLS_DRAWN} walls each). *By itself*: beyond its own usual variation, as the "
        "page of the indicator and `kpi figures --compare` say it. *Coloured*: what the overview "
        "colours, because it stands out among all cells (Benjamini and Hochberg, one in ten).\n\n"
        "| size | window | changed | false: by itself | coloured | seen: by itself | coloured |\n"
        "|---|---|---|---:|---:|---:|---:|\n"
    ]
    for row in rows:
        many = row["changed"]
        seen = f"{row['called_true']:.0%} | {row['coloured_true']:.0%}" if many else "| "
        changed = f"{many} by × {row['factor']:g}" if many else "none"
        lines.append(
            f"| {row['size']} | {WORD[row['window']]} | {changed} | {row['called']:.1f} | "
            f"{row['coloured']:.1f} | {seen} |\n"
        )
    quiet = [row for row in rows if not row["changed"]]
    called, coloured = ([row[name] for row in quiet] for name in ("called", "coloured"))
    lines.append(
        f"\nOn a wall where nothing changed {min(called):.1f} to {max(called):.1f} cells are "
        f"called each by itself, and {min(coloured):.1f} to {max(coloured):.1f} are coloured.\n\n"
    )
    return "".join(lines)


def _moved(row: dict[str, Any]) -> str:
    """Return the cause of a series, or its step."""
    step = row["step"]
    if not step:
        return CAUSE[row["cause"]]
    return f"{step * 100:+g} points" if row["shape"] == "share" else f"× {step:g}"
