"""Control charts of any table on the command line; no record is needed."""

import argparse
from pathlib import Path

import polars as pl

from data.texts import text
from metrics.rare_points import CHARTS, chart_of, charted, is_counted, is_share
from metrics.spc import spc_points, spc_series
from metrics.spc_words import chart_words
from verbs.analyse_read import read_charts, read_points
from verbs.csv_table import short
from verbs.session import Session, UsageError, word
from verbs.show import show, words


def spc(session: Session, args: argparse.Namespace) -> int:
    """Print each point of each series with its limits and what it tells; say each series' reading.

    With `--summary` one row a series; `--chart` says which series are charted as few cases.
    """
    asked, lang = word(args.chart, CHARTS, "--chart"), session.lang
    points = read_points(args.input)
    charts, unused = read_charts(args.series, points) if args.series else ({}, [])
    kinds = _kinds(points, asked, args.input)
    xmr = {name for name, kind in kinds.items() if kind == "xmr"}
    found = spc_points(points.filter(pl.col("series").is_in(xmr)), charts)
    if asked != "xmr":
        found = charted(points, charts, kinds, found)
    readings = spc_series(found, charts)
    if asked != "xmr":
        few = ~pl.col("series").is_in(xmr)
        blank = [
            pl.when(~few).then(pl.col(c)).alias(c) for c in ("assurance_type", "assurance_icon")
        ]
        readings = readings.with_columns(*blank)
    shown = found
    if args.format != "json":  # charts are exchanged with TRUE and FALSE
        shown = found.with_columns(pl.col(pl.Boolean).cast(pl.String).str.to_uppercase())
    show(readings if args.summary else shown, args.format)
    if unused:
        names = short(", ".join(unused))
        words(text("analyse.unused", lang, count=len(unused), names=names))
    for row in readings.iter_rows(named=True):
        words(chart_words(row, found, lang))
        if row["series"] in xmr and _is_few(points, row["series"]):
            words(text("analyse.spc.use_c", lang, series=row["series"]))
    return 0


def _kinds(points: pl.DataFrame, asked: str, path: str) -> dict[str, str]:
    """Return how each series is charted; a chart that its figures do not allow is refused."""
    found = {}
    for (name,), part in points.group_by(["series"], maintain_order=True):
        found[str(name)] = kind = chart_of(part, asked)
        is_possible = {"c": is_counted(part), "p": is_counted(part) and is_share(part)}
        if not is_possible.get(kind, True) and part["y"].drop_nulls().len():
            values = {"file": Path(path).name, "series": short(str(name))}
            raise UsageError(key=f"analyse.error.chart_{kind}", **values)
    return found


def _is_few(points: pl.DataFrame, series: str) -> bool:
    """Return whether a series has so few cases that XmR limits do not hold."""
    return chart_of(points.filter(pl.col("series") == series), "auto") != "xmr"
