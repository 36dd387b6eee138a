"""How is the trial of the reading told: false alarms, then delays, ours beside the naive rule."""

from typing import Any

from benchmarks.reading_series import (
    CLUSTER,
    FESTIVAL,
    FESTIVAL_SHARE,
    LEVEL,
    LOSS_SPREAD,
    OF,
    SIZES,
    STRAY,
    STRAY_SHARE,
    SWING,
    SWING_SHARE,
)
from benchmarks.report_units import units_section
from benchmarks.report_wall import longer_part, wall_part

HEAD = """# How often the reading is wrong, and how soon it sees a change

Written by `python -m benchmarks.run reading units`; do not edit. Series of which the truth is known
are filed as units of a bureau and compared with the year before by the function that the pages and
`kpi figures --compare yoy` call. Beside it stands the rule of many dashboards: **red if worse by
10 %** than the same month a year before. Units [beside each other](#units-beside-each-other) are
tried at the end.

"""
SIZE = {"station": "station", "district": "district", "city": "city"}
CAUSE = {
    "stable": "nothing",
    "seasonal": "the season",
    "festival": "the moving festival",
}


def reading_page(found: dict[str, Any], units: dict[str, Any]) -> str:
    """Return the page of two trials: of changes, and of units beside each other."""
    parts = [HEAD, _made(found), _still(found["still"]), _steps(found["steps"])]
    parts += [longer_part(found["longer"]), wall_part(found["walls"])]
    parts += [units_section(units), _limits()]
    return "".join(parts).rstrip() + "\n"


def _made(found: dict[str, Any]) -> str:
    """Return how the series were made."""
    counts = ", ".join(f"{mean:g} ({size})" for size, mean in SIZES.items())
    shares = ", ".join(f"{of:,.0f} ({size})" for size, of in OF.items())
    return (
        f"{found['series']} series of each kind, seed {found['seed']}, 2019 to 2024; all months of "
        "2024 from March on are read, January and February alone are not (the festival moves "
        f"them). Counts of a mean of {counts} a month, with a variance of {CLUSTER:g} μ + "
        f"({STRAY:g} μ)²: cases come in clusters and levels stray. Shares of {LEVEL:.0%} of about "
        f"{shares} cases a month, straying by {STRAY_SHARE * 100:g} points beyond chance. Money is "
        "what was lost in as many cases as are counted, in each by a lognormal with a spread of "
        f"{LOSS_SPREAD:g}: one case in 144 loses more than forty at the median. The season moves "
        f"counts and money by ±{SWING:.0%} and shares by ±{SWING_SHARE * 100:g} points, the "
        f"festival by {FESTIVAL:.0%} and {FESTIVAL_SHARE * 100:g} points on the days on which it "
        "is felt. Steps begin in April.\n\n"
    )


def _still(rows: list[dict[str, Any]]) -> str:
    """Return the table of false alarms, and what it says."""
    lines = [
        "## False alarms: nothing has changed\n\n",
        "*Red* is the share of months called worse; *year* the share of series with one or more "
        "red months in the ten. *±* is the standard error of the simulation. *Better* adds the "
        "months called better without a cause.\n\n",
        "| figure | size | moved by | ours: red | ± | year | better | 10 % rule: red | ± | year |\n"
        "|---|---|---|---:|---:|---:|---:|---:|---:|---:|\n",
    ]
    for row in rows:
        ours, naive = row["ours"], row["naive"]
        better = ours["either"] - ours["red"]
        lines.append(
            f"| {row['shape']} | {SIZE[row['size']]} | {CAUSE[row['cause']]} | "
            f"{ours['red']:.1%} | {ours['error']:.1%} | {ours['year']:.0%} | {better:.1%} | "
            f"{naive['red']:.1%} | {naive['error']:.1%} | {naive['year']:.0%} |\n"
        )
    reds = [row["ours"]["red"] for row in rows]
    plain = [row["naive"]["red"] for row in rows]
    worst = max(rows, key=lambda row: row["ours"]["red"])
    early = [r["naive"]["january_february"] for r in rows if r["cause"] == "festival"]
    often = sum(row["ours"]["red"] < row["naive"]["red"] for row in rows)
    lines.append(
        f"\nOurs calls {min(reds):.1%} to {max(reds):.1%} of the months red (most: "
        f"{worst['shape']}, {SIZE[worst['size']]}, {CAUSE[worst['cause']]}), the 10 % rule "
        f"{min(plain):.1%} to {max(plain):.1%}; ours calls fewer in {often} of {len(rows)} rows. "
        f"In the January and February that ours does not read, the 10 % rule calls "
        f"{min(early):.0%} to {max(early):.0%} of the months of festival series red.\n\n"
    )
    return "".join(lines)


def _steps(rows: list[dict[str, Any]]) -> str:
    """Return the table of delays, and what it says."""
    lines = [
        "## Delay: the level steps in April\n\n",
        "*Median* is the month in which half of the series have been called in the direction of "
        "the step (1: at once; –: not within the nine months to December); then the share called "
        "within 3, 6 and 9 months. Some are called by chance: see *year* above. *Wrong way* is the "
        "share of months after the step called the opposite. A rule that calls a third of all "
        "months anyway is quick; so beside the 10 % rule stands the **same rule with its threshold "
        "raised** until it calls no more months of stable series than ours, in that direction.\n\n",
        "| figure | size | step | ours: median | 3 | 6 | 9 | wrong way | 10 %: median | 3 | 9 "
        "| wrong way | raised to | 3 | 9 |\n"
        "|---|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
    ]
    for row in rows:
        ours, naive, raised = row["ours"], row["naive"], row["raised"]
        lines.append(
            f"| {row['shape']} | {SIZE[row['size']]} | {_step(row)} | {_median(ours)} | "
            f"{ours['within_3']:.0%} | {ours['within_6']:.0%} | {ours['within_9']:.0%} | "
            f"{ours['wrong_way']:.1%} | {_median(naive)} | {naive['within_3']:.0%} | "
            f"{naive['within_9']:.0%} | {naive['wrong_way']:.1%} | {_threshold(row)} | "
            f"{raised['within_3']:.0%} | {raised['within_9']:.0%} |\n"
        )
    as_many = {
        n: sum(r["ours"][f"within_{n}"] >= r["raised"][f"within_{n}"] for r in rows) for n in (3, 9)
    }
    lines.append(
        f"\nOurs sees as many or more than the raised rule in {as_many[3]} of {len(rows)} rows "
        f"within three months, in {as_many[9]} within nine.\n"
    )
    late = [r for r in rows if r["ours"]["within_9"] < 0.5]
    missed = "; ".join(f"{r['shape']}, {SIZE[r['size']]}, {_step(r)}" for r in late)
    said = f"Less than half are seen within the year: {missed}." if late else ""
    lines.append(f"\n{said or 'Of every step, half or more are seen within the year.'}\n\n")
    return "".join(lines)


def _step(row: dict[str, Any]) -> str:
    """Return a step in words: counts and money by a factor, shares by points."""
    step = row["step"]
    return f"{step * 100:+g} points" if row["shape"] == "share" else f"× {step:g}"


def _threshold(row: dict[str, Any]) -> str:
    """Return by how much a month must differ for the raised rule."""
    return f"{row['threshold']:.0%}"


def _median(rule: dict[str, Any]) -> str:
    """Return a median delay, or a dash."""
    return "–" if rule["median"] is None else f"{rule['median']:g}"


def _limits() -> str:
    """Return what the trial does not show."""
    return """## What this does not show

* Real series drift, break and are revised; these do not. A station of three cases a month hides any
  change that is not large: no rule can see what chance covers.
* The series are independent. A city in which one cause moves all units at once sees it sooner in
  the city's own series than in any unit's.
* Months are read one by one. Ten months a year and a hundred series make a thousand readings: a
  series that was looked at all year may have had a red month by chance (*year* above).
* Charts of units are judged one by one too: who opens twenty charts of units without anything
  special will find one that names somebody. Spreads with longer tails than these name more.
"""
