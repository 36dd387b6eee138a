"""Is the table of states in the documentation the one that the store obeys?"""

from reports.lifecycle import PAGE, life_table, page_with_table


def test_the_documented_table_is_current() -> None:
    page = PAGE.read_text("utf-8")
    assert page == page_with_table(page), "run python -m reports.lifecycle"
    assert "| `confirming` 待所队确认 | filer: replaced | filer: confirming |" in life_table()
