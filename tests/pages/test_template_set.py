"""Is a district offered the forms of all its units, and nobody else?"""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data.store.database import open_store
from data.texts import text

ROOT = Path(__file__).resolve().parents[2]
OFFER = text("returns.page.templates_each", "en")


@pytest.mark.parametrize(
    ("page", "person", "unit", "is_offered"),
    [
        ("returns", "minghu_statistician", "yz01", True),
        ("coverage", "minghu_reviewer", "yz01", True),
        ("returns", "hubinlu_statistician", "yz0101", False),
        ("coverage", "city_reviewer", "yz", False),
    ],
)
def test_a_district_fetches_the_forms_of_all_its_units_at_once(
    page: str,
    person: str,
    unit: str,
    is_offered: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = f"sqlite:///{tmp_path / 'record.db'}"
    monkeypatch.setenv("KPI_STORE", url)
    open_store(url).init("Asia/Shanghai")
    app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=120)
    asked = {"lang": "en", "period": "2024-10", "as": person, "unit": unit}
    for key, value in asked.items():
        app.query_params[key] = value
    app.run()
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception
    labels = [button.proto.label for button in app.get("download_button")]
    assert (OFFER in labels) == is_offered
