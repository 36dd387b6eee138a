"""How many suspects were caught, what did analysis support, and what happened on the roads?"""

import numpy as np

from data.demo.money import county_sums
from data.demo.world import World, draw_counts, draw_noise, draw_part, month_rhythm

# Road accidents of an ordinary month by county; the city's own level polices the expressway.
ACCIDENTS = (52, 43, 30, 24, 24, 17, 18, 13, 10, 5)
VEHICLES = (182_000, 151_000, 128_000, 96_000, 88_000, 71_000, 60_000, 49_000, 38_000, 0)


def add_suspects(world: World) -> None:
    """Add suspects caught, detained and transferred, and the support of the analysis centres."""
    rng, values = world.rng("suspects"), world.values
    values["sus_caught"] = rng.poisson(values["crim_cleared"] * 1.05)
    values["sus_detained"] = draw_part(rng, values["sus_caught"], 0.55)
    values["sus_transferred"] = draw_part(rng, values["sus_caught"], 0.52)
    cases = draw_part(rng, values["sus_transferred"], 0.72)
    values["sus_transferred_cases"] = np.maximum(cases, np.minimum(values["sus_transferred"], 1))
    valid = county_sums(world, world.values["calls_valid"].astype(float))
    scale = np.where(world.is_level("city_own")[:, None], 900.0, valid)
    values["sup_requests"] = draw_counts(rng, scale * 0.06, 25)
    values["sup_requests_ontime"] = draw_part(rng, values["sup_requests"], 0.955)
    values["sup_collab"] = rng.poisson(scale * 0.006)
    values["sup_leads"] = draw_counts(rng, scale * 0.11, 20)
    cleared = np.round(county_sums(world, values["crim_cleared"].astype(float))).astype(int)
    direct = draw_part(rng, cleared, 0.05)
    values["sup_cases_direct"] = direct
    values["sup_cases_assisted"] = draw_part(rng, cleared - direct, 0.17)
    values["sup_suspects"] = rng.poisson((direct + values["sup_cases_assisted"]) * 1.15)


def add_roads(world: World) -> None:
    """Add accidents, deaths, injuries and losses; and the vehicles registered a year."""
    rng, values = world.rng("roads"), world.values
    mean = np.array(ACCIDENTS, dtype=float)[world.county][:, None]
    mean = mean * month_rhythm(world, season=0.06, dip=0.08, trend=-0.01)[None, :]
    accidents = draw_counts(rng, mean, 60)
    yanjiang = world.rows("yz05-own")[0]
    accidents[yanjiang, world.month(2024, 10)] = 12
    values["tra_accidents"] = accidents
    values["tra_deaths"] = draw_part(rng, accidents, 0.045)
    values["tra_injured"] = rng.poisson(accidents * 0.92)
    loss = rng.gamma(np.maximum(accidents, 1) / 0.7) * 0.7 * 0.62
    values["tra_loss_amount"] = np.where(accidents > 0, np.round(loss, 2), 0.0)
    base = np.array(VEHICLES, dtype=float)[world.county][:, None]
    years = (np.arange(world.shape[1]) - 59) / 12
    vehicles = base * 1.045 ** years[None, :] * draw_noise(rng, (world.shape[0], 1), 0.01)
    values["tra_vehicles"] = np.round(vehicles)
