"""Revisions on the command line: every vintage on one basis, and only what a reader may see."""

from pathlib import Path

import pytest

from tests.verbs.test_basis import FILED, Bureau

# Each station's later return; yz0315 was yz02's until April 2024, yz0291 is 55 % of yz0218's past.
LATER = """\
unit,period,calls_theft
yz0291,2023-06,30
yz0315,2023-06,12
"""
ASKED = ("revisions", "--indicator", "calls_theft", "--period", "2023-06", "--format", "csv")


@pytest.fixture(scope="module")
def bureau(tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    folder = tmp_path_factory.mktemp("revisions")
    found = Bureau(folder)
    for day, table in (("2023-07-05", FILED), ("2023-07-20", LATER)):
        path = Path(folder / f"M01_{day}.csv")
        path.write_text(table, encoding="utf-8")
        code, _, err = found.run("import", str(path), "--form", "M01", "--vintage", day)
        assert code == 0, err
    return found


def values(rows: list[dict[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row["unit"], []).append(row["value"])
    return found


@pytest.mark.parametrize(
    ("basis", "expected"),
    [
        ("now", {"yz02": ["60.0", "70.0"], "yz03": ["40.0", "42.0"], "yz0218": ["11.0", "16.5"]}),
        ("then", {"yz02": ["70.0", "82.0"], "yz03": ["30.0"], "yz0291": ["20.0", "30.0"]}),
    ],
)
def test_every_vintage_stands_on_the_basis(
    bureau: Bureau, basis: str, expected: dict[str, list[str]]
) -> None:
    code, rows, err = bureau.run(*ASKED, "--unit", "yz02,yz03,yz0218,yz0291", "--basis", basis)
    assert code == 0, err
    assert values(rows) == expected
    assert {"now": "Basis: today's units.", "then": "Basis: units as they were."}[basis] in err


def test_a_level_has_the_units_of_the_time(bureau: Bureau) -> None:
    _, now, _ = bureau.run(*ASKED, "--level", "station")
    _, then, _ = bureau.run(*ASKED, "--level", "station", "--basis", "then")
    assert set(values(now)) - set(values(then)) == {"yz0218", "yz0219"}
    assert set(values(then)) - set(values(now)) == {"yz0291"}


def test_people_see_the_revisions_of_what_was_theirs(bureau: Bureau) -> None:
    code, rows, err = bureau.run(*ASKED, "--unit", "yz02", "--basis", "then", user="qingwu")
    assert code == 0, err
    assert values(rows) == {"yz02": ["70.0", "82.0"]}
    code, _, err = bureau.run(*ASKED, "--unit", "yz0315", "--basis", "then", user="qingwu")
    assert code == 2
    assert "yz0315" in err


def test_a_figure_alone_cannot_be_matched(bureau: Bureau) -> None:
    code, rows, err = bureau.run(*ASKED, "--basis", "matched")
    assert (code, rows) == (2, [])
    assert err == (
        "kpi: --basis matched says which units a comparison keeps, and here are figures without "
        "one. Give now or then.\n"
    )
