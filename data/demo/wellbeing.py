"""What does the provider's wellbeing survey say, unit by unit, small units pooled?"""

import numpy as np

from data.demo.world import World

DIMENSIONS = ("health", "education", "reward", "rights", "life", "support")
WEIGHTS = np.array([0.20, 0.15, 0.20, 0.15, 0.15, 0.15])
# Mean of each dimension; the last is the city's own level. Columns as in DIMENSIONS.
LEVELS = {
    "yz01": (59.6, 68.8, 65.4, 72.1, 57.4, 74.6),
    "yz02": (62.2, 70.6, 66.2, 71.2, 56.8, 74.6),
    "yz03": (62.8, 71.8, 68.0, 71.9, 58.8, 74.6),
    "yz04": (59.2, 66.7, 63.0, 67.6, 53.4, 70.4),
    "yz05": (62.0, 71.3, 65.2, 73.0, 57.8, 74.5),
    "yz06": (60.4, 69.0, 66.2, 72.2, 58.0, 73.3),
    "yz07": (62.8, 71.5, 68.1, 73.2, 57.4, 74.4),
    "yz08": (63.0, 73.2, 68.0, 75.0, 60.6, 75.1),
    "yz09": (60.6, 69.9, 65.8, 69.4, 58.0, 73.0),
    "": (67.0, 71.8, 69.6, 74.6, 60.4, 76.8),
}
RESPONSE = (0.81, 0.745, 0.78, 0.685, 0.71, 0.488, 0.64, 0.992, 0.362, 0.735)
SPREAD = 15.0  # standard deviation between persons of one dimension
SMALL = 10


def add_wellbeing(world: World) -> None:
    """Add a wave a quarter; a unit with fewer than 10 answers enters its county's pooled row."""
    rng, values = world.rng("wellbeing"), world.values
    waves = [at for at, month in enumerate(world.months) if month.month % 3 == 0]
    names = ["invited", "responded", "who5_mean", "burnout_work_mean", "overall_score"]
    names += ["overall_sd", *(f"{d}_{kind}" for d in DIMENSIONS for kind in ("score", "sd"))]
    for name in names:
        values[f"wb_{name}"] = np.full(world.shape, np.nan)
    for at in waves:
        file_wave(world, rng, at)


def file_wave(world: World, rng: np.random.Generator, at: int) -> None:
    """Add one wave: draw every unit's own answers, pool the small ones, write the rows."""
    invited = world.values["staff_police"][:, at].astype(int)
    chance = np.array(RESPONSE)[world.county] + rng.normal(0, 0.012, len(invited))
    answered = np.rint(invited * chance + rng.normal(0, 0.4, len(invited))).astype(int)
    answered = np.clip(answered, 0, invited)
    surveyed = world.is_level("station", "county_own", "city_own") & (world.opening <= at)
    listed = surveyed & (answered >= SMALL)
    for unit in np.flatnonzero(listed).tolist():
        members = [unit]
        if world.level[unit] == "county_own":
            members += joined_pool(world, surveyed & ~listed, answered, world.county[unit])
        write_row(world, rng, unit, at, invited[members].sum(), answered[members].sum())
    for row in np.flatnonzero(world.is_level("county_small")).tolist():
        small = (world.county == world.county[row]) & surveyed & ~listed
        if answered[small].sum() >= SMALL:
            write_row(world, rng, row, at, invited[small].sum(), answered[small].sum())


def joined_pool(world: World, small: np.ndarray, answered: np.ndarray, county: int) -> list[int]:
    """Return the county's small units where even their pool is too small to be listed."""
    members = np.flatnonzero(small & (world.county == county))
    return members.tolist() if 0 < answered[members].sum() < SMALL else []


def write_row(
    world: World, rng: np.random.Generator, row: int, at: int, invited: int, n: int
) -> None:
    """Write one row: n, the six dimensions, the index and their standard deviations."""
    values, county = world.values, world.county[row]
    level = np.array(LEVELS[world.counties[county] if county >= 0 else ""])
    years = (at - len(world.months) + 1) / 12
    rise = np.array([0.0, 0.3, 0.3, 0.2, -0.2, 0.5]) * years
    if (world.months[at].year, world.months[at].month) >= (2024, 3):
        rise[5] += 0.4
    else:
        rise[5] -= 2.6  # before the care fund paid for treatment
    means = level + rise + rng.normal(0, SPREAD / np.sqrt(n), 6)
    means = np.clip(means, 5, 95).round(2)
    spreads = SPREAD * np.sqrt(rng.chisquare(n - 1, 6) / (n - 1))
    values["wb_invited"][row, at], values["wb_responded"][row, at] = invited, n
    for name, mean, spread in zip(DIMENSIONS, means, spreads, strict=True):
        values[f"wb_{name}_score"][row, at] = mean
        values[f"wb_{name}_sd"][row, at] = round(float(spread), 2)
    overall = float(np.round(means @ WEIGHTS, 2))
    values["wb_overall_score"][row, at] = overall
    values["wb_overall_sd"][row, at] = round(float(np.mean(spreads)) * 0.7, 2)
    values["wb_who5_mean"][row, at] = round(overall - 8 + rng.normal(0, 12 / np.sqrt(n)), 2)
    burnout = 104 - overall + rng.normal(0, 14 / np.sqrt(n))
    values["wb_burnout_work_mean"][row, at] = round(min(max(burnout, 5), 95), 2)


def add_care(world: World) -> None:
    """Add the care fund, medical help, check-ups and leave taken, rights cases."""
    rng, values = world.rng("care"), world.values
    months = world.shape[1]
    own = world.is_level("county_own", "city_own")
    funds = np.where(world.is_level("city_own"), 900.0, 60 + world.size * 8)[:, None]
    values["care_fund_balance"] = np.round(funds * np.linspace(0.8, 1, months)[None, :], 2)
    values["care_fund_spent"] = np.round(
        np.where(own[:, None], funds * 0.035, 0) * rng.gamma(4.0, 0.25, world.shape), 2
    )
    values["care_medical_helped"] = rng.poisson(np.where(own, 2.2, 0)[:, None], world.shape)
    values["care_rights_cases"] = rng.poisson(np.where(own, 1.6, 0)[:, None], world.shape)
    quarter = np.array([(month.month - 1) // 3 for month in world.months])
    done = np.array([0.14, 0.46, 0.80, 0.94])[quarter]
    taken = np.array([0.14, 0.35, 0.69, 0.90])[quarter] + np.linspace(-0.08, 0.02, months)
    steady = rng.uniform(-0.03, 0.03, (world.shape[0], 1))
    police = values["staff_police"]
    values["care_checkup_done"] = np.minimum(np.round(police * (done + steady)), police)
    values["care_leave_taken"] = np.round(values["care_leave_due"] * (taken + steady), 1)
