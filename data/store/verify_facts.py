"""Are the facts those that the log vouches for, and those of the cells that were approved?"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl
import sqlalchemy as sa

from data.store.audit import BATCH, FACT_COLUMNS, facts_digest, read_coded
from data.store.facts import KEY, STORED, codes_digest, month_number, with_words
from data.store.loading import content_hash
from data.store.replay import Life
from data.store.tables import CELLS, FACTS_TABLE, FINDINGS_TABLE
from data.store.vouched import CELL_PARTS, FINDING_PARTS, rows_hash

#: So many submissions are looked at together, and so many rows without an entry are named.
TOGETHER, NAMED = 100, 20
_NUMBERS = dict.fromkeys(("definition", "period"), pl.Int64)
_CODED: dict[str, Any] = dict.fromkeys((*FACT_COLUMNS, "submission"), pl.Int64)
_CODED |= {"value": pl.Float64, "cell": pl.String}
_READ: dict[str, Any] = (
    dict.fromkeys(("submission", *CELL_PARTS), pl.String) | _NUMBERS | {"value": pl.Float64}
)


@dataclass(slots=True)
class Covered:
    """Which fact rows the log speaks of, as (first, one after the last)."""

    spans: list[tuple[int, int]] = field(default_factory=list)


def facts_faults(
    connection: sa.Connection,
    entry: Mapping[str, Any],
    detail: Mapping[str, Any],
    receipts: Mapping[int, str],
    covered: Covered,
) -> Iterator[dict[str, Any]]:
    """Yield whether the facts that an entry vouches for are as they were written."""
    if "digest" not in detail:
        return
    first, count = detail["first"], detail["facts"]
    covered.spans.append((first, first + count))
    columns = [*(FACTS_TABLE.c[name] for name in FACT_COLUMNS), FACTS_TABLE.c.submission]
    query = sa.select(*columns).where(FACTS_TABLE.c.id.between(first, first + count - 1))
    rows = read_coded(connection, query.order_by(FACTS_TABLE.c.id))
    whose = {receipts.get(number) for number in rows["submission"].unique()}
    said = {"entry": str(entry["id"]), "subject": entry["subject"]}
    if facts_digest(rows) != detail["digest"] or whose - {entry["subject"]}:
        yield said | {"key": "store.audit.facts"}
    codes = detail.get("codes")
    if codes and codes["digest"] != codes_digest(connection, codes["first"], codes["count"]):
        yield said | {"key": "store.audit.codes"}


def extra_facts(
    connection: sa.Connection, covered: Covered, receipts: Mapping[int, str]
) -> Iterator[dict[str, Any]]:
    """Yield the fact rows that no entry speaks of, the first of them by name."""
    beside, edge = [], None
    for first, end in sorted(covered.spans):
        if edge is None or first > edge:
            low = sa.true() if edge is None else FACTS_TABLE.c.id >= edge
            beside.append(sa.and_(low, FACTS_TABLE.c.id < first))
        edge = end if edge is None else max(edge, end)
    beside.append(sa.true() if edge is None else FACTS_TABLE.c.id >= edge)
    query = sa.select(FACTS_TABLE.c.id, FACTS_TABLE.c.submission).where(sa.or_(*beside))
    rows = connection.execute(query.order_by(FACTS_TABLE.c.id).limit(NAMED)).all()
    for row in rows:
        subject = receipts.get(row.submission, str(row.submission))
        yield {"entry": "", "subject": subject, "row": row.id, "key": "store.audit.extra"}


def cell_faults(
    connection: sa.Connection, stored: Sequence[Mapping[str, Any]], lives: Mapping[str, Life]
) -> Iterator[dict[str, Any]]:
    """Yield the returns whose cells or findings are not those that were filed or approved."""
    filed = [row for row in stored if row["kind"] == "return" and row["receipt"] in lives]
    unchanged: list[pl.DataFrame] = []
    for start in range(0, len(filed), TOGETHER):
        part = filed[start : start + TOGETHER]
        numbers = [row["id"] for row in part]
        cells = _parts(connection, CELLS, CELL_PARTS, numbers)
        findings = _parts(connection, FINDINGS_TABLE, FINDING_PARTS, numbers)
        for row in part:
            life, number = lives[row["receipt"]], row["id"]
            said = {"entry": str(life.entry), "subject": row["receipt"]}
            if _is_other(cells.get(number, []), life):
                yield said | {"key": "store.audit.cells"}
            hashed = life.detail.get("findings")
            if hashed is not None and hashed != rows_hash(findings.get(number, [])):
                yield said | {"key": "store.audit.findings"}
        approved = {row["id"]: row["receipt"] for row in part if row["state"] == "approved"}
        if approved:
            rows = [
                (name, *cell) for number, name in approved.items() for cell in cells.get(number, [])
            ]
            frame = pl.DataFrame(rows, schema=_READ, orient="row")
            yield from _approved(connection, lives, list(approved.values()), frame, unchanged)
    if unchanged:
        yield from _unchanged(connection, lives, pl.concat(unchanged))


def _parts(
    connection: sa.Connection, table: sa.Table, names: Sequence[str], numbers: list[int]
) -> dict[int, list[tuple]]:
    """Return the rows of some submissions, by submission."""
    query = sa.select(table.c.submission, *(table.c[name] for name in names))
    found: dict[int, list[tuple]] = {}
    for number, *values in connection.execute(query.where(table.c.submission.in_(numbers))):
        found.setdefault(number, []).append(tuple(values))
    return found


def _is_other(cells: list[tuple], life: Life) -> bool:
    """Return whether the cells of a return are not those that were filed."""
    hashed = life.detail.get("cells")
    if hashed is not None:
        return hashed != rows_hash(cells)
    frame = pl.DataFrame([("", *cell) for cell in cells], schema=_READ, orient="row")
    month = pl.date(pl.col("period") // 100, pl.col("period") % 100, 1)
    # What a file left blank is kept as definition 0, and was no part of what it said.
    said = frame.filter(pl.col("definition") > 0).with_columns(period=month)
    return content_hash(said) != life.detail["content"]


def _approved(
    connection: sa.Connection,
    lives: Mapping[str, Life],
    receipts: list[str],
    cells: pl.DataFrame,
    unchanged: list[pl.DataFrame],
) -> Iterator[dict[str, Any]]:
    """Yield the facts of approved returns that their cells do not say.

    A cell that says what was approved before it has no fact of its own: it joins `unchanged`.
    """
    spans = [
        FACTS_TABLE.c.id.between(life.first_fact, life.first_fact + int(life.values["changed"]) - 1)
        for life in (lives[receipt] for receipt in receipts)
        if life.first_fact and life.values["changed"]
    ]
    own = _facts(connection, spans)
    key, place = ["submission", *KEY], ["sheet", "cell"]
    said = cells.select(*key, *place, told="value")
    both = own.join(said, on=key, how="left", suffix="_told", maintain_order="left")
    is_gone = pl.col("value").is_null() & pl.col("told").is_null()
    same = [pl.col(name).eq_missing(pl.col(f"{name}_told")) for name in place]
    is_same = pl.all_horizontal(pl.col("value") == pl.col("told"), *same).fill_null(False)
    for fault in both.filter(~(is_gone | is_same)).iter_rows(named=True):
        values = {"stored": _shown(fault["value"]), "expected": _shown(fault["told"])}
        found = _at(lives, fault, "cell_fact")
        yield found | {"row": fault["id"], **values}
    without = cells.filter(pl.col("value").is_not_null()).join(own, on=key, how="anti")
    before = {receipt: lives[receipt].first_fact for receipt in receipts}
    first = pl.col("submission").replace_strict(before, return_dtype=pl.Int64)
    unchanged.append(without.with_columns(before=first))


def _at(lives: Mapping[str, Life], fault: Mapping[str, Any], kind: str) -> dict[str, Any]:
    where = "!".join(part for part in (fault["sheet"], fault["cell"]) if part)
    entry, receipt = str(lives[fault["submission"]].entry), fault["submission"]
    return {"entry": entry, "subject": receipt, "cell": where, "key": f"store.audit.{kind}"}


def _unchanged(
    connection: sa.Connection, lives: Mapping[str, Life], cells: pl.DataFrame
) -> Iterator[dict[str, Any]]:
    """Yield the cells that were approved as unchanged though the record said something else.

    Of vintages that an import dated back the latest counts, and of one vintage what came last.
    """
    if cells.is_empty():
        return
    first, last = int(cells["period"].min()), int(cells["period"].max())  # type: ignore[arg-type]
    rows = _facts(connection, [FACTS_TABLE.c.period.between(first, last)], among=cells)
    known = cells.select("submission", "before", *KEY).join(rows, on=KEY, suffix="_was")
    known = known.filter(pl.col("id") < pl.col("before")).sort("vintage", "id")
    was = known.group_by("submission", *KEY, maintain_order=True).agg(was=pl.last("value"))
    found = cells.join(was, on=["submission", *KEY], how="left", maintain_order="left")
    for fault in found.filter(pl.col("value").ne_missing(pl.col("was"))).iter_rows(named=True):
        values = {"stored": _shown(fault["was"]), "expected": _shown(fault["value"])}
        yield _at(lives, fault, "no_fact") | values


def _facts(
    connection: sa.Connection,
    conditions: Sequence[sa.ColumnElement[bool]],
    among: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Return stored rows under any of the conditions, with words, the month as a number.

    `among` names the keys that are wanted; a large record is read piece by piece.
    """
    columns = [*(FACTS_TABLE.c[name] for name in FACT_COLUMNS), FACTS_TABLE.c.submission]
    parts = [pl.DataFrame(schema=STORED).with_columns(period=month_number())]
    held: list[tuple] = []
    for condition in conditions:
        query = sa.select(*columns).where(condition)
        result = connection.execution_options(yield_per=BATCH).execute(query)
        for part in result.partitions(BATCH):
            held += [tuple(row) for row in part]
            if len(held) >= BATCH:
                parts.append(_in_words(connection, held, among))
                held = []
    return pl.concat([*parts, _in_words(connection, held, among)])


def _in_words(
    connection: sa.Connection, rows: list[tuple], among: pl.DataFrame | None
) -> pl.DataFrame:
    coded = pl.DataFrame(rows, schema=_CODED, orient="row")
    found = with_words(connection, coded).with_columns(period=month_number())
    return found if among is None else found.join(among, on=KEY, how="semi")


def _shown(value: float | None) -> str:
    return "—" if value is None else f"{value:g}"
