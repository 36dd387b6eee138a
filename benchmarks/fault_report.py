"""How is the outcome of seeded faults printed, and kept in docs/checks.md?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from data.checks.false_rates import wilson

PAGE = Path(__file__).resolve().parent.parent / "docs" / "checks.md"
BEGIN, END = (
    "<!-- seeded faults: python -m benchmarks.faults --keep -->\n",
    "<!-- end of faults -->\n",
)
STATES = ("found", "elsewhere", "missed", "hidden")


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a fault.

    It was found; told elsewhere or by another rule; missed; or hidden: it cannot be told from a
    true figure by anybody.
    """

    kind: str
    state: str
    words: str
    said: str

    @property
    def is_found(self) -> bool:
        """Whether it was found at the right cell by the right rule."""
        return self.state == "found"


def rows_of(results: Sequence[Result]) -> list[tuple[str, dict[str, int]]]:
    """Return how many of each kind ended in which state, in the order of the kinds, then all."""
    kinds = sorted({r.kind for r in results})
    counted = [
        (k, {s: sum(r.kind == k and r.state == s for r in results) for s in STATES}) for k in kinds
    ]
    total = {s: sum(row[s] for _, row in counted) for s in STATES}
    return [*counted, ("all kinds", total)]


def printed(results: Sequence[Result], returns: int, asked: int) -> str:
    """Return the outcome as lines of text."""
    lines = [
        f"{'kind':42}{'seeded':>7}{'found':>7}{'share':>8}  95 %          else  missed  hidden"
    ]
    for name, row in rows_of(results):
        seen = sum(row.values()) - row["hidden"]
        low, high = wilson(row["found"], seen)
        share = row["found"] / seen if seen else float("nan")
        lines.append(
            f"{name:42}{seen:7}{row['found']:7}{share:8.0%}  {low:.0%}–{high:.0%}".ljust(78)
            + f"{row['elsewhere']:6}{row['missed']:8}{row['hidden']:8}"
        )
    low, high = wilson(asked, returns)
    said = asked / returns if returns else float("nan")
    lines.append(
        f"false findings: {asked} of {returns} sound returns of a unit and month were asked "
        f"anything ({said:.1%}, 95 % {low:.1%}–{high:.1%})"
    )
    return "\n".join(lines) + "\n"


def markdown(results: Sequence[Result], returns: int, asked: int, seeds: Iterable[int]) -> str:
    """Return the outcome as a Markdown table."""
    today = dt.datetime.now(dt.UTC).date()
    lines = [
        "| kind of fault | seeded | found | share | 95 % | elsewhere | missed | cannot be seen |",
        "|---|---:|---:|---:|---|---:|---:|---:|",
    ]
    for name, row in rows_of(results):
        seen = sum(row.values()) - row["hidden"]
        low, high = wilson(row["found"], seen)
        share = f"{row['found'] / seen:.0%} | {low:.0%}–{high:.0%}" if seen else "– | –"
        cells = (f"{seen} | {row['found']} | {share} | {row['elsewhere']} | {row['missed']}", row)
        lines.append(f"| {name} | {cells[0]} | {row['hidden']} |")
    low, high = wilson(asked, returns)
    numbers = ", ".join(str(seed) for seed in seeds)
    lines += [
        "",
        f"Of {returns:,} sound returns (one unit, one month) beside them {asked} were asked "
        f"anything: {asked / returns:.1%} (95 % {low:.1%}–{high:.1%}). Seeds {numbers}, measured "
        f"{today}.",
    ]
    return "\n".join(lines) + "\n"


def keep_results(results: Sequence[Result], returns: int, asked: int, seed: int) -> None:
    """Write the table between its marks in docs/checks.md."""
    page = PAGE.read_text("utf-8")
    before, rest = page.split(BEGIN)
    table = markdown(results, returns, asked, [seed])
    PAGE.write_text(before + BEGIN + table + END + rest.split(END, 1)[1], "utf-8")
