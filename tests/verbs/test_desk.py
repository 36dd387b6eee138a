"""Does the desk work from the command line: extended, chased, confirmed, locked, receipted?"""

from pathlib import Path

import openpyxl

from tests.verbs.conftest import Run, rows

MONTH = ("--period", "2024-10")


def waiting(run: Run, state: str) -> dict[str, str]:
    """Return the one return of October in a state."""
    (found,) = [
        row for row in rows(run("city_reviewer", "returns", *MONTH)[1]) if row["state"] == state
    ]
    return found


def test_more_time_and_the_chase_list(run: Run, tmp_path: Path) -> None:
    asked = ("--form", "M01", "--unit", "yz0411", *MONTH, "--until", "2024-11-20")
    assert run("huangnitang_statistician", "extend", *asked, "--reason", "line down")[0] == 2
    code, _, err = run("yunlu_reviewer", "extend", *asked, "--reason", "line down")
    assert (code, "2024-11-20" in err) == (0, True)
    missing = rows(run("city_reviewer", "returns", *MONTH, "--chase")[1])
    found = {(row["unit"], row["form"]): row for row in missing}
    given = found["yz0411", "M01"]
    assert (given["due"], given["late_days"], given["state"]) == ("2024-11-20", "0", "due")
    assert found["yz0411", "M02"]["user"] == "huangnitang_statistician"
    target = tmp_path / "chase.xlsx"
    assert run("city_reviewer", "returns", *MONTH, "--chase", "-o", str(target))[0] == 0
    sheet = openpyxl.load_workbook(target).worksheets[0]
    cells = [cell.value for row in sheet.iter_rows() for cell in row]
    assert "Huangnitang Police Station" in cells
    assert "Overdue" in cells


def test_an_unknown_duty_cannot_be_extended(run: Run) -> None:
    asked = ("--form", "M06", "--unit", "yz0411", *MONTH, "--until", "2024-11-20")
    code, _, err = run("yunlu_reviewer", "extend", *asked, "--reason", "line down")
    assert (code, err.count("\n")) == (2, 1)
    assert "owes no M06" in err


def test_a_receipt_is_written_and_its_code_is_checked(run: Run, tmp_path: Path) -> None:
    number = waiting(run, "reviewed")["receipt"]
    page, book = tmp_path / "receipt.html", tmp_path / "receipt.xlsx"
    code, _, err = run("city_reviewer", "returns", number, "--receipt", "-o", str(page))
    assert code == 0
    signs = err.rsplit(" ", 1)[1].strip().rstrip(".")
    text = page.read_text("utf-8")
    assert signs in text
    assert "http" not in text.replace("http-equiv", "")
    assert "accepted" in text
    assert "Waits for the next level" in text
    assert run("city_reviewer", "returns", number, "--receipt", "-o", str(book))[0] == 0
    kept = openpyxl.load_workbook(book)
    assert signs in [cell.value for row in kept.worksheets[0].iter_rows() for cell in row]
    code, _, err = run("city_reviewer", "returns", "--verify", signs)
    assert (code, number in err, "Waits for the next level" in err) == (0, True, True)
    assert run("city_reviewer", "returns", "--verify", f"{signs[:-1]}G")[0] == 1
    assert run("city_reviewer", "returns", number, "--receipt", "-o", "receipt.doc")[0] == 2


def test_a_correction_is_seen_and_refused_by_the_station(run: Run) -> None:
    number = waiting(run, "confirming")["receipt"]
    (changed,) = rows(run("city_reviewer", "returns", number, "--diff")[1])
    assert (changed["unit"], changed["before"], changed["after"]) == ("yz0806", "12.0", "10.0")
    code, _, err = run("minghu_statistician", "confirm", number)
    assert (code, "no submission" in err) == (2, True)
    assert (
        "only its own statistician"
        in run("city_reviewer", "confirm", number, "--unit", "yz0806")[2]
    )


def test_a_locked_month_says_how_to_open_it(run: Run) -> None:
    number = waiting(run, "reviewed")["receipt"]
    assert run("minghu_reviewer", "lock", *MONTH)[0] == 2
    assert run("city_reviewer", "lock", *MONTH, "--form", "M03")[0] == 0
    code, _, err = run("city_reviewer", "review", number, "--accept")
    assert code == 2
    assert "kpi lock --period 2024-10 --open" in err
    assert run("city_reviewer", "lock", *MONTH, "--open")[0] == 2
    assert run("city_reviewer", "lock", *MONTH, "--reason", "x")[0] == 2
    again = ("--open", "--reason", "a late correction")
    assert run("city_reviewer", "lock", *MONTH, "--form", "M03", *again)[0] == 0
    code, out, _ = run("city_reviewer", "review", number, "--accept")
    assert (code, rows(out)[0]["state"]) == (0, "approved")
    assert run("city_reviewer", "audit", "verify")[0] == 0
