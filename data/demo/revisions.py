"""Which returns of the demonstration were sent back or corrected, and what was wrong at first?"""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Revision:
    """One cell that was wrong at first; sent back, corrected after approval, or still waiting.

    `first_off_by` is what the first figure had too much; `days_later` when the mended form came;
    `waits` the state in which it still is today (confirming, submitted or reviewed).
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


OCTOBER = dt.date(2024, 10, 1)
OCTOBER = dt.date(2024, 10, 1)
REVISIONS = (
    Revision("yz05", dt.date(2024, 8, 1), "M03", "yz0504", "adm_first_warning", 9, 1, True),
    Revision("yz02", dt.date(2024, 9, 1), "M04", "yz0213", "fraud_loss_amount", 12.5, 3),
    Revision("yz06", dt.date(2024, 9, 1), "M07", "yz0603", "dis_repeat_calls", 2, 1, True),
    Revision("yz01", OCTOBER, "M01", "yz0104", "calls_theft", 2, 1),
    Revision("yz03", OCTOBER, "M05", "yz03-own", "sup_leads", -6, 4, waits="submitted"),
    Revision("yz05", OCTOBER, "M03", "yz0505", "adm_first_warning", -1, 3, waits="reviewed"),
    Revision("yz08", OCTOBER, "M03", "yz0806", "adm_first_warning", 2, 3, waits="confirming"),
)
