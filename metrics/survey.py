"""Which survey of wellbeing do a bureau's definitions hold, and when was it taken?

Two kinds. A provider's survey is found by its flags: whatever carries W, a mean and a standard
deviation, with the answers that weigh it. A published survey has no counts to be found by; its
figures are named in `bureau.toml` under `options.wellbeing`.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from data.definition_types import Catalog
from data.parse import Place, check_keys, take, take_word, take_words, wrong
from data.periods import from_number
from metrics.cube import Cube
from metrics.disclose import respondents

PLACE = Place("bureau.toml", "options.wellbeing")
KEYS = ("index", "dimensions", "response_rate", "weights", "scales", "context")


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
    given: dict = catalog.bureau.raw.get("options", {}).get("wellbeing", {})
    return given


def context_codes(catalog: Catalog) -> tuple[str, ...]:
    """Return the indicators of context, as `bureau.toml` lists them."""
    return take_words(options(catalog), "context", PLACE, catalog.indicators, [])


def find_survey(catalog: Catalog) -> Survey | None:
    """Return the survey of a bureau's definitions, None if it has none.

    Weights of the dimensions stand in `bureau.toml` under `options.wellbeing.weights`.
    """
    given = options(catalog)
    check_keys(given, PLACE, (), KEYS)
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
    weights = _weights(catalog, given)
    blocks = {
        measure.roll_by[1]: Score(measure.roll_by[1], measure.code, weights.get(measure.roll_by[1]))
        for measure in catalog.measures.values()
        if "W" in measure.flags and measure.roll == "pooled_sd"
    }
    index = [code for code in blocks if catalog.measures[code].kind == "index"]
    dimensions = tuple(block for code, block in blocks.items() if code not in index)
    first = blocks[index[0]] if index else None
    return Survey(responded, invited[0], first, dimensions, scales=_scales(catalog, given))


def check_survey(catalog: Catalog) -> list[str]:
    """Return what is wrong with what the bureau sets for its survey."""
    try:
        find_survey(catalog)
        context_codes(catalog)
    except ValueError as problem:
        return [str(problem)]
    return []


def _published(catalog: Catalog, given: dict) -> Survey:
    """Return a survey of which only the printed figures are known."""
    codes = take_words(given, "dimensions", PLACE, catalog.measures)
    index = take_word(given, "index", catalog.measures, PLACE, "")
    rate = take_word(given, "response_rate", catalog.measures, PLACE, "")
    first = Score(index, "", None) if index else None
    dimensions = tuple(Score(code, "", None) for code in codes)
    return Survey("", "", first, dimensions, rate, _scales(catalog, given))


def _weights(catalog: Catalog, given: dict) -> dict[str, float]:
    """Return the weight of each dimension in the index."""
    table, place = take(given, "weights", dict, PLACE, {}), PLACE.at("weights")
    check_keys(table, place, (), catalog.measures)
    found = {code: take(table, code, float, place) for code in table}
    for code, weight in found.items():
        if weight <= 0:
            wrong(place.at(code), f"a weight is above 0, found {weight:g}")
    return found


def _scales(catalog: Catalog, given: dict) -> tuple[Scale, ...]:
    """Return the questionnaires with marks of their own."""
    table, place = take(given, "scales", dict, PLACE, {}), PLACE.at("scales")
    check_keys(table, place, (), catalog.measures)
    found = []
    for code in table:
        entry, here = take(table, code, dict, place), place.at(code)
        check_keys(entry, here, ("mark",), ("mark", "change"))
        change = take(entry, "change", float, here, None)
        found.append(Scale(code, take(entry, "mark", float, here), change))
    return tuple(found)


def find_waves(cube: Cube, survey: Survey, through: dt.date) -> list[dt.date]:
    """Return the months in which a wave was filed, oldest first, up to a month."""
    places = [cube.index[code] for code in survey.signs if code in cube.index]
    if not places:
        return []
    filed = np.flatnonzero((cube.values[places] > 0).any(axis=(0, 1)))
    months = [from_number(cube.first + at) for at in filed.tolist()]
    return [month for month in months if month <= through]
