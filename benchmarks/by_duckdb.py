"""The city's question in SQL: window functions over the long table, then group by each level."""

import duckdb
import numpy as np

from benchmarks.city import WINDOWS, City

FRAME = {
    "month": "order by month range between 0 preceding and current row",
    "quarter": ", month // 3 order by month",
    "ytd": ", month // 12 order by month",
    "rolling12": "order by month range between 11 preceding and current row",
}
LENGTH = {"month": "1", "quarter": "month % 3 + 1", "ytd": "month % 12 + 1", "rolling12": "12"}

WINDOWED = """
create or replace table windowed as
select measure, unit, month, total, number > 0 as there, number = wanted as complete
from (
    select measure, unit, month, wanted, stock,
        case when stock then coalesce(value, 0) else sum(coalesce(value, 0)) over w end as total,
        case when stock then (value is not null)::int * wanted
             else count(value) over w end as number
    from (select *, {length} as wanted from grid)
    window w as (partition by measure, unit {frame})
)
where '{window}' <> 'rolling12' or stock or month >= {first} + 11
"""

MATCHED = """
create or replace table matched as
select n.measure, n.unit, n.month, n.total, n.there,
    n.complete and coalesce(b.complete, false) as paired, b.total as before
from windowed n left join windowed b
    on b.measure = n.measure and b.unit = n.unit and b.month = n.month - 12
"""

POOLED = """
create or replace table pooled as
select measure, {unit} as unit, month,
    sum(total) filter (there) as total, sum(total) filter (paired) as kept,
    sum(before) filter (paired) as base
from matched {join} group by all
"""

ANSWER = """
select i.place, u.place, p.month,
    case when i.bottom is null then t.total else t.total * 100 / nullif(d.total, 0) end,
    case when i.bottom is null then t.kept else t.kept * 100 / nullif(d.kept, 0) end,
    case when i.bottom is null then t.base else t.base * 100 / nullif(d.base, 0) end
from indicators i cross join units u cross join periods p
left join figures t on t.measure = i.top and t.unit = u.unit and t.month = p.month
left join figures d on d.measure = i.bottom and d.unit = u.unit and d.month = p.month
order by 1, 2, 3
"""


def load(city: City) -> duckdb.DuckDBPyConnection:
    """Return a connection with the full grid of measures, leaves and months in a table."""
    link = duckdb.connect()
    first = city.periods[0].year * 12 + city.periods[0].month - 1
    facts = city.facts.select("measure", "unit", "period", "value").to_arrow()  # noqa: F841
    link.execute("create table facts as select * from facts")
    link.execute("create table units (unit varchar, place int, county varchar)")
    link.executemany(
        "insert into units values (?, ?, ?)",
        [(unit, place, city.county_of.get(unit)) for place, unit in enumerate(city.units)],
    )
    months = [(first + n,) for n in range(len(city.periods))]
    link.execute("create table periods (month int)")
    link.executemany("insert into periods values (?)", months)
    link.execute("create table indicators (place int, top varchar, bottom varchar)")
    plain = [(code, None) for code in (*city.counts, *city.stocks)]
    sides = [*plain, *((top, base) for _, top, base in city.shares)]
    link.executemany(
        "insert into indicators values (?, ?, ?)",
        [(place, top, base) for place, (top, base) in enumerate(sides)],
    )
    link.execute("""
        create table grid as
        select m.measure, u.unit, p.month, f.value, starts_with(m.measure, 'stock') as stock
        from (select distinct measure from facts) m
        cross join (select unit from units where county is not null) u cross join periods p
        left join (select *, year(period) * 12 + month(period) - 1 as month from facts) f
            on f.measure = m.measure and f.unit = u.unit and f.month = p.month
    """)
    return link


def answer(link: duckdb.DuckDBPyConnection, city: City) -> dict[str, np.ndarray]:
    """Return value, compared and base value as window → [part, indicator, unit, period]."""
    first = city.periods[0].year * 12 + city.periods[0].month - 1
    shape = (len(city.indicators), len(city.units), len(city.periods))
    found = {}
    for window in WINDOWS:
        link.execute(
            WINDOWED.format(length=LENGTH[window], frame=FRAME[window], window=window, first=first)
        )
        link.execute(MATCHED)
        levels = [
            ("matched.unit", ""),
            ("county", "join units using (unit)"),
            ("'city'", ""),
        ]
        for place, (unit, join) in enumerate(levels):
            link.execute(POOLED.format(unit=unit, join=join))
            verb = "create or replace table figures as" if place == 0 else "insert into figures"
            link.execute(f"{verb} select * from pooled")
        columns = list(link.execute(ANSWER).fetchnumpy().values())[3:]
        found[window] = np.stack(
            [np.ma.filled(column.astype(float), np.nan).reshape(shape) for column in columns]
        )
    return found
