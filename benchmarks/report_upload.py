"""How are the measurements of checking told: one workbook, and what other people notice of it?"""

from typing import Any

#: Other people notice nothing as long as their slow pages are not half as slow again.
MOST_RATIO = 1.5
PHASES = {
    "idle": "nobody uploads",
    "one": "one person uploads, again and again",
    "five": "five people upload at the same time",
    "after": "nobody uploads any more",
}


def workbook_details(work: dict[str, Any]) -> str:
    """Return the details of checking a workbook."""
    reading, verdict = work["reading"], work["verdict"]
    return (
        f"\n## One collection workbook\n\n{work['cells']:,} cells on the forms that stations owe; "
        f"all form and field expectations, all cross-field rules; {work['findings']} findings. "
        "The checking process reads and judges the workbook, the process that serves the pages "
        f"waits. Reading the file takes {reading['p50']:.0f} ms of {verdict['p50']:.0f} ms (best "
        f"{verdict['best']:.0f} ms); the first verdict after the start {work['first']:.0f} ms. "
        f"Processor time {verdict['cpu']:.0f} ms, of which the serving process spends "
        f"{work['server']:.0f} ms: it looks up the earlier months and takes the verdict. The "
        f"checking process holds {work['worker_memory']:.0f} MB.\n\nWhat dominates: the walk "
        "through the XML, then what Great Expectations spends on each expectation, whatever the "
        "size of the frame; the rules take a seventh.\n"
    )


def upload_rows(upload: dict[str, Any]) -> list[tuple[str, str, str, bool]]:
    """Return goals beside what other people noticed."""
    found = []
    for name, words in (("one", "one person uploads"), ("five", "five people upload")):
        pages, ratio = upload["phases"][name]["pages"], upload["ratio"][name]
        found.append(
            (
                f"other people's pages while {words} that workbook, again and again",
                f"p95 ≤ {MOST_RATIO}× idle",
                f"{ratio:.2f}× (p50 {pages['p50']:.0f} ms, p95 {pages['p95']:.0f} ms)",
                ratio <= MOST_RATIO,
            )
        )
    return found


def upload_details(upload: dict[str, Any]) -> str:
    """Return the details of what other people notice."""
    held, alone = sum(upload["checkers"]), upload["alone"]
    lines = [
        "\n## While others upload\n\n"
        f"{upload['readers']} sessions read three pages in turn, while a statistician drops the "
        "collection workbook on My returns again and again; measured at the WebSocket, in one run. "
        "A verdict counts from the dropped file to its findings on the page, with the queue.\n\n"
        "| | reruns | p50 ms | p95 ms | uploads | verdict p50 ms | serving process, of a core |\n"
        "|---|---|---|---|---|---|---|\n"
    ]
    for name, words in PHASES.items():
        phase = upload["phases"][name]
        pages, verdict = phase["pages"], phase.get("verdict")
        said = f"{verdict['p50']:.0f}" if verdict else ""
        lines.append(
            f"| {words} | {phase['reruns']} | {pages['p50']:.1f} | {pages['p95']:.1f} | "
            f"{phase['uploads']} | {said} | {phase['server_cpu'] * 100:.0f} % |\n"
        )
    lines.append(
        f"\nThe very first upload took {upload['first'] / 1000:.1f} s. With nobody else there, an "
        f"upload costs the serving process {alone['upload']:.0f} ms of processor time, a further "
        f"run of the page {alone['run']:.0f} ms; the verdict stands after {alone['verdict']:.0f} "
        f"ms. The serving process grew by {upload['memory']:.0f} MB; the processes beside it, "
        f"which check and which work out what the return changes, hold {held:.0f} MB.\n\nWhat "
        "dominates: the cores. The processes beside stand back behind the pages, yet two cores "
        "serve the pages, the checks, those who read and those who measure.\n"
    )
    return "".join(lines)
