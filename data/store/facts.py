"""How do fact rows get into the record, and which of them are new?

Everything here runs inside the caller's transaction. Frames carry words; the table carries short
numbers for them.
"""

import datetime as dt
import hashlib
from itertools import chain
from typing import Any

import polars as pl
import sqlalchemy as sa

from data.schema import VINTAGE
from data.store.audit import BATCH, FACT_COLUMNS, facts_digest, read_coded
from data.store.tables import CODES, FACTS_TABLE, SUBMISSIONS

KEY = ["measure", "definition", "unit", "period"]
FEW = 500  # so many words are asked for by name
TOGETHER = 50  # rows a statement: 50 × 9 values stay below SQLite's oldest limit
# What a reader hands over: the facts of one file, before they have a vintage.
LOADED = pl.Schema(
    {
        "measure": pl.String,
        "definition": pl.Int64,
        "unit": pl.String,
        "period": pl.Date,
        "value": pl.Float64,
        "sheet": pl.String,
        "cell": pl.String,
    }
)
# What the snapshot keeps of each row.
STORED: pl.Schema = pl.Schema(
    {
        "id": pl.Int64,
        "measure": pl.String,
        "definition": pl.Int64,
        "unit": pl.String,
        "period": pl.Date,
        "value": pl.Float64,
        "vintage": VINTAGE,
        "submission": pl.String,
        "sheet": pl.String,
        "cell": pl.String,
    }
)


def month_number(period: str = "period") -> pl.Expr:
    """Return a month as the number that the record keeps.

    >>> frame = pl.DataFrame({"period": [dt.date(2024, 10, 1)]})
    >>> frame.select(month_number()).item()
    202410
    """
    column = pl.col(period)
    return column.dt.year().cast(pl.Int64) * 100 + column.dt.month().cast(pl.Int64)


def number_of(period: dt.date) -> int:
    """Return a month as the number that the record keeps.

    >>> number_of(dt.date(2024, 10, 1))
    202410
    """
    return period.year * 100 + period.month


def month_of(number: int) -> dt.date:
    """Return the first day of a month from its number.

    >>> month_of(202410)
    datetime.date(2024, 10, 1)
    """
    return dt.date(number // 100, number % 100, 1)


def in_order(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows by measure, unit and period; by numbers, which sort faster than words.

    >>> frame = pl.DataFrame({"measure": ["b", "a"], "unit": ["u", "u"], "period": [None, None]})
    >>> in_order(frame.cast({"period": pl.Date}))["measure"].to_list()
    ['a', 'b']
    """
    if _is_in_order(rows):
        return rows
    unit, units = _rank(rows["unit"])
    measure, _ = _rank(rows["measure"])
    months = month_number().fill_null(0)
    key = ((measure * units + unit) * 1_000_000 + months).alias("_place")
    return rows.with_columns(key).sort("_place", maintain_order=True).drop("_place")


def _is_in_order(rows: pl.DataFrame) -> bool:
    """Return whether no row stands before the one above it."""
    is_right = pl.lit(value=True)
    for name in ("period", "unit", "measure"):
        here, above = pl.col(name), pl.col(name).shift()
        is_right = (here > above) | ((here == above) & is_right)
    return bool(rows.select(is_right.fill_null(True).slice(1).all()).item())


def _rank(words: pl.Series) -> tuple[pl.Expr, int]:
    """Return each word's place among the words in order, and how many there are."""
    ordered = words.unique().drop_nulls().sort()
    return pl.lit(words.cast(pl.Enum(ordered))).to_physical().cast(pl.Int64), ordered.len()


def loaded(facts: pl.DataFrame) -> pl.DataFrame:
    """Return the columns of LOADED from a frame of facts, whatever else it carries.

    Databases know no negative nought and no NaN; neither do returns.
    """
    facts = facts.select(pl.col(name).cast(kind) for name, kind in LOADED.items())
    value = pl.col("value").fill_nan(None)
    return facts.with_columns(pl.when(value == 0).then(0.0).otherwise(value).alias("value"))


def changed_rows(current: pl.DataFrame, incoming: pl.DataFrame) -> pl.DataFrame:
    """Return the incoming rows that say something other than the record.

    Rows: one cell with a new value; `was` is the old value and `is_new` whether there was none.
    """
    known = current.select(*KEY, was="value", is_new=pl.lit(False))
    joined = incoming.join(known, on=KEY, how="left", maintain_order="left")
    is_new = pl.col("is_new").fill_null(True)
    return joined.with_columns(is_new).filter(pl.col("value").ne_missing(pl.col("was")))


def withdrawn_rows(
    current: pl.DataFrame, incoming: pl.DataFrame, scope: pl.DataFrame | None
) -> pl.DataFrame:
    """Return tombstones for the cells within the scope of a file that it no longer holds.

    A file speaks for the definitions it is filed under: those of the scope where it names them,
    else those of its own figures. A back-cast withdraws nothing of the figures as first filed.
    """
    if scope is None:
        return pl.DataFrame(schema=LOADED)
    gone = (
        current.filter(pl.col("value").is_not_null())
        .join(scope, on=[name for name in KEY if name in scope.columns], how="semi")
        .join(incoming, on=KEY, how="anti")
    )
    if "definition" not in scope.columns:
        place = ["measure", "period"]
        said = incoming.select(*place, "definition").unique()
        other = gone.join(said, on=place, how="semi").join(
            said, on=[*place, "definition"], how="anti"
        )
        gone = gone.join(other, on=KEY, how="anti")
    empty = {name: pl.lit(None, LOADED[name]) for name in ("value", "sheet", "cell")}
    return gone.with_columns(**empty).select(LOADED.names())


def write_facts(
    connection: sa.Connection, rows: pl.DataFrame, submission: int
) -> tuple[pl.DataFrame, dict[str, Any]]:
    """Append rows to the facts; return them with their ids, and what the log says of them."""
    first = 1 + (connection.execute(sa.select(sa.func.max(FACTS_TABLE.c.id))).scalar() or 0)
    rows = in_order(loaded(rows))
    rows = rows.with_columns(id=pl.int_range(first, first + rows.height, dtype=pl.Int64))
    known = _last_code(connection)
    coded = rows.select(
        "id",
        _coded(connection, rows, "measure"),
        "definition",
        _coded(connection, rows, "unit"),
        month_number(),
        "value",
        _coded(connection, rows, "sheet"),
        "cell",
    ).select(FACT_COLUMNS)
    _insert(connection, coded.with_columns(submission=pl.lit(submission)))
    entry = {"first": first, "facts": rows.height, "digest": facts_digest(coded)}
    fresh = _last_code(connection) - known
    if fresh:
        codes = {"first": known + 1, "count": fresh}
        entry["codes"] = codes | {"digest": codes_digest(connection, known + 1, fresh)}
    return rows, entry


def codes_digest(connection: sa.Connection, first: int, count: int) -> str:
    """Return the hash of some words and the numbers that stand for them in the facts."""
    query = sa.select(CODES).where(CODES.c.id.between(first, first + count - 1))
    rows = [tuple(row) for row in connection.execute(query.order_by(CODES.c.id))]
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def _last_code(connection: sa.Connection) -> int:
    return connection.execute(sa.select(sa.func.max(CODES.c.id))).scalar() or 0


def _insert(connection: sa.Connection, rows: pl.DataFrame) -> None:
    """Append coded rows in the way that each database takes millions."""
    columns = ", ".join(rows.columns)
    if connection.dialect.name == "postgresql":
        _copy(connection, f"COPY facts ({columns}) FROM STDIN (FORMAT csv)", rows)
        return
    for part in rows.iter_slices(BATCH):
        _insert_part(connection, part)


def _insert_part(connection: sa.Connection, rows: pl.DataFrame) -> None:
    """Append rows to SQLite: many a statement, what all of them share in its words."""
    same = rows.select(pl.all().n_unique() == 1).row(0, named=True)
    fixed = {
        name: "NULL" if rows[name][0] is None else str(rows[name][0])
        for name, kind in rows.schema.items()
        if same[name] and rows.height > TOGETHER and (rows[name][0] is None or kind.is_integer())
    }
    marks = "(" + ", ".join(fixed.get(name, "?") for name in rows.columns) + ")"
    words = f"INSERT INTO facts ({', '.join(rows.columns)}) VALUES "
    values = rows.drop(fixed).rows()
    whole = rows.height - rows.height % TOGETHER
    if whole:
        bundles = (values[start : start + TOGETHER] for start in range(0, whole, TOGETHER))
        many = words + ", ".join([marks] * TOGETHER)
        connection.exec_driver_sql(many, [tuple(chain.from_iterable(part)) for part in bundles])
    if values[whole:]:
        connection.exec_driver_sql(words + marks, values[whole:])


def _copy(connection: sa.Connection, words: str, rows: pl.DataFrame) -> None:
    """Stream rows into PostgreSQL; its errors come as those of every other statement."""
    driver: Any = connection.connection.driver_connection
    failed: Any = connection.dialect.loaded_dbapi.Error
    try:
        with driver.cursor() as cursor, cursor.copy(words) as copy:
            for part in rows.iter_slices(BATCH):
                copy.write(part.write_csv(include_header=False))
    except failed as error:
        raise sa.exc.DBAPIError.instance(words, None, error, failed) from error


def read_rows_after(connection: sa.Connection, last: int, most: int | None = None) -> pl.DataFrame:
    """Return the stored rows with a higher id, at most so many, with words instead of numbers."""
    columns = [*(FACTS_TABLE.c[name] for name in FACT_COLUMNS), FACTS_TABLE.c.submission]
    query = sa.select(*columns).where(FACTS_TABLE.c.id > last).order_by(FACTS_TABLE.c.id)
    return with_words(connection, read_coded(connection, query.limit(most)))


def with_words(connection: sa.Connection, rows: pl.DataFrame) -> pl.DataFrame:
    """Return coded rows as STORED, with words for their numbers and whose they are."""
    words = {row.id: row.code for row in connection.execute(sa.select(CODES))}
    query = sa.select(SUBMISSIONS.c.id, SUBMISSIONS.c.receipt, SUBMISSIONS.c.vintage)
    query = query.where(SUBMISSIONS.c.id.between(*_ends(rows["submission"])))
    files = pl.DataFrame(
        [tuple(row) for row in connection.execute(query)],
        schema={"submission": pl.Int64, "receipt": pl.String, "vintage": pl.String},
        orient="row",
    ).with_columns(pl.col("vintage").str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_zone="UTC"))
    period = pl.date(pl.col("period") // 100, pl.col("period") % 100, 1)
    return (
        rows.join(files, on="submission", how="left", maintain_order="left")
        .with_columns(
            *(
                pl.col(name).replace_strict(words, return_dtype=pl.String, default=None)
                for name in ("measure", "unit", "sheet")
            ),
            period=period,
            submission=pl.col("receipt"),
        )
        .select(pl.col(name).cast(kind) for name, kind in STORED.items())
    )


def _ends(numbers: pl.Series) -> tuple[Any, Any]:
    return numbers.min() or 0, numbers.max() or 0


def _coded(connection: sa.Connection, rows: pl.DataFrame, kind: str) -> pl.Expr:
    """Return a column of words as their numbers; new words get one."""
    words = rows[kind].unique().drop_nulls().sort().to_list()
    query = sa.select(CODES.c.code, CODES.c.id).where(CODES.c.kind == kind)
    if len(words) < FEW:  # one return among thousands of units need not read them all
        query = query.where(CODES.c.code.in_(words))
    known = {row.code: row.id for row in connection.execute(query)}
    fresh = [word for word in words if word not in known]
    if fresh:
        top = connection.execute(sa.select(sa.func.max(CODES.c.id))).scalar() or 0
        added = [
            {"id": number, "kind": kind, "code": word}
            for number, word in enumerate(fresh, start=top + 1)
        ]
        connection.execute(sa.insert(CODES), added)
        known |= {row["code"]: row["id"] for row in added}
    numbers = pl.Series([known[word] for word in words], dtype=pl.Int64)
    places = rows[kind].cast(pl.Enum(words)).to_physical()
    return pl.lit(numbers.gather(places) if words else places.cast(pl.Int64)).alias(kind)
