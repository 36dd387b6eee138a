"""Which parts make a change: by their own rate, and by their weight in the whole?

A count's change is the sum of the changes of its parts. A rate R = ΣN ÷ ΣD also moves when no part
changes its own, because parts with high or low rates gain weight. With w the weight of a part in
the denominator, r its rate and bars for the mean of both sides,

    own rate  w̄ · Δr          weight  Δw · (r̄ − R̄)

add up over the parts to R₁ − R₀ exactly, since ΣΔw = 0. Both sides count alike: turned round, every
sign turns. A part without a denominator on one side (opened, closed, nothing happened) has no rate
of its own there; what it brings is its weight. What it has of the numerator without any denominator
is its own doing.

Source: Kitagawa 1955; Marshall 1887 and Bennet 1920 for the mean of both sides; the reference R̄
after Baldwin and Gu 2006. Worked out in fractions, so that nothing is lost in adding up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

Number = Fraction | None


@dataclass(frozen=True, slots=True)
class Pair:
    """What a part has on both sides: numerators and, of a rate or a mean, denominators.

    A missing number counts for nothing; a count has no denominators at all.
    """

    code: str
    now: Number
    base: Number
    size: Number = None
    base_size: Number = None

    def less(self, other: "Pair", code: str) -> "Pair":
        """Return what is left of this when another is taken away."""
        return Pair(
            code,
            *(
                None if mine is None else mine - (theirs or 0)
                for mine, theirs in zip(self.numbers, other.numbers, strict=True)
            ),
        )

    @property
    def numbers(self) -> tuple[Number, Number, Number, Number]:
        """The four numbers in the order of the fields."""
        return self.now, self.base, self.size, self.base_size

    @property
    def is_nothing(self) -> bool:
        """Whether it brings nothing on either side."""
        return not any(self.numbers)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a part adds to the change of the whole: by its own rate, by its weight, together.

    Of a count `weight` is nought and `own` the plain difference.
    """

    code: str
    own: Fraction
    weight: Fraction

    @property
    def total(self) -> Fraction:
        """The contribution of the part."""
        return self.own + self.weight


def together(parts: Sequence[Pair], code: str) -> Pair:
    """Return several parts as one.

    >>> together([Pair("a", Fraction(1), Fraction(2)), Pair("b", None, Fraction(3))], "both")
    Pair(code='both', now=Fraction(1, 1), base=Fraction(5, 1), size=None, base_size=None)
    """
    columns = zip(*(part.numbers for part in parts), strict=True)
    sums = [
        sum((n for n in column if n is not None), Fraction(0))
        if any(n is not None for n in column)
        else None
        for column in columns
    ]
    return Pair(code, *sums) if parts else Pair(code, None, None)


def effects(whole: Pair, parts: Sequence[Pair]) -> list[Effect] | None:
    """Return what each part adds to the change of the whole; parts must make up the whole.

    None where the whole has no rate on one of the sides.

    >>> whole = Pair("all", Fraction(70), Fraction(60), Fraction(100), Fraction(100))
    >>> a = Pair("a", Fraction(64), Fraction(40), Fraction(80), Fraction(50))
    >>> b = Pair("b", Fraction(6), Fraction(20), Fraction(20), Fraction(50))
    >>> [(e.code, float(e.own), float(e.weight)) for e in effects(whole, [a, b])]
    [('a', 0.0, 0.045), ('b', -0.035, 0.09)]
    """
    if whole.size is None and whole.base_size is None:
        nought = Fraction(0)
        return [Effect(p.code, (p.now or nought) - (p.base or nought), nought) for p in parts]
    if not whole.size or not whole.base_size or whole.now is None or whole.base is None:
        return None
    sizes = whole.size, whole.base_size
    middle = (whole.now / sizes[0] + whole.base / sizes[1]) / 2
    return [_effect(part, sizes, middle) for part in parts]


def _effect(part: Pair, sizes: tuple[Fraction, Fraction], middle: Fraction) -> Effect:
    """Return what a part adds to the change of a rate whose mean on both sides is known."""
    nought = Fraction(0)
    weights = (part.size or nought) / sizes[0], (part.base_size or nought) / sizes[1]
    share = (part.now or nought) / sizes[0] - (part.base or nought) / sizes[1]
    gained = weights[0] - weights[1]
    rates = [
        (part_of or nought) / size
        for part_of, size in ((part.now, part.size), (part.base, part.base_size))
        if size
    ]
    weight = gained * (sum(rates, nought) / len(rates) - middle) if rates else nought
    return Effect(part.code, share - gained * middle - weight, weight)
