"""How many calls came in, and how fast was somebody there?"""

import numpy as np

from data.demo.world import World, draw_counts, draw_noise, draw_part, month_rhythm

# Shares of the valid calls; thefts are split between the criminal and the public-order class.
STATION_SHARE = {
    "theft": 0.159,
    "criminal": 0.115,
    "order": 0.100,
    "traffic": 0.235,
    "dispute": 0.158,
    "help": 0.145,
    "other": 0.088,
}
OWN_SHARE = {
    "theft": 0.010,
    "criminal": 0.020,
    "order": 0.040,
    "traffic": 0.700,
    "dispute": 0.020,
    "help": 0.110,
    "other": 0.100,
}
THEFT_IS_CRIMINAL = 0.45
THEFT_AFTER_REGISTRATION = 0.83  # from 2024-04, when electric bicycles were registered
ARRIVE_5MIN = (93.6, 92.8, 92.9, 92.7, 94.5, 90.8, 94.0, 91.6, 89.6)
BY_GROUP = {"A": 1.2, "B": -0.8, "C": -3.6}


def add_calls(world: World) -> None:
    """Add the classes of calls and their totals."""
    rng, values = world.rng("calls"), world.values
    classes = {name: draw_class(world, rng, name) for name in STATION_SHARE}
    theft_criminal = draw_part(rng, classes["theft"], THEFT_IS_CRIMINAL)
    values["calls_theft"] = classes["theft"]
    values["calls_criminal"] = classes["criminal"] + theft_criminal
    values["calls_public_order"] = classes["order"] + classes["theft"] - theft_criminal
    for name in ("traffic", "dispute", "help", "other"):
        values[f"calls_{name}"] = classes[name]
    parts = ("criminal", "public_order", "traffic", "dispute", "help", "other")
    values["calls_valid"] = np.sum([values[f"calls_{name}"] for name in parts], axis=0)
    values["calls_invalid"] = draw_counts(rng, 0.9 * values["calls_valid"], 60)
    values["calls_total"] = values["calls_valid"] + values["calls_invalid"]


def draw_class(world: World, rng: np.random.Generator, name: str) -> np.ndarray:
    """Return the calls of one class."""
    own = world.is_level("county_own", "city_own")
    share = np.where(own, OWN_SHARE[name], STATION_SHARE[name])
    season = {"traffic": 0.05, "help": 0.06, "dispute": 0.05}.get(name, 0.02)
    rhythm = month_rhythm(world, season=season, dip=0.35 if name == "theft" else 0.15)
    units, months = world.shape
    mean = world.size * share * draw_noise(rng, (units,), 0.18)
    factor = rhythm * draw_noise(rng, (months,), 0.018)
    local = draw_noise(rng, (len(world.counties) + 1, months), 0.02)[world.county]
    mean = mean[:, None] * factor[None, :] * local
    if name == "theft":
        mean[:, world.month(2024, 4) :] *= THEFT_AFTER_REGISTRATION
        mean[:, world.month(2023, 8)] *= 1.16  # a series of thefts, since checked
    return draw_counts(rng, mean, 45)


def add_arrivals(world: World) -> None:
    """Add urgent dispatches, arrivals within 1, 3 and 5 minutes, times and call-backs."""
    rng, values = world.rng("arrivals"), world.values
    values["calls_dispatch_urgent"] = draw_part(rng, values["calls_valid"], 0.42)
    late = 1 - five_minute_chance(world, rng)
    urgent = values["calls_dispatch_urgent"]
    values["calls_arrived_5min"] = urgent - draw_part(rng, urgent, late)
    values["calls_arrived_3min"] = draw_part(rng, values["calls_arrived_5min"], 0.62)
    values["calls_arrived_1min"] = draw_part(rng, values["calls_arrived_3min"], 0.13)
    values["response_n"] = draw_part(rng, urgent, 0.97)
    minutes = 3.1 + 18 * late
    timed = values["response_n"]
    spread = draw_noise(rng, world.shape, 0.05)
    values["response_minutes_sum"] = np.round(timed * minutes * spread, 1)
    values["calls_followup_n"] = draw_part(rng, values["calls_valid"], 0.35)
    unhappy = np.array([0.021, 0.024, 0.017, 0.027, 0.016, 0.020, 0.024, 0.031, 0.025, 0.02])
    values["calls_followup_satisfied"] = values["calls_followup_n"] - draw_part(
        rng, values["calls_followup_n"], unhappy[world.county][:, None]
    )


def five_minute_chance(world: World, rng: np.random.Generator) -> np.ndarray:
    """Return the chance of being there in 5 minutes: it improves slowly, by county and group."""
    units, months = world.shape
    level = np.array([*ARRIVE_5MIN, 92.0])[world.county]
    level = level + np.array([BY_GROUP.get(code, 0.0) for code in world.group])
    level = level + rng.normal(0, 0.8, units)
    years = (np.arange(months) - months + 1) / 12
    chance = level[:, None] + 0.9 * years[None, :] + rng.normal(0, 0.25, months)[None, :]
    chance[world.county == world.counties.index("yz01"), world.month(2024, 5) :] += 2.4
    chance[:, world.month(2024, 3) :] += 0.7  # patrols stand by at peak hours
    chance[world.county == world.counties.index("yz06"), world.month(2024, 10)] -= 8.5
    return np.clip(chance / 100, 0.5, 0.995)
