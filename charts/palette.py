"""Which colours mean what, in the light and in the dark theme?

One table for pages, charts and documents. A reading colour never stands alone: an icon, a shape
or a word says the same. `mark` colours are for points and lines only, `text` colours reach
4.5:1 on the surface.
"""

FONT = '"PingFang SC","Microsoft YaHei","Noto Sans SC","Noto Sans CJK SC",sans-serif'

LIGHT = {
    "ink": "#1B2430",
    "muted": "#5B6675",
    "line": "#E3E8EF",
    "line_strong": "#C9D2DE",
    "page": "#F6F8FB",
    "surface": "#FFFFFF",
    "accent": "#1F4E8C",
    "accent_ground": "#E9EFF7",
    "band": "#EFF3F8",
    "better": "#1170AA",
    "better_text": "#0F669B",
    "better_ground": "#E4F0F8",
    "worse": "#D9691E",
    "worse_text": "#AD4A0B",
    "worse_ground": "#FCEBDF",
    "neutral": "#7A4EAB",
    "neutral_text": "#6B41A0",
    "neutral_ground": "#F1EAF8",
    "common": "#8A94A3",
    "missing": "#C8CED6",
    "seq1": "#D6E4F2",
    "seq2": "#8FB6DA",
    "seq3": "#3F7FB8",
}
DARK = {
    "ink": "#E8EDF4",
    "muted": "#A3AFBF",
    "line": "#2A3544",
    "line_strong": "#3B4859",
    "page": "#0F151D",
    "surface": "#171F2A",
    "accent": "#8DB8EC",
    "accent_ground": "#1E2E44",
    "band": "#202A37",
    "better": "#5FB0E5",
    "better_text": "#7CC0EE",
    "better_ground": "#15324A",
    "worse": "#F2935A",
    "worse_text": "#F7A878",
    "worse_ground": "#43281A",
    "neutral": "#B995E3",
    "neutral_text": "#C8ABEA",
    "neutral_ground": "#33264A",
    "common": "#8D98A8",
    "missing": "#4A5564",
    "seq1": "#24405C",
    "seq2": "#3C74A6",
    "seq3": "#7FB9E8",
}
# Reading → name of its colour; every other reading is common cause.
READING_COLOUR = {"better": "better", "worse": "worse", "up": "neutral", "down": "neutral"}


def palette(theme: str) -> dict[str, str]:
    """Return the colours of a theme; anything but `dark` is light.

    >>> palette("dark")["surface"], palette("light")["surface"]
    ('#171F2A', '#FFFFFF')
    """
    return DARK if theme == "dark" else LIGHT


def reading_colour(reading: str, theme: str) -> str:
    """Return the mark colour of a reading.

    >>> reading_colour("worse", "light"), reading_colour("not_significant", "light")
    ('#D9691E', '#8A94A3')
    """
    return palette(theme)[READING_COLOUR.get(reading, "common")]
