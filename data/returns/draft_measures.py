"""Which measures does a table propose, and how would they be entered in measures.toml?

A code is made of the label's letters where these are Latin or Cyrillic, else of its place. Names
stay in the file's language; a label in two languages is taken apart.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from data.returns.draft_grid import number_of, said
from data.returns.draft_toml import comment, line

CYRILLIC = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюяәғқңөұүһі",
        ("a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh shch _ y _ e yu ya "
         "a g q n o u u h i").replace("_", "").split(" "),
        strict=True,
    )
)  # fmt: skip
CJK = re.compile(r"[㐀-鿿]")
UNIT_MARK = re.compile(r"[(（]([^()（）]{1,20})[)）]\s*$")
MONEY = re.compile(
    r"元|金额|金額|资金|тенге|руб|\bvalue\b|value_of|amount|money|rupee|dollar|euro|r\$|£|€|\$",
    re.IGNORECASE,
)
PERSON = re.compile(
    r"人$|人[数數员員]|persons?\b|people|victims?\b|offenders?\b|лиц", re.IGNORECASE
)
PERCENT = re.compile(r"[%％]|率|percent|per cent|rate\b|share\b|процент", re.IGNORECASE)
LONGEST = 40


@dataclass
class Proposal:
    """A measure that a table seems to hold: its code, its label by parts, what its numbers are."""

    code: str
    name: str
    words: dict[str, str] = field(default_factory=dict)
    unit: str = ""
    decimals: int = 0
    is_total: bool = False


def slug(text: str) -> str:
    """Return a text as a code: small letters, digits and underscores; empty for other scripts.

    >>> slug("Stock-theft (cattle)"), slug("Кража"), slug("São João"), slug("竊盜")
    ('stock_theft_cattle', 'krazha', 'sao_joao', '')
    """
    spelt = "".join(CYRILLIC.get(sign, sign) for sign in text.casefold())
    plain = unicodedata.normalize("NFKD", spelt).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")


def code_for(name: str, fallback: str, taken: set[str]) -> str:
    """Return a new code for a measure, not longer than a code may be.

    >>> code_for("Murder", "m1", {"murder"}), code_for("竊盜", "m7", set())
    ('murder_2', 'm7')
    """
    base = slug(name)
    if len(base) < 3 or not base[0].isalpha():
        base = fallback
    short = base[: LONGEST - 4].rstrip("_")
    code, number = short, 1
    while code in taken:
        number += 1
        code = f"{short}_{number}"
    taken.add(code)
    return code


def telling(labels: Sequence[str]) -> dict[str, str]:
    """Return labels without the words that all of them share, for the sake of short codes.

    >>> telling(["Cases_Property_Stolen", "Value_of_Property_Stolen"])
    {'Cases_Property_Stolen': 'cases', 'Value_of_Property_Stolen': 'value_of'}
    """
    words = {label: slug(label).split("_") for label in labels}
    shared = set.intersection(*map(set, words.values())) if len(words) > 1 else set()
    found = {}
    for label, parts in words.items():
        kept = [part for part in parts if part not in shared]
        found[label] = "_".join(kept or parts)
    return found


def both_names(name: str) -> tuple[str, str]:
    """Return a name in Chinese and in English: its two halves, or twice the same.

    >>> both_names("破獲數 / Cases Cleared"), both_names("Murder")
    (('破獲數', 'Cases Cleared'), ('Murder', 'Murder'))
    """
    parts = [part.strip() for part in name.split(" / ")]
    chinese = [part for part in parts if CJK.search(part)]
    others = [part for part in parts if not CJK.search(part) and re.search("[A-Za-z]", part)]
    if len(chinese) == 1 and len(others) == 1 and len(parts) == 2:
        return chinese[0], others[0]
    return name, name


def numbers_of(texts: Sequence[str | None]) -> list[float]:
    """Return the numbers among the cells of a measure."""
    return [value for text in texts if text and (value := number_of(text)) is not None]


def describe(proposal: Proposal, texts: Sequence[str | None], hint: str) -> None:
    """Fill in what the cells and headings of a measure tell: its unit of measure and decimals."""
    mark = UNIT_MARK.search(proposal.name)
    proposal.unit = mark[1] if mark else hint
    # Fractions that were calculated have more digits than anybody would file.
    written = [said(text) for text in texts]
    decimals = [len(t.partition(".")[2].rstrip("0")) for t in written if number_of(t) is not None]
    proposal.decimals = min(max(decimals, default=0), 6)


def entry(
    proposal: Proposal, form: str, frequency: str, category: str, filers: Sequence[str]
) -> str:
    """Return a measure as an entry of measures.toml."""
    zh, en = both_names(proposal.name)
    about = f"{proposal.name} {proposal.unit}"
    windows = {"M": ["month", "quarter", "half", "ytd", "year", "rolling12"],
               "Q": ["quarter", "half", "ytd", "year"], "H": ["half", "ytd", "year"],
               "A": ["ytd", "year"]}[frequency]  # fmt: skip
    kind, value_type, notes = "count", "count", []
    extra: list[str] = []
    if PERCENT.search(about) or proposal.decimals and not MONEY.search(about):
        kind, value_type = "index", "score"
        windows = [{"M": "month", "Q": "quarter", "H": "half", "A": "year"}[frequency]]
        extra = ['roll = "none"', 'over_time = "none"', f"decimals = {max(proposal.decimals, 2)}"]
        notes.append("Not added up: it looks like a rate or a mean. If it is one, define it as an"
                     " indicator of its parts instead.")  # fmt: skip
    elif MONEY.search(about):
        value_type, extra = "money", [f"decimals = {proposal.decimals}"]
    elif PERSON.search(about):
        value_type = "person"
    if proposal.is_total:
        notes.append("Its label names a total: keep it apart from its parts, never add both.")
    unit = proposal.unit or ("%" if PERCENT.search(about) else "")
    if value_type == "money" and not unit:
        notes.append("The table does not say in what money it is: write its unit, 元 or 万元.")
    plain = {"person": ("人", "persons"), "money": ("元", "money")}.get(value_type, ("件", "cases"))
    rows = [
        f"[{proposal.code}]",
        *[comment(note) for note in notes],
        line("name", {"zh": zh, "en": en}),
        *([line("label", {"zh": proposal.name, "en": proposal.name})] if zh != en else []),
        line("definition", {"zh": zh, "en": en}),
        line("category", category),
        line("form", form),
        line("filers", list(filers)),
        line("unit", {"zh": unit or plain[0], "en": unit or plain[1]}),
        line("value_type", value_type),
        line("kind", kind),
        line("frequency", frequency),
        *extra,
        line("windows", windows),
    ]
    return "\n".join(rows)
