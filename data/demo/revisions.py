"""Which returns of the demonstration were sent back, refused, corrected or late, and why?"""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Revision:
    """One cell that was wrong at first; sent back, corrected after approval, or still waiting.

    `first_off_by` is what the first figure had too much; `days_later` when the mended form came;
    `waits` the state in which it still is today (confirming, submitted or reviewed). `is_refused`
    is whether the unit did not confirm what its district had typed.
    """

    filer: str
    period: dt.date
    form: str
    unit: str
    measure: str
    first_off_by: float
    days_later: int = 1
    is_returned: bool = False
    waits: str = ""
    is_refused: bool = False


@dataclass(frozen=True, slots=True)
class Delay:
    """A form that came so many days after its day; with `until`, it had been given that many."""

    filer: str
    period: dt.date
    form: str
    days: int
    until: int = 0


AUGUST, SEPTEMBER, OCTOBER = (dt.date(2024, month, 1) for month in (8, 9, 10))
REVISIONS = (
    Revision("yz05", AUGUST, "M03", "yz0504", "adm_first_warning", 9, 1, True),
    Revision("yz04", AUGUST, "M01", "yz0405", "calls_theft", 3, 1, True),
    Revision("yz02", SEPTEMBER, "M04", "yz0213", "fraud_loss_amount", 12.5, 3),
    Revision("yz04", SEPTEMBER, "M01", "yz0405", "calls_theft", 2, 1, True),
    Revision("yz06", SEPTEMBER, "M07", "yz0603", "dis_repeat_calls", 2, 1, True),
    Revision("yz09", SEPTEMBER, "M03", "yz0902", "adm_first_warning", 4, 0, is_refused=True),
    Revision("yz01", OCTOBER, "M01", "yz0104", "calls_theft", 2, 1),
    Revision("yz03", OCTOBER, "M05", "yz03-own", "sup_leads", -6, 4, waits="submitted"),
    Revision("yz05", OCTOBER, "M03", "yz0505", "adm_first_warning", -1, 3, waits="reviewed"),
    Revision("yz08", OCTOBER, "M03", "yz0806", "adm_first_warning", 2, 3, waits="confirming"),
)
# One district comes late with the same form twice; another asked for more time, and kept to it.
DELAYS = (
    Delay("yz07", AUGUST, "M02", 2),
    Delay("yz07", SEPTEMBER, "M02", 1),
    Delay("yz03", SEPTEMBER, "M05", 2, until=3),
    Delay("yz06", OCTOBER, "M05", 1),
)
MORE_TIME = "办案系统升级停机两天，延期报送。"
REFUSED = "县局代填的该格与本所台账不符，请改正。"
