"""Is it told apart why an edition no longer comes out the same: facts, units, formulas, record?"""

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest

from data.definition_types import Catalog
from data.store.editions import Definitions, Edition, Hashes
from data.structure import structure_digest, structure_text, with_structure
from data.units import tree
from metrics.edition_check import HOLDS, VERDICTS, Check, check_edition, judge_edition
from metrics.editions import edition_figures, freeze
from tests.metrics.moved import reorganised
from tests.metrics.small import STATIONS, catalog, facts, m

APRIL, OCTOBER = m("2024-04"), m("2024-10")
MOMENT = dt.datetime(2024, 11, 26, tzinfo=dt.UTC)
KEPT = Hashes(1, "f1", "a1", {"calls_theft": "x", "crim_recorded": "y"})
OTHER = replace(KEPT, figures_hash="f2", parts={"calls_theft": "z", "crim_recorded": "y"})
MADE = Definitions("d1", "rest1", "units1")
TODAY = {
    "same": replace(catalog(), digest="d1", digest_but_units="rest1"),
    "units": replace(catalog(), digest="d2", digest_but_units="rest1"),
    "rest": replace(catalog(), digest="d3", digest_but_units="rest2"),
}


def edition(hashes: Hashes, made: Definitions, period: dt.date = OCTOBER) -> Edition:
    return Edition("E", period, MOMENT, "final", made, hashes, 9, {}, "", "", "chen", MOMENT)


@pytest.mark.parametrize(
    ("found", "as_made", "today", "logged", "backdated", "verdict"),
    [
        (KEPT, None, "same", True, 0, "sound"),
        (KEPT, None, "units", True, 0, "definitions_same"),
        (OTHER, KEPT, "units", True, 0, "structure"),
        (OTHER, KEPT, "rest", True, 0, "structure"),
        (OTHER, OTHER, "rest", True, 0, "definitions"),
        (OTHER, None, "rest", True, 0, "definitions"),
        (OTHER, OTHER, "units", True, 0, "code"),
        (OTHER, None, "same", True, 0, "code"),
        (replace(OTHER, facts_hash="a2"), None, "same", True, 3, "dated_back"),
        (replace(OTHER, facts_hash="a2"), None, "units", True, 0, "facts"),
        (KEPT, None, "same", False, 0, "record"),
    ],
)
def test_what_no_longer_holds_is_told_apart(
    found: Hashes, as_made: Hashes | None, today: str, logged: bool, backdated: int, verdict: str
) -> None:
    kept = edition(KEPT, MADE)
    assert judge_edition(kept, found, as_made, TODAY[today], logged, backdated) == verdict
    assert verdict in VERDICTS


def test_an_edition_from_before_structures_were_kept_blames_the_definitions() -> None:
    kept = edition(KEPT, Definitions("d1"))
    assert judge_edition(kept, OTHER, None, TODAY["units"], True, 0) == "definitions"


KNOWN = facts({"calls_theft": {unit: {"2024-04": 10} for unit in STATIONS}})


def made_on(definitions: Catalog, basis: str) -> Edition:
    """Return an edition of April as the definitions had it."""
    hashes = freeze(KNOWN, definitions, tree(definitions), APRIL, basis, "salt")
    structure = structure_digest(structure_text(definitions))
    made = Definitions(definitions.digest, definitions.digest_but_units, structure)
    return edition(hashes, made, APRIL)


def checked(kept: Edition, today: Catalog, was: Catalog, known: pl.DataFrame = KNOWN) -> Check:
    return check_edition(kept, known, today, tree(today), structure_text(was), True, 0)


@pytest.mark.parametrize(("basis", "verdict"), [("now", "structure"), ("then", "definitions_same")])
def test_corrected_shares_are_no_tampering(basis: str, verdict: str) -> None:
    was = reorganised()
    steps = tuple(
        replace(step, share=share)
        for step, share in zip(was.successions, (0.75, 0.25), strict=True)
    )
    today = replace(was, successions=steps, digest="corrected")
    found = checked(made_on(was, basis), today, was)
    assert found.verdict == verdict, "shares are not applied to the units as they were"
    assert found.verdict in HOLDS
    assert ("calls_theft" in found.differ) == (basis == "now")


@pytest.mark.parametrize("basis", ["now", "then"])
def test_a_corrected_date_of_a_move_moves_figures_as_they_were(basis: str) -> None:
    was = reorganised()
    day = m("2024-04")
    links = tuple(
        replace(link, end=day)
        if (link.unit, link.parent) == ("a3", "a")
        else replace(link, start=day)
        if (link.unit, link.parent) == ("a3", "b")
        else link
        for link in was.parents
    )
    today = replace(was, parents=links, digest="corrected")
    found = checked(made_on(was, basis), today, was)
    assert found.verdict == ("structure" if basis == "then" else "definitions_same")


def test_figures_changed_behind_a_change_of_units_are_found() -> None:
    was = reorganised()
    kept = made_on(was, "now")
    forged = replace(kept, hashes=replace(kept.hashes, figures_hash="0" * 64))
    today = replace(was, successions=(), digest="corrected")
    assert checked(forged, today, was).verdict == "code", "not what the structure gave either"
    other = KNOWN.with_columns(value=pl.col("value") + 1)
    assert checked(kept, today, was, other).verdict == "facts"


def test_a_unit_that_is_gone_from_the_definitions_still_counts_in_its_edition() -> None:
    was = catalog()
    kept = made_on(was, "now")
    units = tuple(unit for unit in was.units if unit.code != "b2")
    links = tuple(link for link in was.parents if link.unit != "b2")
    today = replace(was, units=units, parents=links, digest="shorter")
    found = checked(kept, today, was)
    assert found.verdict == "structure"
    assert "calls_theft" in found.differ


@pytest.mark.parametrize("basis", ["now", "then"])
def test_a_structure_that_was_written_down_gives_the_same_figures(basis: str) -> None:
    was = reorganised()
    again = with_structure(catalog(), structure_text(was))
    assert structure_text(again) == structure_text(was)
    one, other = (
        edition_figures(KNOWN, found, tree(found), APRIL, basis) for found in (was, again)
    )
    assert one.equals(other)
