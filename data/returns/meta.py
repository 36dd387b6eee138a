"""What is the hidden sheet of a workbook called, and what does it say of each sheet?"""

from __future__ import annotations

#: The hidden sheet that says what a workbook is; it survives a spreadsheet program.
META_SHEET = "_hengjing"
META_COLUMNS = ("sheet", "form", "version", "layout", "unit", "period")
#: The layout of a sheet that stands beside a form to be compared with, and is never read.
COMPARISON = "comparison"
#: How the title of such a sheet begins, should the hidden sheet be gone.
COMPARISON_TITLES = ("对照：", "Comparison: ")
