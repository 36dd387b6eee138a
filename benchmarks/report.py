"""How are the measurements told: one table of goals, then what each row is and what dominates."""

from typing import Any

from benchmarks.city import WINDOWS
from benchmarks.report_nation import nation_details, nation_rows
from benchmarks.report_upload import upload_details, upload_rows, workbook_details

HEAD = """# Benchmarks

Written by `make bench`; do not edit. The goals are those of the design (city size: 200 units, 170
measures, 60 months; nation size: 40,000 stations, 100 measures, a file a month). Seconds belong to
the machine below; ratios between ways of computing the same answer in the same run travel.
*Processor* is the processor time of the process, all threads together: on a busy machine it says
more than the clock.

"""


def write_report(found: dict[str, Any]) -> str:
    """Return the page of all parts that were measured."""
    parts = [HEAD, _machine(found["machine"], found), "\n", _table(found), "\n"]
    parts += [_city(found["city"])] if "city" in found else []
    parts += [_pages(found)] if "page" in found else []
    parts += [workbook_details(found["workbook"])] if "workbook" in found else []
    parts += [_server(found["server"])] if "server" in found else []
    parts += [upload_details(found["upload"])] if "upload" in found else []
    parts += [nation_details(found["nation"])] if "nation" in found else []
    return "".join(parts).rstrip() + "\n"


def _machine(machine: dict[str, Any], found: dict[str, Any]) -> str:
    """Return a line on what was measured where, and how busy it was."""
    libraries = ", ".join(f"{name} {number}" for name, number in machine["libraries"].items())
    loads = [part["load"] for part in found.values() if isinstance(part, dict) and "load" in part]
    busy = max(loads, default=0.0)
    note = f"Load while measuring: up to {busy:.1f} on {machine['cores']} cores"
    note += (
        " – **the machine was shared**, so clock times are too long; read the processor times.\n"
        if busy > machine["cores"] + 1
        else ".\n"
    )
    cpu = f"{machine['cores']} cores, {machine['cpu']}"
    return f"{cpu}; Python {machine['python']}, {libraries}.\n{note}"


def _row(work: str, goal: str, measured: str, met: bool) -> str:
    """Return one row of the table of goals."""
    return f"| {work} | {goal} | {measured} | {'yes' if met else '**no**'} |\n"


def _table(found: dict[str, Any]) -> str:
    """Return goals beside what was measured."""
    rows = "| work | goal | measured | met |\n|---|---|---|---|\n"
    if "city" in found:
        rows += _city_rows(found["city"])
    if "page" in found:
        page = found["page"]
        rows += _ms_row(
            "one indicator over 10 units, 60 months, from the cube kept by the server",
            20,
            page["indicator"],
        )
        rows += _ms_row("the same from the snapshot on disk", 20, page["snapshot"])
    if "server" in found:
        server = found["server"]
        for name, times in server["pages"].items():
            rows += _ms_row(f"server rerun, {name}, warm", 50, times, edge="p95")
        rows += _row(
            "server memory, checking worker apart",
            "≤ 400 MB",
            f"{server['memory_after']:.0f} MB",
            server["memory_after"] <= 400,
        )
        crowd = server["crowds"]["200"]
        rows += _row(
            "200 sessions, 10 s think time",
            "p95 ≤ 150 ms",
            f"p50 {crowd['p50']:.0f} ms, p95 {crowd['p95']:.0f} ms",
            crowd["p95"] <= 150,
        )
        rows += _row(
            "process start → first page done",
            "≤ 3 s",
            f"{server['first']:.1f} s",
            server["first"] <= 3,
        )
    if "workbook" in found:
        work = found["workbook"]
        rows += _ms_row(
            f"collection workbook ({work['stations']} stations × {work['measures']} measures) "
            "to full verdict, warm",
            1000,
            work["verdict"],
        )
        rows += _row(
            "checking worker ready",
            "≤ 7 s",
            f"{work['worker_ready']:.1f} s",
            work["worker_ready"] <= 7,
        )
    if "upload" in found:
        rows += "".join(_row(*row) for row in upload_rows(found["upload"]))
    if "nation" in found:
        rows += "".join(_row(*row) for row in nation_rows(found["nation"]))
    return rows  # fmt: skip


def _ms_row(work: str, goal: int, times: dict[str, float], edge: str = "p50") -> str:
    """Return a row of milliseconds; met by the clock, or by the processor on a busy machine."""
    shown = f"p50 {times['p50']:.0f} ms, p95 {times['p95']:.0f} ms"
    shown += f", processor {times['cpu']:.0f} ms" if "cpu" in times else ""
    return _row(work, f"{edge} ≤ {goal} ms", shown, times[edge] <= goal)


def _city_rows(city: dict[str, Any]) -> str:
    """Return the rows of the whole-city pass."""
    kernel, frames = city["kernel"], city["frames"]
    rows = ""
    for name, times in (
        ("figures and comparisons as arrays", kernel),
        ("as CHANGES frames", frames),
    ):
        rows += _row(
            f"whole city, {city['figures'] / 1e6:.1f} M figures with matched yoy, {name}",
            "≤ 1 s",
            f"{times['seconds']:.2f} s (processor {times['cpu']:.2f} s)",
            times["seconds"] <= 1,
        )
    for name, goal in (("pandas", 3), ("duckdb", 5)):
        ratio = city[name]["cpu"] / kernel["cpu"]
        clock = city[name]["seconds"] / kernel["seconds"]
        rows += _row(
            f"the same answer by {name}", f"≥ {goal}× ours",
            f"{clock:.1f}× by the clock, {ratio:.1f}× by processor time", clock >= goal,
        )  # fmt: skip
    return rows


def _city(city: dict[str, Any]) -> str:
    """Return the details of the whole-city pass."""
    lines = [
        "\n## The whole city\n\n",
        f"All 170 indicators (110 counts, 20 stocks, 40 shares) of 200 units at three levels, "
        f"{len(WINDOWS)} windows ({', '.join(WINDOWS)}), 60 months, each with the year before "
        f"on the leaves complete on both sides; {city['facts']:,} facts, one return in fifty "
        "missing. The three answers are asserted equal to 1e-9 before a time is reported.\n\n",
        "| way | clock s | processor s |\n|---|---|---|\n",
    ]
    names = {
        "kernel": "ours: numerator, denominator, value, coverage, status, both sides, change, note",
        "frames": "ours, as Polars frames of 23 columns",
        "pandas": "pandas, wide: value and both sides only",
        "duckdb": "DuckDB SQL, long: value and both sides only",
        "build": "building the cube from the facts (once per approval)",
    }
    lines += [
        f"| {words} | {city[key]['seconds']:.2f} | {city[key]['cpu']:.2f} |\n"
        for key, words in names.items()
    ]
    memory = city["memory"]
    lines.append(
        f"\nPeak memory of a process that reads the facts and makes the frames window by window: "
        f"{memory['peak']:.0f} MB, of which {memory['start']:.0f} MB are libraries and facts.\n\n"
        "What dominates: memory traffic. Each batch of 16 indicators makes a dozen arrays of "
        "[indicator, leaf, month]; making strings and nulls of 8 million rows costs as much again, "
        "which no page does.\n"
    )
    return "".join(lines)


def _pages(found: dict[str, Any]) -> str:
    """Return the details of questions that pages ask."""
    page = found["page"]
    names = {
        "indicator": "one indicator, 10 units, 60 months, and its year on year with readings",
        "tiles": "eight headline indicators with readings",
        "overview": "the whole overview: 10 indicators × 10 units, signals, 24-month tracks",
        "stations": "one indicator over 126 stations, year to date, with readings",
        "snapshot": "the first of these from the snapshot on disk: read, cube, figures",
    }
    lines = [
        f"\n## What pages ask\n\nOn the demonstration bureau ({page['facts']:,} facts). A page "
        "asks each question once per approval and keeps the answer.\n\n"
        "| question | p50 ms | p95 ms | processor ms |\n|---|---|---|---|\n"
    ]
    lines += [_times(words, page[key]) for key, words in names.items()]
    if "snapshot" in found:
        snap = found["snapshot"]
        words = "reading all values from the snapshot, as the server does at its start"
        lines.append(_times(words, snap["everything"]))
        lines.append(_times("reading one indicator's values", snap["one"]))
        lines.append(_times("building the cube of all facts", snap["cube"]))
    lines.append(
        "\nWhat dominates: reading from disk (Parquet decoding, the choice of the latest vintage); "
        "for the overview, the control charts of a hundred series.\n"
    )
    return "".join(lines)


def _times(words: str, times: dict[str, float]) -> str:
    """Return one row of a table of times."""
    return f"| {words} | {times['p50']:.1f} | {times['p95']:.1f} | {times.get('cpu', 0):.1f} |\n"


def _server(server: dict[str, Any]) -> str:
    """Return the details of the server."""
    lines = [
        "\n## The server\n\nMeasured at the WebSocket: from asking for a run of a page to the end "
        f"of its script. Healthy after {server['healthy']:.1f} s, first page done after "
        f"{server['first']:.1f} s; {server['memory']:.0f} MB after {len(server['pages'])} pages, "
        f"{server['memory_after']:.0f} MB after the crowds.\n\n"
        "| | p50 ms | p95 ms | processor ms |\n|---|---|---|---|\n"
    ]
    lines += [_times(f"rerun, {name}", times) for name, times in server["pages"].items()]
    lines += [
        f"| {size} sessions, 10 s think time ({crowd['reruns']} reruns) | {crowd['p50']:.1f} | "
        f"{crowd['p95']:.1f} | |\n"
        for size, crowd in server["crowds"].items()
    ]
    lines.append(
        "\nWhat dominates: on a warm rerun Streamlit's own work and the sending of finished HTML "
        "and charts, the figures come from the cache: many sessions wait for one interpreter, so "
        "the processor time of a run decides their number; at the start the libraries and the "
        "definitions, then reading all values and building the cube before the first reader "
        "comes.\n"
    )
    return "".join(lines)
