"""How is it said what happened to a unit?"""

from collections.abc import Mapping

from data.texts import text
from data.unit_history import Event


def told_event(event: Event, names: Mapping[str, str], lang: str) -> str:
    """Return what happened to a unit in a few words.

    >>> import datetime as dt
    >>> move = Event(dt.date(2024, 4, 1), "moved", "s", was="a", now="b")
    >>> told_event(move, {"a": "North", "b": "South"}, "en")
    'moved from North to South'
    """
    shares = [f"{names.get(code, code)} {share:.4g}" for code, share in event.shares]
    alone = names.get(event.shares[0][0], event.shares[0][0]) if event.shares else ""
    return text(
        f"units.event.{event.kind}",
        lang,
        unit=names.get(event.unit, event.unit),
        was=names.get(event.was or "", event.was or "—"),
        now=names.get(event.now or "", event.now or "—"),
        shares=text("units.event.and", lang).join(shares),
        taker=alone,
    )
