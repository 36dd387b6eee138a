"""What is made beside the pages? `python -m reports.aside`: what takes the interpreter for long.

The pages share one interpreter; whoever fetches the forms of a district or is told what a return
would change must not hold up the others. This process reads the record and only data of our own
making, never a stranger's file: those are for `data.checks.serving`, which has no record.
"""

import datetime as dt
import io
from collections.abc import Sequence
from functools import cache
from typing import Any

from data.access import Viewer
from data.checks.line import Line, open_line
from data.checks.run import CheckedReturn
from data.checks.wire import Said, sealed
from data.periods import add_months
from data.returns.template import write_template
from data.returns.template_set import district_templates, forms_by_hand
from data.store.database import Store, open_store
from data.store.snapshot import read_facts
from metrics.weigh import Filed, weigh_return
from reports.check_report import report_html, return_report
from reports.findings_book import Checkup, findings_bytes

#: A template prints figures of two years, a rule looks back four.
TEMPLATE_MONTHS, RULE_MONTHS = 24, 60


class Aside:
    """The process at work."""

    def __init__(self, line: Line) -> None:
        self.line = line

    def acts(self) -> dict[str, Any]:
        """Return what it does by the names of the orders."""
        return {
            "weigh": self.weigh,
            "template": self.template,
            "templates": self.templates,
            "findings": self.findings,
            "report": self.report,
        }

    def weigh(
        self, digest: str, url: str, viewer: Viewer, indicators: Sequence[str], filed: Filed
    ) -> Said:
        """Tell what the approval of a return would change."""
        catalog, tree = self.line.definitions(digest)
        return sealed(weigh_return(_store(url), viewer, catalog, tree, indicators, filed))

    def template(
        self,
        digest: str,
        url: str,
        viewer: Viewer,
        unit: str,
        period: dt.date,
        forms: Sequence[str],
        lang: str,
    ) -> Said:
        """Make the workbook of a unit's forms for a month."""
        catalog, tree = self.line.definitions(digest)
        months = (add_months(period, -TEMPLATE_MONTHS), add_months(period, -1))
        known = read_facts(_store(url), viewer, months=months)
        book = io.BytesIO()
        write_template(catalog, tree, forms, unit, period, book, previous=known, lang=lang)
        return sealed(book.getvalue())

    def templates(
        self, digest: str, url: str, viewer: Viewer, unit: str, period: dt.date, lang: str
    ) -> Said:
        """Make the workbooks of all units below one."""
        catalog, tree = self.line.definitions(digest)
        months = (add_months(period, -TEMPLATE_MONTHS), add_months(period, -1))
        known = read_facts(_store(url), viewer, months=months)
        forms = forms_by_hand(catalog)
        made = district_templates(viewer, catalog, tree, forms, unit, period, known, lang=lang)
        return sealed(made)

    def findings(self, digest: str, checked: CheckedReturn, name: str, lang: str) -> Said:
        """Make the list of findings of a verdict as a workbook."""
        catalog, tree = self.line.definitions(digest)
        checkup = Checkup(name, checked.findings.rows(named=True), checked.counts)
        return sealed(findings_bytes(checkup, catalog, tree, lang))

    def report(
        self, digest: str, url: str, viewer: Viewer, checked: CheckedReturn, lang: str
    ) -> Said:
        """Make the report of a check as a page."""
        catalog, tree = self.line.definitions(digest)
        last = checked.reading.period
        months = (add_months(last, -RULE_MONTHS), last) if last else None
        history = read_facts(_store(url), viewer, months=months)
        made = return_report(checked, catalog, tree, history)
        return sealed(report_html(made, catalog, tree, lang).encode("utf-8"))


@cache
def _store(url: str) -> Store:
    """Open the record of an address."""
    return open_store(url)


def main() -> None:
    """Answer over the standard streams."""
    line = open_line()
    line.say(Said("ready"))
    line.serve(Aside(line).acts())


if __name__ == "__main__":
    main()
