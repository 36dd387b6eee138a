"""The city's question by the product: cube, then figures with matched year on year."""

import numpy as np

from benchmarks.city import WINDOWS, City
from metrics.compare import compare_blocks, compare_figures
from metrics.cube import Cube, build_cube

PARTS = ("value", "compared_value", "base_value")


def build(city: City) -> Cube:
    """Return the cube of the city's facts."""
    return build_cube(city.facts, city.catalog)


def kernel(cube: Cube, city: City) -> dict[str, dict]:
    """Return every column of every figure and comparison, before frames are made of them."""
    return {
        window: compare_blocks(
            cube, city.indicators, city.units, city.periods, window, ["yoy"], readings=False
        )["yoy"]
        for window in WINDOWS
    }


def frames(cube: Cube, city: City) -> int:
    """Return how many rows of CHANGES were made, window by window."""
    return sum(
        len(
            compare_figures(
                cube, city.indicators, city.units, city.periods, window, ["yoy"], readings=False
            )
        )
        for window in WINDOWS
    )


def answer(cube: Cube, city: City) -> dict[str, np.ndarray]:
    """Return value, compared and base value as window → [part, indicator, unit, period]."""
    found = kernel(cube, city)
    shape = (len(PARTS), len(city.indicators), len(city.units), len(city.periods))
    return {
        window: np.stack(
            [[blocks[code][part] for code in city.indicators] for part in PARTS]
        ).reshape(shape)
        for window, blocks in found.items()
    }
