"""Which survey of wellbeing do a bureau's definitions hold, and when was it taken?

Two kinds. A provider's survey is found by its flags: whatever carries W, a mean and a standard
deviation, with the answers that weigh it. A published survey has no counts to be found by; its
figures are named in `bureau.toml` under `options.wellbeing`.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from data.definition_types import Catalog
from data.parse import nearest
from data.periods import from_number
from metrics.cube import Cube
from metrics.disclose import respondents

FROM_NAMES = ("index", "dimensions", "response_rate")


@dataclass(frozen=True, slots=True)
class Score:
    """One question block of a survey: its mean, its standard deviation (""), its weight."""

    mean: str
    sd: str
    weight: float | None


@dataclass(frozen=True, slots=True)
class Scale:
    """A questionnaire with a mark of its own, beside the dimensions: where, and what it says.

    `change` is how far one person's score must move to matter, None where nobody has said.
    """

    mean: str
    mark: float
    change: float | None


@dataclass(frozen=True, slots=True)
class Survey:
    """Which measures make up a survey; `rate` is the response where it is printed as such."""

    responded: str
    invited: str
    index: Score | None
    dimensions: tuple[Score, ...]
    rate: str = ""
    scales: tuple[Scale, ...] = ()

    @property
    def scores(self) -> tuple[Score, ...]:
        """The index, if there is one, then the dimensions."""
        return ((self.index,) if self.index else ()) + self.dimensions

    @property
    def lead(self) -> str:
        """The measure that speaks for the survey: what it is filed on, how often."""
        return self.responded or self.scores[0].mean

    @property
    def signs(self) -> tuple[str, ...]:
        """The measures any of which says that a wave was taken."""
        return (self.responded,) if self.responded else tuple(score.mean for score in self.scores)


def options(catalog: Catalog) -> dict:
    """Return what the bureau sets for its survey: weights, scales, and indicators of context."""
    return catalog.bureau.raw.get("options", {}).get("wellbeing", {})


def find_survey(catalog: Catalog) -> Survey | None:
    """Return the survey of a bureau's definitions, None if it has none.

    Weights of the dimensions stand in `bureau.toml` under `options.wellbeing.weights`.
    """
    given = options(catalog)
    if "dimensions" in given:
        return _published(catalog, given)
    responded = respondents(catalog)
    invited = [
        item.denominator[0]
        for item in catalog.indicators.values()
        if item.numerator == (responded,) and len(item.denominator) == 1
    ]
    if responded is None or not invited:
        return None
    weights = given.get("weights", {})
    _check(catalog, weights, "weights")
    blocks = {
        measure.roll_by[1]: Score(measure.roll_by[1], measure.code, weights.get(measure.roll_by[1]))
        for measure in catalog.measures.values()
        if "W" in measure.flags and measure.roll == "pooled_sd"
    }
    index = [code for code in blocks if catalog.measures[code].kind == "index"]
    dimensions = tuple(block for code, block in blocks.items() if code not in index)
    first = blocks[index[0]] if index else None
    return Survey(responded, invited[0], first, dimensions, scales=_scales(catalog, given))


def _published(catalog: Catalog, given: dict) -> Survey:
    """Return a survey of which only the printed figures are known."""
    named = [given.get("index", ""), *given["dimensions"], given.get("response_rate", "")]
    _check(catalog, [code for code in named if code], "dimensions")
    index = Score(given["index"], "", None) if given.get("index") else None
    dimensions = tuple(Score(code, "", None) for code in given["dimensions"])
    rate = given.get("response_rate", "")
    return Survey("", "", index, dimensions, rate, _scales(catalog, given))


def _scales(catalog: Catalog, given: dict) -> tuple[Scale, ...]:
    """Return the questionnaires with marks of their own."""
    scales = given.get("scales", {})
    _check(catalog, scales, "scales")
    return tuple(
        Scale(code, float(entry["mark"]), entry.get("change")) for code, entry in scales.items()
    )


def _check(catalog: Catalog, codes: Iterable[str], key: str) -> None:
    """Refuse a code that the definitions do not hold, with the nearest one."""
    for code in codes:
        if code not in catalog.measures:
            where = f"bureau.toml: options.wellbeing.{key}"
            msg = f"{where}: '{code}' is not a measure{nearest(code, catalog.measures)}"
            raise ValueError(msg)


def find_waves(cube: Cube, survey: Survey, through: dt.date) -> list[dt.date]:
    """Return the months in which a wave was filed, oldest first, up to a month."""
    places = [cube.index[code] for code in survey.signs if code in cube.index]
    if not places:
        return []
    filed = np.flatnonzero((cube.values[places] > 0).any(axis=(0, 1)))
    months = [from_number(cube.first + at) for at in filed.tolist()]
    return [month for month in months if month <= through]
