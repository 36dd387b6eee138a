"""How many cases were recorded and cleared, and how long did that take?"""

import numpy as np

from data.demo.cohorts import add_cohorts
from data.demo.world import World, draw_counts, draw_noise, draw_part, month_rhythm

KINDS = ("theft", "robbery", "swindle", "property", "fraud", "serious", "economic", "other")
STATION_MIX = (0.36, 0.010, 0.050, 0.030, 0.240, 0.014, 0.000, 0.296)
OWN_MIX = (0.12, 0.012, 0.060, 0.030, 0.360, 0.040, 0.160, 0.218)


def add_cases(world: World) -> None:
    """Add recorded and cleared cases and everything counted among them."""
    rng = world.rng("cases")
    kinds = draw_recorded(world, rng)
    add_recorded(world, rng, kinds)
    serious = kinds["serious"] + kinds["robbery"]
    add_cleared(world, rng, serious)
    add_cleared_kinds(world, rng)


def draw_recorded(world: World, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Return the recorded cases by exclusive kind."""
    station = world.is_level("station")[:, None]
    criminal = world.values["calls_criminal"]
    units, months = world.shape
    chance = 0.63 * draw_noise(rng, (units, 1), 0.06) * np.ones((1, months))
    chance[:, world.month(2024, 3) :] *= 1.13  # after the audit of how cases are recorded
    from_calls = draw_part(rng, criminal, chance) + rng.poisson(
        world.size[:, None] * 0.008, world.shape
    )
    rhythm = month_rhythm(world, dip=0.2)
    county_size = np.array([*_county_sizes(world), 90.0])[world.county]
    own = draw_counts(rng, county_size[:, None] * 0.019 * rhythm[None, :], 25)
    recorded = np.where(station, from_calls, own)
    mix = np.where(station[..., None], np.array(STATION_MIX), np.array(OWN_MIX))
    mix = np.broadcast_to(mix, (*world.shape, len(KINDS))).copy()
    mix[:, world.month(2024, 4) :, 0] *= 0.86
    mix[:, world.month(2024, 3) :, 4] *= 0.87  # the audit found no more frauds
    mix /= mix.sum(axis=-1, keepdims=True)
    split = rng.multinomial(recorded.astype(int), mix)
    return {kind: split[..., position] for position, kind in enumerate(KINDS)}


def _county_sizes(world: World) -> list[float]:
    return [world.size[world.county == at].sum() for at in range(len(world.counties))]


def add_recorded(world: World, rng: np.random.Generator, kinds: dict[str, np.ndarray]) -> None:
    """Add the recorded cases: kinds are exclusive, so that no part exceeds its whole."""
    values = world.values
    values["crim_recorded"] = np.sum(list(kinds.values()), axis=0)
    values["crim_rst_recorded"] = kinds["theft"] + kinds["robbery"]
    values["crim_rtf_recorded"] = values["crim_rst_recorded"] + kinds["swindle"]
    values["crim_property_recorded"] = values["crim_rtf_recorded"] + kinds["property"]
    values["crim_contact_recorded"] = values["crim_rtf_recorded"] + draw_part(
        rng, kinds["other"], 0.25
    )
    values["crim_preventable_recorded"] = kinds["robbery"] + draw_part(rng, kinds["theft"], 0.72)
    values["crim_eight_recorded"] = kinds["serious"] + kinds["robbery"]
    values["crim_homicide_recorded"] = draw_part(rng, kinds["serious"], 0.045)
    values["crim_minor_recorded"] = draw_part(rng, values["crim_recorded"], 0.035)
    values["crim_economic_recorded"] = kinds["economic"]
    values["fraud_recorded"] = kinds["fraud"]


def add_cleared(world: World, rng: np.random.Generator, serious: np.ndarray) -> None:
    """Add clearances from the pools of open cases, so that opening + in - out = closing."""
    values = world.values
    recorded = values["crim_recorded"]
    units, months = world.shape
    backlog = rng.poisson(recorded.mean(axis=1) * 22)
    current = rng.poisson(recorded[:, :1].mean(axis=1) * 3)
    names = ("cleared_current", "cleared_backlog", "withdrawn", "open_end", "eight_cleared")
    gone = np.zeros((2, units, months), dtype=int)
    made = {name: np.zeros((units, months), dtype=int) for name in names}
    for at, month in enumerate(world.months):
        if month.month == 1:
            backlog, current = backlog + current, np.zeros(units, dtype=int)
        eight = draw_part(rng, serious[:, at], 0.93)
        rest = current + recorded[:, at] - serious[:, at]
        solved = eight + draw_part(rng, rest, 0.085)
        old = draw_part(rng, backlog, 0.0095)
        current, backlog = current + recorded[:, at] - solved, backlog - old
        dropped, lost = draw_part(rng, current, 0.008), draw_part(rng, backlog, 0.008)
        current, backlog = current - dropped, backlog - lost
        gone[:, :, at] = dropped, lost
        for name, column in zip(
            names, (solved, old, dropped + lost, current + backlog, eight), strict=True
        ):
            made[name][:, at] = column
    for name, column in made.items():
        values[f"crim_{name}"] = column
    values["crim_cleared"] = values["crim_cleared_current"] + values["crim_cleared_backlog"]
    add_cohorts(world, values["crim_eight_cleared"], *gone)


def add_cleared_kinds(world: World, rng: np.random.Generator) -> None:
    """Add clearances by kind, times to clearance, and the work of the detective units."""
    values = world.values
    eight, cleared = values["crim_eight_cleared"], values["crim_cleared"]
    values["crim_homicide_cleared"] = np.minimum(values["crim_homicide_recorded"], eight)
    own = world.is_level("county_own", "city_own")[:, None]
    cold = draw_part(rng, np.minimum(values["crim_cleared_backlog"], 1), 0.02)
    values["crim_homicide_cold_cleared"] = np.where(own, cold, 0)
    rest = cleared - eight
    mix = np.where(
        own[..., None], (0.20, 0.08, 0.03, 0.25, 0.15, 0.29), (0.40, 0.09, 0.04, 0.13, 0.0, 0.34)
    )
    split = rng.multinomial(rest.astype(int), np.broadcast_to(mix, (*world.shape, 6)))
    values["crim_rtf_cleared"] = split[..., 0] + split[..., 1]
    values["crim_property_cleared"] = values["crim_rtf_cleared"] + split[..., 2]
    values["fraud_cleared"] = split[..., 3]
    values["crim_economic_cleared"] = split[..., 4]
    timed = draw_part(rng, values["crim_cleared_current"], 0.92)
    values["crim_clear_days_n"] = timed
    years = np.arange(world.shape[1]) / 12
    mean_days = 31 * 0.96**years
    values["crim_clear_days_sum"] = np.round(rng.gamma(np.maximum(timed, 1) * 2.0) / 2 * mean_days)
    values["crim_clear_days_sum"][timed == 0] = 0
    scale = np.where(world.is_level("city_own"), 1.5, 1.0)[:, None]
    for name, mean in (("supervised_handled", 0.5), ("campaigns_launched", 0.12)):
        values[f"crim_{name}"] = rng.poisson(mean * scale, world.shape)
    values["crim_gangs"] = rng.poisson(np.where(own, 0.6, 0.04), world.shape)
    recorded = np.array(
        [values["crim_recorded"][world.county == at].sum(axis=0) for at in range(-1, 9)]
    )[world.county + 1]
    values["crim_scenes_examined"] = draw_part(rng, recorded, 0.55)
