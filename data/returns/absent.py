"""What does a unit owe that has no cell in its workbook: a line or a column taken out?"""

from __future__ import annotations

from collections.abc import Mapping

from data.returns.due import Sheet
from data.returns.reading import CELLS, LINES


def absent_rows(
    plans: Mapping[tuple[str, str], tuple[Sheet, ...]],
    seen: Mapping[tuple[str, str], set[tuple[str, str]]],
    parts: list[dict[str, object]],
) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Return rows of CELLS and LINES for what is owed but has no cell in the workbook."""
    cells: list[dict[str, object]] = []
    lines: list[dict[str, object]] = []
    for (form, unit), owed in plans.items():
        mine = [p for p in parts if p["form"] == form and p["unit"] == unit]
        if any(p["personal_columns"] for p in mine):
            continue
        part = mine[0]
        required = frozenset().union(*(plan.required for plan in owed))
        absent = sorted(required - seen[(form, unit)])
        if not absent:
            continue
        listed = {u for u, _ in seen[(form, unit)]}
        for missing in sorted({u for u, _ in absent} - listed):
            count = sum(u == missing for u, _ in required)
            lines.append(
                {
                    **dict.fromkeys(LINES, ""),
                    "sheet": part["sheet"],
                    "form": form,
                    "unit": missing,
                    "unit_known": True,
                    "parent_matches": True,
                    "names_agree": True,
                    "required": count,
                    "filled": 0,
                }
            )
        for place, measure in absent:
            if place not in listed:
                continue
            cells.append(
                {
                    **dict.fromkeys(CELLS, None),
                    **dict.fromkeys(("cell", "text", "fault", "hint", "liberty"), ""),
                    "sheet": part["sheet"],
                    "form": form,
                    "unit": place,
                    "measure": measure,
                    "period": part["period"],
                    "kind": "empty",
                    "is_due": True,
                    "is_required": True,
                    "is_total": False,
                }
            )
    return cells, lines
