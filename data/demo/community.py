"""What did stations do in their communities, and how many disputes were settled?"""

import numpy as np

from data.demo.world import World, draw_counts, draw_noise, draw_part, month_rhythm

DISPUTE_SETTLED = (0.990, 0.976, 0.974, 0.986, 0.974, 0.980, 0.972, 0.978, 0.985, 0.98)
REPEAT = (0.122, 0.130, 0.136, 0.146, 0.085, 0.180, 0.110, 0.100, 0.125, 0.12)
HOURS_SHARE = {"A": 0.745, "B": 0.785, "C": 0.81}


def add_community(world: World) -> None:
    """Add smart communities, hours, villages, hazards and disputes."""
    rng = world.rng("community")
    add_communities(world, rng)
    add_hours(world, rng)
    add_villages(world, rng)
    add_hazards(world, rng)
    add_disputes(world, rng)


def add_communities(world: World, rng: np.random.Generator) -> None:
    """Add communities without an incident: within a year their number only falls."""
    units, months = world.shape
    final = np.maximum(2, rng.poisson(2 + world.size * 0.13))
    joined = np.minimum(1, np.linspace(0.7, 1.03, months))
    total = np.round(final[:, None] * joined[None, :]).astype(int)
    ytd = np.zeros(world.shape, dtype=int)
    month_zero = np.zeros(world.shape, dtype=int)
    for at, month in enumerate(world.months):
        new = total[:, at] - (total[:, at - 1] if at else 0)
        base = total[:, at] if month.month == 1 or at == 0 else ytd[:, at - 1]
        keep = 0.84 if at == 0 else 0.975 if month.month == 1 else 0.987
        ytd[:, at] = draw_part(rng, base, keep)
        if at and month.month != 1:
            ytd[:, at] += draw_part(rng, new, 0.9)
        month_zero[:, at] = ytd[:, at] + draw_part(rng, total[:, at] - ytd[:, at], 0.86)
    world.values["com_smart_total"] = total
    world.values["com_zero_month"], world.values["com_zero_ytd"] = month_zero, ytd


def add_hours(world: World, rng: np.random.Generator) -> None:
    """Add the hours of community staff; the share in the community rises slowly."""
    units, months = world.shape
    staff = 3 + world.size * 0.10
    total = staff[:, None] * 168 * draw_noise(rng, world.shape, 0.03)
    share = np.array([HOURS_SHARE.get(code, 0.8) for code in world.group])
    share = share + rng.normal(0, 0.02, units)
    share = share[:, None] + 0.008 * (np.arange(months)[None, :] - 59) / 12
    share = np.clip(share + rng.normal(0, 0.012, world.shape), 0.4, 0.99)
    world.values["com_hours_total"] = np.round(total, 1)
    world.values["com_hours_community"] = np.round(np.round(total, 1) * share - 0.05, 1)


def add_villages(world: World, rng: np.random.Generator) -> None:
    """Add villages and their assistants, officers on village boards, volunteers."""
    units, months = world.shape
    rural = np.array([{"A": 6, "B": 9, "C": 14}.get(code, 0) for code in world.group])
    villages = np.maximum(2, rng.poisson(rural))[:, None] * np.ones((1, months), dtype=int)
    without = rng.binomial(villages[:, :1], 0.16) * np.linspace(1, 0.15, months)[None, :]
    world.values["com_villages_total"] = villages
    world.values["com_villages_covered"] = villages - np.round(without).astype(int)
    chief = rng.random(units)[:, None] < np.linspace(0.35, 0.7, months)[None, :]
    world.values["com_in_committee_chiefs"] = chief.astype(int)
    officers = (
        np.linspace(0.25, 0.55, months)[None, :] * villages * rng.uniform(0.7, 1.1, (units, 1))
    )
    world.values["com_in_committee_officers"] = np.round(officers)
    force = villages[:, :1] * rng.uniform(18, 34, (units, 1)) * np.linspace(0.85, 1, months)
    world.values["com_volunteers"] = np.round(force)


def add_hazards(world: World, rng: np.random.Generator) -> None:
    """Add hazards found, fixed and pending: opening + found - fixed = closing."""
    mean = (9 + world.size[:, None] * 0.28) * month_rhythm(world, season=0.08)[None, :]
    found = draw_counts(rng, mean, 20)
    fixed, pending = settle(world, rng, found, 0.93)
    values = world.values
    values["com_hazard_found"], values["com_hazard_fixed"] = found, fixed
    values["com_hazard_pending_end"] = pending


def settle(
    world: World, rng: np.random.Generator, received: np.ndarray, chance: np.ndarray | float
) -> tuple[np.ndarray, np.ndarray]:
    """Return what is settled each month and what is pending at its end."""
    chance = np.broadcast_to(chance, world.shape)
    done, pending = np.zeros_like(received), np.zeros_like(received)
    waiting = np.zeros(world.shape[0], dtype=int)
    for at in range(world.shape[1]):
        waiting = waiting + received[:, at]
        done[:, at] = draw_part(rng, waiting, chance[:, at])
        waiting = waiting - done[:, at]
        pending[:, at] = waiting
    return done, pending


def add_disputes(world: World, rng: np.random.Generator) -> None:
    """Add disputes received, resolved and pending, repeated calls and alerts."""
    values = world.values
    mean = (6 + world.size[:, None] * 0.32) * month_rhythm(world, season=0.05)[None, :]
    found = draw_counts(rng, mean, 30)
    chance = np.array(DISPUTE_SETTLED)[world.county][:, None] * np.ones(world.shape)
    chance[world.county == world.counties.index("yz07"), world.month(2024, 10)] = 0.90
    chance = chance + rng.normal(0, 0.0015, world.shape[1])  # holidays, transfers, mild months
    resolved, pending = settle(world, rng, found, chance - rng.gamma(1.0, 0.0041, world.shape))
    values["dis_found"], values["dis_resolved"], values["dis_pending_end"] = (
        found,
        resolved,
        pending,
    )
    values["dis_pending_over30"] = draw_part(rng, pending, 0.035)
    repeat = np.array(REPEAT)[world.county][:, None] * np.ones(world.shape)
    repeat[:, world.month(2024, 3) :] *= 0.82  # joint mediation began
    values["dis_repeat_calls"] = draw_part(rng, values["calls_dispute"], repeat)
    own = world.is_level("county_own")[:, None]
    alerts = np.where(own, 14.0, 1 + world.size[:, None] * 0.045)
    values["dis_alerts"] = draw_counts(rng, alerts * month_rhythm(world)[None, :], 12)
