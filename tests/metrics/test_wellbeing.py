"""How do units stand beside each other in a wave, and does the index hold what it is made of?"""

from metrics.wellbeing import compare_units
from tests.metrics.waves import NOW, SURVEY, UNITS, Row, beside, cube_of, told, wave


def test_units_stand_against_the_rest_in_official_order() -> None:
    rows = {
        "yz0101": (400, 500, 75, 10),  # above the rest
        "yz0201": (400, 500, 70, 10),  # the same
        "yz0301": (400, 500, 65, 10),  # below
        "yz0401": (30, 100, 70, 10),  # too few answered to compare
        "yz0501": (99, 100, 70, 10),  # nearly everybody answered
        "yz0601": (45, 100, 70, 10),  # with caution
    }
    cube = cube_of(wave(NOW, rows))
    table = compare_units(cube, UNITS, SURVEY, "yz", NOW)
    assert table.select("unit", "use", "position").rows()[:7] == [
        ("yz", "publish", "none"),
        ("yz01", "publish", "above"),
        ("yz02", "publish", "same"),
        ("yz03", "publish", "below"),
        ("yz04", "level_only", "none"),
        ("yz05", "query", "query"),
        ("yz06", "caution", "same"),
    ]
    assert table["rate"][1] == 0.8


def test_all_units_of_a_table_are_told_together() -> None:
    # Alone, 69 against 70 of the others would be told: z = 2.2; among nine it is not.
    rows = {f"yz0{number}01": (400, 500, 70.0, 10.0) for number in range(1, 10)}
    alone = {"yz0101": (400, 500, 69.45, 10.0), "yz0201": (3200, 4000, 70.0, 10.0)}
    assert position_of(alone, "yz01") == "below"
    assert position_of(rows | {"yz0101": alone["yz0101"]}, "yz01") == "same"


def position_of(rows: dict[str, Row], unit: str) -> str:
    """Return where a unit stands against the rest of the city."""
    found: str = beside(cube_of(wave(NOW, rows)), "yz")[unit]["position"]
    return found


def test_an_index_far_from_its_dimensions_is_questioned() -> None:
    others = {
        f"wb_{name}_score": 70.0 for name in ("education", "reward", "rights", "life", "support")
    }
    # 0.2·60 + 0.8·70 = 68, and the index says 60, 68.1 or 68.11.
    for overall, note in ((60.0, True), (68.1, False), (68.11, True)):
        facts = wave(NOW, {"yz0101": (30, 40, 60, 10)}, **others, wb_overall_score=overall)
        row = told(cube_of(facts), "yz0101")
        assert ("overall_off" in row["note"].split()) is note
