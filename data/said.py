"""How does an error reach a person in their own language?

An error that a person can cause carries the key and the values of its text; whoever shows it says
it in the language of the moment. `str()` is English, for logs.
"""

from data.texts import text


class SpokenError(ValueError):
    """An error with a text in both languages."""

    def __init__(self, *, key: str, **values: object) -> None:
        self.key = key
        self.values = values
        super().__init__(key)

    def say(self, lang: str) -> str:
        """Return the sentence in a language."""
        return text(self.key, lang, **self.values)

    def __str__(self) -> str:
        return self.say("en")


class RefusedError(SpokenError):
    """The viewer may not do this; the text says who may."""


def say(error: Exception, lang: str) -> str:
    """Return what an error says to a person: its own text, or its English message in one line.

    >>> say(ValueError("units.csv: line 3: expected 9 fields"), "zh")
    'units.csv: line 3: expected 9 fields'
    """
    if isinstance(error, SpokenError):
        return error.say(lang)
    return " ".join(str(error).split()) or type(error).__name__
