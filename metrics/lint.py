"""May this evaluation scheme be saved and activated, and what stands against it?

One function a rule; the words and the severity of each rule stand in `evaluation.toml`. An `error`
means that the scheme is malformed, `block` that the rules forbid it, `countersign` that it needs a
reason and a countersignature, `warn` that somebody should think again.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from data.definition_types import EMPTY, Catalog, Scheme, SchemeItem, Text
from metrics.scoring import band_edges

RECORDING_AUDIT = "qa_unfiled_found"
BARRED = {"X", "Q", "S", "V"}
HITS = {"suspects", "criminal"}
HIT_LIMIT, ITEM_LIMIT, DIMENSION_LIMIT, SMALL_SHARE = 10, 25, 40, 0.20
QUALITY = {
    ("d_fast_share", "d_fast_minutes_avg"): {"d_overturn_rate", "d_qa_pass_rate"},
    ("d_arrive_",): {"d_response_avg", "d_qa_pass_rate"},
}
NEEDED = {
    "efficacy": ("good", "bad"),
    "goal_ratio": ("target",),
    "bands": ("bands",),
    "pass_line": ("line", "line_score"),
    "deduction": ("per_unit",),
}
WORD = re.compile(r"[a-z][a-z0-9_]*")
SAME = 1e-9


@dataclass(frozen=True, slots=True)
class SchemeFinding:
    """What a rule found in a scheme; `is_settled` if the scheme declares it or it is signed."""

    code: str
    severity: str
    where: str
    message: Text
    is_settled: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """What the rules look at: the scheme, the definitions, and two facts from outside."""

    scheme: Scheme
    catalog: Catalog
    locked: Scheme | None
    small_shares: Mapping[str, float]

    def weighted(self) -> list[SchemeItem]:
        """Return the items that earn points."""
        return [item for item in self.scheme.items if item.weight > 0]

    def flags(self, code: str) -> frozenset[str]:
        """Return the use-policy flags of an indicator, none if it is unknown."""
        indicator = self.catalog.indicators.get(code)
        return indicator.flags if indicator else frozenset()


def lint_scheme(
    scheme: Scheme,
    catalog: Catalog,
    locked: Scheme | None = None,
    small_shares: Mapping[str, float] | None = None,
) -> list[SchemeFinding]:
    """Return what stands against a scheme, in the order of the rules.

    Args:
        scheme: The scheme as it is to be used.
        catalog: Definitions; the rules' words come from its evaluation file.
        locked: The scheme as it stood at the data lock of the round, if there was one.
        small_shares: Share of units (0 to 1) whose denominator is under the minimum, by indicator;
            `metrics.dry_run.small_shares` works it out from a past round.
    """
    case = Case(scheme, catalog, locked, small_shares or {})
    words = {entry["code"]: entry for entry in catalog.evaluation.get("lint", [])}
    expected = set(scheme.raw.get("expected_warnings", []))
    found = []
    for code, rule in RULES.items():
        entry = words.get(code, {})
        message = entry.get("message")
        text = Text(message["zh"], message["en"]) if message else EMPTY
        severity = entry.get("severity", "warn" if code.startswith("W") else "error")
        for where in rule(case):
            is_signed = severity == "countersign" and where in scheme.countersigned
            is_settled = is_signed or (severity == "warn" and code in expected)
            found.append(SchemeFinding(code, severity, where, text, is_settled))
    return found


def may_activate(findings: list[SchemeFinding]) -> bool:
    """Return whether nothing that blocks is left.

    >>> may_activate([SchemeFinding("W-N", "warn", "", EMPTY)])
    True
    >>> may_activate([SchemeFinding("W-CASE", "countersign", "d_fast_share", EMPTY)])
    False
    """
    return all(finding.severity == "warn" or finding.is_settled for finding in findings)


def check_schemes(catalog: Catalog, lang: str) -> tuple[list[str], list[str]]:
    """Return in words what forbids the schemes of a catalogue, and what only warns."""
    problems: list[str] = []
    hints: list[str] = []
    for scheme in catalog.schemes.values():
        for finding in lint_scheme(scheme, catalog):
            said = f"schemes/{scheme.code}: {finding.code} {finding.where}: "
            said += finding.message.get(lang)
            if not finding.is_settled:
                (hints if finding.severity == "warn" else problems).append(said)
    return problems, hints


def scored_codes(scheme: Scheme) -> dict[str, list[str]]:
    """Return the indicators that bonus and deduction points depend on, by part."""
    found: dict[str, list[str]] = {"bonus": [], "deduction": []}
    for part, codes in found.items():
        for entry in scheme.raw.get(part, {}).get("items", []):
            codes += [entry["indicator"]] if "indicator" in entry else []
            codes += WORD.findall(entry.get("expression", ""))
    return found


def group_sizes(scheme: Scheme, catalog: Catalog) -> dict[tuple[str, str], int]:
    """Return how many units each assessor has in each group of the scheme."""
    above = {parent.unit: parent.parent for parent in catalog.parents}
    sizes: dict[tuple[str, str], int] = {}
    for unit in catalog.units:
        if unit.level == scheme.level:
            key = (above.get(unit.code, ""), group_of(scheme, unit.group))
            sizes[key] = sizes.get(key, 0) + 1
    return sizes


def group_of(scheme: Scheme, group: str) -> str:
    """Return the scheme's group of a unit; a scheme with one group takes everybody."""
    return scheme.groups[0].code if len(scheme.groups) == 1 else group


def _barred(case: Case) -> Iterator[str]:
    parts = scored_codes(case.scheme)
    codes = [item.indicator for item in case.weighted()] + parts["bonus"] + parts["deduction"]
    yield from (code for code in dict.fromkeys(codes) if case.flags(code) & BARRED)


def _case_volumes(case: Case) -> Iterator[str]:
    yield from (item.indicator for item in case.weighted() if "P" in case.flags(item.indicator))


def _ranked(case: Case) -> Iterator[str]:
    sizes = group_sizes(case.scheme, case.catalog).values()
    is_small = any(size < case.scheme.min_group for size in sizes)
    for item in case.weighted():
        indicator = case.catalog.indicators.get(item.indicator)
        if item.method == "rank" and (is_small or not (indicator and indicator.may_rank)):
            yield item.indicator


def _station_hits(case: Case) -> Iterator[str]:
    known = case.catalog.indicators
    weight = sum(
        item.weight
        for item in case.weighted()
        if item.indicator in known and known[item.indicator].category in HITS
    )
    if case.scheme.level == "station" and weight > HIT_LIMIT:
        yield f"{weight:g}"


def _declines(case: Case) -> Iterator[str]:
    vetoes = {entry.get("indicator") for entry in case.scheme.raw.get("veto", [])}
    for item in case.weighted():
        indicator = case.catalog.indicators.get(item.indicator)
        is_decline = indicator is not None and indicator.kind == "yoy" and item.direction < 0
        if is_decline and RECORDING_AUDIT not in vetoes:
            yield item.indicator


def _wellbeing(case: Case) -> Iterator[str]:
    yield from (item.indicator for item in case.weighted() if "W" in case.flags(item.indicator))


def _concentrated(case: Case) -> Iterator[str]:
    yield from (item.indicator for item in case.scheme.items if item.weight > ITEM_LIMIT)
    yield from (part.code for part in case.scheme.dimensions if part.weight > DIMENSION_LIMIT)


def _small(case: Case) -> Iterator[str]:
    for item in case.weighted():
        if case.small_shares.get(item.indicator, 0) > SMALL_SHARE:
            yield item.indicator


def _unpaired(case: Case) -> Iterator[str]:
    scored = {item.indicator for item in case.weighted()}
    for starts, quality in QUALITY.items():
        speed = sorted(code for code in scored if code.startswith(starts))
        if speed and not scored & quality:
            yield from speed


def _many(case: Case) -> Iterator[str]:
    limits = case.catalog.evaluation.get("item_limits", {})
    count = len(case.scheme.items)
    if limits.get("warn", 25) < count <= limits.get("block", 30):
        yield str(count)


def _too_many(case: Case) -> Iterator[str]:
    count = len(case.scheme.items)
    if count > case.catalog.evaluation.get("item_limits", {}).get("block", 30):
        yield str(count)


def _sum(case: Case) -> Iterator[str]:
    total = sum(item.weight for item in case.scheme.items)
    if abs(total - 100) > SAME:
        yield f"{total:g}"


def _dimensions(case: Case) -> Iterator[str]:
    known = {part.code: part.weight for part in case.scheme.dimensions}
    for item in case.scheme.items:
        if item.dimension not in known:
            yield item.dimension
    for code, weight in known.items():
        inside = sum(item.weight for item in case.scheme.items if item.dimension == code)
        if abs(inside - weight) > SAME:
            yield code


def _gaps(case: Case) -> Iterator[str]:
    for item in case.scheme.items:
        sets = [item.params, *item.params.get("by_group", {}).values()]
        if any(_is_wrong(item, {**item.params, **params}) for params in sets):
            yield item.indicator


def _is_wrong(item: SchemeItem, params: Mapping) -> bool:
    """Return whether thresholds are missing or against the direction, or bands leave a gap."""
    if any(name not in params for name in NEEDED.get(item.method, ())):
        return True
    if item.method == "efficacy":
        return (params["good"] - params["bad"]) * item.direction <= 0
    if item.method == "bands":
        try:
            edges = sorted(band_edges(condition) for condition, _ in params["bands"])
        except ValueError:
            return True
        pairs = zip(edges, edges[1:], strict=False)
        touch = [(one[2], one[3]) == (two[0], not two[1]) for one, two in pairs]
        is_open = bool(edges) and edges[0][0] == -math.inf and edges[-1][2] == math.inf
        return not (is_open and all(touch))
    return False


def _unknown(case: Case) -> Iterator[str]:
    scheme = case.scheme
    codes = [item.indicator for item in scheme.items]
    for item in scheme.items:
        target = item.params.get("target")
        codes += [target["indicator"]] if isinstance(target, dict) else []
    codes += [code for part in scored_codes(scheme).values() for code in part]
    codes += [entry["indicator"] for entry in scheme.raw.get("veto", []) if "indicator" in entry]
    codes += [*scheme.monitor_only, *scheme.countersigned]
    yield from (code for code in dict.fromkeys(codes) if code not in case.catalog.indicators)


def _directions(case: Case) -> Iterator[str]:
    for item in case.scheme.items:
        indicator = case.catalog.indicators.get(item.indicator)
        if indicator and (indicator.direction == 0 or indicator.direction != item.direction):
            yield item.indicator


def _windows(case: Case) -> Iterator[str]:
    for item in case.scheme.items:
        indicator = case.catalog.indicators.get(item.indicator)
        if indicator and item.window not in indicator.windows:
            yield item.indicator


def _year(case: Case) -> Iterator[str]:
    year = case.scheme.raw.get("evaluation_year", {})
    months, start = year.get("months", 12), year.get("start_month", 1)
    if months != 12 or start not in range(1, 13) or not year.get("whole_months_only", True):
        yield "evaluation_year"


def _assessor(case: Case) -> Iterator[str]:
    levels = [
        level.code for level in case.catalog.bureau.levels if not level.own_of and not level.pooled
    ]
    above = dict(zip(levels[1:], levels, strict=False))
    if case.scheme.level in above and case.scheme.assessor != above[case.scheme.level]:
        yield case.scheme.assessor


def _edited_after_lock(case: Case) -> Iterator[str]:
    if case.locked is None:
        return
    before = {item.indicator: item for item in case.locked.items}
    after = {item.indicator: item for item in case.scheme.items}
    for code in dict.fromkeys([*before, *after]):
        if before.get(code) != after.get(code):
            yield code
    for part in ("grades", "bonus", "deduction", "veto", "missing"):
        if case.scheme.raw.get(part) != case.locked.raw.get(part):
            yield part


RULES: dict[str, Callable[[Case], Iterator[str]]] = {
    "W-BAN": _barred,
    "W-CASE": _case_volumes,
    "W-RANK": _ranked,
    "W-STATION-HIT": _station_hits,
    "W-YOY": _declines,
    "W-WB": _wellbeing,
    "W-CONC": _concentrated,
    "W-SMALL": _small,
    "W-PAIR": _unpaired,
    "W-N": _many,
    "E-N": _too_many,
    "E-100": _sum,
    "E-DIM": _dimensions,
    "E-GAP": _gaps,
    "E-CODE": _unknown,
    "E-DIR": _directions,
    "E-WINDOW": _windows,
    "E-YEAR": _year,
    "E-ASSESSOR": _assessor,
    "E-MIDYEAR": _edited_after_lock,
}
