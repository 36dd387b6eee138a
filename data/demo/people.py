"""How many officers serve where, how are they trained, and how many people live there?"""

import numpy as np

from data.demo.world import World, draw_noise, draw_part

POSTS = {"A": 18.0, "B": 14.5, "C": 8.5}
OWN_POSTS = (196, 160, 138, 122, 116, 98, 92, 78, 64, 296)
PEOPLE = {"A": 21_500, "B": 26_000, "C": 24_000}


def add_people(world: World) -> None:
    """Add posts, officers, auxiliaries, training and the annual bases."""
    rng, values = world.rng("people"), world.values
    units, months = world.shape
    station = world.is_level("station")[:, None]
    posts = np.array([POSTS.get(code, 0.0) for code in world.group])
    posts = posts * draw_noise(rng, (units,), 0.12)
    posts = np.where(station[:, 0], posts, np.array(OWN_POSTS)[world.county])
    police = np.round(posts[:, None] * np.linspace(0.94, 1.0, months)[None, :])
    values["staff_police"] = police
    values["staff_authorised"] = np.round(posts * 1.08)[:, None] * np.ones((1, months))
    ratio = np.where(station, 2.0, 1.1)
    values["staff_aux"] = np.round(police * ratio * np.linspace(0.9, 1.0, months)[None, :])
    values["staff_station"] = police
    share = np.linspace(0.41, 0.45, months)[None, :] + rng.normal(0, 0.03, (units, 1))
    values["staff_community"] = np.clip(np.round(police * share), 1, police)
    grown = np.diff(police[:, ::3], axis=1, prepend=police[:, :1])
    values["staff_station_added"] = np.repeat(np.maximum(0, grown), 3, axis=1)
    add_training(world, rng, police)
    growth = 1.006 ** ((np.arange(months) - 59) / 12)
    people = np.array([PEOPLE.get(code, 0) for code in world.group]) * draw_noise(
        rng, (units,), 0.15
    )
    values["population"] = np.round(people[:, None] * growth[None, :])
    values["care_checkup_due"] = police
    values["care_leave_due"] = np.round(police * 10.4)


def add_training(world: World, rng: np.random.Generator, police: np.ndarray) -> None:
    """Add certificates in modelling and training: groups nest."""
    units, months = world.shape
    values = world.values
    young = np.round(police * (0.46 + rng.normal(0, 0.04, (units, 1))))
    certified = np.linspace(0.25, 0.93, months)[None, :] + rng.normal(0, 0.04, (units, 1))
    values["trn_under45"] = np.clip(young, 0, police)
    values["trn_under45_certified"] = np.round(young * np.clip(certified, 0, 1))
    older = np.round((police - values["trn_under45"]) * 0.3 * np.clip(certified, 0, 1))
    values["trn_model_certified"] = values["trn_under45_certified"] + older
    own = world.is_level("county_own", "city_own")[:, None]
    values["trn_model_team"] = np.round(np.where(own, 7, 0.3) * np.linspace(0.4, 1, months))
    values["trn_covered"] = draw_part(rng, police, 0.86)
    values["trn_person_times"] = values["trn_covered"] + rng.poisson(police * 0.9)
    values["trn_secondments"] = rng.poisson(np.where(own, 2.5, 0.15), world.shape)
