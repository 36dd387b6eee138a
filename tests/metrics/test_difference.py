"""Is a difference its two sums, one less the other, and nothing where one of them is missing?"""

from pathlib import Path

from data.catalog import load_catalog
from metrics.compare import change_kind
from metrics.plan import make_plan

HERE = Path(__file__).resolve().parent.parent.parent
CATALOG = load_catalog(HERE / "data" / "examples" / "south_africa" / "definitions")


def test_a_difference_has_two_sides_and_its_changes_are_absolute() -> None:
    plan = make_plan(CATALOG, "diff_murder")
    assert plan.shape == "difference"
    assert [item.role for item in plan.inputs] == ["num", "den"]
    # 2 more than 1 is no "100 %": a difference has no base of its own.
    assert change_kind(plan.indicator) == "abs"
