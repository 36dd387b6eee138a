"""The frame: which pages there are, where they stand in the menu, and who may open them.

A new page is one file in `pages/` and one line here.
"""

from pathlib import Path

from ui.frame import Entry, run

PAGES = Path(__file__).resolve().parent / "pages"
READERS = frozenset({"leader", "reviewer", "administrator", "operator"})
FILERS = frozenset({"statistician", "operator"})
REVIEWERS = frozenset({"reviewer", "operator"})
EVALUATORS = frozenset({"evaluator", "leader", "operator"})
ALL = READERS | FILERS | EVALUATORS


def entry(
    name: str,
    group: str,
    icon: str,
    roles: frozenset[str],
    also: frozenset[str] = frozenset(),
    first_for: frozenset[str] = frozenset(),
    has_figures: bool = True,
) -> Entry:
    """Return a page of the menu; its file carries its name."""
    return Entry(name, PAGES / f"{name}.py", group, icon, roles, also, first_for, has_figures)


run(
    [
        entry("overview", "leadership", "space_dashboard", READERS | FILERS, ALL),
        entry("indicator", "leadership", "query_stats", READERS | FILERS, ALL),
        entry("districts", "leadership", "compare_arrows", READERS, ALL),
        entry("wellbeing", "leadership", "favorite", READERS, ALL),
        entry(
            "returns",
            "statistics",
            "upload_file",
            FILERS,
            first_for=frozenset({"statistician"}),
            has_figures=False,
        ),
        entry(
            "review",
            "statistics",
            "rule",
            REVIEWERS,
            first_for=frozenset({"reviewer"}),
            has_figures=False,
        ),
        entry("coverage", "statistics", "grid_on", READERS | FILERS, has_figures=False),
        entry("quality", "statistics", "fact_check", READERS | FILERS, has_figures=False),
        entry(
            "results", "evaluation", "leaderboard", EVALUATORS, first_for=frozenset({"evaluator"})
        ),
        entry("catalogue", "reference", "menu_book", ALL, has_figures=False),
        entry("units", "reference", "account_tree", ALL, has_figures=False),
        entry("editions", "reference", "history", ALL),
    ]
)
