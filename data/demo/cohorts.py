"""Of the cases recorded in a month, how many were cleared three and twelve months later?"""

import numpy as np

from data.demo.world import World

AGES = (3, 12)
FRESH_MONTHS, OLD_WEIGHT = 4.0, 0.02  # how the chance of a clearance falls with a case's age
EARLIER = 2  # pools of what was open at the start: of that year, and of the years before


def add_cohorts(world: World, at_once: np.ndarray, dropped: np.ndarray, lost: np.ndarray) -> None:
    """Add what became of each month's cases; it agrees with recorded, cleared and withdrawn.

    `at_once` cases are cleared in their own month; other clearances of the year fall on its open
    cases, backlog clearances on older ones, fresh cases first. `dropped` and `lost` are the
    withdrawn of this year and of earlier ones.
    """
    rng, values = world.rng("cohorts"), world.values
    units, months = world.shape
    opened = np.array(
        [np.argmax(world.values["crim_recorded"][unit] >= 0) for unit in range(units)]
    )
    found = {age: np.full((units, months), np.nan) for age in AGES}
    for unit in range(units):
        cleared = follow_unit(
            rng,
            np.array([month.month == 1 for month in world.months]),
            *(
                part[unit].astype(int)
                for part in (
                    values["crim_recorded"],
                    at_once,
                    values["crim_cleared_current"] - at_once,
                    values["crim_cleared_backlog"],
                    dropped,
                    lost,
                )
            ),
        )
        for age in AGES:
            for month in range(opened[unit] + age, months):
                found[age][unit, month] = cleared[month, month - age]
    for age in AGES:
        values[f"crim_cohort_{age}m"] = found[age]


def follow_unit(
    rng: np.random.Generator,
    is_new_year: np.ndarray,
    recorded: np.ndarray,
    at_once: np.ndarray,
    current: np.ndarray,
    backlog: np.ndarray,
    dropped: np.ndarray,
    lost: np.ndarray,
) -> np.ndarray:
    """Return how many cases of each month were cleared by the end of each month [month, cohort]."""
    months = len(recorded)
    # Before the first month enough cases are open for whatever is cleared of them.
    ahead = int(np.cumsum(current + dropped - (recorded - at_once)).max(initial=0))
    still = np.zeros(months + EARLIER, dtype=int)
    still[0], still[1] = max(ahead, 0) + 3 * int(recorded[0]), int((backlog + lost).sum())
    is_current = np.zeros(months + EARLIER, dtype=bool)
    is_current[0] = True
    done = np.zeros(months, dtype=int)
    found = np.zeros((months, months), dtype=int)
    for month in range(months):
        place = month + EARLIER
        if is_new_year[month]:
            is_current[:] = False
        is_current[place] = True
        still[place] = recorded[month] - at_once[month]
        done[month] += at_once[month]
        for which, count, is_cleared in (
            (is_current, current[month], True),
            (~is_current, backlog[month], True),
            (is_current, dropped[month], False),
            (~is_current, lost[month], False),
        ):
            pool = np.where(which, still, 0)
            taken = draw_recent(rng, pool, int(count), place)
            still -= taken
            if is_cleared:
                done += taken[EARLIER:]
        found[month] = done
    return found


def draw_recent(rng: np.random.Generator, pool: np.ndarray, count: int, now: int) -> np.ndarray:
    """Return how many of each pool are taken, fresh ones rather than old, never more than it has.

    >>> rng = np.random.default_rng(1)
    >>> draw_recent(rng, np.array([0, 2, 3]), 9, 2).tolist()
    [0, 2, 3]
    """
    age = now - np.arange(len(pool))
    weight = np.exp(-np.maximum(age, 0) / FRESH_MONTHS) + OLD_WEIGHT
    taken = np.zeros_like(pool)
    left = min(count, int(pool.sum()))
    while left > 0:
        open_still = pool - taken
        chance = open_still * weight
        drawn = rng.multinomial(left, chance / chance.sum())
        taken += np.minimum(drawn, open_still)
        left = min(count, int(pool.sum())) - int(taken.sum())
    return taken
