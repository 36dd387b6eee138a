"""What does one entry of each definition file hold?

Frozen, slotted records, built once by `data.catalog.load_catalog`. They know nothing of files.
"""

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from data.definition_text import EMPTY as EMPTY
from data.definition_text import Text as Text
from data.definition_work import Event as Event
from data.definition_work import Form as Form
from data.definition_work import Integrity as Integrity
from data.definition_work import Question as Question
from data.definition_work import Rule as Rule
from data.definition_work import RuleExample as RuleExample
from data.definition_work import Scheme as Scheme
from data.definition_work import SchemeDimension as SchemeDimension
from data.definition_work import SchemeGrade as SchemeGrade
from data.definition_work import SchemeGroup as SchemeGroup
from data.definition_work import SchemeItem as SchemeItem

Releases = tuple[tuple[str, tuple[str, ...]], ...]  # a level and the windows released at it


@dataclass(frozen=True, slots=True)
class Target:
    """A dated target: a value, or another indicator's value; `months` empty means all months."""

    valid_from: dt.date
    months: tuple[int, ...] = ()
    value: float | None = None
    indicator: str | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A worked example: a small table of facts and the value written by hand.

    `facts` is one text table per block (header, then rows, cells split by `|`) with the columns
    unit, period and measures; an empty cell is missing. `expected` may be None (no value).
    """

    name: Text
    facts: str
    unit: str
    period: dt.date
    window: str
    expected: float | None
    indicator: str


@dataclass(frozen=True, slots=True)
class Version:
    """One definition of a measure: in force from `start` (None: from the beginning).

    `change` says what is different from the version before, in words for a reader. `direction` is
    given where an earlier version was good the other way round.
    """

    number: int
    start: dt.date | None
    definition: Text
    change: Text
    direction: int | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """One number that units file.

    `roll` says how leaves make a parent, `over_time` how months make a window; `roll_by` names the
    n (wmean) or the n and the mean (pooled_sd). `decimals` is the most a return may write; `label`
    is the row's label on the form, where it differs from the name; `choices` are the only numbers
    that a cell may hold, where the list is closed. Of several `versions` of the
    definition `version` is the newest. It is due from `valid_from` until `valid_to`, the first
    month without it; `formerly` lists codes under which it was filed before. `releases` says what
    readers outside a unit's chain of command are given of small counts.
    """

    code: str
    name: Text
    definition: Text
    category: str
    form: str
    filers: tuple[str, ...]
    value_of: tuple[str, ...]
    unit: Text
    value_type: str
    kind: str
    frequency: str
    roll: str
    roll_by: tuple[str, ...]
    over_time: str
    direction: int
    windows: tuple[str, ...]
    minimum_base: float
    flags: frozenset[str]
    minimum: float | None
    maximum: float | None
    decimals: int
    absent: str
    warn_max_month: float | None
    version: int
    valid_from: dt.date | None
    order: int
    tier: str
    source: Text
    label: Text
    seeds: tuple[int, ...] = ()
    versions: tuple[Version, ...] = (Version(1, None, EMPTY, EMPTY),)
    valid_to: dt.date | None = None
    formerly: tuple[str, ...] = ()
    choices: tuple[float, ...] = ()
    releases: Releases = ()


@dataclass(frozen=True, slots=True)
class Indicator:
    """One figure that is shown: a measure under its own code, or derived from measures.

    For kind yoy the denominator repeats the numerator and `base` says which earlier window it is
    taken from; its numerator may name one other indicator. `decimals` is what is displayed. The
    denominator is taken so many months `ago`: of a cohort's later fate, the cohort itself. What
    stands `beside` it guards it from being misread.
    """

    code: str
    name: Text
    definition: Text
    category: str
    kind: str
    numerator: tuple[str, ...]
    denominator: tuple[str, ...]
    base: str
    weighted_by: str
    scale: float
    windows: tuple[str, ...]
    direction: int
    decimals: int
    minimum_base: float
    flags: frozenset[str]
    policy: str
    unit: Text
    value_type: str
    targets: tuple[Target, ...]
    caveats: Text
    source: Text
    examples: tuple[Example, ...]
    is_measure: bool
    version: int
    order: int
    tier: str = "core"
    frequency: str = "M"
    seeds: tuple[int, ...] = ()
    ago: int = 0
    beside: tuple[str, ...] = ()

    @property
    def may_rank(self) -> bool:
        """Return whether units may be ranked on it: policy rank and a direction."""
        return self.policy == "rank" and self.direction != 0


@dataclass(frozen=True, slots=True)
class Flag:
    """A use-policy flag: what it allows at most, why, and where the rule comes from.

    `releases` are what its measures are released at, where they declare nothing themselves.
    """

    code: str
    policy: str
    name: Text
    reason: Text
    source: Text
    releases: Releases = ()


@dataclass(frozen=True, slots=True)
class Level:
    """A kind of unit; `own_of` names the level whose own work such a unit files (本级)."""

    code: str
    name: Text
    own_of: str = ""
    pooled: bool = False


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of the bureau; leaves file, parents are sums."""

    code: str
    level: str
    group: str
    name: Text
    short: Text
    opened: dt.date | None
    closed: dt.date | None
    order: int
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Parent:
    """A unit's place in the tree over the interval [start, end)."""

    unit: str
    parent: str
    start: dt.date | None
    end: dt.date | None
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Alias:
    """Another name under which publications know a unit."""

    unit: str
    name: str


@dataclass(frozen=True, slots=True)
class Succession:
    """A share of one unit that went to another at a date; a unit that lives on keeps one itself.

    `line` is where it stands in its file, as it is of units and their parents.
    """

    from_unit: str
    to_unit: str
    date: dt.date
    share: float
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Due days, the moving festival, and working days; what is not yet announced is absent.

    The festival is felt from so many days `before` its first day to so many `after`; of these the
    first `during` days, the first day among them, are the holiday itself. By `review_day` returns
    are reviewed, on `lock_day` the month is locked, on `publish_day` it is printed: days of the
    next month, 0 where a bureau sets none.
    """

    festival: str
    festival_days: dict[int, dt.date]
    festival_before: int
    festival_after: int
    due_day: int
    working_days: dict[dt.date, int]
    festival_during: int = 7
    review_day: int = 0
    lock_day: int = 0
    publish_day: int = 0


@dataclass(frozen=True, slots=True)
class Person:
    """A person who signs in: role, and the unit whose subtree they see."""

    user: str
    name: Text
    role: str
    unit: str
    title: Text = EMPTY


@dataclass(frozen=True, slots=True)
class Bureau:
    """What one bureau sets for itself.

    `review_levels` are those whose reviewers accept a return before its figures count, from the
    bottom up; without any, one acceptance by anybody who may review is enough. `seasons` is whether
    series that have seasons are read against the usual of each month.
    """

    name: Text
    root: str
    timezone: str
    year_start: int
    minimum_base: float
    levels: tuple[Level, ...]
    categories: dict[str, Text]
    headline: tuple[str, ...]
    matrix: tuple[str, ...]
    people: tuple[Person, ...]
    small_n: int
    small_cell: int
    demonstration: bool
    today: dt.date | None
    raw: dict[str, Any]
    review_levels: tuple[str, ...] = ()
    seasons: bool = True


@dataclass(frozen=True, slots=True)
class StageShare:
    """How much of one stage another is; `indicator` is the catalogue's own where it has one."""

    part: str
    of: str
    name: Text
    indicator: str = ""


@dataclass(frozen=True, slots=True)
class Chain:
    """Stages of money in the order of time; `beside` overlaps with them and has no rate.

    What comes in at one stage may reach the next up to `longest_lag` months later.
    """

    code: str
    name: Text
    stages: tuple[str, ...]
    beside: tuple[str, ...]
    rates: tuple[StageShare, ...]
    longest_lag: int
    caveats: Text

    @property
    def measures(self) -> tuple[str, ...]:
        """All amounts that the chain shows."""
        return (*self.stages, *self.beside)


@dataclass(frozen=True, slots=True)
class Catalog:
    """Every definition of one folder. `indicators` holds the measures too, under their codes.

    `sets` are the named groups of measures that rules speak of. `example_units` is the small tree
    on which the worked examples run; `examples` covers the measures that units file. `digest` is
    a hash of all files, `digest_but_units` of all but those of the units and their history.
    `stages` are the chains of amounts that are never added.
    `events` are what a bureau set by hand as a step in its series.
    """

    bureau: Bureau
    calendar: Calendar
    measures: dict[str, Measure]
    indicators: dict[str, Indicator]
    forms: dict[str, Form]
    rules: tuple[Rule, ...]
    schemes: dict[str, Scheme]
    flags: dict[str, Flag]
    evaluation: dict[str, Any]
    sets: dict[str, tuple[str, ...]]
    units: tuple[Unit, ...]
    parents: tuple[Parent, ...]
    successions: tuple[Succession, ...]
    examples: tuple[Example, ...]
    example_units: tuple[Unit, ...]
    example_parents: tuple[Parent, ...]
    folder: Path
    digest: str
    aliases: tuple[Alias, ...] = ()
    digest_but_units: str = ""
    stages: dict[str, Chain] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    integrity: Integrity = field(default_factory=Integrity)

    def derived(self) -> tuple[Indicator, ...]:
        """Return the indicators that are computed from measures."""
        return tuple(item for item in self.indicators.values() if not item.is_measure)
