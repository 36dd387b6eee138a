"""The command line: each verb that a page offers, as a command (contract: docs/command-line.md).

Data goes to standard output, words to standard error. Exit 0 is fine, 1 means mandatory findings in
the input, 2 a command that cannot be carried out; it says why in one line.
"""

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from importlib import import_module
from typing import Any

from data.said import say
from data.texts import text
from verbs.parser import Parser as _Parser
from verbs.parser import group as _group
from verbs.parser import needed as _needed
from verbs.parser import option as _option
from verbs.parser import verb as _verb


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        # Chinese names must come out whatever the terminal or the pipe is set to.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")
    lang = language(arguments)
    try:
        args = build_parser(lang).parse_args(arguments)
        from verbs.session import Session

        module, name = args.run.split(":")
        with closing(Session(args.user, args.store, args.definitions, lang)) as session:
            session.require_folder()
            return getattr(import_module(f"verbs.{module}"), name)(session, args)
    except BrokenPipeError:
        # The reader of our output has gone, as `head` does: no reason to complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 - a person at a terminal gets a line, not a traceback
        if os.environ.get("KPI_DEBUG"):
            raise
        sys.stderr.write(f"kpi: {explain(error, lang)}\n")
        return 2


def explain(error: Exception, lang: str) -> str:
    """Return one line about an error; one that nobody foresaw says its kind."""
    if isinstance(error, OSError):
        parts = (error.filename, error.strerror)
        return ": ".join(str(part) for part in parts if part) or type(error).__name__
    if isinstance(error, ValueError):
        return say(error, lang)
    return text("cli.error.internal", lang, kind=type(error).__name__, reason=say(error, lang))


def language(arguments: Sequence[str]) -> str:
    """Return the language of our words: --lang, or what the terminal is set to.

    >>> language(["--lang", "zh", "init"]), language(["--lang=en", "init"])
    ('zh', 'en')
    """
    found = ""
    for place, word in enumerate(arguments):
        given = word.partition("=")[2] if word.startswith("--lang=") else ""
        if word == "--lang" and place + 1 < len(arguments):
            given = arguments[place + 1]
        found = given if given in ("zh", "en") else found
    if found:
        return found
    settings = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "zh" if next((s for s in settings if s), "").lower().startswith("zh") else "en"


def build_parser(lang: str) -> argparse.ArgumentParser:
    """Return the parser of every verb."""
    _Parser.lang = lang
    parser = _Parser(prog="kpi", description=text("cli.about", lang), allow_abbrev=False)
    said = {
        name: text(f"cli.option.{name}", lang) for name in ("as", "store", "definitions", "lang")
    }
    parser.add_argument("--as", dest="user", metavar="USER", help=said["as"])
    parser.add_argument("--store", metavar="URL", help=said["store"])
    parser.add_argument("--definitions", metavar="DIR", help=said["definitions"])
    parser.add_argument("--lang", choices=("zh", "en"), help=said["lang"])
    verbs = parser.add_subparsers(metavar="VERB", required=True, parser_class=_Parser)
    for declare in VERBS:
        declare(verbs, lang)
    return parser


def _int_port(written: str) -> int:
    return int(written) if written.isdecimal() else -1


FORM = _option("--form", metavar="F", key="form")
UNIT = _option("--unit", metavar="U", key="unit")
PERIOD = _option("--period", metavar="P", key="period")
SERVED = (
    _option("--host", default="127.0.0.1", key="host"),
    _option("--port", type=_int_port, default=8501, key="port"),
)


def _house(verbs: Any, lang: str) -> None:
    build = _option("--build-only", action="store_true", key="build_only")
    _verb(verbs, lang, "demo", "house:demo", *SERVED, build)
    _verb(verbs, lang, "serve", "house:serve", *SERVED)
    _verb(verbs, lang, "init", "house:init")
    group = _group(verbs, lang, "definitions")
    folder = _option("folder", nargs="?", key="folder")
    _verb(group, lang, "check", "house:definitions_check", folder, key="definitions_check")
    group = _group(verbs, lang, "user")
    _verb(group, lang, "list", "house:user_list", table=True, key="user_list")
    group = _group(verbs, lang, "audit")
    _verb(group, lang, "verify", "house:audit_verify", key="audit_verify")


def _returns(verbs: Any, lang: str) -> None:
    file = _option("file", metavar="FILE", key="file")
    files = _option("files", nargs="+", metavar="FILE", key="file")
    vintage = _option("--vintage", metavar="DATE", key="vintage")
    definition = _option("--definition", metavar="VERSION", key="definition")
    output = _option("-o", "--output", metavar="FILE", key="output")
    _verb(
        verbs, lang, "import", "returns:import_",
        files, _needed(FORM), UNIT, PERIOD, vintage, definition, table=True,
    )  # fmt: skip
    _verb(
        verbs, lang, "template", "template:template",
        _needed(FORM), _needed(UNIT), _needed(PERIOD), _needed(output),
        _option("--each", action="store_true", key="each"),
        _option("--fill", metavar="FILE|record", key="fill"),
    )  # fmt: skip
    effect = _option("--effect", action="store_true", key="effect")
    errors = _option("--errors", metavar="FILE", key="errors")
    report = _option("--report", metavar="FILE", key="report")
    _verb(
        verbs, lang, "check", "returns:check",
        file, FORM, UNIT, PERIOD, output, errors, report, effect, table=True,
    )  # fmt: skip


def _desk(verbs: Any, lang: str) -> None:
    file = _option("file", metavar="FILE", key="file")
    number = _option("id", metavar="ID", key="id")
    why = _option("--reason", metavar="WHY", key="reason")
    _verb(verbs, lang, "submit", "desk:submit", file, FORM, UNIT, PERIOD, why, table=True)
    cell = _option("--cell", metavar="C", required=True, key="cell")
    words = _option("text", metavar="TEXT", key="text")
    _verb(verbs, lang, "answer", "desk:answer_", number, cell, words, table=True)
    refuse = _option("--refuse", dest="reason", metavar="WHY", key="refuse")
    _verb(verbs, lang, "confirm", "desk:confirm_", number, UNIT, refuse, table=True)
    parser = _verb(verbs, lang, "review", "desk:review_", number, table=True)
    choice = parser.add_mutually_exclusive_group(required=True)
    choice.add_argument("--accept", action="store_true", help=text("cli.option.accept", lang))
    choice.add_argument(
        "--return", dest="reason", metavar="WHY", help=text("cli.option.return", lang)
    )
    maybe = _option("id", nargs="?", metavar="ID", key="id")
    differs = _option("--diff", action="store_true", key="diff")
    missing = _option("--chase", action="store_true", key="chase")
    receipt = _option("--receipt", action="store_true", key="receipt")
    output = _option("-o", "--output", metavar="FILE", key="output")
    verify = _option("--verify", metavar="CODE", key="verify")
    _verb(
        verbs, lang, "returns", "desk:returns",
        maybe, PERIOD, differs, missing, receipt, verify, output, table=True,
    )  # fmt: skip
    until = _option("--until", metavar="DAY", required=True, key="until")
    _verb(
        verbs, lang, "extend", "desk:extend_",
        _needed(FORM), _needed(UNIT), _needed(PERIOD), until, _needed(why),
    )  # fmt: skip
    again = _option("--open", action="store_true", key="open")
    _verb(verbs, lang, "lock", "desk:lock_", _needed(PERIOD), FORM, UNIT, again, why)
    _verb(
        verbs, lang, "quality", "quality:quality",
        PERIOD,
        _option("--from", dest="start", metavar="P", key="from"),
        _option("--to", dest="end", metavar="P", key="to"),
        UNIT, _option("--by", metavar="B", key="by"),
        _option("--record", action="store_true", key="record"), table=True,
    )  # fmt: skip


def _integrity(verbs: Any, lang: str) -> None:
    parser = _verb(
        verbs, lang, "integrity", "integrity:integrity",
        UNIT, _option("--level", metavar="L", key="level"),
        _option("--from", dest="start", metavar="P", key="integrity_from"),
        _option("--to", dest="end", metavar="P", key="integrity_to"),
        _option("--past", action="store_true", key="integrity_past"), table=True,
    )  # fmt: skip
    group = parser.add_subparsers(metavar="VERB", required=False, parser_class=_Parser)
    key = _option("key", metavar="KEY", key="question_key")
    said = _option("text", metavar="TEXT", key="text")
    maybe = _option("text", metavar="TEXT", nargs="?", key="text")
    how = _option("--outcome", metavar="O", required=True, key="outcome")
    _verb(group, lang, "answer", "integrity:answer_", key, said, table=True, key="integrity_answer")
    _verb(
        group, lang, "close", "integrity:close_", key, maybe, how, table=True,
        key="integrity_close",
    )  # fmt: skip


def _figures(verbs: Any, lang: str) -> None:
    indicator = _option("--indicator", metavar="I[,I]", required=True, key="indicator")
    window = _option("--window", metavar="W", default="month", key="window")
    as_of = _option("--as-of", metavar="DATE", key="as_of")
    _verb(
        verbs, lang, "figures", "figures:figures",
        indicator, UNIT, _option("--level", metavar="L", key="level"),
        _option("--from", dest="start", metavar="P", key="from"),
        _option("--to", dest="end", metavar="P", key="to"),
        PERIOD, window,
        _option("--compare", metavar="C[,C]", key="compare"),
        _option("--basis", metavar="B", default="now", key="basis"),
        _option("--view", metavar="V", key="view"),
        as_of, table=True,
    )  # fmt: skip
    _verb(
        verbs, lang, "release", "release:release",
        _option("--indicator", metavar="I[,I]", key="indicator"), PERIOD,
        _option("--from", dest="start", metavar="P", key="from"),
        _option("--to", dest="end", metavar="P", key="to"), table=True,
    )  # fmt: skip
    _verb(
        verbs, lang, "passport", "passport:passport",
        indicator, UNIT, _needed(PERIOD), window,
        _option("--basis", metavar="B", default="now", key="basis"), as_of,
        _option("--offset", type=int, default=0, key="offset"),
        _option("--limit", type=int, default=200, key="limit"),
        _option("--detail", action="store_true", key="detail"), table=True,
    )  # fmt: skip
    _verb(
        verbs, lang, "stages", "stages:stages",
        UNIT, _needed(PERIOD), _option("--chain", metavar="C", key="chain"),
        _option("--basis", metavar="B", default="now", key="basis"), as_of, table=True,
    )  # fmt: skip
    _verb(
        verbs, lang, "contributions", "contributions:contributions",
        _option("--indicator", metavar="I", required=True, key="indicator_one"),
        UNIT, _needed(PERIOD), window,
        _option("--compare", metavar="C", default="yoy", key="compare_one"),
        _option("--by", metavar="B", default="units", key="contributions_by"),
        _option("--basis", metavar="B", default="now", key="basis"), as_of, table=True,
    )  # fmt: skip
    _verb(
        verbs, lang, "revisions", "revisions:revisions",
        indicator, UNIT, _option("--level", metavar="L", key="level"),
        _option("--from", dest="start", metavar="P", key="from"),
        _option("--to", dest="end", metavar="P", key="to"),
        PERIOD, window, _option("--basis", metavar="B", default="now", key="basis_figures"), as_of,
        _option("--summary", action="store_true", key="summary"),
        _option("--only-revised", action="store_true", key="only_revised"), table=True,
    )  # fmt: skip
    _verb(
        verbs, lang, "wellbeing", "wellbeing:wellbeing",
        UNIT, _option("--level", metavar="L", key="level"),
        _option("--from", dest="start", metavar="P", key="from"),
        _option("--to", dest="end", metavar="P", key="to"), PERIOD,
        _option("--basis", metavar="B", default="now", key="basis_figures"), as_of, table=True,
    )  # fmt: skip
    _verb(
        verbs, lang, "evaluate", "figures:evaluate",
        _option("--scheme", metavar="S", required=True, key="scheme"),
        _option("--round", metavar="R", required=True, key="round"),
        _option("--level", metavar="L", key="level"),
        _option("--basis", metavar="B", default="now", key="basis"), as_of,
        _option("--standings", action="store_true", key="standings"), table=True,
    )  # fmt: skip


def _editions(verbs: Any, lang: str) -> None:
    group = _group(verbs, lang, "edition")
    named = _option("name", metavar="NAME", key="edition_name")
    maybe = _option("name", nargs="?", metavar="NAME", key="edition_name")
    _verb(
        group, lang, "make", "editions:make", named, _needed(PERIOD),
        _option("--as-of", metavar="DATE", key="as_of"),
        _option("--basis", metavar="B", default="now", key="basis_figures"),
        _option("--note", metavar="TEXT", key="edition_note"), table=True, key="edition_make",
    )  # fmt: skip
    _verb(group, lang, "list", "editions:list_", table=True, key="edition_list")
    against = _option("--against", metavar="NAME", key="edition_against")
    figures = _option("--figures", action="store_true", key="edition_figures")
    _verb(
        group, lang, "show", "editions:show_", named, against, figures, table=True,
        key="edition_show",
    )  # fmt: skip
    _verb(group, lang, "verify", "editions:verify", maybe, table=True, key="edition_verify")


def _units(verbs: Any, lang: str) -> None:
    group = _group(verbs, lang, "units")
    file = _option("file", metavar="FILE", key="units_file")
    maybe = _option("unit", nargs="?", metavar="UNIT", key="unit")
    output = _option("-o", "--output", metavar="FILE", key="output")
    folder = _option("-o", "--output", metavar="FOLDER", key="units_folder")
    _verb(group, lang, "list", "units:units_list", PERIOD, table=True, key="units_list")
    _verb(group, lang, "history", "units:units_history", maybe, table=True, key="units_history")
    _verb(group, lang, "template", "units:units_template", _needed(output), key="units_template")
    _verb(group, lang, "check", "units:units_check", file, table=True, key="units_check")
    _verb(group, lang, "apply", "units:units_apply", file, folder, table=True, key="units_apply")


def _analyses(verbs: Any, lang: str) -> None:
    group = _group(verbs, lang, "analyse")
    table = _option("--input", metavar="FILE.csv", required=True, key="analyse_input")
    _verb(
        group, lang, "spc", "analyse:spc", table,
        _option("--series", metavar="FILE.csv", key="analyse_series"),
        _option("--chart", metavar="xmr|auto|c|p", default="xmr", key="analyse_chart"),
        _option("--summary", action="store_true", key="analyse_summary"),
        table=True, key="analyse_spc",
    )  # fmt: skip
    _verb(
        group, lang, "funnel", "analyse_funnel:funnel", table,
        _option("--type", metavar="PR|RC|SR", required=True, key="funnel_type"),
        _option("--sr-method", metavar="M", default="SHMI", key="sr_method"),
        _option("--overdispersion", action="store_true", key="overdispersion"),
        _option("--trim", type=float, default=0.1, key="trim"),
        _option("--limit", metavar="95|99", default="99", key="funnel_limit"),
        _option("--multiplier", type=float, default=1.0, key="multiplier"),
        _option("--corrected", action="store_true", key="corrected"),
        _option("--counted", action="store_true", key="counted"),
        _option("--standardise", metavar="COLUMN", key="standardise"),
        _option("--group", metavar="COLUMN", default="group", key="funnel_group"),
        table=True, key="analyse_funnel",
    )  # fmt: skip
    _verb(
        group, lang, "disclosure", "disclosure:disclosure", table,
        _option("--threshold", type=float, default=5.0, key="threshold"),
        _option("--primary", metavar="ROW:COLUMN[,..]", key="primary"),
        _option("--marked", action="store_true", key="marked"),
        table=True, key="analyse_disclosure",
    )  # fmt: skip


def _forms(verbs: Any, lang: str) -> None:
    group = _group(verbs, lang, "form")
    file = _option("file", metavar="FILE", key="file")
    output = _option("-o", "--output", metavar="FORM.toml", key="output")
    new = _option("--new", metavar="DIR", key="new")
    _verb(group, lang, "draft", "form:draft", file, output, new, key="form_draft")


VERBS: tuple[Callable[[Any, str], None], ...] = (
    _house,
    _returns,
    _desk,
    _integrity,
    _figures,
    _editions,
    _units,
    _forms,
    _analyses,
)

if __name__ == "__main__":
    raise SystemExit(main())
