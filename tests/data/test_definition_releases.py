"""What measures of small counts are released at: declared by level, else by their flag."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from data.catalog import BUILT_IN, check_definitions, load_catalog


@pytest.fixture
def changed(tmp_path: Path) -> Callable[[str, str, str], Path]:
    """Return the built-in definitions with one thing changed."""
    folder = tmp_path / "definitions"
    shutil.copytree(BUILT_IN, folder)

    def change(file: str, old: str, new: str) -> Path:
        content = (folder / file).read_text(encoding="utf-8")
        assert old in content
        (folder / file).write_text(content.replace(old, new, 1), encoding="utf-8")
        return folder

    return change


DEATHS = "[tra_deaths]\n"


def test_the_default_of_the_flag_is_cut_to_the_windows_of_the_measure() -> None:
    measures = load_catalog().measures
    monthly, quarterly = (
        dict(measures[code].releases) for code in ("tra_deaths", "care_rights_cases")
    )
    assert monthly["county"] == ("quarter", "half", "ytd", "year")
    assert monthly["station"] == ("year",)
    assert quarterly["county"] == ("quarter", "year")
    assert measures["calls_valid"].releases == ()


def test_a_measure_s_own_releases_replace_the_default(changed: Callable) -> None:
    folder = changed("measures.toml", DEATHS, DEATHS + 'releases = {city = ["year"]}\n')
    assert load_catalog(folder).measures["tra_deaths"].releases == (("city", ("year",)),)


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("measures.toml", DEATHS, 'releases = {citi = ["year"]}',
         "measures.toml: tra_deaths.releases: unknown level 'citi'. Did you mean 'city'?"),
        ("measures.toml", DEATHS, 'releases = {city = ["yaer"]}',
         "measures.toml: tra_deaths.releases.city: unknown word 'yaer'. Did you mean 'year'?"),
        ("measures.toml", "[calls_valid]\n", 'releases = {city = ["year"]}',
         "calls_valid.releases: only measures of flag S declare releases"),
        ("measures.toml", DEATHS, "releases = 5", "tra_deaths.releases: expected a table, found 5"),
        ("policy.toml", "[S]\n", 'relases = {city = ["year"]}',
         "policy.toml: S: unknown key 'relases'. Did you mean 'releases'?"),
    ],
)  # fmt: skip
def test_a_wrong_release_stops_with_a_helpful_word(
    changed: Callable, file: str, old: str, new: str, said: str
) -> None:
    folder = changed(file, old, f"{old}{new}\n")
    assert said in "\n".join(check_definitions(folder))
