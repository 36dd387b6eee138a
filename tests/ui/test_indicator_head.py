"""Does the head of the Indicator page say why there is no figure?"""

import datetime as dt

from ui import load
from ui.indicator import _title
from ui.scope import Scope


def test_a_hidden_figure_is_not_said_to_be_missing() -> None:
    item = load.indicator("tra_deaths")
    nothing = {"value": None, "numerator": None, "denominator": None, "note": "none"}
    for lang, hidden, missing in (("zh", "不显示", "没有数据"), ("en", "not shown", "no data")):
        scope = Scope("city_leader", "yz01", dt.date(2024, 10, 1), lang=lang)
        said = _title(scope, item, {"figure": nothing | {"suppressed": True}})
        assert hidden in said
        assert missing not in said
        assert missing in _title(scope, item, {"figure": nothing | {"suppressed": False}})
