"""Which cells of a table are hidden beside its small ones, and at what cost?

The fewest cells, then the least in sum, so that every small cell might be another number: for each
there must be two tables that agree in all shown cells and differ in that one. Small problems are
solved exactly, as one mixed-integer programme; in large ones each small cell is protected in turn
by the cheapest linear programme, and what turns out not to be needed is shown again.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import block_array, csr_array, diags_array, eye_array, hstack

from metrics.table_cells import Mask, Table

#: The largest problem, in small cells times cells, that is solved at once, and for how long.
EXACT_UP_TO, SECONDS = 1500, 20.0
#: By how much a small cell must at least be able to vary.
WIDTH = 1.0
Reals = NDArray[np.float64]


def hide_table(table: Table, primary: Mask) -> Mask:
    """Return which cells are hidden: the primary ones, and those that protect them.

    Nought is shown. Where a cell cannot be protected (a table without room for it) it is hidden
    with all that could help; `metrics.table_cells.pinned` names it.

    Args:
        table: The table.
        primary: Which cells must not be shown.

    >>> from metrics.table_cells import totalled
    >>> rows = [[20.0, 50, 10, 80], [8, 19, 22, 49], [17, 32, 12, 61], [45, 101, 44, 190]]
    >>> first = np.zeros((4, 4), dtype=bool)
    >>> first[1, 2] = True
    >>> hidden = hide_table(totalled(np.array(rows), threshold=0), first)
    >>> np.argwhere(hidden).tolist()
    [[1, 0], [1, 2], [2, 0], [2, 2]]
    """
    if not primary.any() or not table.equations.shape[0]:
        return primary.copy()
    if int(primary.sum()) * primary.size <= EXACT_UP_TO:
        found = _at_once(table, primary)
        if found is not None and all(_is_loose(table, found, c) for c in _cells(primary)):
            return found
    return _show_again(table, _in_turn(table, primary), primary)


def _prices(table: Table, primary: Mask) -> Reals:
    """Return what hiding each cell costs: one, and so little of its size that one counts more."""
    values = table.values.ravel()
    prices = 1.0 + values / (values.sum() + 1.0)
    return np.where(primary.ravel(), 0.0, prices)


def _rooms(table: Table) -> tuple[Reals, Reals]:
    """Return how far each cell can fall and rise if it is hidden; a nought stays."""
    values = table.values.ravel()
    low, high = table.bounds()
    room = np.where(np.isinf(high), max(values.max(), WIDTH), high - values)
    return np.where(values == 0, 0.0, low - values), np.where(values == 0, 0.0, room)


def _at_once(table: Table, primary: Mask) -> Mask | None:
    """Return the cheapest pattern: whether each cell is hidden, and two tables a small cell."""
    size, wanted = primary.size, np.flatnonzero(primary.ravel())
    fall, rise = _rooms(table)
    equations, count = table.equations, 2 * len(wanted)
    own = eye_array(size, format="csr")
    blank = csr_array((equations.shape[0], size))
    # A changed cell is a hidden one: fall * hidden <= change <= rise * hidden.

    def beside(first: csr_array, each: csr_array) -> csr_array:
        """Return, table by table, what the marks and that table's changes are held to."""
        rows = [
            [first, *[each if at == other else None for other in range(count)]]
            for at in range(count)
        ]
        return block_array(rows, format="csr")

    total = size * (1 + count)
    apart = csr_array((len(wanted), total)).tolil()
    for at, cell in enumerate(wanted):
        apart[at, size * (1 + 2 * at) + cell] = 1.0
        apart[at, size * (2 + 2 * at) + cell] = -1.0
    limits = [
        LinearConstraint(beside(blank, equations), 0, 0),
        LinearConstraint(beside(diags_array(-fall, format="csr"), own), 0, np.inf),
        LinearConstraint(beside(diags_array(-rise, format="csr"), own), -np.inf, 0),
        LinearConstraint(apart.tocsr(), WIDTH, np.inf),
    ]
    most = np.concatenate([np.ones(size), np.tile(rise, count)])
    least = np.concatenate([primary.ravel().astype(float), np.tile(fall, count)])
    solved = milp(
        np.concatenate([_prices(table, primary), np.zeros(size * count)]),
        constraints=limits,
        integrality=np.concatenate([np.ones(size), np.zeros(size * count)]),
        bounds=Bounds(least, most),
        options={"time_limit": SECONDS, "mip_rel_gap": 0.0},
    )
    if solved.x is None:
        return None
    return (solved.x[:size] > 0.5).reshape(primary.shape)


def _in_turn(table: Table, primary: Mask) -> Mask:
    """Return a pattern in which each small cell was protected by what costs least just then."""
    hidden, prices = primary.ravel().copy(), _prices(table, primary)
    fall, rise = _rooms(table)
    equations = table.equations
    both = hstack([equations, -equations], format="csr")  # rise and fall of each cell
    for cell in sorted(np.flatnonzero(primary.ravel()), key=lambda at: -table.values.ravel()[at]):
        found = None
        for up in (True, False):
            room = np.concatenate([rise, -fall])
            bounds = np.stack([np.zeros(len(room)), room], axis=1)
            mine, other = (cell, cell + primary.size) if up else (cell + primary.size, cell)
            step = min(WIDTH, room[mine])
            bounds[mine], bounds[other] = (step, step), (0.0, 0.0)
            cost = np.where(hidden, 0.0, prices)
            if step > 0:
                solved = linprog(
                    np.tile(cost, 2), A_eq=both, b_eq=np.zeros(both.shape[0]), bounds=bounds,
                    method="highs",
                )  # fmt: skip
                if solved.status == 0 and (found is None or solved.fun < found[0]):
                    found = (solved.fun, solved.x)
        changed = table.values.ravel() > 0 if found is None else _moved(found[1], primary.size)
        hidden |= changed
    return hidden.reshape(primary.shape)


def _moved(both: Reals, size: int) -> NDArray[np.bool_]:
    return np.abs(both[:size] - both[size:]) > 1e-7


def _show_again(table: Table, hidden: Mask, primary: Mask) -> Mask:
    """Return the pattern without the cells that protect nothing after all, dearest first."""
    loose = [cell for cell in _cells(primary) if _is_loose(table, hidden, cell)]
    for cell in sorted(_cells(hidden & ~primary), key=lambda at: -table.values[at]):
        fewer = hidden.copy()
        fewer[cell] = False
        if all(_is_loose(table, fewer, small) for small in loose):
            hidden = fewer
    return hidden


def _cells(mask: Mask) -> list[tuple[int, int]]:
    return [(int(row), int(column)) for row, column in np.argwhere(mask)]


def _is_loose(table: Table, hidden: Mask, cell: tuple[int, int]) -> bool:
    """Return whether a hidden cell can be another number, some way up or down."""
    places = np.flatnonzero(hidden.ravel())
    fall, rise = (side[places] for side in _rooms(table))
    at = int(np.searchsorted(places, cell[0] * hidden.shape[1] + cell[1]))
    unknown = table.equations[:, places]
    for step in (min(WIDTH, rise[at]), max(-WIDTH, fall[at])):
        bounds = np.stack([fall, rise], axis=1)
        bounds[at] = (step, step)
        if step:
            solved = linprog(
                np.zeros(len(places)), A_eq=unknown, b_eq=np.zeros(unknown.shape[0]), bounds=bounds,
                method="highs",
            )  # fmt: skip
            if solved.status == 0:
                return True
    return False
