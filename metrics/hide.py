"""Which cells of a tree of sums must be hidden so that no small one can be worked out?

The tree has one equation a parent: it is the sum of its children. A hidden cell can be worked out
exactly when some equation has it as its only hidden member, because equations share at most one
cell and never form a ring. The sum that a reader can still work out over the hidden cells under a
shown parent must itself be large enough (the remainder rule).
"""

from collections.abc import Collection, Mapping, Sequence

SMALL = "small"
PROTECTS = "protects"


def hide_cells(
    counts: Mapping[str, float],
    children: Mapping[str, Sequence[str]],
    threshold: float,
    known: Collection[str] = (),
    tied: Collection[Collection[str]] = (),
) -> dict[str, str]:
    """Return the cells to hide: `small` itself, or `protects` another from being worked out.

    A cell is small from 1 up to below the threshold; nought is no count of anybody and stays. The
    smallest shown sibling is hidden next, in the order of the children where they are equal.

    Args:
        counts: Count of each cell that has one; a parent's count is the sum of its children's.
        children: Children of each parent.
        threshold: Smallest count that may be shown, and smallest remainder.
        known: Cells that the reader sees in any case, so that they protect nothing.
        tied: Cells that are shares of one and the same count, and tell each other: where one of
            them is hidden, the others are.

    >>> hide_cells({"c": 50, "a": 8, "b": 12, "d": 30}, {"c": ["a", "b", "d"]}, threshold=10)
    {'a': 'small', 'b': 'protects'}
    """
    hidden = {
        cell: SMALL for cell, count in counts.items() if 0 < count < threshold and cell not in known
    }
    parents = [parent for parent in children if parent in counts]
    # Hidden parents first: what their shown children leave open counts in the equation above.
    while _hide_tied(counts, known, tied, hidden) or any(
        _protect(parent, counts, children, threshold, known, hidden)
        for parent in sorted(parents, key=lambda parent: parent not in hidden)
    ):
        pass
    return hidden


def _hide_tied(
    counts: Mapping[str, float],
    known: Collection[str],
    tied: Collection[Collection[str]],
    hidden: dict[str, str],
) -> bool:
    """Hide what tells a hidden cell because both are shares of one count; say whether any."""
    more = {
        cell
        for group in tied
        if any(cell in hidden for cell in group)
        for cell in group
        if cell in counts and cell not in hidden and cell not in known
    }
    hidden.update(dict.fromkeys(sorted(more), PROTECTS))
    return bool(more)


def open_remainder(
    cell: str,
    counts: Mapping[str, float],
    children: Mapping[str, Sequence[str]],
    hidden: Collection[str],
) -> float:
    """Return what of a hidden cell is left when everything shown below it is taken away.

    >>> open_remainder("c", {"c": 50, "a": 8, "b": 42}, {"c": ["a", "b"]}, hidden={"c", "a"})
    8
    """
    below = [child for child in children.get(cell, ()) if child in counts]
    if not below:
        return counts[cell]
    return sum(
        open_remainder(child, counts, children, hidden) for child in below if child in hidden
    )


def _protect(
    parent: str,
    counts: Mapping[str, float],
    children: Mapping[str, Sequence[str]],
    threshold: float,
    known: Collection[str],
    hidden: dict[str, str],
) -> bool:
    """Hide one more cell round a parent if its equation gives a hidden one away; say whether."""
    below = [child for child in children[parent] if child in counts]
    inside = [child for child in below if child in hidden]
    if parent in hidden:
        is_safe = bool(inside) or not below
    else:
        left = sum(open_remainder(child, counts, children, hidden) for child in inside)
        is_safe = not inside or (len(inside) > 1 and left >= threshold)
    if is_safe:
        return False
    shown = [c for c in below if c not in hidden and c not in known and counts[c] > 0]
    if shown:
        hidden[min(shown, key=lambda child: counts[child])] = PROTECTS
        return True
    if parent in hidden or parent in known:
        return False
    hidden[parent] = PROTECTS
    return True
