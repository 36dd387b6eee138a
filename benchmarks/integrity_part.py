"""How often are honest figures asked about, and how often are changed ones found?

`python -m benchmarks.integrity_part [--clean 20] [--changed 6]` draws the demonstration bureau anew
with other seeds. Clean bureaus are asked as they are. In the others some stations, drawn by lot,
and three districts are changed, each in one way; how many of them are asked the question that the
way is for is its power. Rewrites docs/integrity.md, whose part about real data is made by
`python -m benchmarks.integrity_real FOLDER`.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import asdict, dataclass, field, replace

import numpy as np
import polars as pl

from benchmarks.integrity_report import keep
from benchmarks.integrity_seeded import ANY, MORE, WAYS, Ground, Way, ground_of, put_back
from data.catalog import load_catalog
from data.definition_types import Catalog
from data.demo.generate import fill_world, world_rows
from data.demo.world import build_world
from data.schema import FACTS, conform
from metrics.cube import Cube, build_cube
from metrics.integrity import all_tests, put
from metrics.integrity_alike import OTHER
from metrics.integrity_block import Block, open_block

Ways = tuple[Way, ...]
LEVEL = 0.05
METHODS = ("by", "bh")
STATIONS_A_WAY = 5


@dataclass(slots=True)
class Found:
    """Of the clean bureaus: the questions of each, by method; of a way: tried and found."""

    clean: dict[str, list[int]] = field(default_factory=dict)
    tests: list[int] = field(default_factory=list)
    small: dict[str, list[int]] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    power: dict[str, dict[str, list[int]]] = field(default_factory=dict)
    false: dict[str, list[int]] = field(default_factory=dict)


def cube_of(catalog: Catalog, seed: int) -> Cube:
    """Return the demonstration bureau drawn with a seed, as it would be approved."""
    rows = world_rows(fill_world(build_world(catalog, seed)), catalog)
    known = {"definition": 1, "status": "final"}
    more = [pl.lit(known.get(name), kind).alias(name) for name, kind in FACTS.items()
            if name not in rows.columns]  # fmt: skip
    found = build_cube(conform(rows.lazy().with_columns(more), FACTS), catalog)
    return found.base or found  # as it was filed: what the questions are asked of


def measure_clean(found: Found, catalog: Catalog, seed: int) -> None:
    """Ask a clean bureau, and count how many small chances there are among its tests."""
    cube = cube_of(catalog, seed)
    began = time.process_time()
    every = all_tests(open_block(cube))
    found.seconds.append(time.process_time() - began)
    found.tests.append(every.height)
    for method in METHODS:
        found.clean.setdefault(method, []).append(put(every, method, LEVEL).height)
    for code, rows in every.group_by("question"):
        counts = found.small.setdefault(str(code[0]), [0, 0, 0])
        counts[0] += rows.height
        counts[1] += int((rows["p"] <= 0.01).sum())
        counts[2] += int((rows["p"] <= 0.001).sum())


def measure_changed(found: Found, catalog: Catalog, seed: int) -> None:
    """Ask a bureau in which some units were changed, once for each strength."""
    cube = cube_of(catalog, seed)
    honest = ground_of(cube)
    for ways in (WAYS, MORE):
        for step in range(max(len(way.strengths) for way in ways)):
            draw = np.random.default_rng([seed, step])
            ground = replace(honest, values=honest.values.copy())
            changed = _change(cube, ground, ways, step, draw)
            put_back(cube, ground)
            block = open_block(cube)
            asked = put(all_tests(block), "by", LEVEL)
            _count(found, block, asked, changed, ways, step)


def _change(
    cube: Cube, ground: Ground, ways: Ways, step: int, draw: np.random.Generator
) -> dict[str, set[str]]:
    """Change some units in each way at one strength, and return which by the way's name."""
    tree = cube.tree
    root = tree.root
    districts = [unit for unit in tree.children(root) if not tree.is_leaf(unit)]
    draw.shuffle(districts)
    wide = [way for way in ways if way.is_wide]
    mine = dict(zip(wide, districts, strict=False))
    free = [
        leaf
        for unit in districts[len(wide) :]
        for leaf in tree.leaves(unit)
        if tree.unit(leaf).level == "station"
    ]
    draw.shuffle(free)
    changed: dict[str, set[str]] = {}
    for way in ways:
        if step >= len(way.strengths):
            continue
        if way in mine:
            units = {mine[way]}
            leaves = tree.leaves(mine[way])
        else:
            leaves = tuple(free.pop() for _ in range(STATIONS_A_WAY))
            units = set(leaves)
        for leaf in leaves:
            way.change(ground, cube.leaf_index[leaf], way.strengths[step], draw)
        changed[_name(way)] = units
    return changed


def _count(
    found: Found,
    block: Block,
    asked: pl.DataFrame,
    changed: dict[str, set[str]],
    ways: Ways,
    step: int,
) -> None:
    """Count which of the changed units are asked, and who is asked without having been changed."""
    tree = block.cube.tree
    touched = {unit for units in changed.values() for unit in units}
    below = {leaf for unit in touched for leaf in tree.leaves(unit)}
    above = {parent for leaf in below for parent in tree.ancestors(leaf)}
    for way in ways:
        units = changed.get(_name(way))
        if units is None:
            continue
        about = asked if way.question == ANY else asked.filter(question=way.question)
        seen = set(about["unit"].to_list())
        cell = found.power.setdefault(_name(way), {}).setdefault(str(way.strengths[step]), [0, 0])
        cell[0] += len(units)
        cell[1] += sum(bool(seen.intersection((unit, *tree.leaves(unit)))) for unit in units)
    honest = asked.filter(~pl.col("unit").is_in([*(touched | below | above)]))
    # Whose return was copied is asked as well, and rightly: nobody knows which was the first.
    copied = {f"{OTHER}{leaf}" for leaf in below}
    is_copied = [bool(copied.intersection(parts or ())) for parts in honest["parts"].to_list()]
    honest = honest.filter(~pl.Series(is_copied, dtype=pl.Boolean))
    found.false.setdefault("asked", []).append(asked.height)
    found.false.setdefault("honest", []).append(honest.height)


def _name(way: Way) -> str:
    return f"{way.question}|{way.what}"


def main(arguments: list[str] | None = None) -> int:
    """Draw the bureaus, ask them, and write what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--clean", type=int, default=20, help="bureaus left as they are")
    parser.add_argument("--changed", type=int, default=6, help="bureaus changed")
    options = parser.parse_args(arguments)
    catalog, found = load_catalog(), Found()
    for seed in range(1, options.clean + 1):
        measure_clean(found, catalog, seed)
        sys.stderr.write(f"clean {seed}\n")
    for seed in range(1001, options.changed + 1001):
        measure_changed(found, catalog, seed)
        sys.stderr.write(f"changed {seed}\n")
    sys.stdout.write(keep("seeded", asdict(found)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
