"""How is the trial of units beside each other told: who is named wrongly, and who is seen?"""

from typing import Any

from benchmarks.units_part import FACTORS, LARGEST, LEVEL, LEVELS, ODD_UNITS, SMALLEST, SPREAD
from metrics.funnel_tail import PAIR, RATE, SHARE

DIFFER = {0.0: "nothing", SPREAD: "a usual spread"}


def units_section(found: dict[str, Any]) -> str:
    """Return the section of one trial."""
    return "".join([_made(found), _alike(found["alike"]), _odd(found["odd"])])


def _made(found: dict[str, Any]) -> str:
    """Return how the units were made."""
    shares, rates, pairs = (
        " and ".join(f"{level:.0%}" for level in LEVELS[kind]) for kind in (SHARE, RATE, PAIR)
    )
    return (
        "## Units beside each other\n\n"
        f"{found['charts']} charts of each kind, level and number of units, seed {found['seed']}, "
        "each judged by the function that the Districts page calls. Sizes lie between "
        f"{SMALLEST} and {LARGEST:,}, evenly on a logarithmic scale. Shares "
        f"of {shares}; rates of {rates} (Poisson); pairs of two counts of {pairs}. Units are "
        "alike, or differ by a usual spread from which all are drawn: a beta distribution with a "
        f"standard deviation of {SPREAD:g} √(p (1 − p)), a gamma with {SPREAD:.0%} of the rate. No "
        "unit is special either way, so every name is wrong. Beside the page stand the **95 % "
        "limits**, which name about one unit in twenty; the **published** limits, 99.8 % widened "
        "by DerSimonian and Laird's variance of drawn-in distances (`kpi analyse funnel "
        "--overdispersion --corrected`); and the league table, whose last one is named on every "
        "chart.\n\n"
    )


def _alike(rows: list[dict[str, Any]]) -> str:
    """Return the table of charts that name somebody, and what it says."""
    lines = [
        "Share of charts that name anybody; *worst* is the worst of the levels.\n\n",
        "| units | figure | differ by | ours | ± | worst | 95 % limits | published | league |\n"
        "|---:|---|---|---:|---:|---:|---:|---:|---:|\n",
    ]
    lines += [
        f"| {row['units']} | {row['kind']} | {DIFFER[row['spread']]} | {row['ours']:.1%} | "
        f"{row['error']:.1%} | {row['worst']:.1%} | {row['plain95']:.0%} | "
        f"{row['published']:.0%} | 100% |\n"
        for row in rows
    ]
    said = []
    for spread, name in ((0.0, "Of alike units"), (SPREAD, "Of units that differ as usual")):
        some = [row for row in rows if row["spread"] == spread]
        ours, plain, published = (
            [row[rule] for row in some] for rule in ("ours", "plain95", "published")
        )
        said.append(
            f"{name} ours names one on {min(ours):.1%} to {max(ours):.1%} of the charts, the 95 % "
            f"limits on {min(plain):.0%} to {max(plain):.0%}, the published ones on "
            f"{min(published):.0%} to {max(published):.0%}."
        )
    over = [row for row in rows if row["ours"] > 0.05]
    where = "; ".join(f"{row['kind']}, {row['units']} units" for row in over)
    said.append(
        f"More than the one in twenty that is meant: {where}." if over else "One in twenty is kept."
    )
    return "".join(lines) + f"\n{' '.join(said)}\n\n"


def _odd(rows: list[dict[str, Any]]) -> str:
    """Return the table of how often an odd unit is seen."""
    count = " | ".join(f"{units} units" for units in ODD_UNITS)
    last = " | ".join(f"last of {units}" for units in ODD_UNITS)
    lines = [
        f"One unit is half, one and a half times or twice the others, whose share is {LEVEL:.0%}; "
        "all are of one size. How often ours names it, and how often the league table has it at "
        "its end (where every chart has one, special or not):\n\n",
        f"| others differ by | cases each | times | {count} | {last} |\n"
        f"|---|---:|---:|{'---:|' * (2 * len(ODD_UNITS))}\n",
    ]
    for spread, differ in DIFFER.items():
        for size in sorted({row["size"] for row in rows}):
            for factor in FACTORS:
                same = [
                    row
                    for row in rows
                    if (row["spread"], row["size"], row["factor"]) == (spread, size, factor)
                ]
                cells = [f"{row['named']:.0%}" for row in same]
                cells += [f"{row['league']:.0%}" for row in same]
                lines.append(f"| {differ} | {size:,} | {factor:g} | {' | '.join(cells)} |\n")
    wrong = max(row["others"] for row in rows)
    lines.append(
        f"\nAnother than the odd one is named on at most {wrong:.0%} of these charts. Where units "
        "differ as usual, half or half as much again is no more than others are off, and no rule "
        "can tell it from them; of three or four units none is named where they differ, and of "
        "five only one far off: each is a good part of the level that it is held against.\n\n"
    )
    return "".join(lines)
