"""Which explanations and reasons hold something about a person, and which merely look so?"""

import pytest

from data.returns.personal_words import personal_in


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("已与报警人核实，身份证 110101199003078515", "id"),
        ("身份证号：１１０１０１１９９００３０７８５１５", "id"),
        ("证件 110101 19900307 851X 已核", "id"),
        ("旧证 110101900307851 已换发", "id"),
        ("请拨 13800138000 核对", "phone"),
        ("请拨 138-0013-8000 核对", "phone"),
        ("请拨 +86 138 0013 8000 核对", "phone"),
        ("请拨一三八零零一三八零零零核对", "phone"),
        ("值班室 0515-88881234", "phone"),
        ("嫌疑人：张建国，已刑拘", "name"),
        ("报警人（女）：欧阳雪 重复报警", "name"),
        ("contact: Ann Lee in the office", "name"),
    ],
)
def test_what_is_about_a_person_is_found(words: str, kind: str) -> None:
    assert personal_in(words) == kind


@pytest.mark.parametrize(
    "words",
    [
        "",
        "已逐件核对当月台账，数据属实。",
        "10月 1,380 起，9月 1,013 起；去年同期 13800 起",
        "2024-10-11 至 2024-11-03 集中破案，立案决定书〔2024〕1380013号",
        "受理登记号 A3301021500002024110012",
        "涉案金额 13800138.25 元",
        "嫌疑人：张某某，另案处理；报警人：均为群众",
        "民警高度重视，严格执行受立案规定",
        "名称：湖滨路派出所",
        "一二三四五六日均有警情",
        "3起、5起、12起、26起、30起、41起、56起、68起、72起、83起、96起",
    ],
)
def test_what_merely_looks_so_is_kept(words: str) -> None:
    assert personal_in(words) == ""
