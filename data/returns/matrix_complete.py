"""Has a block every row and column of the measures that its kind of table must hold?"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from data.parse import nearest
from data.returns.flat_findings import Found
from data.returns.flat_words import Words, any_match, plain
from data.returns.matrix_blocks import Area, Labels, Place, place_name
from data.returns.matrix_layout import Kind

# A block that lacks more labels than these was cut, or a blank row parts it.
MOST_LABELS = 3
Line = dict[str, tuple[str, Place]]


@dataclass(frozen=True, slots=True)
class Missing:
    """A label that is not there (`no_label`), or stands apart from its others (`no_pair`)."""

    key: str
    role: str
    wanted: str
    hint: str
    place: Place


def missing_labels(
    labels: Labels, area: Area, kind: Kind, said: frozenset[str]
) -> Iterator[tuple[Missing, str]]:
    """Yield what a block lacks of its table's own selects, and for which measure."""
    if not kind.select:
        return
    rows, columns = list(labels.rows.values()), list(labels.columns.values())
    texts: dict[str, set[str]] = {}
    for line in (*rows, *columns):
        for role, (text, _) in line.items():
            texts.setdefault(role, set()).add(text)
    for item in kind.select:
        if item.optional:
            continue
        asked = {role: words for role, words in item.words.items() if role not in said}
        lacking = [role for role in asked if not any_match(asked[role], texts.get(role, ()))]
        for role in lacking:
            wanted = asked[role].written
            # A code's neighbour is another code, and a pattern is like no word.
            is_word = not asked[role].patterns and not wanted.isdecimal()
            near = sorted(map(plain, texts.get(role, ())))
            hint = nearest(plain(wanted), near) if is_word else ""
            place = labels.anchors.get(role, (area.top, area.left))
            yield Missing("no_label", role, wanted, hint, place), item.measure
        if not lacking and (apart := _parted(rows, asked) or _parted(columns, asked)):
            role, place = apart
            yield Missing("no_pair", role, asked[role].written, "", place), item.measure


def _parted(lines: list[Line], asked: dict[str, Words]) -> tuple[str, Place] | None:
    """Return the role whose label stands elsewhere than the others of its row or column.

    None where some line has all the labels that are asked of such lines.
    """
    roles = [role for role in asked if any(role in line for line in lines)]
    best: tuple[int, Line] = (-1, {})
    for line in lines:
        right = sum(role in line and asked[role].match(line[role][0]) for role in roles)
        if right == len(roles):
            return None
        if right > best[0]:
            best = (right, line)
    if not roles:
        return None
    line = best[1]
    role = next(r for r in roles if r not in line or not asked[r].match(line[r][0]))
    known = next(iter(line.values()))[1]
    return role, line[role][1] if role in line else known


def cut_labels(
    missing: Iterable[Missing], end: int, sheet: str | None
) -> tuple[list[Found], list[Missing]]:
    """Return a finding for a block that lacks many labels of a role, and the others one by one.

    `end` is the last row of the block.
    """
    places: dict[tuple[str, Place], list[Missing]] = {}
    for item in missing:
        places.setdefault((item.role, item.place), []).append(item)
    found, few = [], []
    for (role, place), items in places.items():
        absent = [item for item in items if item.key == "no_label"]
        if len(absent) <= MOST_LABELS:
            few += items
            continue
        few += [item for item in items if item.key != "no_label"]
        shown = ", ".join(item.wanted for item in absent[:MOST_LABELS])
        values = {"value": shown, "role": role, "count": len(absent), "row": end}
        spot = {"sheet": sheet, "cell": place_name(place)}
        found.append(Found("mandatory", "no_labels", values, "no_labels", spot))
    return found, few
