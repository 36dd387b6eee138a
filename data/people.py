"""How is a person called who did something: by their own name, or by office and role?"""

from data.access import ROLES
from data.definition_types import Catalog
from data.texts import text


def person_called(catalog: Catalog, user: str, lang: str) -> str:
    """Return the name of a person; who is not listed is called by what the sign-in name says.

    Offices give out names such as minghu_statistician: the unit's short name and the role. Any
    other name stands for itself.
    """
    for person in catalog.bureau.people:
        if person.user == user:
            return person.name.get(lang)
    place, _, role = user.rpartition("_")
    units = [unit for unit in catalog.units if unit.short.get("en").lower() == place.lower()]
    if role not in ROLES or len(units) != 1:
        return user
    unit = units[0]
    name = unit.name.get("zh") if lang == "zh" else unit.short.get("en")
    return text(f"office.{role}", lang, unit=name)
