"""Which explanations did a unit write into the annotated copy of its workbook?

The copy may have been saved by any program, its lines sorted, filtered or deleted, its sheet
renamed, explanations merged over several lines: a line is known by its number, a column by what
its head says.
"""

from __future__ import annotations

from data.returns.cells import clean
from data.returns.page import Page

#: The sheet of findings in an annotated copy; a reader takes its explanations and nothing else.
FINDINGS_SHEET = "校验结果 Findings"
ANSWER_HEAD = "说明 Explanation"
ID_HEAD = "编号 ID"
#: With this begins the link back to the findings; it is no part of a return.
BACK_MARK = "←"
_LAST_HEAD_ROW = 12
#: Two explanations of one question are both kept.
_BETWEEN = "；"


def is_findings(page: Page) -> bool:
    """Return whether a sheet is the list of findings of an annotated copy, also when renamed."""
    return page.name.startswith(FINDINGS_SHEET) or len(_heads(page)) == 2


def _heads(page: Page) -> dict[str, tuple[int, int]]:
    """Return where the heads of the numbers and of the explanations stand."""
    return {
        said: place
        for place, cell in page.cells.items()
        if place[0] <= _LAST_HEAD_ROW and (said := clean(cell.text)) in (ANSWER_HEAD, ID_HEAD)
    }


def read_answers(page: Page) -> dict[str, str]:
    """Return the explanations that a unit wrote beside the findings, by finding."""
    head = _heads(page)
    if len(head) < 2:
        return {}
    first, column = head[ID_HEAD]
    _, answer = head[ANSWER_HEAD]
    over = {
        row: top
        for top, left, bottom, right in page.merges
        if left <= answer <= right
        for row in range(top, min(bottom, top + 5000) + 1)
    }
    starts = {top: left for top, left, _, right in page.merges if left <= answer <= right}
    found: dict[str, list[str]] = {}
    for (row, c), cell in sorted(page.cells.items()):
        if c != column or row <= first:
            continue
        top = over.get(row, row)
        if starts.get(top, answer) != answer:
            continue  # merged with what stands left of it: no explanation of its own
        said = page.cells.get((top, answer))
        words = said.text.strip() if said is not None else ""
        kept = found.setdefault(clean(cell.text), [])
        if words and words not in kept:
            kept.append(words)
    return {key: _BETWEEN.join(words) for key, words in found.items() if words}


def without_links(page: Page) -> Page:
    """Return a sheet without the link that leads back to the findings."""
    places = [
        place
        for place, cell in page.cells.items()
        if place[0] == 1 and cell.text.startswith(BACK_MARK)
    ]
    for place in places:
        del page.cells[place]
    return page
