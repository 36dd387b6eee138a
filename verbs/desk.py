"""A return on its way on the command line: submitted, explained, confirmed, reviewed, locked."""

import argparse
from pathlib import Path

import polars as pl

from data.returns.due import due_date, sheets_of
from data.returns.recording import lock_month
from data.schema import FINDINGS
from data.store.facts import month_of
from data.store.receipts import verify_code
from data.store.record import (
    Receipt,
    answer,
    confirm,
    differences,
    extend,
    findings_of,
    lock,
    review,
    submissions,
    submit_all,
    unlock,
)
from data.texts import text
from verbs.returns import checked_file, tell
from verbs.session import Session, UsageError, day, month
from verbs.show import show, words

RETURN_COLUMNS = [
    *("receipt", "form", "unit", "period", "version", "state", "waits_for", "unanswered", "facts"),
    *("file", "submitted_by", "submitted_at", "due", "late", "reviewer", "reviewed_at", "reason"),
    "why",
]


def submit(session: Session, args: argparse.Namespace) -> int:
    """File a return and print its receipt; mandatory findings block it."""
    verdict = checked_file(session, args)
    if tell(session, verdict.findings):
        words(text("cli.submit.blocked", session.lang, count=verdict.counts["errors"]))
        return 1
    returns = verdict.by_form(session.catalog)
    if not returns:
        raise UsageError(key="cli.error.no_figures", file=args.file)
    digest, reason = session.catalog.digest, args.reason or ""
    receipts = submit_all(session.store, session.viewer, returns, definitions=digest, reason=reason)
    return print_receipts(session, args, receipts)


def print_receipts(session: Session, args: argparse.Namespace, receipts: list[Receipt]) -> int:
    """Print receipts, and say of each in words where the return stands now."""
    show(receipt_frame(receipts), args.format)
    for receipt in receipts:
        say_receipt(session, receipt)
    return 0


def receipt_frame(receipts: list[Receipt]) -> pl.DataFrame:
    """Return one row a receipt."""
    names = ["number", "state", "waits_for", "form", "unit", "period", "version", "facts"]
    names += ["unanswered", "unconfirmed", "sha256", "submitted_by", "submitted_at"]
    rows = [{name: getattr(item, name) for name in names} for item in receipts]
    return pl.DataFrame(rows, schema_overrides={"waits_for": pl.String})


def say_receipt(session: Session, receipt: Receipt) -> None:
    """Say in words where a return stands now."""
    key = "repeat" if receipt.is_repeat else receipt.state
    if receipt.waits_for and not receipt.is_repeat:
        key = f"{key}_level"
    values = {
        "number": receipt.number,
        "count": receipt.unanswered,
        "units": receipt.unconfirmed,
        "level": level_name(session, receipt.waits_for),
    }
    words(text(f"cli.receipt.{key}", session.lang, **values))


def level_name(session: Session, code: str | None) -> str:
    """Return the name of a level of the bureau; a code that it no longer has stands as it is."""
    names = {level.code: level.name.get(session.lang) for level in session.catalog.bureau.levels}
    return names.get(code or "", code or "")


def answer_(session: Session, args: argparse.Namespace) -> int:
    """Explain the queries at a cell."""
    receipt = answer(session.store, session.viewer, args.id, args.cell, args.text)
    return print_receipts(session, args, [receipt])


def confirm_(session: Session, args: argparse.Namespace) -> int:
    """Confirm the rows that another unit typed, or send the return back."""
    unit = session.unit(args.unit) if args.unit else ""
    is_right = args.reason is None
    receipt = confirm(session.store, session.viewer, args.id, is_right, args.reason or "", unit)
    return print_receipts(session, args, [receipt])


def review_(session: Session, args: argparse.Namespace) -> int:
    """Accept a return for the level whose turn it is, or send it back with a reason."""
    reason = args.reason or ""
    receipt = review(session.store, session.viewer, args.id, bool(args.accept), reason)
    return print_receipts(session, args, [receipt])


def returns(session: Session, args: argparse.Namespace) -> int:
    """List what has been filed, newest first; with an ID, its findings or what it changes."""
    store, viewer = session.store, session.viewer
    if args.diff and not args.id:
        raise UsageError(key="cli.error.needs_id", option="--diff")
    if args.chase:
        return chase_(session, args)
    if args.verify:
        return verify_(session, args)
    if args.receipt:
        return receipt_(session, args)
    if args.diff:
        show(differences(store, viewer, args.id), args.format)
    elif args.id:
        show(findings_of(store, viewer, args.id).select(FINDINGS.names()), args.format)
    else:
        period = month(args.period) if args.period else None
        show(with_days(submissions(store, viewer, period).select(RETURN_COLUMNS)), args.format)
    return 0


def chase_(session: Session, args: argparse.Namespace) -> int:
    """List what is missing for a month and whom to call, or write it into a workbook."""
    from data.returns.coverage import chase

    if not args.period:
        raise UsageError(key="cli.error.needs_period", option="--chase")
    today = session.catalog.bureau.today
    parts = (session.catalog, session.tree, month(args.period), today, session.lang)
    found = chase(session.store, session.viewer, *parts)
    if args.output:
        from reports.chase import chase_bytes

        made = chase_bytes(found, session.catalog, session.tree, args.period, session.lang)
        Path(args.output).write_bytes(made)
        words(text("cli.written", session.lang, file=args.output, count=found.height))
        return 0
    show(with_days(found), args.format)
    return 0


def receipt_(session: Session, args: argparse.Namespace) -> int:
    """Write the receipt of a return as a document."""
    from reports.receipt import KINDS, receipt_bytes, receipt_sheets

    if not args.id:
        raise UsageError(key="cli.error.needs_id", option="--receipt")
    path = Path(args.output or "")
    kind = path.suffix.lower().removeprefix(".")
    if kind not in KINDS:
        raise UsageError(key="cli.error.receipt_file")
    who = (session.store, session.viewer, session.catalog, session.tree)
    sheets, code = receipt_sheets(*who, args.id, session.lang)
    path.write_bytes(receipt_bytes(sheets, kind, session.lang))
    words(text("cli.receipt_written", session.lang, file=path, code=code))
    return 0


def verify_(session: Session, args: argparse.Namespace) -> int:
    """Say whether the code on a receipt agrees with the record, and how the return stands now."""
    found = verify_code(session.store, args.verify)
    if found is None:
        words(text("cli.code_wrong", session.lang, code=args.verify))
        return 1
    state = text(f"returns.state.{found['state']}", session.lang)
    said = {name: found[name] for name in ("unit", "form", "version")}
    said |= {"number": found["receipt"], "by": found["submitted_by"], "state": state}
    said |= {"at": found["submitted_at"], "period": f"{month_of(found['period']):%Y-%m}"}
    words(text("cli.code_sound", session.lang, **said))
    return 0


def with_days(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with its days as text, so that they do not print as months."""
    return frame.with_columns(pl.col("due").dt.to_string())


def extend_(session: Session, args: argparse.Namespace) -> int:
    """Give a unit more time for a form."""
    form, unit = session.form(args.form), session.unit(args.unit)
    period, until = month(args.period), day(args.until)
    if not sheets_of(session.catalog, session.tree, form, unit, period):
        raise UsageError(key="cli.error.not_owed", unit=unit, form=form.code, period=args.period)
    due = due_date(form, period)
    extend(session.store, session.viewer, form.code, unit, period, until, args.reason, due)
    said = {"unit": unit, "form": form.code, "period": args.period, "until": args.until}
    words(text("cli.extended", session.lang, **said))
    return 0


def lock_(session: Session, args: argparse.Namespace) -> int:
    """Close a month, or a form or unit of it, to returns; or open it again with a reason."""
    period = month(args.period)
    form = session.form(args.form).code if args.form else ""
    units = session.tree.subtree(session.unit(args.unit), gone=True) if args.unit else ()
    said = {"period": args.period, "form": form, "unit": args.unit or ""}
    if args.open:
        unlock(session.store, session.viewer, period, args.reason or "", None, form, units)
        words(text("cli.opened", session.lang, **said))
        return 0
    if args.reason:
        raise UsageError(key="cli.error.reason_to_open")
    if form or units:
        count = lock(session.store, session.viewer, period, None, form, units)
    else:
        who = (session.store, session.viewer, session.catalog, session.tree)
        count = lock_month(*who, period)
    key = "cli.locked_part" if form or units else "cli.locked"
    words(text(key, session.lang, count=count, **said))
    return 0
