"""How do the last three months of the demonstration come in: as workbooks, like any bureau's?

Each district collects its stations' figures in one workbook a month, a sheet a form; the city's own
level files its own. Every workbook is written from the template, read, checked, explained where the
checks ask, submitted, confirmed by each station whose row the district typed, and judged by the
district's reviewer and then the city's. How well that went is counted when a month is locked.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from data.access import OPERATOR, Viewer, homes_of, levels_judged, viewer_for
from data.catalog import Catalog
from data.checks.findings import finding_id
from data.checks.run import CheckedReturn, answer_findings, check_return
from data.checks.worker import Worker
from data.demo.history import following, locked_at
from data.demo.revisions import DELAYS, MORE_TIME, REFUSED, REVISIONS, Delay, Revision
from data.periods import add_months
from data.returns.due import due_date, is_by_choice
from data.returns.read import read_workbook
from data.returns.recording import lock_month
from data.returns.template import write_template
from data.store.database import Store
from data.store.record import (
    Receipt,
    confirm,
    confirm_all,
    confirmations,
    extend,
    review,
    submit_all,
)
from data.store.snapshot import read_facts
from data.store.source import Checked
from data.units import Tree, tree

LAST_LOCKED = dt.date(2024, 9, 1)
JUDGE = "city_reviewer"
# A district's rows are confirmed, and its reviewer decides, so long after the workbook came.
CONFIRMED, FIRST_JUDGED = dt.timedelta(hours=1), dt.timedelta(hours=3)
CORRECTED = "与台账复核发现该格填报有误，予以订正。"
# What a clerk writes when a check asks; the last one serves every other question.
ANSWERS = {
    "F02": "该所报表至截止日未报，已两次催报，补报后另行更新。",
    "R17": "本月集中破获往年积案，已与破案审批表逐件核对，数据属实。",
    "R18": "本月刑事警情中纠纷转化较多，经法制部门逐件复核，立案符合规定。",
    "R20": "辖区本月治安案件较少，已核对受理登记，不存在降格处理。",
    "R43": "应答情况由第三方测评机构提供，已核对发放名单人数和有效应答数。",
    "R48": "已逐项核对当月台账，与上月相同系巧合，未沿用上月数据。",
    "R49": "已核对接处警和案件台账，变动属实，系个别案事件集中所致。",
    "": "已逐项核对原始台账，数据属实。",
}
RETURNED = "请核对该格与台账是否一致，更正后重报。"


@dataclass(frozen=True, slots=True)
class Office:
    """What everybody shares: the record, the definitions, the checking process, the folder."""

    store: Store
    catalog: Catalog
    units: Tree
    worker: Worker
    folder: Path


@dataclass(frozen=True, slots=True)
class Turn:
    """One form of one filer on its way: when it was sent, how far it came, how it was judged.

    `judged` is when the city decided; None where the return still waits in the state `until`, or
    a unit `refused` its row. `until_day` is the day that was given instead of its own.
    """

    filer: str
    checked: Checked
    sent: dt.datetime
    judged: dt.datetime | None
    is_accepted: bool = True
    why: str = ""
    until: str = ""
    refused: str = ""
    until_day: int = 0


def file_months(
    store: Store,
    catalog: Catalog,
    facts: pl.DataFrame,
    folder: Path,
    worker: Worker,
    progress: Callable[[str], object],
) -> int:
    """File and review the months from workbooks in a folder; return the figures filed."""
    office = Office(store, catalog, tree(catalog), worker, folder)
    filed = 0
    for period in facts["period"].unique().sort():
        month = facts.filter(pl.col("period") == period)
        turns = month_turns(office, month, period, progress)
        act(office, turns)
        if period <= LAST_LOCKED:
            judge = viewer_for(catalog, JUDGE)
            lock_month(store, judge, catalog, office.units, period, locked_at(period))
        filed += month.height
        progress(f"{period:%Y-%m}: {len(turns)} returns filed and reviewed")
    return filed


def month_turns(
    office: Office, month: pl.DataFrame, period: dt.date, progress: Callable[[str], object]
) -> list[Turn]:
    """Return every form of a month on its way, from the workbooks of all filers."""
    known = read_facts(office.store, viewer_for(office.catalog, JUDGE))
    known = known.filter(pl.col("period") >= add_months(period, -24))
    turns: list[Turn] = []
    for number, filer in enumerate(filers(office)):
        reach = office.units.parent(filer) if office.units.is_own(filer) else filer
        history = known.filter(pl.col("unit").is_in(office.units.leaves(reach)))
        turns += filer_turns(office, filer, number, month, period, history)
        progress(f"{period:%Y-%m}: {office.units.unit(filer).name.zh} checked")
    return turns


def filers(office: Office) -> list[str]:
    """Return who files a workbook: each district, and the city's own level."""
    units, root = office.units, office.catalog.bureau.root
    districts = [child for child in units.children(root) if units.children(child)]
    return [*districts, *(child for child in units.children(root) if units.is_own(child))]


def filer_turns(
    office: Office,
    filer: str,
    number: int,
    month: pl.DataFrame,
    period: dt.date,
    history: pl.DataFrame,
) -> list[Turn]:
    """Return a filer's forms on their way: as first filed, then as sent again or corrected."""
    revisions = [r for r in REVISIONS if (r.filer, r.period) == (filer, period)]
    wrong = {r.form: r for r in revisions}
    delays = {d.form: d for d in DELAYS if (d.filer, d.period) == (filer, period)}
    first = check(office, filer, revised(month, revisions), period, history)
    turns = [
        first_turn(filer, number, checked, wrong.get(code), delays.get(code))
        for checked in first.by_form(office.catalog)
        for code in (checked.form.code,)
    ]
    for revision in revisions:
        again = check(office, filer, month, period, history, revision)
        for checked in again.by_form(office.catalog):
            day = checked.form.due_day + revision.days_later
            sent = following(period, day, 6, 10 + 4 * number)
            later = None if revision.waits else following(period, day + 1, 1, 12)
            why = "" if revision.is_returned or revision.is_refused else CORRECTED
            turns.append(Turn(filer, checked, sent, later, why=why, until=revision.waits))
    return turns


def first_turn(
    filer: str, number: int, checked: Checked, wrong: Revision | None, delay: Delay | None
) -> Turn:
    """Return a form on its way for the first time: in time and right, unless it is known better."""
    period, due = checked.period, checked.form.due_day
    came = max(2, due - 3 + number % 4) if delay is None else due + delay.days
    sent = following(period, came, 6, 10 + 4 * number)
    judged = following(period, max(due, came) + 1, 1, 12 + 3 * number)
    is_right = wrong is None or not wrong.is_returned
    turn = Turn(filer, checked, sent, judged, is_right)
    if delay is not None and delay.until:
        turn = replace(turn, until_day=due + delay.until)
    if wrong is not None and wrong.is_refused:
        turn = replace(turn, judged=None, until="confirming", refused=wrong.unit)
    return turn


def check(
    office: Office,
    filer: str,
    month: pl.DataFrame,
    period: dt.date,
    history: pl.DataFrame,
    revision: Revision | None = None,
) -> CheckedReturn:
    """Write the workbook, read it back and check it; every question is explained."""
    catalog, units = office.catalog, office.units
    forms, suffix = [c for c, f in catalog.forms.items() if not is_by_choice(catalog, f)], ""
    if revision is not None:
        forms = [revision.form]
        is_again = revision.is_returned or revision.is_refused
        suffix = f"_{revision.form}_{'重报' if is_again else '订正'}"
    folder = office.folder / f"{period:%Y-%m}"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{units.unit(filer).name.zh}_{period:%Y-%m}{suffix}.xlsx"
    write_template(catalog, units, forms, filer, period, path, history, month)
    checked = check_return(
        read_workbook(path, catalog, units), catalog, units, history, office.worker
    )
    queries = checked.findings.filter(pl.col("severity") == "query").rows(named=True)
    words = {finding_id(row): ANSWERS.get(row["rule"], ANSWERS[""]) for row in queries}
    checked = answer_findings(checked, words)
    if not checked.may_submit:
        errors = checked.findings.filter(pl.col("severity") == "mandatory")["message_en"]
        msg = f"{path.name}: {'; '.join(errors[:3]) or 'cannot be submitted'}"
        raise ValueError(msg)
    return checked


def act(office: Office, turns: list[Turn]) -> None:
    """Submit, confirm and judge the forms, each at its time, in the order of time."""
    plan: list[tuple[dt.datetime, int, int]] = []
    for number, turn in enumerate(turns):
        plan.append((turn.sent, 0, number))
        if turn.until_day:
            asked = following(turn.checked.period, turn.checked.form.due_day - 1, 2, 0)
            plan.append((asked, 4, number))
        if turn.until != "confirming" or turn.refused:
            plan.append((turn.sent + CONFIRMED, 1, number))
        if turn.until not in ("confirming", "submitted"):
            plan.append((turn.sent + FIRST_JUDGED, 2, number))
        if turn.judged is not None:
            plan.append((turn.judged, 3, number))
    receipts: dict[int, Receipt] = {}
    for moment, part, same in groups(plan):
        if part == 0:
            for number in same:
                receipts[number] = submit_turn(office, turns[number], moment)
        elif part == 1:
            refusing = {receipts[number].number: turns[number].refused for number in same}
            confirm_rows(office, [receipts[number] for number in same], moment, refusing)
        elif part == 4:
            for number in same:
                give_time(office, turns[number], moment)
        else:
            for number in same:
                judge_turn(office, turns[number], receipts[number], part == 3, moment)


def groups(
    plan: list[tuple[dt.datetime, int, int]],
) -> list[tuple[dt.datetime, int, list[int]]]:
    """Return what happens at one time together, in the order of time."""
    found: dict[tuple[dt.datetime, int], list[int]] = {}
    for moment, part, number in sorted(plan):
        found.setdefault((moment, part), []).append(number)
    return [(moment, part, numbers) for (moment, part), numbers in found.items()]


def submit_turn(office: Office, turn: Turn, moment: dt.datetime) -> Receipt:
    """File a form as the clerk of its filer would."""
    clerk, digest = person_of(office, turn.filer, "statistician"), office.catalog.digest
    return submit_all(office.store, clerk, [turn.checked], moment, digest, turn.why)[0]


def give_time(office: Office, turn: Turn, moment: dt.datetime) -> None:
    """Give a filer more time for a form, as the city's reviewer would."""
    form, period = turn.checked.form, turn.checked.period
    judge, due = viewer_for(office.catalog, JUDGE), due_date(form, period)
    until = following(period, turn.until_day, 0, 0).date()
    extend(office.store, judge, form.code, turn.filer, period, until, MORE_TIME, due, moment)


def confirm_rows(
    office: Office, receipts: list[Receipt], moment: dt.datetime, refusing: dict[str, str]
) -> None:
    """Have each station confirm the rows that its district typed, all forms of a day at once.

    Of the receipts in `refusing`, the station named there refuses its row, after the others.
    """
    waiting: dict[str, list[str]] = {}
    for receipt in receipts:
        if receipt.state == "confirming":
            asked = confirmations(office.store, OPERATOR, receipt.number)
            for unit in asked.filter(decision="asked")["unit"]:
                if unit != refusing.get(receipt.number):
                    waiting.setdefault(unit, []).append(receipt.number)
    for unit, numbers in waiting.items():
        clerk = person_of(office, unit, "statistician")
        confirm_all(office.store, clerk, numbers, unit=unit, at=moment)
    for number, unit in refusing.items():
        if unit:
            clerk = person_of(office, unit, "statistician")
            confirm(office.store, clerk, number, False, REFUSED, unit, moment)


def judge_turn(
    office: Office, turn: Turn, receipt: Receipt, is_last: bool, moment: dt.datetime
) -> None:
    """Decide as the reviewer of the district or, at last, of the city would."""
    store = office.store
    if is_last:
        reason = "" if turn.is_accepted else RETURNED
        judge = viewer_for(office.catalog, JUDGE)
        review(store, judge, receipt.number, turn.is_accepted, reason, moment)
        return
    if not office.units.is_own(turn.filer):
        judge = person_of(office, turn.filer, "reviewer")
        review(store, judge, receipt.number, accept=True, at=moment)


def person_of(office: Office, unit: str, role: str) -> Viewer:
    """Return who acts for a unit in a role: who is named for it, else somebody of that office."""
    for person in office.catalog.bureau.people:
        if person.role == role and person.unit == unit:
            return viewer_for(office.catalog, person.user)
    name = f"{office.units.unit(unit).short.en.lower()}_{role}"
    below = frozenset(office.units.subtree(unit))
    homes = homes_of(office.units, unit)
    judges = levels_judged(office.catalog, office.units, unit)
    return Viewer(name, role, unit, below, below, (), homes, judges)


def revised(month: pl.DataFrame, revisions: list[Revision]) -> pl.DataFrame:
    """Return the month as it was first filed, before its revisions."""
    first = month
    for revision in revisions:
        here = (pl.col("unit") == revision.unit) & (pl.col("measure") == revision.measure)
        value = pl.when(here).then(pl.col("value") + revision.first_off_by)
        first = first.with_columns(value.otherwise("value").alias("value"))
    return first
