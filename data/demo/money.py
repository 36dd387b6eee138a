"""How much was lost to fraud and theft, and how much came back?"""

import numpy as np

from data.demo.world import World, draw_counts, draw_noise, draw_part, month_rhythm

LOSS_A_CASE = 12.9  # ten-thousand yuan
# One group of investment frauds struck one county in the last month: unit and losses.
SURGE = {"yz0402": 268.4, "yz0406": 191.5, "yz0410": 143.72, "yz04-own": 246.28}


def add_money(world: World) -> None:
    """Add fraud losses, stops, freezes and returns, dissuasion, and recovered property."""
    rng, values = world.rng("money"), world.values
    own = world.is_level("county_own", "city_own")[:, None]
    fraud = values["fraud_recorded"].astype(float)
    growth = 1.03 ** ((np.arange(world.shape[1]) - 59) / 12)
    loss = rng.gamma(np.maximum(fraud, 1) / 0.4) * 0.4 * LOSS_A_CASE * growth
    loss = np.where(fraud > 0, np.round(np.maximum(loss, 0.05), 2), 0.0)
    for unit, amount in SURGE.items():
        loss[world.rows(unit), world.month(2024, 10)] += amount
    values["fraud_loss_amount"] = np.round(loss, 4)
    steady = county_sums(world, loss) * draw_noise(rng, world.shape, 0.12)
    values["fraud_stop_amount"] = np.round(np.where(own, steady * 0.36, 0), 4)
    freeze = steady * 0.27 * draw_noise(rng, world.shape, 0.1)
    values["fraud_freeze_amount"] = np.round(np.where(own, freeze, 0), 4)
    values["fraud_return_amount"] = draw_returned(world, rng, loss, 0.14)
    add_dissuasion(world, rng)
    add_property(world, rng, own)


def county_sums(world: World, amounts: np.ndarray) -> np.ndarray:
    """Return for each unit the sum of its county."""
    sums = np.array([amounts[world.county == at].sum(axis=0) for at in range(-1, 9)])
    return sums[world.county + 1]


def draw_returned(
    world: World, rng: np.random.Generator, inflow: np.ndarray, share: float
) -> np.ndarray:
    """Return what is given back each month: never more in a year than came in that year."""
    returned = np.zeros(world.shape)
    left = np.zeros(world.shape[0])
    for at, month in enumerate(world.months):
        left = inflow[:, at] + (0 if month.month == 1 else left)
        wish = share * inflow[:, max(0, at - 3) : at + 1].mean(axis=1)
        wish = wish * draw_noise(rng, (world.shape[0],), 0.25)
        returned[:, at] = np.round(np.minimum(wish, 0.9 * left), 2)
        left = left - returned[:, at]
    return returned


def add_dissuasion(world: World, rng: np.random.Generator) -> None:
    """Add alerts, completed dissuasions and visits: one alert may need several visits."""
    values = world.values
    mean = world.size[:, None] * 0.95 * month_rhythm(world, trend=0.03)[None, :]
    values["fraud_dissuade_tasks"] = draw_counts(rng, mean, 30)
    years = (np.arange(world.shape[1]) - 59) / 12
    chance = 0.981 + 0.004 * years[None, :] + rng.normal(0, 0.004, world.shape)
    values["fraud_dissuade_done"] = draw_part(rng, values["fraud_dissuade_tasks"], chance)
    values["fraud_dissuade_visits"] = rng.poisson(values["fraud_dissuade_done"] * 0.38)


def add_property(world: World, rng: np.random.Generator, own: np.ndarray) -> None:
    """Add losses by property crime, assets recovered and returned; averted includes recovered."""
    values = world.values
    cases = values["crim_property_recorded"] + 4.0 * values["crim_economic_recorded"]
    loss = rng.gamma(np.maximum(cases, 1) / 0.6) * 0.6 * 3.1
    loss = np.where(cases > 0, np.round(loss, 2), 0.0)
    cleared = values["crim_property_cleared"] + 4.0 * values["crim_economic_cleared"]
    seized = rng.gamma(np.maximum(cleared, 1) / 0.6) * 0.6 * 1.25
    seized = np.where(cleared > 0, np.round(seized, 2), 0.0)
    stopped = rng.gamma(2.0, 0.5, world.shape) * np.where(own, 9.0, 0.9)
    values["rec_loss_amount"], values["rec_seized_amount"] = loss, seized
    values["rec_averted_amount"] = np.round(seized + stopped, 4)
    values["rec_returned_amount"] = draw_returned(world, rng, seized, 0.62)
    persons = rng.poisson(values["rec_returned_amount"] * 0.45)
    values["rec_return_persons"] = np.where(values["rec_returned_amount"] > 0, persons, 0)
