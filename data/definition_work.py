"""What does one form, checking rule, integrity question or evaluation scheme hold?

Frozen, slotted records like those of `data.definition_types`, which hands them on.
"""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from data.definition_text import EMPTY, Text


@dataclass(frozen=True, slots=True)
class Form:
    """A return: its measures in order and how its workbook is laid out.

    `reads` are earlier versions whose workbooks may still be filed: every figure means the same.
    `approval` is the number under which the form was approved or put on record, `valid_until` the
    last month in which it may be used: an official form prints both.
    """

    code: str
    name: Text
    layout: str
    layouts: tuple[str, ...]
    version: int
    frequency: str
    filers: tuple[str, ...]
    measures: tuple[str, ...]
    sheet: Text
    file_replaces: str
    due_day: int
    note: Text
    layout_options: dict[str, Any] = field(default_factory=dict)
    reads: tuple[int, ...] = ()
    approval: Text = EMPTY
    valid_until: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """What happened from a month on that a reader of some indicators of some units must know.

    `effect`: note (it is written on the charts), rebase (the usual range starts again) or break
    (and nothing is compared across it). Without `indicators` it touches all, without `units` all;
    a measure or indicator stands for what is made of it, a unit for all below it.
    """

    start: dt.date
    effect: str
    reason: Text
    indicators: tuple[str, ...] = ()
    units: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleExample:
    """A compact set of facts on which a rule holds, or fails."""

    facts: str
    unit: str
    period: dt.date


@dataclass(frozen=True, slots=True)
class Rule:
    """A check over measures: where the expression is false a finding is raised.

    It says nothing of a figure that a rule of `yields_to` already asks about. `integrity` is
    whether it asks how a figure came about: a question to be looked into, never a reproach.
    """

    code: str
    severity: str
    scope: str
    expression: str
    clauses: tuple[str, ...]
    message: Text
    fix: Text
    forms: tuple[str, ...]
    measures: tuple[str, ...]
    sets: tuple[str, ...]
    source: str
    passing: tuple[RuleExample, ...] = ()
    failing: tuple[RuleExample, ...] = ()
    yields_to: tuple[str, ...] = ()
    integrity: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A question about how a unit's figures came about, asked of their pattern over many months.

    `kind` says which test is made of the `measures`; `falls` and `rises` are the counts whose
    balance a question of kind shift, ratio or rise is about. The last `months` are looked at (the
    last `recent` of them against the others); fewer than `least` cells are not asked about, nor is
    an effect under `effect`. `innocent` are the good reasons that such figures often have.
    """

    code: str
    kind: str
    name: Text
    asks: Text
    innocent: tuple[Text, ...]
    measures: tuple[str, ...]
    falls: tuple[str, ...] = ()
    rises: tuple[str, ...] = ()
    months: int = 24
    recent: int = 3
    least: int = 20
    effect: float = 0.2


@dataclass(frozen=True, slots=True)
class Integrity:
    """Which questions a bureau has asked, and how many false ones it will bear.

    `level` is the share of the questions that chance alone may have put, `method` how it is kept to
    over all tests of a run (by, bh). An answered question is asked again once `renew` later months
    speak for it.
    """

    questions: tuple[Question, ...] = ()
    level: float = 0.05
    method: str = "by"
    renew: int = 3


@dataclass(frozen=True, slots=True)
class SchemeItem:
    """One scored item of a scheme."""

    indicator: str
    dimension: str
    weight: float
    method: str
    direction: int
    window: str
    params: dict[str, Any]
    countersign: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SchemeGroup:
    """Units that are assessed together."""

    code: str
    name: Text
    rule: str


@dataclass(frozen=True, slots=True)
class SchemeGrade:
    """A grade from a least score on; `share` caps how many units may hold it (or better)."""

    name: Text
    minimum: float
    share: float | None = None
    cumulative: bool = False


@dataclass(frozen=True, slots=True)
class SchemeDimension:
    """A group of items with its weight."""

    code: str
    name: Text
    weight: float


@dataclass(frozen=True, slots=True)
class Scheme:
    """An evaluation scheme; `raw` is the whole file as read."""

    code: str
    name: Text
    version: int
    level: str
    assessor: str
    round: str
    window: str
    min_group: int
    groups: tuple[SchemeGroup, ...]
    dimensions: tuple[SchemeDimension, ...]
    items: tuple[SchemeItem, ...]
    grades: tuple[SchemeGrade, ...]
    monitor_only: tuple[str, ...]
    countersigned: tuple[str, ...]
    raw: dict[str, Any]
