from ui.html import Markup, icon, join, link, small, tag
from ui.table import Column, Row, flag, marked, reading_badge, status_flags, table

ATTACK = '<script>alert(1)</script>"onload="x'


def test_text_and_attributes_never_become_markup() -> None:
    made = tag("td", ATTACK, title=ATTACK)
    assert "<script>" not in made
    assert made.count('"') == 2
    assert "&lt;script&gt;" in made


def test_every_component_escapes_what_it_is_given() -> None:
    pieces = [
        small(ATTACK),
        link(ATTACK, ATTACK),
        icon(ATTACK),
        flag(ATTACK),
        marked(ATTACK, "zh", partial=True),
        reading_badge("better", ATTACK),
        join([ATTACK, [ATTACK]]),
        table(ATTACK, [Column("a", ATTACK, unit=ATTACK)], [Row({"a": ATTACK})]),
    ]
    assert all("<script" not in piece for piece in pieces)


def test_an_empty_alt_stays_and_other_empty_attributes_go() -> None:
    assert tag("img", src="x", alt="") == '<img src="x" alt="">'
    assert tag("td", "1", cls="") == "<td>1</td>"


def test_a_table_names_itself_its_columns_and_its_rows() -> None:
    made = table(
        "各单位", [Column("u", "单位"), Column("v", "10月", "起", True)], [Row({"u": "明湖"})]
    )
    assert '<caption class="vh">各单位</caption>' in made
    assert '<th scope="col" class="n">10月（起）</th>' in made
    assert '<th scope="row">明湖</th>' in made
    assert '<td class="n">—</td>' in made
    assert 'tabindex="0" role="region" aria-label="各单位"' in made


def test_marks_travel_with_the_number() -> None:
    assert "部分" in marked("945", "zh", partial=True)
    assert marked("945", "zh") == Markup("945")
    row = {"due": 126, "reported": 124, "status": "provisional", "suppressed": False}
    assert [str(f) for f in status_flags(row, "en")] == [
        '<span class="flag">Partial 124/126</span>',
        '<span class="flag dashed">Provisional</span>',
    ]
    assert "Suppressed" in status_flags({"suppressed": True}, "en")[0]
