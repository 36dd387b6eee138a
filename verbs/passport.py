"""The trail from a figure to its cells on the command line."""

import argparse

from data.definition_versions import filed_codes
from data.schema import BASIS, WINDOW
from data.store.lineage import read_lineage
from data.store.trail import BESIDE, read_trail, told
from data.texts import text
from metrics.figures import compute_figures
from metrics.passport import CELLS, contributing_cells, definition_lines, formula, hidden_cells
from metrics.passport import passport as passport_of
from metrics.plan import make_plan
from verbs.festival import tell_breaks, tell_carried
from verbs.figures import cube_of, hidden, tell_basis
from verbs.session import Session, UsageError, day, month, word
from verbs.show import show, words

MOST = 1 << 40  # more cells than any record holds


def passport(session: Session, args: argparse.Namespace) -> int:
    """Print the cells behind a figure, and say in words what it is and how it is computed.

    In detail, print what happened to each of the cells instead.
    """
    (indicator, *more) = session.indicators(args.indicator)
    if more:
        raise UsageError(key="cli.error.one_figure")
    if not (0 <= args.offset <= MOST and 1 <= args.limit <= MOST):
        raise UsageError(key="cli.error.pages")
    unit = session.unit(args.unit) if args.unit else session.top
    period, window = month(args.period), word(args.window, WINDOW, "--window")
    as_of = day(args.as_of) if args.as_of else None
    catalog, tree = session.catalog, session.tree
    basis = word(args.basis, BASIS, "--basis")
    cube = cube_of(session, [indicator], as_of, basis)
    figures = hidden(
        session, compute_figures(cube, [indicator], [unit], [period], window), cube, as_of
    )
    figure = figures.row(0, named=True)
    plan = make_plan(catalog, indicator)
    codes = filed_codes(catalog.measures, plan.measures)
    lineage = read_lineage(session.store, session.viewer, codes, as_of)
    cells = contributing_cells(lineage, catalog, tree, indicator, unit, period, window, basis)
    closed = hidden_cells(cells, cube, lambda frame: hidden(session, frame, cube, as_of), catalog)
    found = passport_of(lineage, figure, catalog, tree, args.offset, args.limit, closed, basis)
    events = read_trail(session.store, lineage, found.cells, catalog.measures, session.lang)
    if args.detail:
        show(events, args.format)
    else:
        columns = [*(name for name in CELLS if name != "fact"), *BESIDE, "fact"]
        show(told(found.cells, events).select(columns), args.format)
    _say(session, found, formula(plan, catalog, session.lang))
    tell_breaks(session, figures)
    tell_carried(session, cube, [indicator], unit, period, window)
    tell_basis(session, basis)
    return 0


def _say(session: Session, found, written: str) -> None:
    lang, item, figure = session.lang, found.indicator, found.figure
    name = session.tree.unit(figure["unit"]).name.get(lang)
    head = {"name": item.name.get(lang), "unit": name, "period": f"{figure['period']:%Y-%m}"}
    words(text("cli.passport.head", lang, **head, window=text(f"window.{figure['window']}", lang)))
    words(text("cli.passport.definition", lang, definition=item.definition.get(lang)))
    for line in definition_lines(make_plan(session.catalog, item.code), session.catalog, lang):
        words(text("cli.passport.version", lang, version=line))
    words(text("cli.passport.formula", lang, formula=written))
    if found.is_hidden:
        words(text("cli.passport.hidden", lang))
        return
    value = "–" if figure["value"] is None else f"{figure['value']!r} {item.unit.get(lang)}"
    status = text(f"status.{figure['status']}", lang)
    states = {"due": figure["due"], "reported": figure["reported"], "status": status}
    words(text("cli.passport.value", lang, value=value, **states))
    for row in found.inputs.iter_rows(named=True):
        measure = session.catalog.measures[row["measure"]].name.get(lang)
        total = "–" if row["total"] is None else f"{row['total']!r}"
        values = {"measure": measure, "total": total, "cells": row["cells"]}
        role = text(f"cli.role.{row['role']}", lang)
        words(text("cli.passport.input", lang, role=role, **values))
    if found.total > found.cells.height:
        words(text("cli.passport.page", lang, shown=found.cells.height, total=found.total))
