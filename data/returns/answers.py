"""Which explanations did a unit write into the annotated copy of its workbook?"""

from __future__ import annotations

from data.returns.cells import clean
from data.returns.page import Page

#: The sheet of findings in an annotated copy; a reader takes its explanations and nothing else.
FINDINGS_SHEET = "校验结果 Findings"
ANSWER_HEAD = "说明 Explanation"
ID_HEAD = "编号 ID"


def read_answers(page: Page) -> dict[str, str]:
    """Return the explanations that a unit wrote beside the findings, by finding."""
    head = {clean(cell.text): place for place, cell in page.cells.items() if place[0] <= 6}
    if ANSWER_HEAD not in head or ID_HEAD not in head:
        return {}
    first, column = head[ID_HEAD]
    _, answer = head[ANSWER_HEAD]
    found = {}
    for (row, c), cell in page.cells.items():
        if c == column and row > first and (row, answer) in page.cells:
            found[cell.text] = page.cells[(row, answer)].text.strip()
    return {key: words for key, words in found.items() if words}
