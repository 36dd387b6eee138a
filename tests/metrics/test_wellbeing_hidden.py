"""Can a unit that a wave does not show be worked out from what it does show?"""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.disclose import suppress
from metrics.figures import compute_figures
from metrics.wellbeing import compare_units
from metrics.wellbeing_silent import list_suppressed
from tests.metrics.waves import (
    CATALOG,
    NOW,
    SURVEY,
    UNITS,
    YEAR_AGO,
    beside,
    cube_of,
    told,
    wave,
    without,
)


def test_suppressed_units_say_why_and_where_their_answers_went() -> None:
    rows = {
        # Minghu: all stations but two are unlisted, their pool holds 17.
        "yz0101": (30, 40, 70, 10), "yz0102": (25, 40, 70, 10),
        "yz01-own": (50, 60, 70, 10), "yz01-small": (17, 30, 70, 10),
        # Qingwu: no pool, the own level took it in.
        "yz0201": (30, 40, 70, 10), "yz02-own": (50, 60, 70, 10),
        # Jinxi: a provider that lists 8 answers all the same.
        "yz0301": (8, 20, 70, 10), "yz0302": (11, 20, 70, 10), "yz03-own": (50, 60, 70, 10),
    }  # fmt: skip
    cube = cube_of(wave(NOW, rows))
    table = list_suppressed(cube, UNITS, SURVEY, "yz", NOW)
    found = {row[0]: row[1:] for row in table.iter_rows()}
    assert found["yz0103"] == ("unlisted", "yz01-small", 17)
    assert found["yz0202"] == ("unlisted", "yz02-own", 50)
    # How many answered is not said of a unit that is not shown: it would tell the next one's.
    assert found["yz0301"] == ("small", None, None)
    assert found["yz0302"] == ("protects", None, None)
    assert "yz0101" not in found
    assert "yz01-small" not in found
    assert not any(unit.startswith("yz04") for unit in found)


def test_no_number_of_a_silent_unit_is_told_anywhere() -> None:
    small = {"yz0301": (8, 20, 70, 10), "yz0302": (11, 23, 70, 10), "yz03-own": (50, 61, 70, 10)}
    cube = cube_of(wave(NOW, small))
    table = beside(cube, "yz03")
    for unit in ("yz0301", "yz0302"):
        assert {table[unit][name] for name in ("n", "invited", "rate", "margin")} == {None}
        assert table[unit]["use"] == "hidden"
        row = told(cube, unit)
        kept = {name for name, value in row.items() if value is not None}
        assert kept == {"indicator", "is_index", "band", "base_band", "reading", "note"}
        assert (row["band"], row["note"]) == ("hidden", "hidden")
    # 19 of 43 together is all that follows from what is shown.
    assert (table["yz03"]["n"], table["yz03-own"]["n"]) == (69, 50)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.integers(0, 30), min_size=2, max_size=7),
    st.lists(st.integers(0, 30), min_size=0, max_size=3),
)
def test_what_is_told_of_a_wave_leaves_no_small_group_to_be_worked_out(
    first: list[int], second: list[int]
) -> None:
    """Numbers of answers, invited, rates and means: shown together, or hidden together."""
    counts = {f"yz01{at:02}": n for at, n in enumerate(first, start=1) if n}
    counts |= {f"yz02{at:02}": n for at, n in enumerate(second, start=1) if n}
    if not counts:
        return
    cube = cube_of(wave(NOW, {unit: (n, n + 5, 60, 8) for unit, n in counts.items()}))
    for parent in ("yz", "yz01", "yz02"):
        table = compare_units(cube, UNITS, SURVEY, parent, NOW)
        shown = {}
        for row in table.iter_rows(named=True):
            known = {name: row[name] for name in ("n", "invited", "rate", "wb_overall_score")}
            assert len({value is None for value in known.values()}) == 1, row
            assert row["n"] is None or row["n"] >= 10
            shown[row["unit"]] = row["n"]
        whole = shown.pop(parent)
        if whole is not None:
            left = whole - sum(n for n in shown.values() if n is not None)
            assert left == 0 or left >= 10
            hidden = [unit for unit in UNITS.children(parent) if shown.get(unit, 1) is None]
            filed = [unit for unit in hidden if any(counts.get(x) for x in UNITS.leaves(unit))]
            assert left == 0 or len(filed) > 1


def test_a_score_that_one_hidden_unit_lacks_does_not_tell_the_other() -> None:
    """Of 8 and 11 hidden answers only 8 have a score: its total less the rest would be theirs."""
    rows = {
        "yz0101": (30, 40, 70, 9), "yz0102": (11, 20, 66, 9), "yz0103": (8, 20, 41, 9),
        "yz01-own": (50, 60, 72, 9), "yz0201": (60, 90, 70, 9),
    }  # fmt: skip
    for lacking in ("yz0102", "yz0103"):
        now = without(wave(NOW, rows), lacking, "wb_health_score", "wb_health_sd")
        cube = cube_of(now, wave(YEAR_AGO, rows))
        for unit in ("yz01", "yz"):
            health = told(cube, unit, "wb_health_score")
            assert (health["mean"], health["n"], health["note"]) == (None, None, "hidden")
            assert told(cube, unit)["mean"] is not None
        for unit in ("yz0101", "yz01-own", "yz02"):
            assert told(cube, unit, "wb_health_score")["mean"] is not None
    # Nor does a rate whose two sides not every hidden unit filed.
    cube = cube_of(without(wave(NOW, rows), "yz0102", "wb_invited"))
    rate = suppress(
        compute_figures(cube, ["d_wb_response_rate"], ["yz01", "yz02"], [NOW], "wave"),
        CATALOG, UNITS, None, cube,
    )  # fmt: skip
    assert rate["numerator"].to_list() == [None, 60]


def test_a_score_that_no_hidden_unit_filed_is_told_of_those_who_did() -> None:
    rows = {"yz0101": (30, 40, 70, 9), "yz0102": (11, 20, 66, 9), "yz0103": (8, 20, 41, 9)}
    now = wave(NOW, rows | {"yz01-own": (50, 60, 72, 9)})
    for unit in ("yz0102", "yz0103"):
        now = without(now, unit, "wb_health_score", "wb_health_sd")
    assert told(cube_of(now), "yz01", "wb_health_score")["n"] == 80


FILED = st.lists(st.tuples(st.integers(1, 30), st.booleans()), min_size=1, max_size=6)


@settings(deadline=None, max_examples=30)
@given(FILED, FILED)
def test_no_small_unit_follows_from_all_that_is_shown_of_all_scores(
    first: list[tuple[int, bool]], second: list[tuple[int, bool]]
) -> None:
    """A reader who knows who filed which score solves all shown numbers of answers together."""
    filed = {f"yz01{at:02}": one for at, one in enumerate(first, start=1)}
    filed |= {f"yz02{at:02}": one for at, one in enumerate(second, start=1)}
    facts = wave(NOW, {unit: (n, n + 5, 60, 8) for unit, (n, _) in filed.items()})
    for unit, (_, has_health) in filed.items():
        if not has_health:
            facts = without(facts, unit, "wb_health_score", "wb_health_sd")
    cube = cube_of(facts)
    leaves = list(filed)
    asked = ["yz", "yz01", "yz02", *leaves]
    codes = ["wb_overall_score", "wb_health_score"]
    figures = compute_figures(cube, codes, asked, [NOW], "wave")
    seen = suppress(figures, CATALOG, UNITS, None, cube).drop_nulls("denominator")
    rows = [
        [
            float(UNITS.is_within(leaf, unit) and (code == codes[0] or filed[leaf][1]))
            for leaf in leaves
        ]
        for unit, code in seen.select("unit", "indicator").iter_rows()
    ]
    known = np.array(rows).reshape(len(rows), len(leaves))
    rank = np.linalg.matrix_rank(known) if rows else 0
    for place, leaf in enumerate(leaves):
        follows = np.linalg.matrix_rank(np.vstack([known, np.eye(len(leaves))[place]])) == rank
        assert not follows or filed[leaf][0] >= 10, (leaf, filed)
