"""Where is a return between upload and submission? In the server's memory, one draft a person.

A draft outlasts reruns, a change of page and a reload of the browser, not a restart of the server;
the record knows nothing of it. It belongs to a person, a unit and a month of one record.
"""

import os
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from data.checks.findings import finding_id
from data.checks.run import CheckedReturn, answer_findings
from ui.scope import Scope

#: So many drafts, and bytes of their files, are kept; the one untouched for longest goes.
MOST_DRAFTS = 200
MOST_BYTES = 200_000_000
Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was dropped, with its verdict: `basis` says for which state of the record."""

    name: str
    content: bytes
    basis: tuple[Any, ...]
    checked: CheckedReturn
    seconds: float


@dataclass(slots=True)
class Draft:
    """What a person is working on: the file, and the explanations typed so far by finding.

    `worked` keeps what was worked out from the file for a state of the record, `answered` the
    verdict with the explanations typed so far.
    """

    upload: Upload | None = None
    typed: dict[str, str] = field(default_factory=dict)
    worked: dict[tuple[Any, ...], Any] = field(default_factory=dict)
    answered: tuple[Upload, dict[str, str], CheckedReturn] | None = None

    def checked(self) -> CheckedReturn | None:
        """Return the verdict with the explanations typed so far."""
        upload = self.upload
        if upload is None:
            return None
        known = self.answered
        if known is None or known[0] is not upload or known[1] != self.typed:
            known = (upload, dict(self.typed), answer_findings(upload.checked, self.typed))
            self.answered = known
        return known[2]


_DRAFTS: OrderedDict[Key, Draft] = OrderedDict()
_LOCK = threading.Lock()


def key_of(scope: Scope, unit: str) -> Key:
    """Return whose draft this is, for which unit and month, in which record."""
    return (os.environ.get("KPI_STORE", ""), scope.person, unit, f"{scope.period:%Y-%m}")


def draft_of(key: Key) -> Draft:
    """Return the draft of a key, empty where there is none."""
    with _LOCK:
        draft = _DRAFTS.setdefault(key, Draft())
        _DRAFTS.move_to_end(key)
        sizes = [len(d.upload.content) if d.upload else 0 for d in _DRAFTS.values()]
        while len(_DRAFTS) > 1 and (len(_DRAFTS) > MOST_DRAFTS or sum(sizes) > MOST_BYTES):
            _DRAFTS.popitem(last=False)
            sizes.pop(0)
        return draft


def drop_draft(key: Key) -> None:
    """Forget a draft: it was submitted, or the person took it away."""
    with _LOCK:
        _DRAFTS.pop(key, None)


def with_upload(draft: Draft, upload: Upload) -> None:
    """Put a file into a draft; what was typed for questions that the file answers itself goes."""
    names = {
        finding_id(row) for row in upload.checked.findings.iter_rows(named=True) if row["answer"]
    }
    if draft.upload is None or draft.upload.basis[0] != upload.basis[0]:
        draft.typed = {name: words for name, words in draft.typed.items() if name not in names}
    draft.upload = upload
    draft.worked.clear()
    draft.answered = None
