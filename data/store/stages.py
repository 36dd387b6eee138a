"""Which states does a return pass, what may be done to it in each, and by whom?

The table is data: the store looks up here whether an act is possible, the documentation prints it,
and the tests walk every cell of it.
"""

from dataclasses import dataclass

STATES = ("checked", "confirming", "submitted", "reviewed", "returned", "approved", "replaced")
ACTIONS = ("submit", "answer", "confirm", "refuse", "accept", "return")
#: Not decided yet: a later file of the same return takes the place of these.
PENDING = ("checked", "confirming", "submitted", "reviewed")
#: Out of the filer's hands, its figures not counted yet.
WAITING = ("confirming", "submitted", "reviewed")


@dataclass(frozen=True, slots=True)
class Step:
    """What an act makes of a return in a state; of several outcomes the return decides which.

    `who` may do it: filer, unit (a person of the unit whose rows were typed) or reviewer. The
    state "" is that of a return of which nothing has been filed.
    """

    state: str
    action: str
    who: str
    becomes: tuple[str, ...]


LIFE = (
    Step("", "submit", "filer", ("checked", "confirming", "submitted")),
    *(Step(state, "submit", "filer", ("replaced",)) for state in PENDING),
    *(Step(state, "submit", "filer", (state,)) for state in ("returned", "approved", "replaced")),
    Step("checked", "answer", "filer", ("checked", "confirming", "submitted")),
    Step("confirming", "answer", "filer", ("confirming",)),
    Step("submitted", "answer", "filer", ("submitted",)),
    Step("confirming", "confirm", "unit", ("confirming", "submitted")),
    Step("confirming", "refuse", "unit", ("returned",)),
    Step("submitted", "accept", "reviewer", ("reviewed", "approved")),
    Step("reviewed", "accept", "reviewer", ("reviewed", "approved")),
    Step("submitted", "return", "reviewer", ("returned",)),
    Step("reviewed", "return", "reviewer", ("returned",)),
)
_BY_PLACE = {(step.state, step.action): step for step in LIFE}


def step_of(state: str, action: str) -> Step | None:
    """Return what an act does to a return in a state, None where it cannot be done.

    >>> step_of("confirming", "refuse").becomes
    ('returned',)
    >>> step_of("approved", "accept") is None
    True
    """
    return _BY_PLACE.get((state, action))


def filed_state(open_queries: int, unconfirmed: int) -> str:
    """Return where a return stands once it has been filed, explained or confirmed.

    >>> filed_state(2, 1), filed_state(0, 1), filed_state(0, 0)
    ('checked', 'confirming', 'submitted')
    """
    if open_queries:
        return "checked"
    return "confirming" if unconfirmed else "submitted"


def next_level(route: str, passed: int) -> str | None:
    """Return the review level that a return waits for after so many have accepted it.

    A route without levels takes one acceptance, of anybody who may review.

    >>> next_level("county city", 1), next_level("county city", 2), next_level("", 0)
    ('city', None, None)
    """
    levels = route.split()
    return levels[passed] if passed < len(levels) else None
