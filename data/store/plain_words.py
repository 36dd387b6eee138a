"""May these words be kept: an explanation, a reason, a note that somebody types?"""

from data.returns.personal_words import personal_in
from data.said import RefusedError


def kept_words(words: str, where: str = "") -> str:
    """Return words as they are kept; refuse what is about a person.

    `where` names the cell that an explanation stands for, if it is one of many.

    >>> kept_words("  the ledger was read again ")
    'the ledger was read again'
    """
    found = personal_in(words)
    if found:
        key = f"store.refused.personal_{found}"
        raise RefusedError(key=f"{key}_at" if where else key, **({"cell": where} if where else {}))
    return words.strip()
