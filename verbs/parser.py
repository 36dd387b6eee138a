"""How is a verb declared: its options, and an error in one line that names the nearest option?"""

import argparse
import re
import sys
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NoReturn

from data.parse import nearest
from data.texts import text

GLOBAL = ("--as", "--store", "--definitions", "--lang")
FORMATS = ("csv", "json", "table")
# How argparse words a value outside its choices.
CHOICE = re.compile(r"argument (.+?): invalid choice: '(.*?)' \(choose from (.*)\)")


class Parser(argparse.ArgumentParser):
    """A parser that complains in one line and names the nearest option."""

    lang = "en"

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the command, and exit 2."""
        found = CHOICE.fullmatch(message)
        if found:
            allowed = re.findall(r"'([^']*)'", found[3])
            values = {"value": found[2], "hint": nearest(found[2], allowed)}
            shown = ", ".join(allowed)
            message = text("cli.error.choice", self.lang, what=found[1], allowed=shown, **values)
        sys.stderr.write(f"{self.prog}: {message}\n")
        raise SystemExit(2)

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Return the options; an unknown one is named with its nearest neighbour.

        An option that is given nothing, as a script with an empty variable does, is refused: taken
        as left out, it would answer another question.
        """
        for word, following in pairwise((*(args or ()), "-")):
            name, equals, value = word.partition("=")
            if word.startswith("--") and not (value if equals else following).strip():
                self.error(text("cli.error.nothing", self.lang, option=name))
        found, unknown = self.parse_known_args(args, namespace)
        if unknown:
            self.error(self.unknown(unknown[0], getattr(found, "options", ())))
        return found

    def unknown(self, word: str, options: Sequence[str]) -> str:
        """Return the sentence about an option or word that nobody expects."""
        name = word.split("=")[0]
        if name in GLOBAL:
            return text("cli.error.global", self.lang, option=name)
        return text("cli.error.option", self.lang, option=word, hint=nearest(name, options))


def verb(
    verbs: Any, lang: str, name: str, run: str, *options: tuple, table: bool = False, **more: Any
) -> argparse.ArgumentParser:
    """Add a verb with its options, each a tuple of names and settings."""
    about = text(f"cli.verb.{more.get('key', name)}", lang)
    parser = verbs.add_parser(name, help=_plain(about), description=about, allow_abbrev=False)
    for names, settings in options:
        settings = dict(settings)
        if "key" in settings:
            settings["help"] = _plain(text(f"cli.option.{settings.pop('key')}", lang))
        parser.add_argument(*names, **settings)
    if table:
        form = _plain(text("cli.option.format", lang))
        parser.add_argument("--format", choices=FORMATS, help=form)
    known = [name for action in parser._actions for name in action.option_strings]
    parser.set_defaults(run=run, options=known)
    return parser


def _plain(words: str) -> str:
    """Return words as argparse wants them, to which a % is the start of a place to fill."""
    return words.replace("%", "%%")


def option(*names: str, **settings: Any) -> tuple:
    """Return an option: its names, and its settings with the key of its text."""
    return names, settings


def needed(one: tuple) -> tuple:
    """Return an option that must be given."""
    return one[0], {**one[1], "required": True}


def group(verbs: Any, lang: str, name: str) -> Any:
    """Add a group of verbs and return where they are added."""
    about = text(f"cli.verb.{name}", lang)
    parser = verbs.add_parser(name, help=_plain(about), description=about, allow_abbrev=False)
    return parser.add_subparsers(metavar="VERB", required=True, parser_class=Parser)
