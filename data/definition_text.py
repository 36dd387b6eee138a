"""How is a text carried that exists in both languages?"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """A text in both languages."""

    zh: str
    en: str

    def get(self, lang: str) -> str:
        """Return the text in a language.

        >>> Text("接处警", "Calls").get("en")
        'Calls'
        """
        return self.en if lang == "en" else self.zh


EMPTY = Text("", "")
