"""Proposing a form definition from an unknown workbook on the command line."""

import argparse
from pathlib import Path

from data.texts import text
from verbs.session import Session, UsageError
from verbs.show import words


def draft(session: Session, args: argparse.Namespace) -> int:
    """Write a first form definition and what it lacks; say what could not be told."""
    from data.returns.draft import draft_form
    from data.returns.draft_folder import write_draft, write_folder
    from data.returns.draft_measures import slug

    if bool(args.output) == bool(args.new):
        raise UsageError(key="cli.error.draft_target")
    target = Path(args.output or args.new)
    if args.output and not target.parent.is_dir():
        raise UsageError(key="cli.error.no_folder", folder=str(target.parent))
    # A folder of its own begins without anything known; otherwise the definitions are asked.
    catalog = None if args.new else session.catalog
    code = "" if args.new else slug(target.stem)
    if catalog is not None and code in catalog.forms:
        raise UsageError(key="draft.error.form", form=code)
    found = draft_form(Path(args.file), catalog, code, session.lang)
    if args.new:
        write_folder(found, target, session.lang)
        shown = str(target / "forms" / f"{found.code}.toml")
        words(text("draft.done", session.lang, form=shown, **found.counts))
        words(text("draft.new", session.lang, folder=target))
    else:
        for path, kind in write_draft(found, target, catalog):
            if kind == "form":
                words(text("draft.done", session.lang, form=path, **found.counts))
            else:
                what = text(f"draft.what_{kind}", session.lang)
                words(text("draft.beside", session.lang, file=path, what=what))
    for note in found.notes:
        words(f"· {note}")
    return 0
