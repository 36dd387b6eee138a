"""How is the passport of a figure shown: its definition, its formula, the cells behind it?"""

from collections.abc import Mapping
from typing import Any

import polars as pl

from data.catalog import Indicator
from data.definition_versions import filed_codes
from data.store.lineage import read_lineage
from data.store.trail import read_trail, told
from metrics.passport import Passport, definition_lines, formula, hidden_cells, passport
from metrics.plan import make_plan
from metrics.rounding import format_number, round_half_up
from ui import load, panel
from ui.html import Child, Markup, icon, join, link, tag
from ui.indicator_trail import PLACE as TRAIL
from ui.indicator_trail import filed_words, person, place_words, show_trail
from ui.scope import Scope, href
from ui.table import Column, Row, table

CELLS_SHOWN = 200
#: Where on the page the passport stands, for links from other pages.
PLACE = "passport"


def passport_href(scope: Scope, code: str, **changes: Any) -> str:
    """Return the link to an indicator's page with the passport open, scrolled to it."""
    return href("indicator", scope, indicator=code, all="1", **changes) + f"#{PLACE}"


def show_passport(scope: Scope, item: Indicator, window: str) -> None:
    """Show where the figure comes from; its cells are read when the passport is opened."""
    t, lang = scope.t, scope.lang
    is_open = scope.extras.get("all") == "1"
    where = href("indicator", scope, indicator=item.code, all=None if is_open else "1")
    words = t("indicator.passport.close" if is_open else "indicator.passport.open")
    action = link([words, icon("chevron_right", 14)], where)
    panel.show(tag("div", id=PLACE, cls="anchor"))
    panel.section(
        t("indicator.passport.title"),
        item.name.get(lang),
        tag("span", action, cls="s", data_keep="1"),
    )
    facts = load.made(f"passport {item.code}", scope, "", lambda: _words(scope, item))
    card = tag("div", facts, cls="card pad")
    if not is_open:
        panel.show(card)
        return
    found, lineage = read_passport(scope, item, window)
    if found.is_hidden:
        panel.show(card, tag("div", t("ui.flag.suppressed"), cls="card pad"))
        return
    trail = read_trail(load.store(), lineage, found.cells, load.catalog().measures, lang)
    cells = told(found.cells, trail)
    chosen = _chosen(scope, cells)
    style = "grid-template-columns:344px minmax(0,1fr)"
    panel.show(tag("div", card, _cells(scope, found, cells, chosen), cls="grid two", style=style))
    if chosen is not None:
        cell = cells.filter(fact=chosen).row(0, named=True)
        show_trail(scope, cell, trail.filter(fact=chosen).rows(named=True))


def _words(scope: Scope, item: Indicator) -> Markup:
    """Return the definition of an indicator: what it means, how it is computed, what for."""
    t, lang, catalog = scope.t, scope.lang, load.catalog()
    plan = make_plan(catalog, item.code)
    versions = definition_lines(plan, catalog, lang)
    entries = [
        ("definition", item.definition.get(lang)),
        ("formula", formula(plan, catalog, lang)),
        ("version", join(tag("div", line) for line in versions)),
        ("use", t(f"policy.{item.policy}")),
        ("source", item.source.get(lang)),
        ("caveat", item.caveats.get(lang)),
    ]
    rows = [
        [tag("dt", t(f"indicator.passport.{key}")), tag("dd", words)]
        for key, words in entries
        if words
    ]
    return tag("dl", rows, cls="pp")


def read_passport(scope: Scope, item: Indicator, window: str) -> tuple[Passport, pl.DataFrame]:
    """Return the trail of the figure in scope, and every vintage of the cells that it may name."""
    sight = load.sight(scope)
    viewer = load.viewer(scope.person)
    catalog, tree, cube = load.catalog(), load.tree(), load.cube_at(sight)
    figure = load.figures(sight, (item.code,), (scope.unit,), (scope.period,), window).to_dicts()[0]
    measures = make_plan(catalog, item.code).measures
    codes = filed_codes(catalog.measures, measures)
    lineage = read_lineage(load.store(), viewer, codes, scope.as_of)
    asked: dict[str, Any] = {"limit": CELLS_SHOWN, "basis": scope.basis}
    plain = passport(lineage, figure, catalog, tree, **asked)
    hidden = hidden_cells(plain.cells, cube, lambda rows: load.hide(rows, sight), catalog)
    if hidden.is_empty():
        return plain, lineage
    return passport(lineage, figure, catalog, tree, **asked, hidden=hidden), lineage


def _chosen(scope: Scope, cells: pl.DataFrame) -> int | None:
    """Return the cell whose trail is shown: the one in the address, or the only one there is."""
    asked = scope.extras.get("cell", "")
    if asked.isdecimal() and int(asked) in cells["fact"].to_list():
        return int(asked)
    return cells["fact"].item() if cells.height == 1 else None


def _cells(scope: Scope, found: Passport, cells: pl.DataFrame, chosen: int | None) -> Markup:
    """Return the cells behind a figure; each leads to what happened to it."""
    t = scope.t
    several = cells["measure"].n_unique() > 1
    shared = cells.filter(pl.col("share") != 1).height > 0
    keys = ["unit", *(["measure"] if several else []), "period", "value"]
    keys += [*(["share"] if shared else []), "place", "submitted_by", "reviewer", "filed_version"]
    if cells["period"].n_unique() <= 1:
        keys.remove("period")
    columns = [
        Column(k, t(f"indicator.passport.{k}"), number=k in ("value", "share")) for k in keys
    ]
    rows = [
        Row(_cell(scope, cell), "sel" if cell["fact"] == chosen else "")
        for cell in cells.iter_rows(named=True)
    ]
    count = t("indicator.passport.count", shown=len(rows), total=found.total)
    body = table(count, columns, rows, cls="dense", show_caption=True, card=False)
    inner = tag("div", body, style="max-height:420px;overflow:auto")
    return tag("div", inner, cls="card", style="min-width:0", data_keep="1")


def _cell(scope: Scope, cell: Mapping[str, Any]) -> dict[str, Child]:
    """Return a row: what stands where, who filed it, who judged it, which version it is."""
    t, lang = scope.t, scope.lang
    measure = load.catalog().measures[cell["measure"]]
    written = t("indicator.passport.written", words=cell["written"]) if cell["written"] else ""
    earlier = t("indicator.passport.earlier", said=cell["earlier"]) if cell["earlier"] else ""
    label, below = place_words(scope, cell)
    asked = {"indicator": scope.extras.get("indicator"), "all": "1", "cell": str(cell["fact"])}
    way = href("indicator", scope, **asked) + f"#{TRAIL}"
    return {
        "unit": load.unit_title(cell["unit"], lang),
        "measure": measure.name.get(lang),
        "period": f"{cell['period']:%Y-%m}",
        "value": _two(tag("b", filed_words(cell["value"])), written),
        "share": format_number(round_half_up(cell["share"] * 100, decimals=1)) + "%",
        "place": _two(link(label, way), below),
        "submitted_by": _two(person(scope, cell["submitted_by"]), _day(cell["submitted_at"])),
        "reviewer": _two(person(scope, cell["reviewer"]), _day(cell["vintage"])),
        "filed_version": _two(f"v{cell['version']}" if cell["version"] else "", earlier),
    }


def _two(first: Child, second: Child) -> Child:
    """Return a cell of two lines."""
    return join([first, tag("div", second, cls="s mu")]) if second else first


def _day(moment: Any) -> str:
    return f"{load.local(moment):%Y-%m-%d}" if moment else ""
