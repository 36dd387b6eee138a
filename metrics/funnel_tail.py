"""How likely is a unit of few cases, by chance and by how far units differ, worked out exactly?

On a scale of even spread limits do not hold for a handful of cases. The chances here are those of
whole cases, built up from one number of cases to the next so that nothing large is ever divided.
"""

import numpy as np

from metrics.chance import binomial, normal_tail

SHARE, RATE, PAIR = "share", "rate", "pair"
#: From so many cases on, on both sides, the limits need no exact test beside them.
MANY = 200
#: Above so many the exact binomial would only cost time.
LARGE = 50_000
#: A beta distribution spreads no share wider than between none and all.
WIDEST = 0.99


def exact_tail(part: float, size: float, centre: float, kind: str, tau2: float = 0.0) -> float:
    """Return the chance of so many cases or more, or of so few or fewer, whichever is smaller.

    A share is Binomial; a rate Poisson; of a pair the cases of both sides together are given, and
    how many of them are on the first side is Binomial. Units that differ by τ² draw their shares
    from a beta, their rates from a gamma distribution of that variance.

    >>> round(exact_tail(0, 1, 1.0, "rate"), 4), round(exact_tail(0, 5, 0.5, "share"), 4)
    (0.3679, 0.0312)
    >>> round(exact_tail(0, 10, 0.5, "pair"), 4), round(exact_tail(0, 1, 1.0, "rate", 1.0), 4)
    (0.0173, 0.5)
    """
    if kind != RATE and part + size > LARGE:  # of so many, few are Poisson
        if kind == SHARE and centre > 0.5:  # count what is not
            part, centre = size - part, 1 - centre
        tau2 *= 4 * (1 - centre) / centre if kind == SHARE else 1
        kind = RATE
    seen = round(part)
    if kind == RATE:
        expected = centre * size
        variance = expected + tau2 * expected**2
        if max(seen, expected) > LARGE:
            return normal_tail(abs(seen - expected) / variance**0.5) / 2
        top = int(max(seen, expected) + 12 * np.sqrt(max(seen, variance, 1.0)) + 20)
        chances = mixed_poisson(top, expected, tau2)
    elif kind == PAIR:
        share = centre / (1 + centre)
        chances = mixed_binomial(seen + round(size), share, tau2 * share * (1 - share))
    else:
        chances = mixed_binomial(max(round(size), seen), centre, 4 * tau2)
    return float(min(chances[: seen + 1].sum(), chances[seen:].sum()))


def mixed_poisson(top: int, expected: float, between: float) -> np.ndarray:
    """Return the chances of 0..top cases where rates vary by so much of their square (gamma).

    >>> mixed_poisson(60, 1.0, 0.0)[:3].round(3).tolist(), mixed_poisson(60, 1.0, 1.0)[:2].tolist()
    ([0.368, 0.368, 0.184], [0.5, 0.25])
    """
    k = np.arange(top)
    grow = np.log1p(between * k) - np.log1p(between * expected)
    return _chances(np.log(expected) - np.log(k + 1) + grow)


def mixed_binomial(cases: int, share: float, between: float) -> np.ndarray:
    """Return the chances of 0..all cases where shares vary by so much of p (1 - p) (beta).

    >>> mixed_binomial(2, 0.5, 0.0).round(2).tolist()
    [0.25, 0.5, 0.25]
    >>> mixed_binomial(2, 0.5, 1 / 3).round(3).tolist()  # every share is as likely
    [0.333, 0.333, 0.333]
    """
    if not between:
        return binomial(cases, share)
    weight = 1 / min(between, WIDEST) - 1
    k = np.arange(cases)
    up = np.log(cases - k) + np.log(share * weight + k)
    return _chances(up - np.log(k + 1) - np.log((1 - share) * weight + cases - k - 1))


def _chances(steps: np.ndarray) -> np.ndarray:
    """Return chances from the logarithms of each one over the one before."""
    logs = np.concatenate([[0.0], np.cumsum(steps)])
    chances = np.exp(logs - logs.max())
    return chances / chances.sum()
