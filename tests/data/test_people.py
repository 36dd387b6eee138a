"""Is who acted called by a name that a reader knows?"""

import pytest

from data.catalog import load_catalog
from data.people import person_called

CATALOG = load_catalog()


@pytest.mark.parametrize(
    ("user", "zh", "en"),
    [
        ("minghu_statistician", "明湖分局 统计员", "Minghu statistician"),  # is listed
        ("qingwu_statistician", "青梧分局 统计员", "Qingwu statistician"),
        ("dongmen_statistician", "东门派出所 统计员", "Dongmen statistician"),
        ("qingwu_gardener", "qingwu_gardener", "qingwu_gardener"),  # no role
        ("li_statistician", "li_statistician", "li_statistician"),  # no unit
        ("operator", "operator", "operator"),
    ],
)
def test_an_office_is_named_where_the_person_is_not_listed(user: str, zh: str, en: str) -> None:
    assert (person_called(CATALOG, user, "zh"), person_called(CATALOG, user, "en")) == (zh, en)
