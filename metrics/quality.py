"""Which rules speak where, how often and to what end, and how did the returns fare?

Counts over frames that `data.returns.quality` gives within a viewer's sight. Nothing here ranks or
scores anybody; the rates are those of `d_ontime_rate` and `d_first_pass_rate`.
"""

from collections.abc import Sequence

import polars as pl

#: A finding that asks for an explanation; what blocks a return never gets this far.
QUERY = "query"


def findings_by_rule(
    findings: pl.DataFrame, by: Sequence[str] = ("rule", "severity", "period")
) -> pl.DataFrame:
    """Return how often each rule spoke: the months in order, the most frequent first in each.

    Needs: rows of `findings_over`.
    Rows: one value of `by` (rule, severity, period, unit, form, filer, measure); `answered` are the
    findings explained, `units` those they are about, `returns` the files they stand in.
    """
    found = findings.group_by(list(by), maintain_order=True).agg(
        findings=pl.len().cast(pl.Int64),
        answered=pl.col("answered").sum().cast(pl.Int64),
        units=pl.col("unit").n_unique().cast(pl.Int64),
        returns=pl.col("submission").n_unique().cast(pl.Int64),
    )
    first = ["period"] if "period" in by else []
    rest = [name for name in by if name != "period"]
    order = [*first, "findings", *rest]
    return found.sort(order, descending=[name == "findings" for name in order])


def hot_spots(findings: pl.DataFrame, outcomes: pl.DataFrame) -> pl.DataFrame:
    """Return where the same rule keeps asking the same unit, the most lasting first.

    Needs: rows of `findings_over`, and OUTCOMES of the same months.
    Rows: one unit and rule that asks for explanations; `months` in which it did, `returns` in which
    it did of those `filed` of the same forms, and their `share` in percent.
    """
    asked = findings.filter(pl.col("severity") == QUERY)
    found = asked.group_by("unit", "rule").agg(
        findings=pl.len().cast(pl.Int64),
        answered=pl.col("answered").sum().cast(pl.Int64),
        months=pl.col("period").n_unique().cast(pl.Int64),
        returns=pl.struct("form", "period").n_unique().cast(pl.Int64),
        last=pl.col("period").max(),
    )
    came = outcomes.filter(pl.col("came").is_not_null()).group_by("unit", "form").len("filed")
    forms = asked.select("unit", "rule", "form").unique().join(came, on=["unit", "form"])
    filed = forms.group_by("unit", "rule").agg(pl.col("filed").sum().cast(pl.Int64))
    rows = found.join(filed, on=["unit", "rule"], how="left")
    share = pl.when(pl.col("filed") > 0).then(100 * pl.col("returns") / pl.col("filed"))
    order = ["months", "findings", "unit", "rule"]
    rows = rows.with_columns(share=share.clip(upper_bound=100))
    return rows.sort(order, descending=[True, True, False, False])


def first_pass(outcomes: pl.DataFrame, by: Sequence[str] = ("unit", "period")) -> pl.DataFrame:
    """Return how many returns were in time and passed at once.

    Needs: OUTCOMES.
    Rows: one value of `by` (unit, period, form) of which anything is counted: `returns` due, `came`
    of them, `ontime`, `passed` at once, `waiting` for a decision, `revised`; the `rate` of those
    passed and the `ontime_rate`, both in percent of the returns due.
    """
    due = outcomes.filter("is_due")
    is_in = pl.col("came").is_not_null()
    found = due.group_by(list(by), maintain_order=True).agg(
        returns=pl.len().cast(pl.Int64),
        came=is_in.sum().cast(pl.Int64),
        ontime=pl.col("on_time").sum().cast(pl.Int64),
        passed=pl.col("first_pass").sum().cast(pl.Int64),
        waiting=(is_in & pl.col("first_pass").is_null()).sum().cast(pl.Int64),
        revised=pl.col("revised").sum().cast(pl.Int64),
    )
    return found.with_columns(
        rate=100 * pl.col("passed") / pl.col("returns"),
        ontime_rate=100 * pl.col("ontime") / pl.col("returns"),
    ).sort(list(by))


def resolution(returns: pl.DataFrame, by: Sequence[str] = ("period",)) -> pl.DataFrame:
    """Return how long returns took to be approved, how many went back, what became of questions.

    Needs: rows of `returns_over`.
    Rows: one value of `by` (period, form, unit: the sender). `files` came in for so many `returns`;
    `approved` of them; `median_days` is from a return's first file to its first approval;
    `sent_back`, `refused` and `corrected` count returns to which that happened; `questions` were
    asked, `answered` of them explained, and `accepted` of these stand in an approved file.
    """
    key = ["unit", "form", "period"]
    is_accepted = pl.col("state") == "approved"
    first_file, first_approval = pl.col("submitted_at").min(), pl.col("approved_at").min()
    each = returns.group_by(key).agg(
        files=pl.len(),
        days=(first_approval - first_file).dt.total_seconds() / 86_400,
        sent_back=pl.col("sent_back").any(),
        refused=(pl.col("refused").list.len() > 0).any(),
        corrected=(pl.col("corrected") & is_accepted).any(),
        questions=pl.col("questions").sum(),
        answered=pl.col("answered").sum(),
        accepted=pl.col("answered").filter(is_accepted).sum(),
    )
    sums = ["sent_back", "refused", "corrected", "questions", "answered", "accepted"]
    found = each.group_by(list(by)).agg(
        returns=pl.len().cast(pl.Int64),
        files=pl.col("files").sum().cast(pl.Int64),
        approved=pl.col("days").is_not_null().sum().cast(pl.Int64),
        median_days=pl.col("days").median(),
        **{name: pl.col(name).sum().cast(pl.Int64) for name in sums},
    )
    return found.sort(list(by))


def own_history(findings: pl.DataFrame, changes: pl.DataFrame) -> pl.DataFrame:
    """Return what a unit is asked about again and again, and how it ended: to learn from, for it.

    Needs: rows of `findings_over` and of `changes_over`, of one unit or several.
    Rows: one question of a rule (or `changed`, a figure that was changed without any) about one
    measure of one unit, the most lasting first: how many `months` it came up in, `first` and
    `last`, `findings` in all, of these `answered`, and how many figures were then `changed`;
    where none was, the figures stood.
    """
    place = ["unit", "form", "measure"]
    asked = findings.filter(pl.col("severity") == QUERY)
    each = asked.group_by(*place, "rule", "period").agg(
        findings=pl.len().cast(pl.Int64), answered=pl.col("answered").sum().cast(pl.Int64)
    )
    moved = changes.group_by(*place, "period").agg(changed=pl.lit(1, pl.Int64))
    told = each.join(moved, on=[*place, "period"], how="left").with_columns(
        pl.col("changed").fill_null(0)
    )
    silent = moved.join(asked, on=[*place, "period"], how="anti", nulls_equal=True)
    silent = silent.with_columns(
        rule=pl.lit("changed"), findings=pl.lit(0, pl.Int64), answered=pl.lit(0, pl.Int64)
    )
    every = pl.concat([told, silent.select(told.columns)])
    found = every.group_by(*place, "rule").agg(
        months=pl.col("period").n_unique().cast(pl.Int64),
        first=pl.col("period").min(),
        last=pl.col("period").max(),
        findings=pl.col("findings").sum(),
        answered=pl.col("answered").sum(),
        changed=pl.col("changed").sum(),
    )
    order = ["months", "last", "unit", "rule", "measure"]
    return found.sort(order, descending=[True, True, False, False, False])


def change_sizes(changes: pl.DataFrame, by: Sequence[str] = ("measure",)) -> pl.DataFrame:
    """Return how far figures moved between one file and the next, by how they came to be changed.

    How far published figures were revised is for `metrics.revisions`; this is what happened before.

    Needs: rows of `changes_over`.
    Rows: one value of `by` and `how`; `figures` changed in so many `returns`, `ups` of them upward,
    the median size of the change in the measure's own unit and in percent of the figure before.
    """
    step = pl.col("after") - pl.col("before")
    level = pl.col("before").abs()
    found = changes.group_by(*by, "how").agg(
        figures=pl.len().cast(pl.Int64),
        returns=pl.col("submission").n_unique().cast(pl.Int64),
        ups=(step > 0).sum().cast(pl.Int64),
        median=step.abs().median(),
        median_pct=pl.when(level > 0).then(100 * step.abs() / level).median(),
        largest=step.get(step.abs().arg_max()),
    )
    return found.sort(*by, "how")
