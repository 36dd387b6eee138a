"""Where is the table of states printed? In docs/how-to/returns.md, from the table the store obeys.

python -m reports.lifecycle            write it
python -m reports.lifecycle --check    exit 1 where it is not what would be written
"""

import sys
from pathlib import Path

from data.store.stages import ACTIONS, STATES, step_of
from data.texts import text

PAGE = Path(__file__).resolve().parent.parent / "docs" / "how-to" / "returns.md"
BEGIN, END = "<!-- table of states: python -m reports.lifecycle -->\n", "<!-- end -->\n"


def life_table() -> str:
    """Return the table: a row a state, a column an act, in each cell what becomes of the return."""
    head = ["state", *ACTIONS]
    lines = [_line(head), _line(["---"] * len(head))]
    for state in ("", *STATES):
        name = f"`{state}` {text(f'returns.state.{state}', 'zh')}" if state else "–"
        cells = []
        for action in ACTIONS:
            step = step_of(state, action)
            cells.append(f"{step.who}: {' or '.join(step.becomes)}" if step else "")
        lines.append(_line([name, *cells]))
    return "".join(lines)


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def page_with_table(page: str) -> str:
    """Return the page with the table as it is now between its marks."""
    before, rest = page.split(BEGIN)
    return before + BEGIN + life_table() + END + rest.split(END, 1)[1]


def main(arguments: list[str]) -> int:
    """Write the table into its page, or say whether it stands there already."""
    page = PAGE.read_text("utf-8")
    wanted = page_with_table(page)
    if "--check" in arguments:
        return 0 if page == wanted else 1
    PAGE.write_text(wanted, "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
