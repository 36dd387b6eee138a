"""In whose name, on which store and by which definitions does a command run?"""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from data.access import OPERATOR, Viewer, may_see, viewer_for
from data.definition_types import Catalog, Form
from data.parse import nearest
from data.periods import parse_period
from data.said import SpokenError
from data.store.database import Store, open_store
from data.units import Tree, tree

LAST_DAY = dt.date(9998, 12, 31)  # days after it have no end in every time zone


class UsageError(SpokenError):
    """The command cannot be carried out as it was typed."""


@dataclass
class Session:
    """What the global options say; each part is opened when it is first needed."""

    user: str | None
    store_url: str | None
    definitions: str | None
    lang: str

    def require_folder(self) -> None:
        """Refuse a definitions folder that is not there, whether or not the verb reads it."""
        if self.definitions and not Path(self.definitions).is_dir():
            raise UsageError(key="cli.error.no_folder", folder=self.definitions)

    @cached_property
    def catalog(self) -> Catalog:
        """The definitions in force."""
        from data.catalog import load_catalog

        return load_catalog(self.definitions)

    @cached_property
    def tree(self) -> Tree:
        """The units as they hang together today."""
        return tree(self.catalog)

    @cached_property
    def viewer(self) -> Viewer:
        """The person named by --as, or the local operator."""
        return viewer_for(self.catalog, self.user) if self.user else OPERATOR

    @cached_property
    def store(self) -> Store:
        """The record."""
        return open_store(self.store_url)

    def close(self) -> None:
        """Let go of the record's connections."""
        if "store" in self.__dict__:
            self.store.engine.dispose()

    def created_store(self) -> Store:
        """The record, set up now if it is not there yet."""
        self.store.init(self.catalog.bureau.timezone)
        return self.store

    @property
    def top(self) -> str:
        """The highest unit that the viewer sees."""
        return self.viewer.unit or self.catalog.bureau.root

    def unit(self, code: str) -> str:
        """Return the code of a unit named by code or name, within the viewer's sight."""
        found = self._unit_code(code)
        if not may_see(self.viewer, found):
            raise UsageError(key="cli.error.scope", unit=code, user=self.viewer.name)
        return found

    def _unit_code(self, written: str) -> str:
        if written in self.tree.units:
            return written
        found = []
        for code, item in self.tree.units.items():
            names = (item.name.zh, item.name.en, item.short.zh, item.short.en)
            if written.casefold() in [name.casefold() for name in names]:
                found.append(code)
        if len(found) == 1:
            return found[0]
        if found:  # a unit that was opened anew often bears the name of a closed one
            raise UsageError(key="cli.error.same_name", unit=written, codes=", ".join(found))
        known = list(self.tree.units)
        for item in self.tree.units.values():
            known += [item.name.zh, item.name.en, item.short.zh, item.short.en]
        raise UsageError(key="cli.error.unit", unit=written, hint=nearest(written, known))

    def level(self, code: str) -> str:
        """Return a level of the bureau."""
        known = [level.code for level in self.catalog.bureau.levels]
        if code not in known:
            hint = nearest(code, known)
            raise UsageError(key="cli.error.level", level=code, hint=hint, allowed=", ".join(known))
        return code

    def indicators(self, written: str) -> list[str]:
        """Return the indicators of a list such as `recorded,cleared`."""
        codes = listed(written, "--indicator")
        for code in codes:
            if code not in self.catalog.indicators:
                hint = nearest(code, self.catalog.indicators)
                raise UsageError(key="cli.error.indicator", indicator=code, hint=hint)
        return codes

    def form(self, code: str) -> Form:
        """Return a form of the bureau."""
        forms = {name.casefold(): form for name, form in self.catalog.forms.items()}
        if code.casefold() not in forms:
            allowed = ", ".join(self.catalog.forms)
            hint = nearest(code, self.catalog.forms)
            raise UsageError(key="cli.error.form", form=code, hint=hint, allowed=allowed)
        return forms[code.casefold()]


def listed(written: str, option: str) -> list[str]:
    """Return the words of a list such as `a,b`, each once; a list of nothing is refused.

    >>> listed("a, b,a", "--unit")
    ['a', 'b']
    """
    words = dict.fromkeys(part.strip() for part in written.split(",") if part.strip())
    if not words:
        raise UsageError(key="cli.error.nothing", option=option)
    return list(words)


def month(written: str) -> dt.date:
    """Return a month typed as 2024-10."""
    try:
        return parse_period(written)
    except ValueError:
        raise UsageError(key="cli.error.period", period=written) from None


def day(written: str) -> dt.date:
    """Return a day typed as 2024-11-05; the last day of the calendar stands for no end."""
    try:
        return min(dt.date.fromisoformat(written), LAST_DAY)
    except ValueError:
        raise UsageError(key="cli.error.day", day=written) from None


def word(written: str, allowed: tuple[str, ...], option: str) -> str:
    """Return a word that must be one of those allowed for an option."""
    if written not in allowed:
        hint = nearest(written, allowed)
        values = {"value": written, "hint": hint, "allowed": ", ".join(allowed)}
        raise UsageError(key="cli.error.word", option=option, **values)
    return written
