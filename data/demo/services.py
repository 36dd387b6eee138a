"""How were people served, what was promised as tasks, and what does the public say?"""

import numpy as np

from data.demo.world import World, draw_counts, draw_noise, draw_part, month_rhythm

ONLINE = (0.680, 0.668, 0.655, 0.664, 0.664, 0.630, 0.612, 0.611, 0.606, 0.66)
UNHAPPY = (0.014, 0.016, 0.013, 0.024, 0.012, 0.018, 0.020, 0.021, 0.019, 0.012)
SAFETY = (95.4, 95.2, 95.8, 93.6, 95.9, 94.8, 95.0, 96.2, 95.1)
TOPICS = (12, 10, 10, 8, 8, 6, 6, 5, 5, 24)
TASKS = (46, 44, 44, 40, 40, 36, 36, 32, 32, 58)


def add_services(world: World) -> None:
    """Add counter services, ratings, complaints and projects served."""
    rng, values = world.rng("services"), world.values
    own = world.is_level("county_own")
    scale = np.where(own, 1500 + 40 * world.size, 30 + 3.1 * world.size)
    scale = np.where(world.is_level("city_own"), 3800, scale)
    rhythm = month_rhythm(world, season=0.02, dip=0.30)
    handled = draw_counts(rng, scale[:, None] * rhythm[None, :], 120)
    chance = np.array(ONLINE)[world.county][:, None] + rng.normal(0, 0.008, world.shape)
    chance += rng.normal(0, 0.002, world.shape[1])[None, :]
    values["svc_handled"] = handled
    values["svc_online"] = draw_part(rng, handled, chance)
    values["svc_survey_n"] = draw_part(rng, handled, 0.24)
    unhappy = np.array(UNHAPPY)[world.county][:, None]
    values["svc_survey_satisfied"] = values["svc_survey_n"] - draw_part(
        rng, values["svc_survey_n"], unhappy
    )
    licences = np.where(world.is_level("city_own"), 900, 12 * world.size)
    values["svc_elicence"] = draw_counts(rng, licences[:, None] * rhythm[None, :], 40)
    values["svc_complaints"] = rng.poisson(0.10 + 0.004 * world.size[:, None], world.shape)
    values["svc_complaints_upheld"] = draw_part(rng, values["svc_complaints"], 0.16)
    grow = np.linspace(0.5, 1, world.shape[1])[None, :]
    final = np.where(own, 9, 1 + world.size * 0.02)[:, None]
    values["svc_escort_officers"] = np.round(final * grow)
    values["svc_projects_served"] = np.round(final * grow * 2.4)
    one_thing = np.where(world.is_level("city_own"), 13, 8)[:, None]
    values["svc_onething_online"] = np.round(one_thing * np.linspace(0.4, 1, world.shape[1]))


def add_survey(world: World) -> None:
    """Add the provider's public survey by station."""
    rng, values = world.rng("survey"), world.values
    values["pub_survey_n"] = rng.poisson(60 + world.size[:, None] * 0.5, world.shape)
    years = (np.arange(world.shape[1])[None, :] - 59) / 12
    level = np.array([*SAFETY, 95.0])[world.county][:, None] + rng.normal(
        0, 0.7, (world.shape[0], 1)
    )
    safety = level + 0.35 * years + rng.normal(0, 0.5, world.shape)
    values["pub_safety_score"] = np.round(np.minimum(safety, 99.6), 2)
    opinion = level - 2.9 + 0.3 * years + rng.normal(0, 0.7, world.shape)
    values["pub_satisfaction_score"] = np.round(np.minimum(opinion, 99.6), 2)


def add_lists(world: World) -> None:
    """Add topics, tasks and meetings: lists of one unit, renewed every January."""
    rng, values = world.rng("lists"), world.values
    for name, sizes, pace in (("inn_topics", TOPICS, 0.86), ("task", TASKS, 0.95)):
        total = np.array(sizes)[world.county][:, None] * np.ones(world.shape, dtype=int)
        planned, done = progress(world, rng, total, pace)
        values[f"{name}_total"], values[f"{name}_planned_to_date"] = total, planned
        values[f"{name}_done"] = done
    left = values["inn_topics_total"] - values["inn_topics_done"]
    values["inn_topics_ongoing"] = np.round(left * 0.7)
    values["inn_topics_planned"] = left - values["inn_topics_ongoing"]
    behind = np.maximum(0, values["task_planned_to_date"] - values["task_done"])
    values["task_overdue"] = draw_part(rng, behind, 0.4)
    values["gov_dispatch_held"] = draw_part(rng, np.ones(world.shape), 0.97)
    values["gov_summary_held"] = draw_part(rng, np.ones(world.shape), 0.98)
    values["gov_review_held"] = draw_part(rng, np.ones(world.shape), 0.97)
    station = world.is_level("station")[:, None]
    values["hon_commendations"] = rng.poisson(np.where(station, 0.03, 0.15), world.shape)
    grow = np.linspace(0.3, 1, world.shape[1])[None, :]
    final = np.where(world.is_level("city_own"), 9, 4)[:, None]
    values["inn_results_applied"] = np.round(final * grow)
    values["inn_teams"] = np.round(final * 0.6 * grow)
    values["inn_models_online"] = np.round(final * 3.2 * grow)


def progress(
    world: World, rng: np.random.Generator, total: np.ndarray, pace: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return what is planned and what is done by the end of each month of the year."""
    planned, done = np.zeros_like(total), np.zeros_like(total)
    for at, month in enumerate(world.months):
        planned[:, at] = np.floor(total[:, at] * month.month / 12)
        restart = month.month == 1 or at == 0
        before = np.zeros_like(total[:, at]) if restart else done[:, at - 1]
        wish = planned[:, at] * pace * draw_noise(rng, (world.shape[0],), 0.04)
        done[:, at] = np.minimum(np.maximum(before, np.floor(wish)), total[:, at])
    return planned, done
