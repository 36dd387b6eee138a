"""How many public-order and administrative cases, and how well were they handled?"""

import numpy as np

from data.demo.world import World, draw_counts, draw_noise, draw_part, month_rhythm

# Chance that an eligible case goes the fast way, by county; the city's own level comes last.
FAST_SHARE = (0.69, 0.58, 0.62, 0.57, 0.66, 0.50, 0.60, 0.71, 0.57, 0.6)
FAST_ELIGIBLE = (0.31, 0.31, 0.31, 0.31, 0.31, 0.29, 0.27, 0.24, 0.09, 0.3)
QA_FAULT = (0.026, 0.034, 0.031, 0.045, 0.030, 0.052, 0.040, 0.036, 0.048, 0.03)


def add_orders(world: World) -> None:
    """Add public-order and administrative cases, fast track, fines and audits."""
    rng, values = world.rng("orders"), world.values
    own = world.is_level("county_own", "city_own")
    rhythm = month_rhythm(world)[None, :]
    start = np.where(own, 0.45, 0.11) * world.size
    start[own] += np.where(world.is_level("county_own"), 12, 0)[own]
    found = draw_counts(rng, start[:, None] * rhythm * 1.0, 30)
    values["padm_accepted"] = draw_part(rng, values["calls_public_order"], 0.96) + found
    values["padm_accepted"] += np.where(own[:, None], values["crim_recorded"], 0)
    other = draw_counts(rng, world.size[:, None] * 0.09 * rhythm, 30)
    values["adm_accepted"] = values["padm_accepted"] + other
    values["padm_resolved"] = work_off(rng, values["padm_accepted"], 0.86)
    values["adm_closed"] = np.maximum(
        work_off(rng, values["adm_accepted"], 0.88), values["padm_resolved"]
    )
    add_fast_track(world, rng)
    values["adm_first_warning"] = draw_counts(rng, world.size[:, None] * 0.12 * rhythm, 15)
    values["adm_detained"] = draw_part(rng, values["padm_resolved"], 0.13)
    fined = draw_part(rng, values["padm_resolved"], 0.45)
    values["adm_fine_amount"] = np.round(fined * 0.052 * draw_noise(rng, world.shape, 0.15), 2)
    add_audits(world, rng)


def work_off(rng: np.random.Generator, received: np.ndarray, chance: float) -> np.ndarray:
    """Return how much is finished each month of what came in and what was left."""
    waiting = np.zeros(received.shape[0], dtype=int)
    done = np.zeros_like(received)
    for at in range(received.shape[1]):
        waiting = waiting + received[:, at]
        done[:, at] = draw_part(rng, waiting, chance)
        waiting = waiting - done[:, at]
    return done


def add_fast_track(world: World, rng: np.random.Generator) -> None:
    """Add eligible and fast-track cases; one county began in January 2024."""
    values = world.values
    months = world.shape[1]
    eligible = draw_part(
        rng, values["adm_accepted"], np.array(FAST_ELIGIBLE)[world.county][:, None]
    )
    late_starter = world.county == world.counties.index("yz08")
    eligible[late_starter, : world.month(2024, 1)] = 0
    chance = np.array(FAST_SHARE)[world.county][:, None] + 0.012 * (np.arange(months) - 59) / 12
    chance = chance + rng.normal(0, 0.02, world.shape)
    chance[world.county == world.counties.index("yz03"), world.month(2024, 3) :] += 0.12
    chance[world.county == world.counties.index("yz06"), world.month(2024, 9) :] -= 0.10
    handled = draw_part(rng, eligible, chance)
    minutes = 36 * 1.09 ** ((59 - np.arange(months)) / 12)
    values["adm_fast_eligible"], values["adm_fast_handled"] = eligible, handled
    values["adm_fast_minutes_sum"] = np.round(
        handled * minutes * draw_noise(rng, world.shape, 0.12)
    )


def add_audits(world: World, rng: np.random.Generator) -> None:
    """Add case audits, confirmed non-recording, reviews and litigation."""
    values = world.values
    checked = rng.poisson(4 + 0.06 * world.size[:, None], world.shape)
    fault = np.array(QA_FAULT)[world.county][:, None]
    values["qa_cases_checked"] = checked
    values["qa_cases_passed"] = checked - draw_part(rng, checked, fault)
    values["qa_unfiled_found"] = np.zeros(world.shape)
    for unit, year, month in (("yz0311", 2021, 5), ("yz0607", 2022, 9), ("yz0206", 2024, 8)):
        values["qa_unfiled_found"][world.rows(unit), world.month(year, month)] = 1
    values["adm_review_decided"] = rng.poisson(
        np.where(world.is_level("city_own"), 7, 3)[:, None], world.shape
    )
    values["adm_review_overturned"] = draw_part(rng, values["adm_review_decided"], 0.07)
