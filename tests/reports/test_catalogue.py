"""Is the generated catalogue current, complete and right?"""

from pathlib import Path

import pytest

from data.catalog import load_catalog
from data.definition_words import (
    adding_words,
    code_formula,
    filer_words,
    formula_words,
    policy_words,
    shown_policy,
    target_words,
    uses_of,
)
from reports import catalogue
from reports.catalogue import DOCUMENT, catalogue_markdown, main

CATALOG = load_catalog()
LONDON = Path(__file__).parents[2] / "data" / "examples" / "london" / "definitions"


def item(code: str):
    return CATALOG.indicators[code]


def test_the_document_is_current() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == catalogue_markdown(CATALOG), (
        "run python -m reports.catalogue"
    )


def test_every_indicator_and_rule_is_in_the_document() -> None:
    document = catalogue_markdown(CATALOG)
    for entry in CATALOG.indicators.values():
        assert f"### `{entry.code}` {entry.name.zh} · {entry.name.en}\n" in document
    for rule in CATALOG.rules:
        assert f"| {rule.code} |" in document


def test_a_stale_document_is_reported_and_mended(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(catalogue, "DOCUMENT", tmp_path / "catalogue.md")
    assert main(["--check"]) == 1
    assert "stale" in capsys.readouterr().err
    assert main([]) == 0
    assert main(["--check"]) == 0


def test_formulas_in_words() -> None:
    rate = item("d_dispute_resolve_rate")
    assert formula_words(CATALOG, rate, "zh") == (
        "矛盾纠纷化解数 ÷ （矛盾纠纷化解数 + 期末未化解纠纷数） × 100%"
    )
    assert formula_words(CATALOG, rate, "en") == (
        "Disputes resolved ÷ (Disputes resolved + Disputes pending) × 100 %"
    )
    assert code_formula(rate) == "dis_resolved / (dis_resolved + dis_pending_end) × 100"
    change = item("d_order_calls_yoy")
    assert formula_words(CATALOG, change, "zh") == (
        "刑事类警情数 + 治安类警情数：（本期 − 上年同期）÷ 上年同期 × 100%"
    )
    yearly = item("d_deaths_per10k_veh")
    assert formula_words(CATALOG, yearly, "en").endswith("× 10,000 × 12 ÷ months in the window")
    assert formula_words(CATALOG, item("calls_total"), "en") == "as filed"


def test_policy_says_flag_reason_source_and_where_it_comes_from() -> None:
    first, second = policy_words(CATALOG, item("d_crim_clear_rate"), "en")
    assert first.startswith("X Barred: Never scored or ranked")
    assert "Source: Ministry opinion" in first
    assert first.endswith("(inherited from “Criminal cases recorded”)")
    assert second.startswith("P Discouraged:")
    assert policy_words(CATALOG, item("calls_theft"), "zh") == [
        "没有限制标志，可以比较、计分、排名。"
    ]
    assert shown_policy(item("calls_total")) == "compare"
    assert policy_words(CATALOG, item("calls_total"), "en") == [
        "No restricting flag, but its direction is neutral: it is compared, not scored or ranked."
    ]


def test_targets_in_words() -> None:
    [target] = item("d_zero_ytd_share").targets
    said = target_words(CATALOG, item("d_zero_ytd_share"), target, "zh")
    assert said == "82.8%，自2021-12起，仅12月"
    [plan] = item("d_task_done_rate").targets
    said = target_words(CATALOG, item("d_task_done_rate"), plan, "en")
    assert said == "equals “Planned task completion”"


def test_where_an_indicator_is_used() -> None:
    assert uses_of(CATALOG, "qa_unfiled_found", "en") == [
        "veto in “County bureau monthly operation review”",
        "veto in “Station prevention-first evaluation”",
    ]
    used = uses_of(CATALOG, "dq_returns_due", "en")
    assert "bonus or deduction in “Station prevention-first evaluation”" in used
    assert "indicator On-time return rate" in used


def test_how_a_measure_is_added_up_and_filed() -> None:
    said = adding_words(CATALOG, "wb_health_score", "en")
    assert said == (
        "a parent is the mean weighted by Valid responses; shown by wave, waves are never pooled"
    )
    assert adding_words(CATALOG, "d_online_share", "en") == ""
    assert filer_words(CATALOG, "calls_total", "zh") == "M01 接处警 · 派出所、县（分）局本级"
    assert filer_words(CATALOG, "dq_revised", "en") == "made by the product"


def test_another_bureaus_catalogue_is_written_the_same_way() -> None:
    document = catalogue_markdown(load_catalog(LONDON))
    assert "### `clearance_rate`" in document
    assert "刑事案件" not in document
