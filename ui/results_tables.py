"""How are the standings of a group shown, how stable they are, and which policy they obey?"""

from __future__ import annotations

import math
from itertools import groupby
from typing import TYPE_CHECKING, Any

from metrics.lint import RECORDING_AUDIT
from reports.tables import Field, Sheet
from ui import load, panel
from ui.html import Child, Markup, icon, join, link, tag
from ui.numbers import shown
from ui.scope import Scope, href
from ui.table import Column, table
from ui.table import Row as TableRow

if TYPE_CHECKING:
    from ui.results import RoundView

Row = dict[str, Any]
STEP = 5
FIRST_NAMES = 4


def show_standings(scope: Scope, view: RoundView, group: str, station: str) -> None:
    """Show the units of a group: band, score with interval, possible ranks, extras, grade."""
    from ui.results import round_words

    t = scope.t
    rows = view.group_rows(group)
    title = t("results.card_title")
    panel.section(
        title,
        t("results.choose"),
        sheet=lambda: standings_sheet(scope, view, group),
        name=f"results-{view.assessor}-{view.round}-{group}",
        lang=scope.lang,
    )
    axis = _axis(rows)
    lines = [grade.minimum for grade in view.scheme.grades if axis[0] < grade.minimum < axis[1]]
    said = t("results.and").join(shown(line) for line in sorted(lines)) or "—"
    note = t("results.card_note", round=round_words(scope, view), lines=said)
    has_bands = any(row["band"] is not None for row in rows)
    head = [
        tag("th", t("results.col_band"), scope="col") if has_bands else None,
        tag("th", t("common.unit"), scope="col"),
        tag("th", t("results.col_score"), scope="col", cls="n"),
        tag("th", _ticks(axis), tag("span", t("results.col_interval"), cls="vh"), scope="col",
            style="width:190px;padding:8px 0"),
        tag("th", t("results.col_rank"), scope="col", cls="n") if has_bands else None,
        tag("th", t("results.col_extra"), scope="col", cls="n"),
        tag("th", t("results.col_grade"), scope="col"),
    ]  # fmt: skip
    body: list[Child] = []
    for band, members in groupby(rows, key=lambda row: (row["score"] is not None, row["band"])):
        body += _band_rows(scope, view, list(members), band[1], station, (axis, lines), has_bands)
    content = tag(
        "table",
        tag("caption", note),
        tag("thead", tag("tr", head)),
        tag("tbody", body),
        cls="tb tight",
    )
    panel.show(
        tag("div", content, cls="scroll card", tabindex="0", role="region", aria_label=title,
            data_keep="1")
    )  # fmt: skip
    panel.explain("standings")


def _band_rows(
    scope: Scope,
    view: RoundView,
    rows: list[Row],
    band: int | None,
    station: str,
    chart: tuple[tuple[float, float], list[float]],
    has_bands: bool,
) -> list[Markup]:
    """Return the rows of one band; the band's cell spans them, and so does an equal grade."""
    runs = [list(run) for _, run in groupby(rows, key=lambda row: _grade_key(row))]
    first_of = {run[0]["unit"]: run for run in runs}
    found = []
    for place, row in enumerate(rows):
        cells: list[Child] = []
        if has_bands and place == 0:
            cells.append(
                tag("td", _band_words(scope, band, len(rows)), rowspan=len(rows), cls="band",
                    style="background:var(--page)")
            )  # fmt: skip
        cells += _unit_cells(scope, view, row, chart, has_bands)
        run = first_of.get(row["unit"])
        if run:
            cells.append(_grade_cell(scope, view, run))
        found.append(tag("tr", cells, cls="sel" if row["unit"] == station else ""))
    return found


def _grade_key(row: Row) -> tuple:
    """Return what rows must share to have one grade cell."""
    return (row["grade"], row["reason"], row["missed"], row["vetoes"], row["cap"])


def _band_words(scope: Scope, band: int | None, size: int) -> Markup:
    """Return the name of a band and how many stand in it."""
    if band is None:
        return tag("span", scope.t("results.out"), cls="mu")
    words = scope.t("results.band_one") if size == 1 else scope.t("results.band_size", count=size)
    return join(
        [tag("div", scope.t("results.band", number=band), cls="b"), tag("div", words, cls="s mu")]
    )


def _unit_cells(
    scope: Scope,
    view: RoundView,
    row: Row,
    chart: tuple[tuple[float, float], list[float]],
    has_bands: bool,
) -> list[Child]:
    """Return a unit's cells from its name to its extras."""
    where = href(
        "results", scope, scheme=scope.extras.get("scheme"), group=row["group"], station=row["unit"]
    )
    name = tag(
        "td", link(load.unit_title(row["unit"], scope.lang), where), style="padding-left:10px"
    )
    if row["score"] is None:
        why = left_out_words(row, scope.lang) or why_not_rated(scope, view, row)
        return [
            name,
            tag("td", "—", cls="n mu"),
            tag("td", why, cls="s mu", colspan=3 if has_bands else 2, style="white-space:normal"),
        ]
    extra = _extra(row)
    ranks = "—"
    if row["rank_best"] is not None:
        best, worst = row["rank_best"], row["rank_worst"]
        ranks = str(best) if best == worst else f"{best} – {worst}"
    return [
        name,
        tag("td", shown(row["score"], 1), cls="n b"),
        tag("td", _interval(scope, row, *chart), style="padding:0"),
        tag("td", ranks, cls="n mu") if has_bands else None,
        tag("td", shown(extra, 1, sign=True) if extra else "—", cls="n mu"),
    ]


def _extra(row: Row) -> float | None:
    """Return what bonuses and deductions add up to; nothing for a unit left out."""
    return None if row["bonus"] is None else row["bonus"] + row["deduction"]


def left_out_words(row: Row, lang: str) -> str:
    """Return what happened to a unit that the basis leaves out, nothing for one that takes part."""
    return row[f"left_out_{lang}"] or ""


def no_grade_words(scope: Scope, row: Row) -> str:
    """Return what stands in place of a grade: not rated, or left out by the basis."""
    return scope.t("results.not_counted" if row["left_out_en"] else "results.not_rated")


def why_not_rated(scope: Scope, view: RoundView, row: Row) -> str:
    """Return why a unit has no score: how much is missing, and whether it is new."""
    limit = view.scheme.raw.get("missing", {}).get("max_missing_weight", 20)
    weight = shown(row["missing_weight"], 0)
    why = scope.t("results.why_missing", weight=weight, limit=limit)
    opened = load.tree().unit(row["unit"]).opened
    if opened and (view.period - opened).days < 366 * 2:
        return scope.t("results.why_opened", month=f"{opened:%Y-%m}", why=why)
    return why


def _grade_cell(scope: Scope, view: RoundView, run: list[Row]) -> Markup:
    """Return the grade of a run of rows with its ground where it is not plain."""
    row = run[0]
    if row["grade"] is None:
        return tag("td", no_grade_words(scope, row), cls="mu", rowspan=len(run))
    name = row["grade_zh"] if scope.lang == "zh" else row["grade_en"]
    why = ground_words(scope, view, row, is_short=True)
    note = tag("div", why, cls="s mu", style="white-space:normal") if why else None
    style = "background:var(--surface);border-left:1px solid var(--line)"
    return tag("td", tag("div", name, cls="b"), note, rowspan=len(run), style=style)


def ground_words(scope: Scope, view: RoundView, row: Row, is_short: bool = False) -> str:
    """Return why a grade is not the one of the score: a veto or a quota."""
    lang = scope.lang
    if row["reason"] == "veto":
        places = [int(ground.partition(":")[2]) for ground in row["vetoes"].split(";")]
        names = [view.scheme.raw["veto"][place]["name"][lang] for place in places]
        return scope.t("results.why_veto", ground="；".join(names))
    if row["reason"] == "quota" and row["missed"] is not None:
        missed = view.scheme.grades[row["missed"]].name.get(lang)
        key = "results.why_quota_short" if is_short else "results.why_quota"
        return scope.t(key, grade=missed, cap=row["cap"])
    return ""


def _axis(rows: list[Row]) -> tuple[float, float]:
    """Return the ends of the score axis in whole steps."""
    ends = [row[name] for row in rows for name in ("lower", "upper") if row[name] is not None]
    if not ends:
        return 0.0, 100.0
    low = math.floor((min(ends) - 1) / STEP) * STEP
    return float(low), float(math.ceil((max(ends) + 1) / STEP) * STEP)


def _at(value: float, axis: tuple[float, float]) -> float:
    """Return where a score stands on the axis, in percent of its width."""
    return 100 * (value - axis[0]) / (axis[1] - axis[0])


def _steps(axis: tuple[float, float]) -> list[float]:
    """Return the scores at which the axis is marked; few enough to be read."""
    step = STEP * max(1, math.ceil((axis[1] - axis[0]) / STEP / 6))
    first = math.ceil((axis[0] + 1) / step) * step
    return [first + step * i for i in range(20) if first + step * i < axis[1]]


def _ticks(axis: tuple[float, float]) -> Markup:
    """Return the numbers of the axis, placed over their lines."""
    marks = [
        tag("span", shown(value), style=f"position:absolute;left:{_at(value, axis):.2f}%;"
            "transform:translateX(-50%)")
        for value in _steps(axis)
    ]  # fmt: skip
    return tag("div", marks, style="position:relative;height:16px", aria_hidden="true")


def _interval(scope: Scope, row: Row, axis: tuple[float, float], lines: list[float]) -> Markup:
    """Return a score with its interval on the axis."""
    parts: list[Child] = []
    for value in sorted({*_steps(axis), *lines}):
        paint = "var(--ink);opacity:.35" if value in lines else "var(--line)"
        parts.append(
            tag("i", style=f"position:absolute;left:{_at(value, axis):.2f}%;top:0;bottom:0;"
                f"width:1px;background:{paint}")
        )  # fmt: skip
    left, right = _at(row["lower"], axis), _at(row["upper"], axis)
    parts.append(
        tag("i", style=f"position:absolute;left:{left:.2f}%;width:{right - left:.2f}%;top:12px;"
            "height:8px;border-radius:4px;background:var(--seq2)")
    )  # fmt: skip
    parts.append(
        tag("i", style=f"position:absolute;left:calc({_at(row['score'], axis):.2f}% - 4px);"
            "top:12px;width:8px;height:8px;border-radius:4px;background:var(--accent)")
    )  # fmt: skip
    said = scope.t(
        "results.interval_alt",
        score=shown(row["score"], 1),
        lower=shown(row["lower"], 1),
        upper=shown(row["upper"], 1),
    )
    box = "position:relative;height:32px;min-width:180px"
    return tag("div", parts, tag("span", said, cls="vh"), style=box, title=said)


def standings_sheet(scope: Scope, view: RoundView, group: str) -> Sheet:
    """Return the standings of a group as a sheet."""
    t, lang = scope.t, scope.lang
    fields = [
        Field(t("results.col_band"), 0), Field(t("common.unit")), Field(t("results.col_score"), 1),
        Field(t("results.col_lower"), 1), Field(t("results.col_upper"), 1),
        Field(t("results.col_rank")), Field(t("results.col_extra"), 1),
        Field(t("results.col_missing"), 0), Field(t("results.col_grade")),
        Field(t("results.col_reason")),
    ]  # fmt: skip
    rows = []
    for row in view.group_rows(group):
        ranks = None if row["rank_best"] is None else f"{row['rank_best']} – {row['rank_worst']}"
        grade = row["grade_zh"] if lang == "zh" else row["grade_en"]
        why = ground_words(scope, view, row)
        if row["score"] is None:
            why = left_out_words(row, lang) or why_not_rated(scope, view, row)
        rows.append(
            [
                row["band"], load.unit_title(row["unit"], lang), row["score"], row["lower"],
                row["upper"], ranks, _extra(row), row["missing_weight"],
                grade or no_grade_words(scope, row), why,
            ]
        )  # fmt: skip
    about = load.sheet_about(scope, view.round)
    about.append((t("results.schemes"), f"{view.scheme.name.get(lang)} v{view.scheme.version}"))
    notes = [t("results.how_1"), t("results.how_3"), t("ui.panel.internal")]
    title = f"{t('results.card_title')} {view.group_name(group, lang)}"
    return Sheet(title, about, fields, rows, notes)


def show_stability(scope: Scope, view: RoundView, group: str) -> None:
    """Show how much of the grades survives other weights, items and ranks."""
    t, lang = scope.t, scope.lang
    # Where the policy forbids ranking, ranks are not tried out either.
    found = [r for r in view.stability.get(group, []) if view.is_ranked or r["what"] != "ranks"]
    if not found:
        return
    title = t("results.stable.title")
    columns = [
        Column("what", t("results.stable.what")),
        Column("kept", t("results.stable.kept"), number=True, cls="b"),
        *([Column("shift", t("results.stable.shift"), number=True)] if view.is_ranked else []),
        Column("remark", t("results.stable.remark"), cls="s mu"),
    ]
    rows = []
    for row in found:
        what = row["what"]
        values = {} if what == "ranks" else {"tries": shown(row["tries"])}
        if not row["weakest"]:
            remark = t("results.stable.nothing")
        elif what == "items":
            name = load.indicator(row["weakest"]).name.get(lang)
            remark = t("results.stable.weakest_item", name=name)
        else:
            name = load.unit_name(row["weakest"], lang)
            remark = t("results.stable.weakest_unit", name=name)
        rows.append(
            TableRow(
                {
                    "what": t(f"results.stable.{what}", **values),
                    "kept": f"{shown(100 * row['kept'], 1)}%",
                    "shift": shown(row["largest_shift"]),
                    "remark": remark,
                }
            )
        )
    panel.section(title, t("results.stable.note"))
    panel.show(table(title, columns, rows, cls="tight"))
    panel.explain("stability")


def show_policy(scope: Scope, view: RoundView) -> None:
    """Show which rules the scheme keeps: what it only watches, who assesses, what it is for."""
    t, lang = scope.t, scope.lang
    scheme, catalog = view.scheme, load.catalog()
    watched = [load.indicator(code).name.get(lang) for code in scheme.monitor_only]
    names = t("results.and").join(watched[:FIRST_NAMES])
    if len(watched) > FIRST_NAMES:
        names = t("results.policy.monitor_more", names=names, count=len(watched))
    lint = catalog.evaluation.get("lint", [])
    limit = catalog.evaluation.get("item_limits", {}).get("block", 30)
    assessor = t(
        "results.policy.assessor",
        level=load.level_name(view.standings[0]["unit"], lang),
        assessor=load.level_name(view.assessor, lang),
        items=len(scheme.items),
        limit=limit,
    )
    if view.findings:
        passed = t("results.policy.findings", said=_findings(scope, view))
    else:
        passed = t("results.policy.clean", count=len(lint))
    last = [t("results.policy.internal")]
    vetoes = {entry.get("indicator") for entry in scheme.raw.get("veto", [])}
    if RECORDING_AUDIT in vetoes:
        last.append(t("results.policy.audit"))
    between = "" if lang == "zh" else " "
    columns = [
        t("results.policy.monitor", names=names) if watched else None,
        f"{assessor}{between}{passed}",
        between.join(last),
    ]
    title = tag("div", icon("policy", 18), " ", t("results.policy.title"), cls="b")
    grid = tag("div", [tag("div", text) for text in columns if text], cls="grid s two",
               style="grid-template-columns:repeat(3,1fr);gap:24px;margin-top:6px")  # fmt: skip
    panel.show(tag("div", title, grid, cls="card", style="padding:12px 16px"))


def _findings(scope: Scope, view: RoundView) -> str:
    """Return what stands against the scheme in the words of the rules, and where."""
    known = load.catalog().indicators
    said = []
    for _, group in groupby(view.findings, key=lambda finding: finding.code):
        found = list(group)
        places = [finding.where for finding in found]
        names = [known[at].name.get(scope.lang) if at in known else at for at in places]
        about = scope.t("results.and").join(names)
        message = found[0].message.get(scope.lang)
        said.append(scope.t("results.policy.finding", message=message, about=about))
    return scope.t("results.policy.between").join(said)
